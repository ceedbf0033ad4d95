"""Denoisers with cross-attention to the text, or with text and image as one sequence: PixArt, Sana, Wan, LTX, CogVideoX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gpuplanner.catalog.schema.shape_blocks import BlocksShape, Convolution, Piece
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.pieces import (
    block,
    cross_attention,
    feed_forward,
    linear,
    pair,
    patches,
    self_attention,
    time_steps,
    vector,
)
from gpuplanner.engine.architecture.readers.streams import denoiser, sizes_of


def read_pixart(fields: Fields) -> BlocksShape:
    """PixArt-Alpha and Sigma, Allegro: one modulation for all blocks, shifted by a table in each."""
    video = fields.word("_class_name").startswith("Allegro")
    heads, head_dim, hidden = sizes_of(fields, 24 if video else 16, 96 if video else 72)
    channels, patch = fields.size("in_channels", 4), fields.size("patch_size", 2)
    bias = fields.flag("attention_bias", default=True)
    start: list[Piece] = [patches("patches", channels, hidden, (patch, patch)), *time_steps("time", hidden)]
    extra = fields.raw("use_additional_conditions")
    if extra is True or (extra is None and fields.size("sample_size", 128) == 128 and not video):
        third = hidden // 3
        start += [*time_steps("resolution", third), *time_steps("aspect", third)]
    start += [linear("modulation", hidden, 6 * hidden, runs="once"), vector("table", 2 * hidden)]
    caption = fields.count("caption_channels", 4096 if video else 0)
    if caption:
        start += pair("context", caption, hidden, hidden, runs="context")
    layer = [
        vector("table", 6 * hidden), *self_attention("image", hidden, heads, head_dim, bias=bias, out_bias=True),
        *cross_attention("text", hidden, fields.size("cross_attention_dim", hidden), hidden, heads, bias=bias),
        *feed_forward("mlp", hidden, 4 * hidden),
    ]  # fmt: skip
    out = patch * patch * fields.size("out_channels", 4 if video else 8)
    blocks = [
        block("start", 1, start), block("layer", fields.size("num_layers", 32 if video else 28), layer),
        block("end", 1, [linear("out", hidden, out)]),
    ]  # fmt: skip
    return denoiser(fields, blocks, hidden, channels, patch)


def read_sana(fields: Fields) -> BlocksShape:
    """Sana: linear attention, and convolutions in the feed-forward block."""
    heads, head_dim, hidden = sizes_of(fields, 70, 32)
    channels, patch = fields.size("in_channels", 32), fields.size("patch_size", 1)
    wide = int(hidden * fields.ratio("mlp_ratio", 2.5))
    caption = fields.size("caption_channels", 2304)
    norms = hidden if fields.word("qk_norm") else 0
    crossing = fields.size("num_cross_attention_heads", 20), fields.size("cross_attention_head_dim", 112)
    start: list[Piece] = [
        patches("patches", channels, hidden, (patch, patch)), *time_steps("time", hidden),
        *(time_steps("guidance", hidden) if fields.flag("guidance_embeds") else ()),
        linear("modulation", hidden, 6 * hidden, runs="once"), *pair("context", caption, hidden, hidden, runs="context"),
        vector("context.norm", hidden), vector("table", 2 * hidden),
    ]  # fmt: skip
    layer: list[Piece] = [
        vector("table", 6 * hidden),
        *self_attention("image", hidden, heads, head_dim, bias=fields.flag("attention_bias"), out_bias=True, norms=2 * norms),
        *cross_attention(
            "text", hidden, fields.size("cross_attention_dim", hidden), crossing[0] * crossing[1], crossing[0], norms=2 * norms
        ),
        Convolution(name="mlp.in", channels_in=hidden, channels_out=2 * wide, kernel=(1, 1)),
        Convolution(name="mlp.depth", channels_in=2 * wide, channels_out=2 * wide, kernel=(3, 3), groups=2 * wide),
        Convolution(name="mlp.out", channels_in=wide, channels_out=hidden, kernel=(1, 1), bias=False),
    ]
    blocks = [
        block("start", 1, start), block("layer", fields.size("num_layers", 20), layer),
        block("end", 1, [linear("out", hidden, patch * patch * fields.size("out_channels", channels))]),
    ]  # fmt: skip
    return denoiser(fields, blocks, hidden, channels, patch)


def read_wan(fields: Fields) -> BlocksShape:
    """Wan 2.1 and 2.2: norms over the whole width of queries and keys; image-to-video adds keys of the image."""
    heads, head_dim, hidden = sizes_of(fields, 40, 128)
    channels, wide = fields.size("in_channels", 16), fields.size("ffn_dim", 13824)
    kernel = fields.sizes("patch_size", (1, 2, 2), length=3)
    added = fields.count("added_kv_proj_dim")
    start: list[Piece] = [
        patches("patches", channels, hidden, kernel), *time_steps("time", hidden, fields.size("freq_dim", 256)),
        linear("modulation", hidden, 6 * hidden, runs="once"),
        *pair("context", fields.size("text_dim", 4096), hidden, hidden, runs="context"), vector("table", 2 * hidden),
    ]  # fmt: skip
    if fields.has("image_dim"):
        seen = fields.size("image_dim")
        start += [vector("image.norms", 2 * seen + 2 * hidden), *pair("image", seen, seen, hidden, runs="context")]
        start.append(vector("image.positions", fields.count("pos_embed_seq_len") * seen))
    layer: list[Piece] = [
        vector("table", 6 * hidden), *self_attention("video", hidden, heads, head_dim, norms=2 * hidden),
        *cross_attention("text", hidden, hidden, hidden, heads, norms=2 * hidden),
        vector("norm", 2 * hidden if fields.flag("cross_attn_norm", default=True) else 0), *feed_forward("mlp", hidden, wide),
    ]  # fmt: skip
    if added:
        layer += [linear("image.cross_attention.kv", added, 2 * hidden, runs="context"), vector("image.norm", hidden)]
    out = kernel[0] * kernel[1] * kernel[2] * fields.size("out_channels", 16)
    blocks = [
        block("start", 1, start), block("layer", fields.size("num_layers", 40), layer),
        block("end", 1, [linear("out", hidden, out)]),
    ]  # fmt: skip
    return denoiser(fields, blocks, hidden, channels, kernel[-1])


def read_ltx(fields: Fields) -> BlocksShape:
    """LTX-Video: latents so small that a token is one of them."""
    heads, head_dim, hidden = sizes_of(fields, 32, 64)
    channels, bias = fields.size("in_channels", 128), fields.flag("attention_bias", default=True)
    out_bias = fields.flag("attention_out_bias", default=True)
    start: list[Piece] = [
        linear("in", channels, hidden), *time_steps("time", hidden), linear("modulation", hidden, 6 * hidden, runs="once"),
        *pair("context", fields.size("caption_channels", 4096), hidden, hidden, runs="context"), vector("table", 2 * hidden),
    ]  # fmt: skip
    layer: list[Piece] = [
        vector("table", 6 * hidden),
        *self_attention("video", hidden, heads, head_dim, bias=bias, out_bias=out_bias, norms=2 * hidden),
        *cross_attention(
            "text",
            hidden,
            fields.size("cross_attention_dim", 2048),
            hidden,
            heads,
            bias=bias,
            out_bias=out_bias,
            norms=2 * hidden,
        ),
        *feed_forward("mlp", hidden, 4 * hidden),
    ]
    blocks = [
        block("start", 1, start), block("layer", fields.size("num_layers", 28), layer),
        block("end", 1, [linear("out", hidden, fields.size("out_channels", channels))]),
    ]  # fmt: skip
    return denoiser(fields, blocks, hidden, channels, fields.size("patch_size", 1))


def read_cogvideox(fields: Fields) -> BlocksShape:
    """CogVideoX: text and video as one sequence through the same matrices, modulated apart."""
    heads, head_dim, hidden = sizes_of(fields, 30, 64)
    channels, patch = fields.size("in_channels", 16), fields.size("patch_size", 2)
    depth, condition = fields.count("patch_size_t"), fields.size("time_embed_dim", 512)
    bias, patch_bias = fields.flag("attention_bias", default=True), fields.flag("patch_bias", default=True)
    embed = (
        linear("patches", channels * patch * patch * depth, hidden, patch_bias)
        if depth
        else patches("patches", channels, hidden, (patch, patch), patch_bias)
    )
    start: list[Piece] = [
        embed, linear("context", fields.size("text_embed_dim", 4096), hidden, runs="context"),
        *pair("time", hidden, condition, condition),
    ]  # fmt: skip
    if fields.has("ofs_embed_dim"):
        offset = fields.size("ofs_embed_dim")
        start += pair("offset", offset, offset, offset)
    norm = 2 * hidden
    layer: list[Piece] = [
        linear("modulation", condition, 6 * hidden, runs="once"), linear("mlp.modulation", condition, 6 * hidden, runs="once"),
        vector("norms", 2 * norm),
        *self_attention("joint", hidden, heads, head_dim, bias=bias, out_bias=True, norms=4 * head_dim),
        *feed_forward("mlp", hidden, 4 * hidden),
    ]  # fmt: skip
    out = patch * patch * (depth or 1) * fields.size("out_channels", 16)
    end: list[Piece] = [
        vector("norms", 2 * norm),
        linear("modulation", condition, 2 * hidden, runs="once"),
        linear("out", hidden, out),
    ]
    blocks = [block("start", 1, start), block("layer", fields.size("num_layers", 30), layer), block("end", 1, end)]
    return denoiser(fields, blocks, hidden, channels, patch)


def read_cogview4(fields: Fields) -> BlocksShape:
    """CogView 3-Plus and 4: as CogVideoX, without norms of queries and keys."""
    heads, head_dim, hidden = sizes_of(fields, 64, 40)
    channels, patch = fields.size("in_channels", 16), fields.size("patch_size", 2)
    condition = fields.size("time_embed_dim", 512)
    pooled = 3 * 2 * fields.size("condition_dim", 256)
    start: list[Piece] = [
        linear("patches", channels * patch * patch, hidden), *pair("time", hidden, condition, condition),
        linear("context", fields.size("text_embed_dim", 4096), hidden, runs="context"),
        *pair("condition", pooled, condition, condition),
    ]  # fmt: skip
    layer: list[Piece] = [
        linear("modulation", condition, 12 * hidden, runs="once"), *self_attention("joint", hidden, heads, head_dim),
        *feed_forward("mlp", hidden, 4 * hidden),
    ]  # fmt: skip
    out = patch * patch * fields.size("out_channels", 16)
    end = [linear("modulation", condition, 2 * hidden, runs="once"), linear("out", hidden, out)]
    blocks = [block("start", 1, start), block("layer", fields.size("num_layers", 30), layer), block("end", 1, end)]
    return denoiser(fields, blocks, hidden, channels, patch)


CROSS: Final[dict[str, Callable[[Fields], BlocksShape]]] = {
    "PixArtTransformer2DModel": read_pixart,
    "AllegroTransformer3DModel": read_pixart,
    "SanaTransformer2DModel": read_sana,
    "WanTransformer3DModel": read_wan,
    "LTXVideoTransformer3DModel": read_ltx,
    "CogVideoXTransformer3DModel": read_cogvideox,
    "CogView3PlusTransformer2DModel": read_cogview4,
    "CogView4Transformer2DModel": read_cogview4,
}
