"""Denoisers of diffusion models, convolutional ones and transformers, cut into the units that are computed again at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from typing import Final

import numpy as np

from gpuplanner.catalog.schema.shape_blocks import Block as Pieces
from gpuplanner.catalog.schema.shape_blocks import BlocksShape, Convolution, Linear, Piece, Scores, Vector
from gpuplanner.engine.training.builder import Builder
from gpuplanner.engine.training.diffusion_layers import idle_experts, joined, modulated_layer, parallel_layer
from gpuplanner.engine.training.edges import trivial_loss
from gpuplanner.engine.training.maps import resampled, residual, stem, text_layers
from gpuplanner.engine.training.parts import Block, Network
from gpuplanner.engine.training.setup import Setup
from gpuplanner.engine.training.style import Activation, Norm, Style
from gpuplanner.engine.training.tape import CROSS_PAIRS, PAIRS, SEQUENCES, TOKENS, Profile
from gpuplanner.engine.training.towers import piece_weight
from gpuplanner.scenario.document import TuningMethod

_NOTICEABLE: Final = 0.02  # of a layer's parameters
_LARGEST_PART: Final = 10**7


def denoiser_network(shape: BlocksShape, setup: Setup) -> Network:
    """A denoiser that learns to tell the noise in latents; ``setup.tokens`` are positions at its own scale."""
    blocks = [block for pieces in shape.blocks for block in _units(pieces, setup)]
    build = Builder(setup, Style(Norm.LAYER, Activation.GELU, rotary=False))
    x = build.enter(1.0, SEQUENCES)
    return Network(
        embedding=(),
        embedding_out=0.0,
        blocks=tuple(blocks),
        head=build.tape.profile(x.id, trivial_loss(build, x).id),
        tied=False,
        layers=1,  # neither cut into stages nor heads: pictures are shared out among copies
        heads=1,
        vocab=0.0,
    )


def _units(block: Pieces, setup: Setup) -> Iterator[Block]:
    """What is computed again at once: a layer of a transformer, a residual or attention module of a UNet."""
    names = [piece.name for piece in block.pieces]
    if any(isinstance(piece, Scores) for piece in block.pieces) and not any(name.startswith("transformer") for name in names):
        profile = _transformer(block, setup)
        rest = _unused(block.pieces)
        yield Block(block.count, _with_rest(profile, [*rest, *_overlooked(block, profile, rest)], setup))
        return
    for _, found in groupby(block.pieces, key=lambda piece: piece.name.split(".")[0]):
        pieces = {piece.name.split(".", 1)[-1]: piece for piece in found}
        yield Block(block.count, _module(pieces, setup))


def _transformer(block: Pieces, setup: Setup) -> Profile:
    pieces = {piece.name: piece for piece in block.pieces}
    if any(name.startswith("single.") for name in pieces) and "mlp" in pieces:
        return joined(parallel_layer(pieces, setup))
    text = {name: piece for name, piece in pieces.items() if _of_text(piece)}
    if len(text) == len(pieces):  # a layer of the text alone
        return joined(modulated_layer(text, setup), alone=True)
    image = modulated_layer({name: piece for name, piece in pieces.items() if name not in text}, setup)
    if text:  # a stream of its own for the text, both meet in the attention
        return _sum(image, joined(modulated_layer(text, setup), alone=True))
    return joined(image) if any(name.startswith("joint.") for name in pieces) else image


def _of_text(piece: Piece) -> bool:
    return piece.name.startswith("text.") and "cross" not in piece.name


def _module(pieces: dict[str, Piece], setup: Setup) -> Profile:
    """One module of a UNet, or what stands before and after the layers."""
    scale, rest = _scale(pieces), tuple[str, ...]()
    if "conv1" in pieces:
        profile, rest = residual(pieces, setup), ("conv1", "conv2", "norm1", "norm2", "shortcut")
    elif any(isinstance(piece, Scores) for piece in pieces.values()):
        return _scaled(text_layers(pieces, setup), scale)
    elif "upsample" in pieces or "downsample" in pieces:
        profile, rest = resampled(pieces, setup), ("upsample", "downsample")
    else:
        big = {name: piece for name, piece in pieces.items() if not (isinstance(piece, Linear) and piece.runs != "token")}
        profile, rest = stem(big, setup), tuple(big)
    left = [piece for name, piece in pieces.items() if name not in rest]
    return _scaled(_with_rest(profile, left, setup), scale)


def _scale(pieces: dict[str, Piece]) -> float:
    """Positions of a module for each of the network's own."""
    for piece in pieces.values():
        if isinstance(piece, Convolution) and piece.stride[0] == 1 and len(piece.kernel) == 2:
            return piece.scale**2
    for piece in pieces.values():
        if isinstance(piece, Convolution):
            return piece.scale**2 if piece.name != "patches" else 1.0
        if isinstance(piece, Linear) and piece.runs == "token":
            return piece.scale
    return 1.0


def _scaled(profile: Profile, scale: float) -> Profile:
    """A profile at another number of positions."""
    factors = np.ones_like(profile.kept)
    factors[[TOKENS, CROSS_PAIRS]], factors[PAIRS] = scale, scale**2
    return profile.sized(lambda vectors: vectors * factors)


def _unused(pieces: tuple[Piece, ...]) -> list[Piece]:
    """What a layer has beside the products that run on every token: tables, norms, what makes modulations."""
    found = [piece for piece in pieces if isinstance(piece, Vector) or (isinstance(piece, Linear) and piece.runs == "once")]
    return found + idle_experts({piece.name: piece for piece in pieces})


def _overlooked(block: Pieces, profile: Profile, rest: list[Piece]) -> list[Piece]:
    """What a layer of an unusual make holds that none of the products on the tape stands for: weights, and nothing else."""

    def elements(pieces: Iterable[Piece]) -> float:
        weights = [(piece_weight(piece, False, 1.0), piece.count) for piece in pieces]
        return sum(weight.elements * count for weight, count in weights)

    held = sum(weight.elements for weight in profile.weights if not weight.adapter)
    missing = elements(block.pieces) - elements(rest) - held
    if missing <= _NOTICEABLE * elements(block.pieces):
        return []
    parts = 1 + int(missing / _LARGEST_PART)
    return [Vector(name="overlooked", params=round(missing / parts), count=parts)]


def _with_rest(profile: Profile, pieces: list[Piece], setup: Setup) -> Profile:
    """Weights that hold next to nothing for the backward pass."""
    trains, size = not setup.trains_adapters, setup.arithmetic.weight
    packed = setup.quantised_bytes if setup.method is TuningMethod.QLORA else size
    weights = [
        piece_weight(piece, trains, packed if isinstance(piece, Linear) else size) for piece in pieces for _ in range(piece.count)
    ]
    made = sum(weight.elements * weight.bytes for weight in weights if weight.trainable)
    return replace(profile, weights=(*profile.weights, *weights), gradients=profile.gradients + made)


def _sum(one: Profile, other: Profile) -> Profile:
    """Two streams of a layer: each keeps its own, one works after the other."""
    gradients = np.concatenate([one.gradients, other.gradients + one.gradients[-1]])
    return replace(
        one,
        kept=one.kept + other.kept,
        enters=one.enters + other.enters,
        leaves=one.leaves + other.leaves,
        forward=np.concatenate([one.forward + other.enters, other.forward + one.leaves + one.kept]),
        backward=np.concatenate([one.backward + other.kept, other.backward + one.enters]),
        gradients=gradients,
        copies=one.copies + other.copies,
        weights=(*one.weights, *other.weights),
    )
