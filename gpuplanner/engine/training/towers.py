"""Encoders, dual encoders and encoder-decoders cut into blocks. A second sequence's layers count its own tokens."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gpuplanner.catalog.schema.shape import Layer, Mlp
from gpuplanner.catalog.schema.shape_blocks import Convolution, Linear, Vector
from gpuplanner.catalog.schema.shape_towers import Seq2SeqShape, Tower, TowersShape
from gpuplanner.engine.training.builder import Builder
from gpuplanner.engine.training.edges import loss, trivial_loss
from gpuplanner.engine.training.layers import layer_profile
from gpuplanner.engine.training.parts import Block, Network, NotTrainableError
from gpuplanner.engine.training.setup import Setup
from gpuplanner.engine.training.style import Activation, Norm, Style
from gpuplanner.engine.training.tape import CONTEXT, CONTEXT_PAIRS, COUNTS, PAIRS, TOKENS, Profile, Weight
from gpuplanner.engine.training.tape import Vector as Vectors


def towers_network(shape: TowersShape, setup: Setup) -> Network:
    """An encoder of text or images, or a dual encoder.

    Raises:
        NotTrainableError: more than two towers that aren't stages.
    """
    if len(shape.towers) > 2:
        return _staged(shape, setup)
    alone = len(shape.towers) == 1
    first = shape.towers[0]
    guesses = alone and bool(first.vocab) and setup.vocabulary_loss
    trains, size = not setup.trains_adapters, setup.arithmetic.weight
    blocks: list[Block] = []
    weights: list[Weight] = [piece_weight(piece, trains, size) for piece in shape.bridge]
    for place, tower in reversed(list(enumerate(shape.towers))):  # of two, the second runs first
        style = tower_style(tower, alone=alone)
        found = [Block(layer.count, layer_profile(tower.hidden, layer, setup, style)) for layer in tower.layers]
        if style.post_norm:
            found = [Block(1, embedded(tower, setup, style)), *found]
        blocks += found if place == 0 else [replace(block, profile=aside(block.profile)) for block in found]
        weights += entry(tower, setup)
        weights += [] if guesses else [piece_weight(piece, trains, size) for piece in tower.ends]
    sizes = [tower_tokens(tower, setup) for tower in shape.towers]
    if not alone:  # texts are padded to what the tower was made for
        sizes = [size or (float(tower.tokens) if tower.tokens else None) for size, tower in zip(sizes, shape.towers, strict=True)]
    style = tower_style(first, alone=alone)
    head = masked_head(first, setup, style) if guesses else pooled_head(first, setup, style)
    return Network(
        embedding=tuple(weights),
        embedding_out=first.hidden * setup.arithmetic.residual,
        blocks=tuple(blocks),
        head=head,
        tied=True,
        layers=sum(tower.layer_count for tower in shape.towers),
        heads=max(layer.heads for tower in shape.towers for layer in tower.layers),
        vocab=first.vocab / setup.tensor_parallel,
        head_alone=tuple(weight for weight in head.weights if not (weight.name == "head" and weight.matrix)),
        tokens=sizes[0],
        context_tokens=sizes[1] if len(sizes) > 1 else None,
    )


def _staged(shape: TowersShape, setup: Setup) -> Network:
    """A vision transformer in stages, each on a quarter of the tokens of the one before (Swin)."""
    first = shape.towers[0]
    if any(not tower.tokens or tower.vocab for tower in shape.towers):
        raise NotTrainableError("refusal.training_kind")
    trains, size = not setup.trains_adapters, setup.arithmetic.weight
    style = tower_style(first, alone=True)
    blocks: list[Block] = []
    weights: list[Weight] = [piece_weight(piece, trains, size) for piece in shape.bridge]
    for tower in shape.towers:
        share = (tower.tokens or 1) / (first.tokens or 1)
        profiles = [(layer.count, layer_profile(tower.hidden, layer, setup, style)) for layer in tower.layers]
        blocks += [Block(count, fewer(profile, share)) for count, profile in profiles]
        weights += entry(tower, setup) + [piece_weight(piece, trains, size) for piece in tower.ends]
    return Network(
        embedding=tuple(weights),
        embedding_out=first.hidden * setup.arithmetic.residual,
        blocks=tuple(blocks),
        head=pooled_head(shape.towers[-1], setup, style),
        tied=True,
        layers=sum(tower.layer_count for tower in shape.towers),
        heads=first.layers[0].heads,
        vocab=0.0,
        tokens=tower_tokens(first, setup),
    )


def fewer(profile: Profile, share: float) -> Profile:
    """A profile where only a share of the tokens is left; each looks at as many as before the merging."""
    factors = np.ones(COUNTS)
    factors[[TOKENS, PAIRS]] = share
    return profile.sized(lambda vectors: vectors * factors)


def seq2seq_network(shape: Seq2SeqShape, setup: Setup) -> Network:
    """An encoder, and a decoder that attends to it and writes."""
    encoder, decoder = shape.encoder, shape.decoder
    style = seq2seq_style(shape)
    before = heard(encoder, setup, style) if encoder.stem else embedded(encoder, setup, style)
    first = [Block(1, aside(before))]
    first += [Block(layer.count, aside(layer_profile(encoder.hidden, layer, setup, style))) for layer in encoder.layers]
    second = [Block(layer.count, layer_profile(decoder.hidden, layer, setup, style)) for layer in decoder.layers]
    build = Builder(setup, style, trains_base=not setup.trains_adapters)
    x = build.enter(decoder.hidden)
    normed = x if style.post_norm else build.norm(x)
    out = loss(
        build, build.linear("head", normed, decoder.vocab / setup.tensor_parallel, bias=shape.head_bias), setup, native=True
    )
    head = build.tape.profile(x.id, out.id)
    table = Weight(
        "embedding", decoder.vocab / setup.tensor_parallel, decoder.hidden, not setup.trains_adapters, setup.arithmetic.weight
    )
    weights = [weight for weight in (*entry(encoder, setup), *entry(decoder, setup)) if weight.name != "embedding"]
    return Network(
        embedding=(table, *weights),
        embedding_out=decoder.hidden * setup.arithmetic.residual,
        blocks=(*first, *second),
        head=head,
        tied=shape.tied,
        layers=encoder.layer_count + decoder.layer_count,
        heads=max(layer.heads for layer in (*encoder.layers, *decoder.layers)),
        vocab=decoder.vocab / setup.tensor_parallel,
        head_alone=tuple(weight for weight in head.weights if not (weight.name == "head" and weight.matrix)),
        context_tokens=float(encoder.tokens) if encoder.name == "audio" and encoder.tokens else None,
        same_length=encoder.name != "audio",
    )


def tower_style(tower: Tower, *, alone: bool) -> Style:
    """The habit of a tower: plain text encoders put norms after the sums and drop out; vision and dual encoders don't."""
    layer = tower.layers[0]
    feed = layer.feed_forward
    gated = isinstance(feed, Mlp) and feed.gated
    text = tower.name == "text" and alone
    if gated:
        return Style(Norm.LAYER, Activation.GELU, rotary=text, fused_qkv=text)
    if text:
        return Style(
            Norm.LAYER, Activation.GELU, rotary=False, dropout=True, attention_dropout=True, post_norm=True, native_softmax=True
        )
    scaled = layer.extra_params >= 2 * tower.hidden > 0
    quick = not alone and (layer.attention is not None and tower.hidden % 128 == 0 and not _has_pool(tower))
    activation = Activation.GELU_QUICK if quick and tower.hidden != 1152 else Activation.GELU
    return Style(Norm.LAYER, activation, rotary=False, scaled_branches=scaled, native_softmax=True)


def seq2seq_style(shape: Seq2SeqShape) -> Style:
    """Speech models put norms before, text models of BART's line after; T5's line has RMS norms and a bias on the scores."""
    layer = shape.decoder.layers[0]
    biased = layer.attention is not None and getattr(layer.attention, "bias_q", False)
    if not biased:
        return Style(Norm.RMS, _feed_activation(layer), rotary=False, dropout=True, attention_dropout=True, scores_bias=True)
    if shape.encoder.name == "audio":
        return Style(Norm.LAYER, Activation.GELU, rotary=False, native_softmax=True)
    return Style(Norm.LAYER, Activation.GELU, rotary=False, dropout=True, post_norm=True, native_softmax=True)


def _feed_activation(layer: Layer) -> Activation:
    gated = isinstance(layer.feed_forward, Mlp) and layer.feed_forward.gated
    return Activation.GELU_WRITTEN if gated else Activation.RELU


def _has_pool(tower: Tower) -> bool:
    return any(piece.name.startswith(("pool", "head")) for piece in tower.ends)


def tower_tokens(tower: Tower, setup: Setup) -> float | None:
    """Tokens of an image, or of the fixed length that a text tower of a dual encoder takes; None: as many as the run gives."""
    patches = [piece for piece in tower.stem if isinstance(piece, Convolution)]
    if tower.vocab and not patches:
        return None
    if setup.image_size and patches and len(patches[0].kernel) == 2:
        side = setup.image_size // patches[0].stride[0]
        special = 0 if tower.tokens and round((tower.tokens) ** 0.5) ** 2 == tower.tokens else 1
        return float(side * side + special)
    return float(tower.tokens) if tower.tokens else None


def entry(tower: Tower, setup: Setup) -> list[Weight]:
    """Weights before the first layer: tables, positions, the stem."""
    trains, size = not setup.trains_adapters, setup.arithmetic.weight
    weights = []
    if tower.vocab:
        weights.append(
            Weight("embedding", tower.vocab / setup.tensor_parallel, tower.embedding_dim or tower.hidden, trains, size)
        )
    if tower.table_params:
        weights.append(Weight("positions", tower.table_params / tower.hidden, tower.hidden, trains, size))
    if tower.embedding_dim and tower.embedding_dim != tower.hidden:
        weights.append(Weight("embedding_in", tower.embedding_dim, tower.hidden, trains, size))
    if tower.final_params:
        weights.append(Weight("norm", 1, tower.final_params, trains, size, matrix=False))
    for piece in tower.stem:
        weights.append(piece_weight(piece, trains, size))
    return weights


def piece_weight(piece: object, trains: bool, size: float) -> Weight:
    """What a piece at an end of a tower, or of a network of blocks, holds."""
    match piece:
        case Linear():
            return Weight(
                piece.name, piece.rows_in, piece.cols_out + (piece.cols_out / piece.rows_in if piece.bias else 0), trains, size
            )
        case Convolution():
            rows = piece.channels_in // piece.groups * float(np.prod(piece.kernel))
            return Weight(piece.name, rows + (1 if piece.bias else 0), piece.channels_out, trains, size)
        case Vector():
            return Weight(piece.name, 1, piece.params, trains, size, matrix=False)
        case _:
            return Weight("scores", 1, 0, False, size, matrix=False)


def aside(profile: Profile) -> Profile:
    """The profile of a layer that works on the other sequence."""

    def moved(vectors: Vectors) -> Vectors:
        out = vectors.copy()
        out[..., CONTEXT], out[..., CONTEXT_PAIRS] = vectors[..., TOKENS], vectors[..., PAIRS]
        out[..., TOKENS] = out[..., PAIRS] = 0.0
        return out

    return profile.sized(moved)


def embedded(tower: Tower, setup: Setup, style: Style) -> Profile:
    """What embedding a text keeps: the norm over the sum of the tables, and dropout."""
    build = Builder(setup, style, trains_base=False)
    x = build.enter(tower.hidden)
    out = build.dropout(build.point((x,), x.width, x.bytes, saves=(x,), aux=8.0)) if style.post_norm else build.dropout(x)
    return build.tape.profile(x.id, out.id)


def heard(tower: Tower, setup: Setup, style: Style) -> Profile:
    """What two convolutions over sound keep, the second of which halves the frames; and the norm after the last layer."""
    build = Builder(setup, style, trains_base=False)
    x = build.enter(tower.hidden)
    size = setup.arithmetic.compute
    first = build.point((x,), 2 * x.width, size, saves_out=True)
    bent = build.point((first,), 2 * x.width, size, saves_out=True)
    second = build.point((bent,), x.width, size, saves_out=True)
    out = build.point((build.point((second,), x.width, x.bytes, saves_out=True),), x.width, x.bytes, saves_out=True)
    return build.tape.profile(x.id, out.id)


def masked_head(tower: Tower, setup: Setup, style: Style) -> Profile:
    """The head that guesses masked tokens: a layer, its norm, and the embedding again."""
    build = Builder(setup, style, trains_base=not setup.trains_adapters)
    x = build.enter(tower.hidden)
    inner = build.norm(build.activate(build.linear("transform", x, tower.hidden, bias=True)))
    out = loss(build, build.linear("head", inner, tower.vocab / setup.tensor_parallel, bias=True), setup, native=True)
    return build.tape.profile(x.id, out.id)


def pooled_head(tower: Tower, setup: Setup, style: Style) -> Profile:
    """One label a sequence: a last norm where the layers have none at their end; the rest is small."""
    build = Builder(setup, style, trains_base=not setup.trains_adapters)
    x = build.enter(tower.hidden)
    normed = x if style.post_norm else build.point((x,), x.width, x.bytes, saves=(x,))
    out = trivial_loss(build, normed)
    return build.tape.profile(x.id, out.id)
