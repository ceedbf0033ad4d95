"""Segment Anything (arXiv 2304.02643): a vision tower of windows and relative positions, prompts, and a small mask decoder."""

from __future__ import annotations

from typing import Final

from gpuplanner.catalog.schema.shape_blocks import Convolution, Linear, Piece, Vector
from gpuplanner.catalog.schema.shape_towers import Tower, TowersShape
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.towers import encoder_layer, grid, patches

_IMAGE: Final = 1024
_POINTS: Final = 4  # kinds of points a prompt may hold


def vision(fields: Fields) -> Tower:
    """The vision tower alone, as GOT-OCR and DeepSeek-OCR use it too."""
    fields = fields.over(patch_size=fields.raw("patch_size") or 16, image_size=fields.raw("image_size") or _IMAGE)
    hidden, heads, layers = (
        fields.size("hidden_size", 768),
        fields.size("num_attention_heads", 12),
        fields.size("num_hidden_layers", 12),
    )
    wide, out = fields.size("mlp_dim", 4 * hidden), fields.size("output_channels", 256)
    window, tokens = fields.size("window_size", 14), grid(fields, _IMAGE)
    side, head_dim = max(round(tokens**0.5), 1), max(hidden // heads, 1)
    far = len(fields.items("global_attn_indexes")) or 4
    relative = 2 * head_dim if fields.flag("use_rel_pos", default=True) else 0

    bias = fields.flag("qkv_bias", default=True)
    kinds = tuple(
        encoder_layer(
            hidden, heads, wide, count=count, extra_params=relative * (2 * reach - 1), bias=bias, mlp_bias=True, out_bias=True
        )
        for count, reach in ((layers - far, window), (far, side))
        if count > 0
    )
    neck: tuple[Piece, ...] = (
        Convolution(name="neck1", channels_in=hidden, channels_out=out, kernel=(1, 1), bias=False, scale=1 / 16),
        Vector(name="neck1.norm", params=2 * out),
        Convolution(name="neck2", channels_in=out, channels_out=out, kernel=(3, 3), bias=False, scale=1 / 16),
        Vector(name="neck2.norm", params=2 * out),
    )
    table = tokens * hidden if fields.flag("use_abs_pos", default=True) else 0
    return Tower(
        name="vision", hidden=hidden, layers=kinds, table_params=table, stem=(patches(fields, hidden),), ends=neck, tokens=tokens
    )


def read(fields: Fields) -> TowersShape:
    """SAM: the prompt's and the mask decoder's parts follow the tower once an image."""
    tower = vision(fields.part("vision_config"))
    prompt, mask = fields.part("prompt_encoder_config"), fields.part("mask_decoder_config")
    width = mask.size("hidden_size", 256)
    return TowersShape(towers=(tower,), bridge=(*_prompt(prompt, width), *_decoder(mask, width)))


def _prompt(fields: Fields, width: int) -> tuple[Piece, ...]:
    narrow = fields.size("mask_input_channels", 16)
    quarter = max(narrow // 4, 1)
    return (
        Vector(name="prompt.positions", params=width),  # of image and prompt, sines of random directions
        Vector(name="prompt.points", params=width * (fields.size("num_point_embeddings", _POINTS) + 2)),
        Convolution(name="mask.conv1", channels_in=1, channels_out=quarter, kernel=(2, 2), stride=(2,), scale=1 / 8),
        Vector(name="mask.norm1", params=2 * quarter),
        Convolution(name="mask.conv2", channels_in=quarter, channels_out=narrow, kernel=(2, 2), stride=(2,), scale=1 / 16),
        Vector(name="mask.norm2", params=2 * narrow),
        Convolution(name="mask.conv3", channels_in=narrow, channels_out=width, kernel=(1, 1), scale=1 / 16),
    )


def _attention(name: str, width: int, inner: int, count: int) -> tuple[Piece, ...]:
    return (
        Linear(name=f"{name}.qkv", rows_in=width, cols_out=3 * inner, count=count),
        Linear(name=f"{name}.out", rows_in=inner, cols_out=width, count=count),
    )


def _decoder(fields: Fields, width: int) -> tuple[Piece, ...]:
    depth, wide = fields.few("num_hidden_layers", 2), fields.size("mlp_dim", 2048)
    inner, masks = max(width // fields.size("attention_downsample_rate", 2), 1), fields.few("num_multimask_outputs", 3) + 1
    up, upper = max(width // 4, 1), max(width // 8, 1)
    head = fields.size("iou_head_hidden_dim", 256)
    return (
        Vector(name="decoder.tokens", params=width * (masks + 1)),
        *_attention("decoder.self", width, width, depth),
        *_attention("decoder.cross", width, inner, 2 * depth + 1),
        Vector(name="decoder.norms", params=2 * width * (4 * depth + 1)),
        Linear(name="decoder.in", rows_in=width, cols_out=wide, count=depth),
        Linear(name="decoder.out", rows_in=wide, cols_out=width, count=depth),
        Convolution(name="up1", channels_in=width, channels_out=up, kernel=(2, 2), scale=1 / 8),
        Vector(name="up.norm", params=2 * up),
        Convolution(name="up2", channels_in=up, channels_out=upper, kernel=(2, 2), scale=1 / 4),
        Linear(name="hyper.in", rows_in=width, cols_out=width, count=2 * masks, runs="once"),
        Linear(name="hyper.out", rows_in=width, cols_out=upper, count=masks, runs="once"),
        Linear(name="quality.in", rows_in=width, cols_out=head, runs="once"),
        Linear(
            name="quality.middle", rows_in=head, cols_out=head, count=max(fields.few("iou_head_depth", 3) - 2, 1), runs="once"
        ),
        Linear(name="quality.out", rows_in=head, cols_out=masks, runs="once"),
    )
