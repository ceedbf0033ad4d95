"""HunyuanVideo, HunyuanImage and Mochi: blocks of two streams over space and time."""

from __future__ import annotations

from gpuplanner.catalog.schema.shape_blocks import Block, BlocksShape, Piece
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.pieces import (
    TIME_CHANNELS,
    block,
    feed_forward,
    linear,
    pair,
    patches,
    self_attention,
    time_steps,
    vector,
)
from gpuplanner.engine.architecture.readers.streams import denoiser, end, single, sizes_of, streams


def _refined_context(fields: Fields, hidden: int, heads: int, head_dim: int, text: int) -> list[Block]:
    """HunyuanVideo's text: projected, then a few layers among its own tokens."""
    start = [*time_steps("context.time", hidden), *pair("context.pooled", text, hidden, hidden),
             linear("context.in", text, hidden, runs="context")]  # fmt: skip
    layer = [
        vector("norms", 4 * hidden), *self_attention("refiner", hidden, heads, head_dim, runs="context"),
        *feed_forward("refiner.mlp", hidden, 4 * hidden, runs="context"), linear("modulation", hidden, 2 * hidden, runs="once"),
    ]  # fmt: skip
    return [block("context", 1, start), block("refiner", fields.size("num_refiner_layers", 2), layer)]


def read_hunyuan_video(fields: Fields) -> BlocksShape:
    """HunyuanVideo and HunyuanImage 2.1: Flux's blocks over space and time."""
    image = fields.word("_class_name").startswith("HunyuanImage")
    heads, head_dim, hidden = sizes_of(fields, 28 if image else 24, 128)
    channels, text = fields.size("in_channels", 64 if image else 16), fields.size("text_embed_dim", 3584 if image else 4096)
    patch = fields.sizes("patch_size", (1, 1) if image else (2,))
    kernel = patch if len(patch) > 1 else (fields.size("patch_size_t", 1), patch[0], patch[0])
    start: list[Piece] = [patches("patches", channels, hidden, kernel), *time_steps("time", hidden)]
    if not image or fields.has("pooled_projection_dim"):
        start += pair("pooled", fields.size("pooled_projection_dim", 768), hidden, hidden)
    if fields.flag("guidance_embeds", default=not image):
        start += time_steps("guidance", hidden)
    volume = 1
    for side in kernel:
        volume *= side
    blocks = [
        *_refined_context(fields, hidden, heads, head_dim, text),
        block("start", 1, start),
        block("joint", fields.size("num_layers", 20), streams(hidden, heads, head_dim, 2 * head_dim)),
        block("single", fields.size("num_single_layers", 40), single(hidden, heads, head_dim)),
        end(hidden, volume * fields.size("out_channels", channels)),
    ]
    return denoiser(fields, blocks, hidden, channels, kernel[-1])


def read_hunyuan_video15(fields: Fields) -> BlocksShape:
    """HunyuanVideo 1.5: two streams throughout; a second text encoder and an image encoder condition it."""
    heads, head_dim, hidden = sizes_of(fields, 16, 128)
    channels, text = fields.size("in_channels", 65), fields.size("text_embed_dim", 3584)
    glyph, seen = fields.size("text_embed_2_dim", 1472), fields.size("image_embed_dim", 1152)
    patch = fields.size("patch_size", 1)
    start = [
        patches("patches", channels, hidden, (fields.size("patch_size_t", 1), patch, patch)), *time_steps("time", hidden),
        vector("image.norms", 2 * seen + 2 * hidden), *pair("image", seen, seen, hidden, runs="context"),
        vector("glyph.norm", 2 * glyph), *pair("glyph", glyph, hidden, hidden, runs="context"),
        linear("glyph.3", hidden, hidden, runs="context"), vector("kinds", 3 * hidden),
    ]  # fmt: skip
    blocks = [
        *_refined_context(fields, hidden, heads, head_dim, text),
        block("start", 1, start),
        block("joint", fields.size("num_layers", 54), streams(hidden, heads, head_dim, 2 * head_dim)),
        end(hidden, patch * patch * fields.size("patch_size_t", 1) * fields.size("out_channels", 32)),
    ]
    return denoiser(fields, blocks, hidden, channels, patch)


def read_mochi(fields: Fields) -> BlocksShape:
    """Mochi: a text stream half as wide; the last block has none."""
    heads, head_dim, hidden = sizes_of(fields, 24, 128)
    channels, patch = fields.size("in_channels", 12), fields.size("patch_size", 2)
    text, narrow = fields.size("text_embed_dim", 4096), fields.size("pooled_projection_dim", 1536)
    wide, slim = 4 * hidden * 2 // 3, 4 * narrow * 2 // 3
    start = [
        vector("positions", 3 * heads * head_dim // 2), patches("patches", channels, hidden, (patch, patch)),
        *time_steps("time", hidden, fields.size("time_embed_dim", TIME_CHANNELS)),
        linear("pool.kv", text, 2 * text, runs="context"), linear("pool.q", text, text, runs="once"),
        linear("pool.out", text, hidden, runs="once"), linear("context", text, narrow, runs="context"),
    ]  # fmt: skip
    image = [
        linear("modulation", hidden, 4 * hidden, runs="once"),
        *self_attention("image", hidden, heads, head_dim, bias=False, out_bias=True, norms=2 * head_dim, joint=True),
        *feed_forward("image.mlp", hidden, wide, gated=True, bias=False),
    ]
    stream = self_attention(
        "text", narrow, heads, head_dim, bias=False, out_bias=True, norms=2 * head_dim, joint=True, runs="context"
    )
    reading = [piece for piece in stream if piece.name != "text.attention.out"]
    text_side = [
        linear("text.modulation", hidden, 4 * narrow, runs="once"), *stream,
        *feed_forward("text.mlp", narrow, slim, gated=True, bias=False, runs="context"),
    ]  # fmt: skip
    layers = fields.size("num_layers", 48)
    blocks = [block("start", 1, start)]
    if layers > 1:
        blocks.append(block("joint", layers - 1, [*image, *text_side]))
    blocks.append(block("last", 1, [*image, linear("text.modulation", hidden, narrow, runs="once"), *reading]))
    blocks.append(end(hidden, patch * patch * fields.size("out_channels", channels)))
    return denoiser(fields, blocks, hidden, channels, patch)
