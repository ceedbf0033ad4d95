"""Layers of diffusion transformers on a tape: the time scales, shifts and gates each branch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gpuplanner.catalog.schema.shape_blocks import Linear, Piece, Scores
from gpuplanner.engine.training.builder import Builder, Tensor
from gpuplanner.engine.training.maps import LAYERS, builder, entering, feed_forward
from gpuplanner.engine.training.setup import Setup
from gpuplanner.engine.training.tape import CONTEXT, TOKENS, Profile


def modulated_layer(pieces: Mapping[str, Piece], setup: Setup) -> Profile:
    """Attention, attention to the text, feed-forward; the first and the last are scaled, shifted and gated by the time."""
    build = builder(setup, LAYERS)
    found = {name.split(".", 1)[-1] if "attention" in name else name: piece for name, piece in pieces.items()}
    mlp = {name.rsplit(".", 1)[-1]: piece for name, piece in pieces.items() if "mlp." in name}
    first = next(piece for piece in pieces.values() if isinstance(piece, Linear) and piece.runs != "once")
    # tables of scales in FP32 widen the residual stream; scales from a product leave it as it is computed
    x = out = entering(build, first.rows_in) if "table" not in pieces else build.enter(first.rows_in)
    scores = found.get("attention.scores")
    if isinstance(scores, Scores):
        mixed = _mixed(build, _shifted(build, out), scores, norms="attention.norms" in found)
        if "attention.out" in found:
            mixed = build.linear("o", mixed, x.width, bias=True)
        out = build.add(out, _gated(build, mixed, x.bytes))
    keys = found.get("cross_attention.kv")
    if isinstance(keys, Linear) and isinstance(scores, Scores):
        own = build.norm(out) if "norm" in found else out
        out = build.add(out, _crossed(build, own, scores, keys, norms="cross_attention.norms" in found))
    wide, narrow = mlp.get("in"), mlp.get("out")
    if isinstance(wide, Linear) and isinstance(narrow, Linear):
        out = build.add(
            out, _gated(build, feed_forward(build, _shifted(build, out), *_with_experts(pieces, wide, narrow)), x.bytes)
        )
    return build.tape.profile(x.id, out.id)


def idle_experts(pieces: Mapping[str, Piece]) -> list[Piece]:
    """Experts beyond as many as a token goes to: they only lie there."""
    experts = [piece for name, piece in pieces.items() if name.startswith("expert") and isinstance(piece, Linear)]
    return list(experts[round(sum(piece.scale for piece in experts)) :])


def _with_experts(pieces: Mapping[str, Piece], wide: Linear, narrow: Linear) -> tuple[Linear, Linear]:
    """The feed-forward block every token takes, as wide as it and its experts together."""
    held = [piece for name, piece in pieces.items() if name.startswith("expert") and isinstance(piece, Linear)]
    more = round(sum(piece.rows_in * piece.scale for piece in held if piece.name.endswith(".out")))
    gates = max(1, wide.cols_out // max(narrow.rows_in, 1))
    return (
        wide.model_copy(update={"cols_out": wide.cols_out + gates * more}),
        narrow.model_copy(update={"rows_in": narrow.rows_in + more}),
    )


def parallel_layer(pieces: Mapping[str, Piece], setup: Setup) -> Profile:
    """Attention and feed-forward side by side; one product brings both back."""
    build = builder(setup, LAYERS)
    scores = next(piece for piece in pieces.values() if isinstance(piece, Scores))
    wide = pieces["mlp"]
    assert isinstance(wide, Linear)
    x = entering(build, wide.rows_in)
    normed = _shifted(build, x)
    inner = build.activate(build.linear("up", normed, wide.cols_out, bias=True))
    mixed = _mixed(build, normed, scores, norms="single.attention.norms" in pieces)
    both = build.point((mixed, inner), mixed.width + inner.width, mixed.bytes)
    out = build.add(x, _gated(build, build.linear("out", both, x.width, bias=True), x.bytes))
    return build.tape.profile(x.id, out.id)


def _shifted(build: Builder, x: Tensor) -> Tensor:
    """A norm without weights of its own, times one plus a scale, plus a shift; scale and shift come from the time."""
    normed = build.norm(x)
    scaled = build.point((normed,), x.width, normed.bytes, saves=(normed,) if build.trains_base else ())
    return build.point((scaled,), x.width, normed.bytes)


def _gated(build: Builder, x: Tensor, size: float) -> Tensor:
    return build.point((x,), x.width, max(x.bytes, size), saves=(x,) if build.trains_base else ())


def _mixed(build: Builder, x: Tensor, scores: Scores, *, norms: bool) -> Tensor:
    width = float(scores.heads * scores.head_dim)
    q, k, v = (build.linear(name, x, width, bias=True) for name in "qkv")
    if norms:
        q, k = build.norm(q, scores.head_dim), build.norm(k, scores.head_dim)
    return build.scores(q, k, v, scores.heads, scores.heads)


def _crossed(build: Builder, x: Tensor, scores: Scores, keys: Linear, *, norms: bool) -> Tensor:
    width = float(scores.heads * scores.head_dim)
    other = build.context(keys.rows_in)
    q = build.linear("q", x, width, bias=True)
    k, v = (build.linear(name, other, keys.cols_out / 2, bias=True) for name in "kv")
    if norms:
        q, k = build.norm(q), build.norm(k)
    mixed = build.scores(q, k, v, scores.heads, scores.heads, cross=True)
    return build.linear("o", mixed, x.width, bias=True)


def joined(profile: Profile, *, alone: bool = False) -> Profile:
    """The same for tokens of the text: beside those of the picture, or ``alone``."""

    def both(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
        out = vectors.copy()
        out[..., CONTEXT] += vectors[..., TOKENS]
        if alone:
            out[..., TOKENS] = 0.0
        return out

    return replace(
        profile,
        kept=both(profile.kept),
        enters=both(profile.enters),
        leaves=both(profile.leaves),
        forward=both(profile.forward),
        backward=both(profile.backward),
    )
