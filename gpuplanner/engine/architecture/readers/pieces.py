"""Pieces that denoisers share: pairs of matrices, attention, feed-forward."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from gpuplanner.catalog.schema.shape_blocks import Block, Convolution, Linear, Piece, Scores, Vector

Runs = Literal["token", "context", "once"]

TIME_CHANNELS: Final = 256  # sine and cosine channels that a time step is written in


def linear(name: str, rows: int, columns: int, bias: bool = True, runs: Runs = "token") -> Linear:
    """A matrix."""
    return Linear(name=name, rows_in=rows, cols_out=columns, bias=bias, runs=runs)


def vector(name: str, params: int) -> Vector:
    """Parameters without a product."""
    return Vector(name=name, params=params)


def block(name: str, count: int, pieces: Iterable[Piece]) -> Block:
    """Pieces that occur together."""
    return Block(name=name, count=count, pieces=tuple(pieces))


def pair(name: str, rows: int, middle: int, columns: int, bias: bool = True, runs: Runs = "once") -> list[Piece]:
    """Two matrices with a nonlinearity between."""
    return [linear(f"{name}.1", rows, middle, bias, runs), linear(f"{name}.2", middle, columns, bias, runs)]


def time_steps(name: str, columns: int, channels: int = TIME_CHANNELS, bias: bool = True) -> list[Piece]:
    """A time step (or a guidance scale) embedded."""
    return pair(name, channels, columns, columns, bias)


def patches(name: str, channels: int, hidden: int, kernel: tuple[int, ...], bias: bool = True) -> Convolution:
    """A convolution that makes tokens of patches."""
    return Convolution(
        name=name, channels_in=channels, channels_out=hidden, kernel=kernel, stride=kernel, bias=bias, scale=1 / kernel[-1]
    )


def self_attention(
    name: str, hidden: int, heads: int, head_dim: int, *, bias: bool = True, out_bias: bool | None = None, runs: Runs = "token",
    kv_heads: int | None = None, norms: int = 0, joint: bool = False, out: int | None = None,
) -> list[Piece]:  # fmt: skip
    """Attention of tokens among themselves; ``norms``: parameters of query and key norms."""
    width, narrow = heads * head_dim, (kv_heads or heads) * head_dim
    found: list[Piece] = [
        linear(f"{name}.attention.q", hidden, width, bias, runs),
        linear(f"{name}.attention.kv", hidden, 2 * narrow, bias, runs),
        Scores(name=f"{name}.attention.scores", heads=heads, head_dim=head_dim, joint=joint),
        linear(f"{name}.attention.out", width, out or hidden, bias if out_bias is None else out_bias, runs),
    ]
    return [*found, vector(f"{name}.attention.norms", norms)] if norms else found


def cross_attention(
    name: str, hidden: int, context: int, width: int, heads: int, *, bias: bool = True, out_bias: bool = True, norms: int = 0
) -> list[Piece]:
    """Attention of tokens to the conditioning text."""
    found: list[Piece] = [
        linear(f"{name}.cross_attention.q", hidden, width, bias),
        linear(f"{name}.cross_attention.kv", context, 2 * width, bias, "context"),
        Scores(name=f"{name}.cross_attention.scores", heads=heads, head_dim=max(width // heads, 1), context=True),
        linear(f"{name}.cross_attention.out", width, hidden, out_bias),
    ]
    return [*found, vector(f"{name}.cross_attention.norms", norms)] if norms else found


def feed_forward(
    name: str, hidden: int, wide: int, *, gated: bool = False, bias: bool = True, runs: Runs = "token"
) -> list[Piece]:
    """A feed-forward block."""
    return [linear(f"{name}.in", hidden, wide * (2 if gated else 1), bias, runs), linear(f"{name}.out", wide, hidden, bias, runs)]
