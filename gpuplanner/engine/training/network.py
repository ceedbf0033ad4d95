"""A model cut into blocks with their profiles, by the kind of its shape."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from gpuplanner.catalog.schema.shape import DecoderShape
from gpuplanner.catalog.schema.shape_blocks import BlocksShape
from gpuplanner.catalog.schema.shape_towers import DiffusionShape, MultimodalShape, Seq2SeqShape, TowersShape
from gpuplanner.catalog.schema.shapes import Shape
from gpuplanner.engine.architecture.diffusion import components
from gpuplanner.engine.architecture.operators import Part, operator_list
from gpuplanner.engine.training.blocks import blocks_network
from gpuplanner.engine.training.builder import FP32
from gpuplanner.engine.training.denoiser import denoiser_network
from gpuplanner.engine.training.edges import head_profile
from gpuplanner.engine.training.layers import layer_profile
from gpuplanner.engine.training.parts import Block, Network, NotTrainableError
from gpuplanner.engine.training.setup import Setup
from gpuplanner.engine.training.style import decoder_style
from gpuplanner.engine.training.tape import Profile, Weight
from gpuplanner.engine.training.towers import aside, seq2seq_network, tower_style, towers_network
from gpuplanner.scenario.document import TrainingPrecision, TuningMethod


@lru_cache(maxsize=128)
def network(shape: Shape, setup: Setup) -> Network:
    """Profiles of a model's parts. Of the setup only what happens on one GPU counts, not batch or length.

    Raises:
        NotTrainableError: for kinds of models that aren't modelled.
    """
    if isinstance(shape, DecoderShape):
        return _decoder(shape, setup)
    if isinstance(shape, MultimodalShape):
        return _beside(_decoder(shape.text, setup), shape, setup)
    if isinstance(shape, TowersShape):
        return towers_network(shape, setup)
    if isinstance(shape, BlocksShape):
        return denoiser_network(shape, setup) if shape.role == "denoiser" else blocks_network(shape, setup)
    if isinstance(shape, DiffusionShape):
        return _pipeline(shape, setup)
    if isinstance(shape, Seq2SeqShape):
        return seq2seq_network(shape, setup)
    raise NotTrainableError("refusal.training_kind")


def profile_key(setup: Setup) -> Setup:
    """The setup with everything that no profile depends on at its default, so that equal profiles are made once."""
    plain = Setup()
    return replace(
        setup,
        optimizer=plain.optimizer,
        recompute=plain.recompute,
        tokens=plain.tokens,
        context_tokens=plain.context_tokens,
        micro_batch=1,
        micro_batches=1,
        pipeline_parallel=1,
        data_parallel=1,
        context_parallel=1,
        zero=0,
        offload_optimizer=False,
        offload_params=False,
        offload_activations=False,
        offload_gradients=False,
        encode_bytes=0.0,
        optimizer_in_backward=False,
        gradient_bytes=None,
        virtual_stages=1,
        buckets=True,
    )


def _decoder(shape: DecoderShape, setup: Setup) -> Network:
    blocks = []
    for place, layer in enumerate(shape.layers):
        style = decoder_style(shape, layer)
        profile = layer_profile(shape.hidden, layer, setup, style)
        if setup.recompute_mlp and layer.feed_forward is not None:
            bare = layer_profile(shape.hidden, layer.model_copy(update={"feed_forward": None}), setup, style)
            profile = replace(profile, kept=np.minimum(profile.kept, bare.kept + profile.enters))
        first = None
        if place == 0 and setup.trains_adapters:
            first = layer_profile(shape.hidden, layer, setup, style, first=True)
        blocks.append(Block(layer.count, profile, first))
    style = decoder_style(shape, shape.layers[0])
    vocab = shape.vocab / setup.tensor_parallel
    width = shape.embedding_dim or shape.hidden
    head = head_profile(shape.hidden, width, vocab, setup, style, bias=shape.head_bias)
    return Network(
        embedding=_embedding(shape, setup),
        embedding_out=shape.hidden * setup.arithmetic.residual,
        blocks=tuple(blocks),
        head=head,
        tied=shape.tied and not setup.unties,
        layers=shape.layer_count,
        heads=max(layer.heads for layer in shape.layers),
        vocab=vocab,
        head_alone=tuple(weight for weight in head.weights if not (weight.name == "head" and weight.matrix)),
    )


def _embedding(shape: DecoderShape, setup: Setup) -> tuple[Weight, ...]:
    trains, size = not setup.trains_adapters, setup.arithmetic.weight
    if setup.trains_adapters and setup.frozen_bytes == FP32:
        size = FP32
    width = shape.embedding_dim or shape.hidden
    weights = [Weight("embedding", shape.vocab / setup.tensor_parallel, width, trains, size)]
    if shape.position_params:
        weights.append(Weight("positions", shape.position_params / shape.hidden, shape.hidden, trains, size))
    if width != shape.hidden:
        weights.append(Weight("embedding_in", width, shape.hidden, trains, size))
    if shape.extra_params:
        weights.append(Weight("beside", 1, shape.extra_params, False, size, matrix=False))
    if setup.trains_ends and setup.trains_adapters:
        ends = ("embedding copy",) if shape.tied else ("embedding copy", "head copy")
        weights += [Weight(name, shape.vocab / setup.tensor_parallel, width, True, setup.arithmetic.weight) for name in ends]
    return tuple(weights)


def _beside(net: Network, shape: MultimodalShape, setup: Setup) -> Network:
    """A language model with its towers beside it: frozen, as is the habit, or trained too."""
    held = sum(op.total_params for op in operator_list(shape).operators if op.part is Part.TOWER)
    if not setup.trains_towers:
        size = min(2.0, setup.arithmetic.weight)
        return replace(net, embedding=(*net.embedding, Weight("towers", 1, held, False, size, matrix=False)), sums={})
    own = replace(setup, method=TuningMethod.FULL)
    blocks = [
        Block(layer.count, _again(aside(layer_profile(tower.hidden, layer, own, tower_style(tower, alone=False))), setup))
        for tower in shape.towers
        for layer in tower.layers
    ]
    inside = sum(block.count * weight.elements for block in blocks for weight in block.profile.weights)
    rest = Weight("towers", 1, max(0.0, held - inside), True, setup.arithmetic.weight, matrix=False)
    return replace(net, embedding=(*net.embedding, rest), blocks=(*blocks, *net.blocks), sums={})


def _again(profile: Profile, setup: Setup) -> Profile:
    """A tower's layer that is computed again, or isn't, whatever the other layers do."""
    if setup.recompute_towers is None:
        return profile
    return replace(profile, kept=profile.enters) if setup.recompute_towers else replace(profile, enters=profile.kept)


def _pipeline(shape: DiffusionShape, setup: Setup) -> Network:
    """A denoiser that is trained; text encoders and autoencoder lie beside it, frozen, unless latents were made before."""
    net = denoiser_network(shape.denoisers[0], setup)
    if not setup.components_beside:
        return net
    held = sum(ops.total_params for name, ops in components(shape) if not name.startswith("denoiser"))
    size = min(2.0, setup.arithmetic.weight) if setup.precision is not TrainingPrecision.FP32 else FP32
    return replace(net, embedding=(Weight("beside", 1, held, False, size, matrix=False),), sums={})
