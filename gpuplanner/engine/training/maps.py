"""Modules of a UNet on a tape: residual convolutions, attention to the text, and what changes the resolution."""

from __future__ import annotations

from collections.abc import Mapping

from gpuplanner.catalog.schema.shape_blocks import Convolution, Linear, Piece, Scores
from gpuplanner.engine.training.builder import Builder, Tensor
from gpuplanner.engine.training.setup import Setup
from gpuplanner.engine.training.style import Activation, Norm, Style
from gpuplanner.engine.training.tape import TOKENS, Profile, Weight, per

RESIDUAL = Style(Norm.LAYER, Activation.SILU, rotary=False)
LAYERS = Style(Norm.LAYER, Activation.GELU, rotary=False)


def builder(setup: Setup, style: Style) -> Builder:
    """A builder whose base is trained where the method says so."""
    return Builder(setup, style, trains_base=not setup.trains_adapters)


def entering(build: Builder, width: float, share: float = 1.0) -> Tensor:
    """Maps come in the format of what is computed: a convolution stands before them."""
    size = build.mode.compute
    return Tensor(build.tape.tensor(per(TOKENS, width * size * share)), width, size, TOKENS, share=share)


def convolution(build: Builder, x: Tensor, piece: Convolution, share: float = 1.0) -> Tensor:
    """A convolution; ``share``: positions it gives for each of the module's."""
    mode = build.mode
    inner = build.cast(x, mode.compute)
    rows = piece.channels_in / piece.groups
    for side in piece.kernel:
        rows *= side
    weight = Weight(piece.name, rows + (1 if piece.bias else 0), piece.channels_out, build.trains_base, mode.weight)
    out = build.tape.op(
        [inner.id],
        per(TOKENS, piece.channels_out * mode.compute * share),
        saves=[inner.id] if build.trains_base else [],
        weights=(weight,),
        copy_bytes=mode.compute if mode.autocast and mode.weight != mode.compute else 0.0,
    )
    return Tensor(out, piece.channels_out, mode.compute, TOKENS, share=share)


def residual(pieces: Mapping[str, Piece], setup: Setup) -> Profile:
    """Norm, SiLU, convolution, the time added, and once more; the input is added at the end."""
    build = builder(setup, RESIDUAL)
    first, second, shortcut = (pieces.get(name) for name in ("conv1", "conv2", "shortcut"))
    assert isinstance(first, Convolution)
    assert isinstance(second, Convolution)
    x = entering(build, first.channels_in)
    inner = convolution(build, build.activate(build.norm(x)), first)
    inner = build.point((inner,), inner.width, inner.bytes)
    inner = convolution(build, build.activate(build.norm(inner)), second)
    straight = convolution(build, x, shortcut) if isinstance(shortcut, Convolution) else x
    out = build.point((build.add(straight, inner),), inner.width, inner.bytes)
    return build.tape.profile(x.id, out.id)


def resampled(pieces: Mapping[str, Piece], setup: Setup) -> Profile:
    """A convolution after the maps were made larger, or one that makes them smaller."""
    build = builder(setup, RESIDUAL)
    up, down = pieces.get("upsample"), pieces.get("downsample")
    if isinstance(down, Convolution):
        x = entering(build, down.channels_in, 4.0)
        return build.tape.profile(x.id, convolution(build, x, down).id)
    assert isinstance(up, Convolution)
    x = entering(build, up.channels_in, 0.25)
    wide = Tensor(build.tape.op([x.id], per(TOKENS, x.width * x.bytes)), x.width, x.bytes)
    return build.tape.profile(x.id, convolution(build, wide, up).id)


def stem(pieces: Mapping[str, Piece], setup: Setup) -> Profile:
    """What stands before the first module and after the last: products one after the other."""
    build = builder(setup, RESIDUAL)
    found = [piece for piece in pieces.values() if isinstance(piece, Convolution | Linear)]
    first = found[0] if found else None
    width = first.channels_in if isinstance(first, Convolution) else first.rows_in if first else 1.0
    x = out = entering(build, width)
    for piece in found:
        if piece is not first:
            out = build.activate(build.norm(out))
        out = convolution(build, out, piece) if isinstance(piece, Convolution) else build.linear(piece.name, out, piece.cols_out)
    if not found:
        out = build.point((x,), 1.0, x.bytes)
    return build.tape.profile(x.id, out.id)


def text_layers(pieces: Mapping[str, Piece], setup: Setup) -> Profile:
    """Layers of a transformer over all positions, each with attention to itself and to the text, between two products."""
    build = builder(setup, LAYERS)
    enter, leave, scores = (pieces.get(name) for name in ("in", "out", "attention.scores"))
    assert isinstance(scores, Scores)
    if isinstance(enter, Convolution):
        enter = Linear(name="in", rows_in=enter.channels_in, cols_out=enter.channels_out)
    assert isinstance(enter, Linear)
    x = entering(build, enter.rows_in)
    out = build.linear("in", build.norm(x), enter.cols_out, bias=True)
    for _ in range(scores.count):
        out = _text_layer(build, out, pieces, scores)
    if leave is not None:
        out = build.linear("out", out, x.width, bias=True)
    return build.tape.profile(x.id, build.add(out, x).id)


def _text_layer(build: Builder, x: Tensor, pieces: Mapping[str, Piece], scores: Scores) -> Tensor:
    width = float(scores.heads * scores.head_dim)
    normed = build.norm(x)
    q, k, v = (build.linear(name, normed, width) for name in "qkv")
    x = build.add(build.linear("o", build.scores(q, k, v, scores.heads, scores.heads), x.width, bias=True), x)
    keys = pieces.get("cross_attention.kv")
    if isinstance(keys, Linear):
        normed = build.norm(x)
        other = build.context(keys.rows_in)
        q = build.linear("q", normed, width)
        k, v = (build.linear(name, other, keys.cols_out / 2) for name in "kv")
        mixed = build.scores(q, k, v, scores.heads, scores.heads, cross=True)
        x = build.add(build.linear("o", mixed, x.width, bias=True), x)
    wide, narrow = pieces.get("mlp.in"), pieces.get("mlp.out")
    assert isinstance(wide, Linear)
    assert isinstance(narrow, Linear)
    return build.add(feed_forward(build, build.norm(x), wide, narrow), x)


def feed_forward(build: Builder, x: Tensor, wide: Linear, narrow: Linear) -> Tensor:
    """A feed-forward block, gated where the first product is twice as wide as what the second takes."""
    up = build.linear("up", x, wide.cols_out, bias=wide.bias)
    if wide.cols_out == 2 * narrow.rows_in:
        half = Tensor(up.id, narrow.rows_in, up.bytes, up.count, share=up.share)
        inner = build.mul(half, build.activate(half))
    else:
        inner = build.activate(up)
    return build.linear("down", inner, narrow.cols_out, bias=narrow.bias)
