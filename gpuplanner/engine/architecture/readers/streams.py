"""Parts of denoisers whose text and image tokens attend together."""

from __future__ import annotations

from gpuplanner.catalog.schema.shape_blocks import Block, BlocksShape, Piece
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.pieces import block, feed_forward, linear, self_attention


def sizes_of(fields: Fields, heads: int, head_dim: int) -> tuple[int, int, int]:
    """Heads, their width, and the width of all, where the config doesn't say otherwise."""
    heads, head_dim = fields.size("num_attention_heads", heads), fields.size("attention_head_dim", head_dim)
    return heads, head_dim, heads * head_dim


def denoiser(fields: Fields, blocks: list[Block], hidden: int, channels: int, patch: int) -> BlocksShape:
    """A denoiser of these blocks."""
    size = fields.size("sample_size") if isinstance(fields.raw("sample_size"), int) else None
    return BlocksShape(role="denoiser", blocks=tuple(blocks), hidden=hidden, channels_in=channels, input_size=size, patch=patch)


def streams(
    hidden: int, heads: int, head_dim: int, norms: int, *, bias: bool = True, gated: bool = False, wide: int | None = None,
    modulated: bool = True,
) -> list[Piece]:  # fmt: skip
    """A block of two streams, each with its own matrices, that attend together."""
    wide = wide or 4 * hidden
    found: list[Piece] = []
    if modulated:
        found += [
            linear("modulation", hidden, 6 * hidden, bias, "once"),
            linear("text.modulation", hidden, 6 * hidden, bias, "once"),
        ]
    found += self_attention("image", hidden, heads, head_dim, bias=bias, norms=norms, joint=True)
    found += self_attention("text", hidden, heads, head_dim, bias=bias, norms=norms, joint=True, runs="context")
    found += feed_forward("image.mlp", hidden, wide, gated=gated, bias=bias)
    return found + feed_forward("text.mlp", hidden, wide, gated=gated, bias=bias, runs="context")


def single(hidden: int, heads: int, head_dim: int, *, modulated: bool = True) -> list[Piece]:
    """Flux's block of one stream: attention and feed-forward side by side, one matrix out of both."""
    attention = self_attention("single", hidden, heads, head_dim, norms=2 * head_dim)
    found = [piece for piece in attention if piece.name != "single.attention.out"]
    found += [linear("mlp", hidden, 4 * hidden), linear("out", 5 * hidden, hidden)]
    return [*found, linear("modulation", hidden, 3 * hidden, runs="once")] if modulated else found


def end(hidden: int, out: int, condition: int | None = None, bias: bool = True) -> Block:
    """What follows the last block: norm, modulation and the way out."""
    return block(
        "end", 1, [linear("modulation", condition or hidden, 2 * hidden, bias, "once"), linear("out", hidden, out, bias)]
    )
