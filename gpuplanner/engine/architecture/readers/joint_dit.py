"""Denoisers whose text and image tokens attend together: SD3, Flux, Qwen-Image, Z-Image, Lumina 2 and their kin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gpuplanner.catalog.schema.shape_blocks import BlocksShape, Piece
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
from gpuplanner.engine.architecture.readers.video_streams import read_hunyuan_video, read_hunyuan_video15, read_mochi


def read_sd3(fields: Fields) -> BlocksShape:
    """Stable Diffusion 3 and 3.5 (MMDiT, arXiv 2403.03206); the last block's text stream ends in the attention."""
    heads, head_dim, hidden = sizes_of(fields, 18, 64)
    patch, channels = fields.size("patch_size", 2), fields.size("in_channels", 16)
    norms = 2 * head_dim if fields.word("qk_norm") else 0
    layers, dual = fields.size("num_layers", 18), len(fields.items("dual_attention_layers"))
    caption = fields.size("caption_projection_dim", 1152)
    ends = (*pair("pooled", fields.size("pooled_projection_dim", 2048), hidden, hidden), *time_steps("time", hidden))
    start = block(
        "start", 1,
        [patches("patches", channels, hidden, (patch, patch)), *ends,
         linear("context", fields.size("joint_attention_dim", 4096), caption, runs="context")],
    )  # fmt: skip
    whole = streams(hidden, heads, head_dim, norms)
    last = [
        piece for piece in whole if piece.name not in ("text.attention.out", "text.mlp.in", "text.mlp.out", "text.modulation")
    ]
    last.append(linear("text.modulation", hidden, 2 * hidden, runs="once"))
    second = [
        linear("second.modulation", hidden, 3 * hidden, runs="once"),
        *self_attention("second", hidden, heads, head_dim, norms=norms),
    ]
    blocks = [start]
    if layers > 1:
        blocks.append(block("joint", layers - 1, whole))
    blocks.append(block("last", 1, last))
    if dual:
        blocks.append(block("dual", dual, second))
    blocks.append(end(hidden, patch * patch * fields.size("out_channels", channels)))
    return denoiser(fields, blocks, hidden, channels, patch)


def read_flux(fields: Fields) -> BlocksShape:
    """Flux.1: blocks of two streams, then of one."""
    heads, head_dim, hidden = sizes_of(fields, 24, 128)
    channels = fields.size("in_channels", 64)
    start: list[Piece] = [*time_steps("time", hidden), *pair("pooled", fields.size("pooled_projection_dim", 768), hidden, hidden)]
    if fields.flag("guidance_embeds"):
        start += time_steps("guidance", hidden)
    start += [linear("in", channels, hidden), linear("context", fields.size("joint_attention_dim", 4096), hidden, runs="context")]
    blocks = [
        block("start", 1, start),
        block("joint", fields.size("num_layers", 19), streams(hidden, heads, head_dim, 2 * head_dim)),
        block("single", fields.size("num_single_layers", 38), single(hidden, heads, head_dim)),
        end(hidden, fields.size("patch_size", 1) ** 2 * fields.size("out_channels", channels)),
    ]
    return denoiser(fields, blocks, hidden, channels, fields.size("patch_size", 1))


def read_chroma(fields: Fields) -> BlocksShape:
    """Chroma: Flux with one small network in place of all modulations."""
    heads, head_dim, hidden = sizes_of(fields, 24, 128)
    channels, narrow = fields.size("in_channels", 64), fields.size("approximator_num_channels", 64)
    wide = fields.size("approximator_hidden_dim", 5120)
    guidance: list[Piece] = []
    for number in range(fields.few("approximator_layers", 5)):
        guidance += [*pair(f"guidance{number}", wide, wide, wide), vector(f"guidance{number}.norm", wide)]
    start = [
        linear("guidance.in", narrow, wide, runs="once"), *guidance, linear("guidance.out", wide, hidden, runs="once"),
        linear("in", channels, hidden), linear("context", fields.size("joint_attention_dim", 4096), hidden, runs="context"),
    ]  # fmt: skip
    blocks = [
        block("start", 1, start),
        block("joint", fields.size("num_layers", 19), streams(hidden, heads, head_dim, 2 * head_dim, modulated=False)),
        block("single", fields.size("num_single_layers", 38), single(hidden, heads, head_dim, modulated=False)),
        block("end", 1, [linear("out", hidden, fields.size("out_channels", channels))]),
    ]
    return denoiser(fields, blocks, hidden, channels, 1)


def read_flux2(fields: Fields) -> BlocksShape:
    """Flux.2: no biases, gated feed-forward, modulations shared by all blocks of a kind."""
    heads, head_dim, hidden = sizes_of(fields, 48, 128)
    channels, wide = fields.size("in_channels", 128), int(fields.ratio("mlp_ratio", 3.0) * hidden)
    time = fields.size("timestep_guidance_channels", TIME_CHANNELS)
    start: list[Piece] = time_steps("time", hidden, time, bias=False)
    if fields.flag("guidance_embeds", default=True):
        start += time_steps("guidance", hidden, time, bias=False)
    for name, parts in (("image", 6), ("text", 6), ("single", 3)):
        start.append(linear(f"{name}.modulation", hidden, parts * hidden, bias=False, runs="once"))
    start.append(linear("in", channels, hidden, bias=False))
    start.append(linear("context", fields.size("joint_attention_dim", 15360), hidden, bias=False, runs="context"))
    joint = streams(hidden, heads, head_dim, 2 * head_dim, bias=False, gated=True, wide=wide, modulated=False)
    attention = self_attention("single", hidden, heads, head_dim, bias=False, norms=2 * head_dim)
    single = [piece for piece in attention if piece.name != "single.attention.out"]
    single += [linear("mlp", hidden, 2 * wide, bias=False), linear("out", hidden + wide, hidden, bias=False)]
    blocks = [
        block("start", 1, start),
        block("joint", fields.size("num_layers", 8), joint),
        block("single", fields.size("num_single_layers", 48), single),
        end(hidden, fields.size("out_channels", channels) * fields.size("patch_size", 1) ** 2, bias=False),
    ]
    return denoiser(fields, blocks, hidden, channels, 1)


def read_qwen_image(fields: Fields) -> BlocksShape:
    """Qwen-Image: blocks of two streams throughout; the text comes from a language model."""
    heads, head_dim, hidden = sizes_of(fields, 24, 128)
    channels, text, patch = fields.size("in_channels", 64), fields.size("joint_attention_dim", 3584), fields.size("patch_size", 2)
    start = [*time_steps("time", hidden), vector("text.norm", text), linear("in", channels, hidden),
             linear("context", text, hidden, runs="context")]  # fmt: skip
    blocks = [
        block("start", 1, start),
        block("joint", fields.size("num_layers", 60), streams(hidden, heads, head_dim, 2 * head_dim)),
        end(hidden, patch * patch * fields.size("out_channels", 16)),
    ]
    return denoiser(fields, blocks, hidden, channels, patch)


def read_z_image(fields: Fields) -> BlocksShape:
    """Z-Image: one stream of text and image; a few layers refine each before."""
    hidden, heads = fields.size("dim", 3840), fields.size("n_heads", 30)
    head_dim, patch = max(hidden // heads, 1), fields.sizes("all_patch_size", (2,))[0]
    text, channels, condition = fields.size("cap_feat_dim", 2560), fields.size("in_channels", 16), min(hidden, TIME_CHANNELS)
    wide = int(hidden / 3 * 8)
    cells = patch * patch * fields.sizes("all_f_patch_size", (1,))[0] * channels
    kv_heads, norms = fields.size("n_kv_heads", heads), 2 * head_dim if fields.flag("qk_norm", default=True) else 0
    plain = [
        *self_attention("one", hidden, heads, head_dim, kv_heads=kv_heads, bias=False, norms=norms),
        *feed_forward("mlp", hidden, wide, gated=True, bias=False), vector("norms", 4 * hidden),
    ]  # fmt: skip
    modulated = [*plain, linear("modulation", condition, 4 * hidden, runs="once")]
    start = [
        vector("padding", 2 * hidden), linear("in", cells, hidden), *pair("time", TIME_CHANNELS, 1024, condition),
        vector("context.norm", text), linear("context", text, hidden, runs="context"),
    ]  # fmt: skip
    refiners = fields.size("n_refiner_layers", 2)
    blocks = [
        block("start", 1, start), block("noise_refiner", refiners, modulated), block("context_refiner", refiners, plain),
        block("one", fields.size("n_layers", 30), modulated),
        block("end", 1, [linear("modulation", condition, hidden, runs="once"), linear("out", hidden, cells)]),
    ]  # fmt: skip
    return denoiser(fields, blocks, hidden, channels, patch)


def read_lumina2(fields: Fields) -> BlocksShape:
    """Lumina-Image 2.0: one stream, grouped heads, gated feed-forward."""
    hidden, heads = fields.size("hidden_size", 2304), fields.size("num_attention_heads", 24)
    head_dim, patch, text = max(hidden // heads, 1), fields.size("patch_size", 2), fields.size("cap_feat_dim", 1024)
    channels, multiple, condition = fields.size("in_channels", 16), fields.size("multiple_of", 256), min(hidden, 1024)
    wide = int(4 * hidden * fields.ratio("ffn_dim_multiplier", 1.0))
    wide = multiple * ((wide + multiple - 1) // multiple)
    plain = [
        *self_attention("one", hidden, heads, head_dim, kv_heads=fields.size("num_kv_heads", 8), bias=False, norms=2 * head_dim),
        *feed_forward("mlp", hidden, wide, gated=True, bias=False), vector("norms", 4 * hidden),
    ]  # fmt: skip
    modulated = [*plain, linear("modulation", condition, 4 * hidden, runs="once")]
    cells = patch * patch * channels
    start = [linear("in", cells, hidden), *pair("time", TIME_CHANNELS, condition, condition), vector("context.norm", text),
             linear("context", text, hidden, runs="context")]  # fmt: skip
    refiners = fields.size("num_refiner_layers", 2)
    out = patch * patch * fields.size("out_channels", channels)
    blocks = [
        block("start", 1, start), block("noise_refiner", refiners, modulated), block("context_refiner", refiners, plain),
        block("one", fields.size("num_layers", 26), modulated),
        block("end", 1, [linear("modulation", condition, hidden, runs="once"), linear("out", hidden, out)]),
    ]  # fmt: skip
    return denoiser(fields, blocks, hidden, channels, patch)


JOINT: Final[dict[str, Callable[[Fields], BlocksShape]]] = {
    "SD3Transformer2DModel": read_sd3,
    "FluxTransformer2DModel": read_flux,
    "ChromaTransformer2DModel": read_chroma,
    "Flux2Transformer2DModel": read_flux2,
    "QwenImageTransformer2DModel": read_qwen_image,
    "HunyuanVideoTransformer3DModel": read_hunyuan_video,
    "HunyuanImageTransformer2DModel": read_hunyuan_video,
    "HunyuanVideo15Transformer3DModel": read_hunyuan_video15,
    "MochiTransformer3DModel": read_mochi,
    "ZImageTransformer2DModel": read_z_image,
    "Lumina2Transformer2DModel": read_lumina2,
}
