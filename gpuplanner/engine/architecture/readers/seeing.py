"""More towers that see: AIMv2, Muse Glimmer, GLM-OCR, BLIP-2, and SAM's within other models."""

from __future__ import annotations

from gpuplanner.catalog.schema.shape_blocks import Convolution, Linear, Piece, Vector
from gpuplanner.catalog.schema.shape_towers import Tower
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.towers import encoder_layer, grid, patches


def aimv2(fields: Fields) -> Tower:
    """AIMv2 (arXiv 2411.14402): RMS norms, gated feed-forward, a norm on the patches."""
    hidden, heads = fields.size("hidden_size", 1024), fields.size("num_attention_heads", 8)
    layer = encoder_layer(
        hidden, heads, fields.size("intermediate_size", 2816), count=fields.layers(), gated=True, norm_params=2 * hidden,
        bias=fields.flag("qkv_bias"), mlp_bias=fields.flag("mlp_bias"),
    )  # fmt: skip
    tokens = grid(fields)
    return Tower(
        name="vision", hidden=hidden, layers=(layer,), table_params=tokens * hidden, final_params=2 * hidden,
        stem=(patches(fields, hidden),), tokens=tokens,
    )  # fmt: skip


def glimmer(fields: Fields) -> Tower:
    """Muse Glimmer: patches of two frames through a matrix, norms before and after the layers."""
    hidden, patch = fields.size("hidden_size"), fields.size("patch_size", 14)
    layer = encoder_layer(hidden, fields.size("num_attention_heads"), fields.size("intermediate_size"), count=fields.layers())
    positions = fields.size("pos_emb_height", 32) * fields.size("pos_emb_width", 32)
    into = 3 * patch**2 * fields.size("patch_temporal", 2)
    return Tower(
        name="vision", hidden=hidden, layers=(layer,), table_params=positions * hidden, final_params=4 * hidden,
        stem=(Linear(name="patches", rows_in=into, cols_out=hidden, bias=False),),
    )  # fmt: skip


def glm_ocr(fields: Fields) -> Tower:
    """GLM-OCR: as GLM-4.1V, with norms of queries and keys, biases throughout and no stored positions."""
    hidden, heads, merge = fields.size("hidden_size"), fields.size("num_heads", 16), fields.size("spatial_merge_size", 2)
    out, bias, less = fields.size("out_hidden_size"), fields.flag("attention_bias", default=True), 1 / merge**2
    wide = fields.size("in_channels", 3) * out
    layer = encoder_layer(
        hidden, heads, fields.size("intermediate_size"), count=fields.size("depth", 24), gated=True, bias=bias,
        norm_params=2 * hidden, qk_norm_params=2 * max(hidden // heads, 1),
    )  # fmt: skip
    ends: tuple[Piece, ...] = (
        Convolution(
            name="downsample", channels_in=hidden, channels_out=out, kernel=(merge, merge), stride=(merge, merge),
            scale=1 / (fields.size("patch_size", 14) * merge),
        ),
        Linear(name="merger.projection", rows_in=out, cols_out=out, bias=False, scale=less),
        Vector(name="merger.norm", params=2 * out),
        Linear(name="merger.in", rows_in=out, cols_out=2 * wide, bias=False, scale=less),
        Linear(name="merger.out", rows_in=wide, cols_out=out, bias=False, scale=less),
    )  # fmt: skip
    return Tower(
        name="vision", hidden=hidden, layers=(layer,), final_params=hidden, ends=ends,
        stem=(patches(fields, hidden, depth=fields.size("temporal_patch_size", 2)),),
    )  # fmt: skip


def blip(fields: Fields) -> Tower:
    """BLIP's vision tower: a class token, learned positions, one norm at the end."""
    hidden, heads = fields.size("hidden_size", 768), fields.size("num_attention_heads", 12)
    tokens = grid(fields, 384) + 1
    layer = encoder_layer(
        hidden, heads, fields.size("intermediate_size", 4 * hidden), count=fields.layers(),
        bias=fields.flag("qkv_bias", default=True), mlp_bias=True, out_bias=True,
    )  # fmt: skip
    return Tower(
        name="vision", hidden=hidden, layers=(layer,), table_params=hidden * (tokens + 1), final_params=2 * hidden,
        stem=(patches(fields, hidden),), tokens=tokens,
    )  # fmt: skip
