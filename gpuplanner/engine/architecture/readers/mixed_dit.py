"""Denoisers with parts of their own: experts (HiDream), shared modulations (Krea 2), few joint blocks (AuraFlow), Kandinsky 5."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gpuplanner.catalog.schema.shape_blocks import Block, BlocksShape, Linear, Piece, Scores
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.pieces import (
    TIME_CHANNELS,
    Runs,
    block,
    cross_attention,
    feed_forward,
    linear,
    pair,
    self_attention,
    time_steps,
    vector,
)

_MULTIPLE: Final = 256  # gated feed-forward widths are rounded up to it


def _shape(blocks: list[Block], hidden: int, channels: int, patch: int) -> BlocksShape:
    return BlocksShape(role="denoiser", blocks=tuple(blocks), hidden=hidden, channels_in=channels, patch=patch)


def _two_thirds(width: int) -> int:
    return -(-(2 * width // 3) // _MULTIPLE) * _MULTIPLE


def read_krea2(fields: Fields) -> BlocksShape:
    """Krea 2: one stream, grouped heads with a gate; text of several layers of its encoder is fused first."""
    heads, head_dim = fields.size("num_attention_heads", 48), fields.size("attention_head_dim", 128)
    hidden, channels, text = heads * head_dim, fields.size("in_channels", 64), fields.size("text_hidden_dim", 2560)
    text_heads = fields.size("text_num_attention_heads", 20)
    layer = _gated_layer("one", hidden, heads, fields.size("num_key_value_heads", 12), fields.size("intermediate_size", 16384))
    fusion = _gated_layer(
        "text", text, text_heads, fields.size("text_num_key_value_heads", text_heads),
        fields.size("text_intermediate_size", 6912), "context",
    )  # fmt: skip
    fused = fields.few("num_layerwise_text_blocks", 2) + fields.few("num_refiner_text_blocks", 2)
    start = [
        linear("in", channels, hidden), *time_steps("time", hidden, fields.size("timestep_embed_dim", TIME_CHANNELS)),
        linear("modulation", hidden, 6 * hidden, runs="once"), vector("context.norm", text),
        *pair("context", text, hidden, hidden, runs="context"),
        linear("context.layers", fields.size("num_text_layers", 12), 1, bias=False, runs="context"),
    ]  # fmt: skip
    blocks = [block("start", 1, start)]
    if fused:
        blocks.append(block("text", fused, fusion))
    blocks.append(block("one", fields.size("num_layers", 28), [*layer, vector("modulation", 6 * hidden)]))
    blocks.append(block("end", 1, [vector("norm", 3 * hidden), linear("out", hidden, channels)]))
    return _shape(blocks, hidden, channels, 1)


def _gated_layer(name: str, hidden: int, heads: int, kv_heads: int, wide: int, runs: Runs = "token") -> list[Piece]:
    head_dim = max(hidden // heads, 1)
    return [
        *self_attention(name, hidden, heads, head_dim, kv_heads=kv_heads, bias=False, norms=2 * head_dim, runs=runs),
        linear(f"{name}.gate", hidden, hidden, bias=False, runs=runs),
        *feed_forward(f"{name}.mlp", hidden, wide, gated=True, bias=False, runs=runs),
        vector(f"{name}.norms", 2 * hidden),
    ]


def read_kandinsky5(fields: Fields) -> BlocksShape:
    """Kandinsky 5: text among itself, then images or video that look at it."""
    hidden, wide = fields.size("model_dim", 2048), fields.size("ff_dim", 5120)
    time, channels = fields.size("time_dim", 512), fields.size("in_visual_dim", 4)
    head_dim = sum(fields.sizes("axes_dims", (16, 24, 24)))
    heads, patch = max(hidden // max(head_dim, 1), 1), fields.sizes("patch_size", (1, 2, 2))
    cells = 1
    for side in patch:
        cells *= side
    seen = 2 * channels + 1 if fields.flag("visual_cond") else channels
    start = [
        *pair("time", hidden, time, time), linear("context", fields.size("in_text_dim", 3584), hidden, runs="context"),
        linear("pooled", fields.size("in_text_dim2", 768), time, runs="once"), linear("in", cells * seen, hidden),
        vector("norms", 2 * hidden + 2 * time),
    ]  # fmt: skip
    text = [
        linear("text.modulation", time, 6 * hidden, runs="once"),
        *self_attention("text", hidden, heads, head_dim, norms=2 * head_dim, runs="context"),
        *feed_forward("text.mlp", hidden, wide, bias=False, runs="context"),
    ]
    seeing = [
        linear("modulation", time, 9 * hidden, runs="once"),
        *self_attention("image", hidden, heads, head_dim, norms=2 * head_dim),
        *cross_attention("image", hidden, hidden, hidden, heads, norms=2 * head_dim),
        *feed_forward("mlp", hidden, wide, bias=False),
    ]
    out = cells * fields.size("out_visual_dim", 4)
    blocks = [
        block("start", 1, start), block("text", fields.size("num_text_blocks", 2), text),
        block("seeing", fields.size("num_visual_blocks", 32), seeing),
        block("end", 1, [linear("modulation", time, 2 * hidden, runs="once"), linear("out", hidden, out)]),
    ]  # fmt: skip
    return _shape(blocks, hidden, channels, patch[-1])


def read_hidream(fields: Fields) -> BlocksShape:
    """HiDream-I1: Flux's two kinds of block with experts for the image; every block takes text of its own from Llama."""
    heads, head_dim = fields.size("num_attention_heads", 20), fields.size("attention_head_dim", 128)
    hidden, channels, patch = heads * head_dim, fields.size("in_channels", 64), fields.size("patch_size", 2)
    cells, wide = patch * patch, _two_thirds(4 * hidden)
    doubles, singles = fields.size("num_layers", 16), fields.size("num_single_layers", 32)
    texts = [text for text in fields.items("caption_channels") if isinstance(text, int)] or [4096, 4096]
    projections = [
        linear(f"context{number}", texts[0], hidden, bias=False, runs="context") for number in range(doubles + singles)
    ]
    projections.append(linear("context.last", texts[-1], hidden, bias=False, runs="context"))
    start = [
        *time_steps("time", hidden), *pair("pooled", fields.size("text_emb_dim", 2048), hidden, hidden),
        linear("in", cells * channels, hidden), *projections,
    ]  # fmt: skip
    attention = self_attention("image", hidden, heads, head_dim, norms=2 * hidden, joint=True)
    experts = _experts(hidden, wide, fields)
    double = [
        linear("modulation", hidden, 12 * hidden, runs="once"), *attention,
        *self_attention("text", hidden, heads, head_dim, norms=2 * hidden, joint=True, runs="context"), *experts,
        *feed_forward("text.mlp", hidden, wide, gated=True, bias=False, runs="context"),
    ]  # fmt: skip
    single = [linear("modulation", hidden, 6 * hidden, runs="once"), *attention, *experts]
    out = cells * fields.size("out_channels", channels)
    blocks = [
        block("start", 1, start), block("joint", doubles, double), block("single", singles, single),
        block("end", 1, [linear("modulation", hidden, 2 * hidden, runs="once"), linear("out", hidden, out)]),
    ]  # fmt: skip
    return _shape(blocks, hidden, channels, patch)


def _experts(hidden: int, wide: int, fields: Fields) -> list[Piece]:
    """A shared block half as wide, and routed ones of which each token takes some."""
    routed = fields.few("num_routed_experts", 4)
    if not routed:
        return feed_forward("mlp", hidden, wide, gated=True, bias=False)
    share = min(fields.size("num_activated_experts", 2), routed) / routed
    found = feed_forward("shared.mlp", hidden, _two_thirds(2 * hidden), gated=True, bias=False)
    for number in range(routed):
        found.append(Linear(name=f"expert{number}.in", rows_in=hidden, cols_out=2 * wide, bias=False, scale=share))
        found.append(Linear(name=f"expert{number}.out", rows_in=wide, cols_out=hidden, bias=False, scale=share))
    return [*found, linear("router", hidden, routed, bias=False)]


def read_auraflow(fields: Fields) -> BlocksShape:
    """AuraFlow: a few blocks of two streams, many of one, no biases."""
    heads, head_dim = fields.size("num_attention_heads", 12), fields.size("attention_head_dim", 256)
    hidden, channels, patch = heads * head_dim, fields.size("in_channels", 4), fields.size("patch_size", 2)
    wide, cells, text_width = _two_thirds(4 * hidden), patch * patch, fields.size("caption_projection_dim", hidden)
    start = [
        linear("in", cells * channels, hidden), vector("positions", fields.size("pos_embed_max_size", 1024) * hidden),
        linear("context", fields.size("joint_attention_dim", 2048), text_width, False, "context"),
        *time_steps("time", hidden), vector("registers", 8 * hidden),
    ]  # fmt: skip
    stream = [
        linear("modulation", hidden, 6 * hidden, bias=False, runs="once"),
        *self_attention("one", hidden, heads, head_dim, bias=False, joint=True),
        *feed_forward("mlp", hidden, wide, gated=True, bias=False),
    ]
    text = [
        linear("text.modulation", hidden, 6 * hidden, bias=False, runs="once"),
        *self_attention("text", hidden, heads, head_dim, bias=False, joint=True, runs="context"),
        *feed_forward("text.mlp", hidden, wide, gated=True, bias=False, runs="context"),
    ]
    out = cells * fields.size("out_channels", channels)
    blocks = [
        block("start", 1, start), block("joint", fields.size("num_mmdit_layers", 4), [*stream, *text]),
        block("single", fields.size("num_single_dit_layers", 32), stream),
        block("end", 1, [linear("modulation", hidden, 2 * hidden, False, "once"), linear("out", hidden, out, bias=False)]),
    ]  # fmt: skip
    return _shape(blocks, hidden, channels, patch)


def _between(name: str, query: int, keys: int, heads: int, head_dim: int, *, runs: Runs = "token") -> list[Piece]:
    """Attention of one stream to the other; where they differ in width, heads are the narrower one's."""
    width = heads * head_dim
    return [
        linear(f"{name}.q", query, width, runs=runs), linear(f"{name}.kv", keys, 2 * width, runs=runs),
        Scores(name=f"{name}.scores", heads=heads, head_dim=head_dim, context=True),
        linear(f"{name}.out", width, query, runs=runs), vector(f"{name}.norms", 2 * width),
    ]  # fmt: skip


def _ltx_stream(name: str, hidden: int, context: int, heads: int, head_dim: int, runs: Runs) -> list[Piece]:
    width = heads * head_dim
    return [
        *self_attention(f"{name}", hidden, heads, head_dim, norms=2 * width, runs=runs),
        *_between(f"{name}.text", hidden, context, heads, head_dim, runs=runs),
        *feed_forward(f"{name}.mlp", hidden, 4 * hidden, runs=runs),
        vector(f"{name}.modulation", 11 * hidden),
    ]


def read_ltx2(fields: Fields) -> BlocksShape:
    """LTX-2: a stream of video and a narrower one of sound that look at each other in every block."""
    heads, head_dim = fields.size("num_attention_heads", 32), fields.size("attention_head_dim", 128)
    audio_heads, audio_dim = fields.size("audio_num_attention_heads", 32), fields.size("audio_attention_head_dim", 64)
    hidden, audio, channels = heads * head_dim, audio_heads * audio_dim, fields.size("in_channels", 128)
    sound, text = fields.size("audio_in_channels", 128), fields.size("caption_channels", 3840)
    start: list[Piece] = [linear("in", channels, hidden), linear("audio.in", sound, audio, runs="context")]
    for name, width in (("video", hidden), ("audio", audio)):
        start += pair(f"{name}.context", text, width, width, runs="context")
        for parts, what in ((6, "time"), (4, "between"), (1, "gate")):
            start += [
                *time_steps(f"{name}.{what}", width),
                linear(f"{name}.{what}.modulation", width, parts * width, runs="once"),
            ]
    layer = [
        *_ltx_stream("video", hidden, fields.size("cross_attention_dim", 4096), heads, head_dim, "token"),
        *_ltx_stream("audio", audio, fields.size("audio_cross_attention_dim", 2048), audio_heads, audio_dim, "context"),
        *_between("audio_to_video", hidden, audio, audio_heads, audio_dim),
        *_between("video_to_audio", audio, hidden, audio_heads, audio_dim, runs="context"),
    ]  # fmt: skip
    end: list[Piece] = [
        vector("modulation", 2 * (hidden + audio)), linear("out", hidden, fields.size("out_channels", channels)),
        linear("audio.out", audio, fields.size("audio_out_channels", sound), runs="context"),
    ]  # fmt: skip
    blocks = [block("start", 1, start), block("layer", fields.size("num_layers", 48), layer), block("end", 1, end)]
    return _shape(blocks, hidden, channels, fields.size("patch_size", 1))


MIXED: Final[dict[str, Callable[[Fields], BlocksShape]]] = {
    "Krea2Transformer2DModel": read_krea2,
    "Kandinsky5Transformer3DModel": read_kandinsky5,
    "HiDreamImageTransformer2DModel": read_hidream,
    "AuraFlowTransformer2DModel": read_auraflow,
    "LTX2VideoTransformer3DModel": read_ltx2,
}
