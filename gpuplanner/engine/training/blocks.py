"""Convolutional networks: what their maps keep for the backward pass."""

from __future__ import annotations

import numpy as np

from gpuplanner.catalog.schema.shape_blocks import BlocksShape, Convolution, Linear, Piece
from gpuplanner.engine.training.builder import Builder
from gpuplanner.engine.training.edges import trivial_loss
from gpuplanner.engine.training.parts import Block, Network, NotTrainableError
from gpuplanner.engine.training.setup import Setup
from gpuplanner.engine.training.style import Activation, Norm, Style
from gpuplanner.engine.training.tape import ONCE, SEQUENCES, Profile, Weight, per
from gpuplanner.engine.training.towers import piece_weight
from gpuplanner.scenario.document import TuningMethod

USUAL_SIDE = 224
MAPS_KEPT = 2.0  # each product's output for the norm or the activation behind it, and what those give for the next product


def blocks_network(shape: BlocksShape, setup: Setup) -> Network:
    """A network that looks at images.

    Raises:
        NotTrainableError: for denoisers and autoencoders, and adapters beside convolutions.
    """
    if shape.role != "vision":
        raise NotTrainableError("refusal.training_kind")
    if setup.method is not TuningMethod.FULL:
        raise NotTrainableError("refusal.training_adapters")
    profile = _profile(shape, setup)
    build = Builder(setup, Style(Norm.LAYER, Activation.RELU, rotary=False))
    x = build.enter(1.0, SEQUENCES)
    head = build.tape.profile(x.id, trivial_loss(build, x).id)
    return Network(
        embedding=(),
        embedding_out=0.0,
        blocks=(Block(1, profile),),
        head=head,
        tied=False,
        layers=1,
        heads=1,
        vocab=0.0,
    )


def _profile(shape: BlocksShape, setup: Setup) -> Profile:
    """The whole network as one block: maps grow with the image, weights don't."""
    side = float(setup.image_size or shape.input_size or USUAL_SIDE)
    mode = setup.arithmetic
    pieces = [(block.count * piece.count, piece) for block in shape.blocks for piece in block.pieces]
    sizes = [(count, _output(piece, side)) for count, piece in pieces]
    weights = tuple(_stacked(piece_weight(piece, True, mode.weight), count) for count, piece in pieces)
    copied = mode.compute * sum(weight.elements for weight in weights if weight.matrix) if mode.autocast else 0.0
    kept = per(SEQUENCES, MAPS_KEPT * mode.compute * sum(count * size for count, size in sizes)) + per(ONCE, copied)
    widest = per(SEQUENCES, 2 * mode.compute * max(size for _, size in sizes))
    made = sum(weight.elements * weight.bytes for weight in weights)
    image = per(SEQUENCES, shape.channels_in * side**2 * mode.compute)
    return Profile(
        kept=kept,
        enters=image,
        leaves=per(SEQUENCES, 0.0),
        forward=np.array([kept]),
        backward=np.array([kept + widest, image]),
        gradients=np.array([0.0, made]),
        copies=copied,
        weights=weights,
        keeps_input=False,
    )


def _output(piece: Piece, side: float) -> float:
    """Elements of a product's output for one image."""
    if isinstance(piece, Convolution):
        return float(piece.channels_out * (piece.scale * side) ** len(piece.kernel))
    if isinstance(piece, Linear):
        return piece.cols_out * (side * side * piece.scale if piece.runs == "token" else 1.0)
    return 0.0


def _stacked(weight: Weight, count: int) -> Weight:
    return Weight(weight.name, weight.rows * count, weight.cols, weight.trainable, weight.bytes, matrix=weight.matrix)
