"""Towers that see or hear, from their part of a config: one function a family, built from common layers."""

from __future__ import annotations

import math
from typing import Final

from gpuplanner.catalog.schema.shape import Attention, Layer, Mlp
from gpuplanner.catalog.schema.shape_blocks import Convolution, Linear, Piece, Vector
from gpuplanner.catalog.schema.shape_towers import Tower
from gpuplanner.engine.architecture.readers.fields import Fields, UnsupportedArchitecture

_AUDIO_STRIDE: Final = 2  # the second of a speech tower's convolutions halves the frames


def encoder_layer(
    hidden: int,
    heads: int,
    intermediate: int,
    *,
    count: int = 1,
    gated: bool = False,
    bias: bool = True,
    mlp_bias: bool | None = None,
    out_bias: bool | None = None,
    head_dim: int | None = None,
    kv_heads: int | None = None,
    norm_params: int | None = None,
    qk_norm_params: int = 0,
    extra_params: int = 0,
) -> Layer:
    """A layer whose tokens all see each other; biases and two full layer norms unless told otherwise."""
    if hidden % heads and head_dim is None:
        raise UnsupportedArchitecture("heads_dont_divide", heads=heads, kv_heads=heads)
    wide_bias = bias if mlp_bias is None else mlp_bias
    return Layer(
        count=count,
        attention=Attention(
            heads=heads,
            kv_heads=kv_heads or heads,
            head_dim=head_dim or hidden // heads,
            bias_q=bias,
            bias_kv=bias,
            bias_o=bias if out_bias is None else out_bias,
            qk_norm_params=qk_norm_params,
        ),
        feed_forward=Mlp(intermediate=intermediate, gated=gated, bias_in=wide_bias, bias_out=wide_bias),
        norm_params=4 * hidden if norm_params is None else norm_params,
        extra_params=extra_params,
    )


def patches(fields: Fields, hidden: int, bias: bool = True, depth: int = 0) -> Convolution:
    """The convolution that makes tokens of patches; ``depth`` frames of a video at a time, 0 for images."""
    patch = _patch(fields)
    kernel = (depth, patch, patch) if depth else (patch, patch)
    channels = fields.size("num_channels", fields.size("in_channels", fields.size("in_chans", 3)))
    return Convolution(
        name="patches", channels_in=channels, channels_out=hidden, kernel=kernel, stride=kernel, bias=bias, scale=1 / patch
    )


def _patch(fields: Fields) -> int:
    return fields.sizes("patch_size", (14,))[0]


def grid(fields: Fields, default: int = 224) -> int:
    """Patches of an image at the size the tower was made for."""
    sides = fields.sizes("image_size", (default,))
    return max(math.prod(side // _patch(fields) for side in (sides * 2)[:2]), 1)


def attention_pool(hidden: int, intermediate: int) -> tuple[Piece, ...]:
    """SigLIP's head: one learned query gathers what all tokens say."""
    return (
        Vector(name="probe", params=hidden),
        Linear(name="pool.attention.qkv", rows_in=hidden, cols_out=3 * hidden),
        Linear(name="pool.attention.out", rows_in=hidden, cols_out=hidden, runs="once"),
        Vector(name="pool.norm", params=2 * hidden),
        Linear(name="pool.in", rows_in=hidden, cols_out=intermediate, runs="once"),
        Linear(name="pool.out", rows_in=intermediate, cols_out=hidden, runs="once"),
    )


def _core(fields: Fields) -> tuple[int, int, int]:
    fields.require("hidden_size", "num_attention_heads")
    hidden = fields.size("hidden_size")
    return hidden, fields.size("num_attention_heads"), fields.size("intermediate_size", 4 * hidden)


def clip(fields: Fields) -> Tower:
    """CLIP's vision tower: a class token, learned positions, norms before and after the layers."""
    hidden, heads, wide = _core(fields)
    tokens = grid(fields) + 1
    return Tower(
        name="vision", hidden=hidden, layers=(encoder_layer(hidden, heads, wide, count=fields.layers()),),
        table_params=hidden * (tokens + 1), final_params=4 * hidden, stem=(patches(fields, hidden, bias=False),), tokens=tokens,
    )  # fmt: skip


def siglip(fields: Fields) -> Tower:
    """SigLIP's vision tower; the head that pools is there unless ``vision_use_head`` is off."""
    hidden, heads, wide = _core(fields)
    tokens = grid(fields)
    return Tower(
        name="vision", hidden=hidden, layers=(encoder_layer(hidden, heads, wide, count=fields.layers()),),
        table_params=hidden * tokens, final_params=2 * hidden, stem=(patches(fields, hidden),), tokens=tokens,
        ends=attention_pool(hidden, wide) if fields.flag("vision_use_head", default=True) else (),
    )  # fmt: skip


def siglip2(fields: Fields) -> Tower:
    """SigLIP 2 for any aspect ratio: positions are counted, not laid out."""
    tower = siglip(fields)
    counted = fields.size("num_patches", 256)
    return tower.model_copy(update={"table_params": tower.hidden * counted, "tokens": counted})


def plain(fields: Fields) -> Tower:
    """A SigLIP tower without a head (Idefics 3, SmolVLM, PaddleOCR-VL)."""
    return siglip(fields.over(vision_use_head=False))


def pixtral(fields: Fields) -> Tower:
    """Pixtral: rotary positions, gated feed-forward, no biases."""
    hidden, heads, wide = _core(fields)
    layer = encoder_layer(
        hidden, heads, wide, count=fields.layers(), gated=True, bias=False, norm_params=2 * hidden,
        head_dim=fields.size("head_dim", hidden // heads or 1),
    )  # fmt: skip
    return Tower(
        name="vision", hidden=hidden, layers=(layer,), final_params=hidden, stem=(patches(fields, hidden, bias=False),),
        tokens=grid(fields, 1024),
    )  # fmt: skip


def _merger(name: str, hidden: int, out: int, norm_params: int, merged: int) -> tuple[Piece, ...]:
    """Neighbouring tokens joined and projected to the language model's size."""
    wide = hidden * merged
    return (
        Vector(name=f"{name}.norm", params=norm_params),
        Linear(name=f"{name}.in", rows_in=wide, cols_out=wide, scale=1 / merged),
        Linear(name=f"{name}.out", rows_in=wide, cols_out=out, scale=1 / merged),
    )


def qwen2(fields: Fields) -> Tower:
    """Qwen2-VL: here ``hidden_size`` is the language model's, ``embed_dim`` the tower's own."""
    hidden, heads, depth = fields.size("embed_dim", 1280), fields.size("num_heads", 16), fields.size("depth", 32)
    merged = fields.size("spatial_merge_size", 2) ** 2
    return Tower(
        name="vision", hidden=hidden,
        layers=(encoder_layer(hidden, heads, hidden * fields.size("mlp_ratio", 4), count=depth),),
        stem=(patches(fields, hidden, bias=False, depth=fields.size("temporal_patch_size", 2)),),
        ends=_merger("merger", hidden, fields.size("hidden_size"), 2 * hidden, merged),
    )  # fmt: skip


def qwen25(fields: Fields) -> Tower:
    """Qwen2.5-VL: RMS norms, gated feed-forward with biases; most layers look at a window only."""
    hidden, heads, depth = fields.size("hidden_size", 1280), fields.size("num_heads", 16), fields.size("depth", 32)
    merged = fields.size("spatial_merge_size", 2) ** 2
    layer = encoder_layer(hidden, heads, fields.size("intermediate_size"), count=depth, gated=True, norm_params=2 * hidden)
    return Tower(
        name="vision", hidden=hidden, layers=(layer,),
        stem=(patches(fields, hidden, bias=False, depth=fields.size("temporal_patch_size", 2)),),
        ends=_merger("merger", hidden, fields.size("out_hidden_size"), hidden, merged),
    )  # fmt: skip


def qwen3(fields: Fields) -> Tower:
    """Qwen3-VL and Qwen3.5: learned positions; layers named in ``deepstack_visual_indexes`` feed the language model too."""
    hidden, heads, depth = fields.size("hidden_size"), fields.size("num_heads", 16), fields.size("depth", 27)
    merged, out = fields.size("spatial_merge_size", 2) ** 2, fields.size("out_hidden_size")
    ends = _merger("merger", hidden, out, 2 * hidden, merged)
    for number in range(len(fields.items("deepstack_visual_indexes"))):
        ends += _merger(f"deepstack{number}", hidden, out, 2 * hidden * merged, merged)
    return Tower(
        name="vision", hidden=hidden, layers=(encoder_layer(hidden, heads, fields.size("intermediate_size"), count=depth),),
        table_params=fields.count("num_position_embeddings") * hidden, ends=ends,
        stem=(patches(fields, hidden, depth=fields.size("temporal_patch_size", 2)),),
    )  # fmt: skip


def glm4v(fields: Fields) -> Tower:
    """GLM-4.1V and 4.5V: as Qwen2.5-VL, with a convolution that merges and a gated merger."""
    hidden, heads, depth = fields.size("hidden_size"), fields.size("num_heads", 12), fields.size("depth", 24)
    out, merge = fields.size("out_hidden_size"), fields.size("spatial_merge_size", 2)
    wide, bias, less = fields.size("intermediate_size"), fields.flag("attention_bias"), 1 / merge**2
    layer = encoder_layer(
        hidden, heads, out, count=depth, gated=True, bias=bias, mlp_bias=False, out_bias=False, norm_params=2 * hidden
    )
    ends: tuple[Piece, ...] = (
        Convolution(
            name="downsample", channels_in=hidden, channels_out=out, kernel=(merge, merge), stride=(merge, merge),
            scale=1 / (_patch(fields) * merge),
        ),
        Linear(name="merger.projection", rows_in=out, cols_out=out, bias=False, scale=less),
        Vector(name="merger.norm", params=2 * out),
        Linear(name="merger.in", rows_in=out, cols_out=2 * wide, bias=False, scale=less),
        Linear(name="merger.out", rows_in=wide, cols_out=out, bias=False, scale=less),
    )  # fmt: skip
    return Tower(
        name="vision", hidden=hidden, layers=(layer,), final_params=2 * hidden, ends=ends, tokens=grid(fields, 336),
        table_params=grid(fields, 336) * hidden,
        stem=(patches(fields, hidden, depth=fields.size("temporal_patch_size", 2)),),
    )  # fmt: skip


def gemma4(fields: Fields) -> Tower:
    """Gemma 4: patches through a matrix, positions in two directions, four norms a layer."""
    hidden, heads, wide = _core(fields)
    head_dim, patch = fields.size("head_dim", hidden // heads or 1), _patch(fields)
    layer = encoder_layer(
        hidden, heads, wide, count=fields.layers(), gated=True, bias=False, head_dim=head_dim, norm_params=4 * hidden,
        kv_heads=fields.size("num_key_value_heads", heads), qk_norm_params=2 * head_dim,
    )  # fmt: skip
    return Tower(
        name="vision", hidden=hidden, layers=(layer,), table_params=2 * fields.size("position_embedding_size", 10240) * hidden,
        stem=(Linear(name="patches", rows_in=3 * patch**2, cols_out=hidden, bias=False),),
    )  # fmt: skip


def mllama(fields: Fields) -> Tower:
    """Llama 3.2 Vision: tiles with gated positions, then a few gated layers over all tiles."""
    hidden, heads, wide = fields.size("hidden_size"), fields.size("attention_heads", 16), fields.size("intermediate_size")
    ratios, tiles = len(fields.items("supported_aspect_ratios")) or 8, fields.size("max_num_tiles", 4)
    tokens = grid(fields, 448) + 1
    local = encoder_layer(hidden, heads, wide, count=fields.layers(), bias=False, mlp_bias=True)
    far = encoder_layer(hidden, heads, wide, count=fields.size("num_global_layers", 8), bias=False, mlp_bias=True, extra_params=2)
    positions = tokens * hidden + (ratios + 1) * tiles * tokens * hidden + 1
    around = 2 * ((ratios + 1) * tiles * hidden + 1)
    return Tower(
        name="vision", hidden=hidden, layers=(local, far), table_params=hidden + positions + around, final_params=4 * hidden,
        stem=(patches(fields, hidden, bias=False),), tokens=tokens * tiles,
    )  # fmt: skip


def llama4(fields: Fields) -> Tower:
    """Llama 4: patches unfolded through a matrix, then shuffled four to one through an adapter."""
    hidden, heads, wide = _core(fields)
    tokens, out = grid(fields, 448) + 1, fields.size("projector_output_dim", 4096)
    channels = fields.size("num_channels", 3)
    adapter_in = fields.size("projector_input_dim", 4096)
    return Tower(
        name="vision", hidden=hidden, layers=(encoder_layer(hidden, heads, wide, count=fields.layers()),),
        table_params=hidden * (tokens + 1), final_params=4 * hidden, tokens=tokens,
        stem=(Linear(name="patches", rows_in=channels * _patch(fields) ** 2, cols_out=hidden, bias=False),),
        ends=(
            Linear(name="adapter.in", rows_in=wide, cols_out=adapter_in, bias=False, scale=0.25),
            Linear(name="adapter.out", rows_in=out, cols_out=out, bias=False, scale=0.25),
        ),
    )  # fmt: skip


def internvl(fields: Fields) -> Tower:
    """InternViT as in InternVL 2.5 and 3: scaled residuals."""
    hidden, heads, wide = _core(fields)
    tokens, bias = grid(fields, 448) + 1, fields.flag("attention_bias", default=fields.flag("qkv_bias"))
    width = 2 * hidden if fields.word("norm_type") != "rms_norm" else hidden
    layer = encoder_layer(
        hidden, heads, wide, count=fields.layers(), bias=bias, mlp_bias=True, out_bias=True, norm_params=2 * width,
        qk_norm_params=2 * hidden if fields.flag("use_qk_norm", default=fields.flag("qk_normalization")) else 0,
        extra_params=2 * hidden,
    )  # fmt: skip
    return Tower(
        name="vision", hidden=hidden, layers=(layer,), table_params=hidden * (tokens + 1), tokens=tokens,
        final_params=0 if fields.flag("use_mean_pooling", default=True) else width, stem=(patches(fields, hidden),),
    )  # fmt: skip


def whisper(fields: Fields) -> Tower:
    """Whisper's encoder and those made from it: two convolutions over the mel spectrogram, keys without a bias."""
    hidden = fields.size("d_model", fields.size("hidden_size") if fields.has("hidden_size") else None)
    heads = fields.size("encoder_attention_heads", fields.count("num_attention_heads") or None)
    wide = fields.size("encoder_ffn_dim", fields.count("intermediate_size") or None)
    count = fields.size("encoder_layers", fields.count("num_hidden_layers") or None)
    layer = encoder_layer(hidden, heads, wide, count=count)
    attention = layer.attention
    if isinstance(attention, Attention):
        layer = layer.model_copy(update={"attention": attention.model_copy(update={"bias_v_alone": True})})
    frames, mels = fields.size("max_source_positions", 1500), fields.size("num_mel_bins", 80)
    return Tower(
        name="audio", hidden=hidden, layers=(layer,), table_params=frames * hidden, final_params=2 * hidden, tokens=frames,
        stem=(
            Convolution(name="conv1", channels_in=mels, channels_out=hidden, kernel=(3,)),
            Convolution(
                name="conv2", channels_in=hidden, channels_out=hidden, kernel=(3,), stride=(_AUDIO_STRIDE,), scale=1 /
                _AUDIO_STRIDE
            ),
        ),
    )  # fmt: skip
