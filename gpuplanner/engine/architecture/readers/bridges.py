"""What joins towers to a language model, family by family, beyond LLaVA's projector."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gpuplanner.catalog.schema.shape import DecoderShape
from gpuplanner.catalog.schema.shape_blocks import Convolution, Linear, Piece, Vector
from gpuplanner.catalog.schema.shape_towers import Tower
from gpuplanner.engine.architecture.readers.fields import Fields

Bridge = tuple[Piece, ...]


def matrix(name: str, rows: int, columns: int, bias: bool = True, scale: float = 1.0) -> Linear:
    """A matrix that every token of a tower passes."""
    return Linear(name=name, rows_in=rows, cols_out=columns, bias=bias, scale=scale)


def _voxtral(fields: Fields, towers: list[Tower], text: DecoderShape) -> Bridge:
    """Voxtral: frames side by side, as wide as the encoder's feed-forward block."""
    wide = fields.part("audio_config").size("intermediate_size", 4 * towers[0].hidden)
    less = towers[0].hidden / wide
    return (
        matrix("projector.in", wide, text.hidden, bias=False, scale=less),
        matrix("projector.out", text.hidden, text.hidden, bias=False, scale=less),
    )


def _lfm2(fields: Fields, towers: list[Tower], text: DecoderShape) -> Bridge:
    """LFM2-VL: neighbouring patches side by side, a norm, two matrices."""
    merged, bias = fields.size("downsample_factor", 2) ** 2, fields.flag("projector_bias", default=True)
    wide, inner = towers[0].hidden * merged, fields.size("projector_hidden_size", text.hidden)
    norm = 2 * wide if fields.flag("projector_use_layernorm", default=True) else 0
    return (
        Vector(name="norm", params=norm),
        matrix("projector.in", wide, inner, bias, 1 / merged),
        matrix("projector.out", inner, text.hidden, bias, 1 / merged),
    )


def _cohere(fields: Fields, towers: list[Tower], text: DecoderShape) -> Bridge:
    """Command A Vision: neighbouring patches side by side through a gated block."""
    merged, wide = fields.size("downsample_factor", 2) ** 2, fields.size("alignment_intermediate_size", 36864)
    return (
        matrix("projector.in", towers[0].hidden * merged, wide, scale=1 / merged),
        matrix("projector.out", max(wide // 2, 1), text.hidden, scale=1 / merged),
    )


def _aria(fields: Fields, towers: list[Tower], text: DecoderShape) -> Bridge:
    """Aria: learned queries gather what the patches say."""
    hidden = towers[0].hidden
    queries = fields.part("projector_patch_to_query_dict")
    most = fields.size(
        "max_value_projector_patch_to_query_dict", max((queries.count(str(n)) for n in (1225, 4900)), default=0) or 256
    )
    return (
        Vector(name="queries", params=most * hidden),
        matrix("gather.qkv", hidden, 3 * hidden, bias=False),
        matrix("gather.inner", hidden, 3 * hidden),
        matrix("gather.out", hidden, 2 * hidden),
        Vector(name="norms", params=6 * hidden),
        matrix("projector.in", hidden, text.hidden, bias=False),
        matrix("projector.out", text.hidden, text.hidden, bias=False),
    )


def _idefics2(fields: Fields, towers: list[Tower], text: DecoderShape) -> Bridge:
    """Idefics 2: a gated block to the text's size, then learned queries gather it."""
    wide = fields.part("text_config").size("intermediate_size", 14336)
    into = fields.part("perceiver_config", "idefics2_perceiver")
    hidden = into.size("hidden_size", text.hidden)
    heads, head_dim = into.size("resampler_n_heads", 16), into.size("resampler_head_dim", 96)
    narrow, depth = into.size("num_key_value_heads", 4) * head_dim, into.few("resampler_depth", 3)
    latents = into.size("resampler_n_latents", 64)
    less = latents / max(towers[0].tokens or latents, latents)
    return (
        matrix("projector.in", towers[0].hidden, 2 * wide, bias=False),
        matrix("projector.out", wide, text.hidden, bias=False),
        Vector(name="latents", params=latents * hidden + hidden),
        Vector(name="norms", params=3 * hidden * depth),
        Linear(name="gather.q", rows_in=hidden, cols_out=heads * head_dim, bias=False, scale=less, count=depth),
        Linear(name="gather.kv", rows_in=hidden, cols_out=2 * narrow, bias=False, count=depth),
        Linear(name="gather.out", rows_in=heads * head_dim, cols_out=hidden, bias=False, scale=less, count=depth),
        Linear(name="gather.in", rows_in=hidden, cols_out=8 * hidden, bias=False, scale=less, count=depth),
        Linear(name="gather.down", rows_in=4 * hidden, cols_out=hidden, bias=False, scale=less, count=depth),
    )


def _got(fields: Fields, towers: list[Tower], text: DecoderShape) -> Bridge:  # noqa: ARG001
    """GOT-OCR: two convolutions that halve the map, one matrix."""
    out = fields.part("vision_config").size("output_channels", 256)
    scale = 1 / 32
    return (
        Convolution(name="up1", channels_in=out, channels_out=2 * out, kernel=(3, 3), stride=(2, 2), bias=False, scale=scale),
        Convolution(
            name="up2", channels_in=2 * out, channels_out=4 * out, kernel=(3, 3), stride=(2, 2), bias=False, scale=scale / 2
        ),
        matrix("projector", 4 * out, text.hidden, scale=1 / 16),
    )


def _ovis(fields: Fields, towers: list[Tower], text: DecoderShape) -> Bridge:
    """Ovis 2: patches become shares of a table of visual words."""
    vision = fields.part("vision_config")
    words, marks = vision.size("vocab_size", 16384), vision.count("num_visual_indicator_tokens", 5)
    width, stride = towers[0].hidden * vision.size("hidden_stride", 1) ** 2, vision.size("hidden_stride", 1)
    own = max(words - marks, 1)
    return (
        matrix("head", width, own, bias=False, scale=1 / stride**2),
        Vector(name="head.norm", params=2 * own),
        matrix("table", words, fields.size("hidden_size", text.hidden), bias=False, scale=1 / stride**2),
    )


def _glimmer(fields: Fields, towers: list[Tower], text: DecoderShape) -> Bridge:
    """Muse Glimmer: neighbouring patches side by side through two matrices and a third."""
    merged = fields.part("vision_config").size("merge_size", 2) ** 2
    wide, inner = fields.size("out_hidden_size", towers[0].hidden * merged), fields.size("projector_hidden_size", 4096)
    return (
        matrix("adapter.in", wide, inner, bias=False, scale=1 / merged),
        matrix("adapter.out", inner, inner, bias=False, scale=1 / merged),
        matrix("projector", inner, text.hidden, bias=False, scale=1 / merged),
    )


def _video_llama(fields: Fields, towers: list[Tower], text: DecoderShape) -> Bridge:  # noqa: ARG001
    return (matrix("projector.in", towers[0].hidden, text.hidden), matrix("projector.out", text.hidden, text.hidden))


def _minicpm(fields: Fields, towers: list[Tower], text: DecoderShape) -> Bridge:
    """MiniCPM-V to 4.5: learned queries gather what the patches say."""
    queries, hidden = fields.size("query_num", 64), text.hidden
    return (
        Vector(name="queries", params=queries * hidden + 6 * hidden),
        matrix("gather.kv", towers[0].hidden, hidden, bias=False),
        matrix("gather.qkv", hidden, 3 * hidden),
        matrix("gather.out", hidden, hidden),
        matrix("projector", hidden, hidden, bias=False),
    )


def _blip2(fields: Fields, towers: list[Tower], text: DecoderShape) -> Bridge:
    """BLIP-2: learned queries pass a small BERT that looks at the image in every second layer."""
    into = fields.part("qformer_config")
    hidden, wide, count = into.size("hidden_size", 768), into.size("intermediate_size", 3072), into.few("num_hidden_layers", 12)
    looking = -(-count // into.size("cross_attention_frequency", 2))
    seen = into.size("encoder_hidden_size", towers[0].hidden)
    text_side = fields.word("model_type").startswith("instructblip")
    both = count * (2 if text_side else 1)
    tables = (into.size("vocab_size", 30522) + into.size("max_position_embeddings", 512)) * hidden if text_side else 0
    return (
        Vector(name="queries", params=fields.size("num_query_tokens", 32) * hidden + 2 * hidden + tables),
        Linear(name="qformer.qkvo", rows_in=hidden, cols_out=4 * hidden, count=count),
        Linear(name="qformer.cross.qo", rows_in=hidden, cols_out=2 * hidden, count=looking),
        Linear(name="qformer.cross.kv", rows_in=seen, cols_out=2 * hidden, count=looking),
        Linear(name="qformer.in", rows_in=hidden, cols_out=wide, count=both),
        Linear(name="qformer.out", rows_in=wide, cols_out=hidden, count=both),
        Vector(name="qformer.norms", params=2 * hidden * (count + looking + both)),
        matrix("projector", hidden, text.hidden),
    )


def _nothing(fields: Fields, towers: list[Tower], text: DecoderShape) -> Bridge:  # noqa: ARG001
    return ()


BRIDGES: Final[tuple[tuple[Callable[[Fields, list[Tower], DecoderShape], Bridge], str], ...]] = (
    (_voxtral, "voxtral"),
    (_lfm2, "lfm2_vl"),
    (_cohere, "cohere2_vision"),
    (_aria, "aria"),
    (_idefics2, "idefics2"),
    (_got, "got_ocr2"),
    (_ovis, "ovis2"),
    (_glimmer, "muse_glimmer"),
    (_video_llama, "video_llama_3"),
    (_minicpm, "minicpmv"),
    (_blip2, "blip-2 instructblip instructblipvideo"),
    (_nothing, "qwen2_5_omni_thinker qwen3_omni_moe_thinker qwen3_asr glm_ocr gemma4_unified"),
)
