"""Vision transformers: ViT, DeiT, BEiT, DINOv2 and, in stages, Swin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gpuplanner.catalog.schema.shape import Attention, Layer
from gpuplanner.catalog.schema.shape_blocks import Linear, Piece, Vector
from gpuplanner.catalog.schema.shape_towers import Tower, TowersShape
from gpuplanner.engine.architecture.readers.encoder_heads import labels
from gpuplanner.engine.architecture.readers.fields import Fields, UnsupportedArchitecture
from gpuplanner.engine.architecture.readers.towers import encoder_layer, grid, patches

_BIAS_WIDTH: Final = 512  # hidden units of Swin V2's network of position biases


def classifies(fields: Fields) -> bool:
    """Whether the class named in the config ends in a classifier."""
    names = fields.items("architectures")
    return bool(names) and str(names[0]).endswith("ForImageClassification")


def _head(fields: Fields, width: int) -> tuple[Piece, ...]:
    return (Linear(name="classifier", rows_in=width, cols_out=labels(fields), runs="once"),) if classifies(fields) else ()


def _pooler(fields: Fields, hidden: int) -> tuple[Piece, ...]:
    names = fields.items("architectures")
    bare = bool(names) and str(names[0]) in ("ViTModel", "DeiTModel")
    out = fields.size("pooler_output_size", hidden)
    return (Linear(name="pooler", rows_in=hidden, cols_out=out, runs="once"),) if bare else ()


def read_vit(fields: Fields) -> TowersShape:
    """ViT (arXiv 2010.11929); the bare class adds a pooler."""
    return _vit(fields, extra_tokens=1)


def read_deit(fields: Fields) -> TowersShape:
    """DeiT: one more token, for distillation; its teacher's classifier is a second head."""
    shape = _vit(fields, extra_tokens=2)
    names = fields.items("architectures")
    if not names or not str(names[0]).endswith("WithTeacher"):
        return shape
    tower = shape.towers[0]
    ends = tuple(
        Linear(name=f"classifier{number}", rows_in=tower.hidden, cols_out=labels(fields), runs="once") for number in (1, 2)
    )
    return TowersShape(towers=(tower.model_copy(update={"ends": ends}),))


def _vit(fields: Fields, extra_tokens: int) -> TowersShape:
    fields.require("hidden_size", "num_hidden_layers", "num_attention_heads")
    hidden, count = fields.size("hidden_size"), grid(fields.over(patch_size=fields.raw("patch_size") or 16))
    bias = fields.flag("qkv_bias", default=True)
    layer = encoder_layer(
        hidden, fields.size("num_attention_heads"), fields.size("intermediate_size", 4 * hidden), count=fields.layers(),
        bias=bias, mlp_bias=True, out_bias=True,
    )  # fmt: skip
    tower = Tower(
        name="vision", hidden=hidden, layers=(layer,), table_params=hidden * (count + 2 * extra_tokens), final_params=2 * hidden,
        stem=(patches(fields.over(patch_size=fields.raw("patch_size") or 16), hidden),), tokens=count + extra_tokens,
        ends=_head(fields, hidden) or _pooler(fields, hidden),
    )  # fmt: skip
    return TowersShape(towers=(tower,))


def read_beit(fields: Fields) -> TowersShape:
    """BEiT: keys without a bias, scaled residuals, positions as biases of the scores."""
    fields.require("hidden_size", "num_hidden_layers", "num_attention_heads")
    hidden, heads = fields.size("hidden_size"), fields.size("num_attention_heads")
    filled = fields.over(patch_size=fields.raw("patch_size") or 16)
    count, side = grid(filled), round(grid(filled) ** 0.5)
    bias_table = ((2 * side - 1) ** 2 + 3) * heads
    each, shared = fields.flag("use_relative_position_bias"), fields.flag("use_shared_relative_position_bias")
    scaled = 2 * hidden if fields.raw("layer_scale_init_value") != 0 else 0
    layer = encoder_layer(
        hidden, heads, fields.size("intermediate_size", 4 * hidden), count=fields.layers(),
        extra_params=scaled + (bias_table if each else 0),
    )  # fmt: skip
    if isinstance(layer.attention, Attention):
        layer = layer.model_copy(update={"attention": layer.attention.model_copy(update={"bias_v_alone": True})})
    table = hidden + (hidden if fields.flag("use_mask_token") else 0) + (bias_table if shared else 0)
    table += (count + 1) * hidden if fields.flag("use_absolute_position_embeddings") else 0
    tower = Tower(
        name="vision", hidden=hidden, layers=(layer,), table_params=table, final_params=2 * hidden,
        stem=(patches(filled, hidden),), tokens=count + 1, ends=_head(fields, hidden),
    )  # fmt: skip
    return TowersShape(towers=(tower,))


def read_dinov2(fields: Fields) -> TowersShape:
    """DINOv2, with registers or without: scaled residuals; the giant has gated feed-forward blocks."""
    fields.require("hidden_size", "num_hidden_layers", "num_attention_heads")
    hidden, ratio = fields.size("hidden_size"), fields.size("mlp_ratio", 4)
    gated = fields.flag("use_swiglu_ffn")
    wide = (int(hidden * ratio * 2 / 3) + 7) // 8 * 8 if gated else hidden * ratio
    layer = encoder_layer(
        hidden, fields.size("num_attention_heads"), wide, count=fields.layers(), gated=gated, extra_params=2 * hidden,
        bias=fields.flag("qkv_bias", default=True), mlp_bias=True, out_bias=True,
    )  # fmt: skip
    count, registers = grid(fields), fields.count("num_register_tokens", 4 if "registers" in fields.word("model_type") else 0)
    masked = hidden if fields.flag("use_mask_token", default=True) else 0
    tower = Tower(
        name="vision", hidden=hidden, layers=(layer,), table_params=hidden * (count + 2 + registers) + masked,
        final_params=2 * hidden, stem=(patches(fields, hidden),), tokens=count + 1 + registers, ends=_head(fields, 2 * hidden),
    )  # fmt: skip
    return TowersShape(towers=(tower,))


def read_swin(fields: Fields) -> TowersShape:
    """Swin and Swin V2: a tower for each stage, half the side and twice the width of the one before."""
    second = fields.word("model_type") == "swinv2"
    width, depths = fields.size("embed_dim", 96), fields.sizes("depths", (2, 2, 6, 2))
    heads, window = fields.sizes("num_heads", (3, 6, 12, 24)), fields.size("window_size", 7)
    if len(heads) != len(depths) or len(depths) > 6:
        raise UnsupportedArchitecture("wrong_length", field="num_heads", found=len(heads), expected=len(depths))
    filled = fields.over(patch_size=fields.raw("patch_size") or 4)
    tokens = grid(filled)
    table = tokens * width if fields.flag("use_absolute_embeddings") else 0
    towers = []
    for stage, (depth, count) in enumerate(zip(depths, heads, strict=True)):
        hidden, last = width * 2**stage, stage == len(depths) - 1
        ends: tuple[Piece, ...] = _head(fields, hidden) if last else _merging(hidden, second)
        first, normed = stage == 0, last and fields.word("model_type") != "donut-swin"
        towers.append(
            Tower(
                name="vision", hidden=hidden, layers=(_swin_layer(fields, hidden, count, depth, window, second),),
                stem=(patches(filled, hidden), Vector(name="norm", params=2 * hidden)) if first else (),
                table_params=table if first else 0, final_params=2 * hidden if normed else 0, ends=ends,
                tokens=max(tokens // 4**stage, 1),
            )
        )  # fmt: skip
    return TowersShape(towers=tuple(towers))


def _swin_layer(fields: Fields, hidden: int, heads: int, depth: int, window: int, second: bool) -> Layer:
    wide = int(hidden * fields.ratio("mlp_ratio", 4.0))
    biases = heads + 3 * _BIAS_WIDTH + heads * _BIAS_WIDTH if second else (2 * window - 1) ** 2 * heads
    layer = encoder_layer(
        hidden, heads, wide, count=depth, bias=fields.flag("qkv_bias", default=True), mlp_bias=True, out_bias=True,
        extra_params=biases,
    )  # fmt: skip
    attention = layer.attention
    if isinstance(attention, Attention):
        layer = layer.model_copy(
            update={"attention": attention.model_copy(update={"window": window * window, "bias_v_alone": second})}
        )
    return layer


def _merging(hidden: int, second: bool) -> tuple[Piece, ...]:
    """Four neighbours become one token of twice the width."""
    norm = Vector(name="merge.norm", params=4 * hidden if second else 8 * hidden)
    return (norm, Linear(name="merge", rows_in=4 * hidden, cols_out=2 * hidden, bias=False, scale=0.25))


VISION: Final[dict[str, Callable[[Fields], TowersShape]]] = {
    "vit": read_vit,
    "deit": read_deit,
    "beit": read_beit,
    "dinov2": read_dinov2,
    "dinov2_with_registers": read_dinov2,
    "swin": read_swin,
    "swinv2": read_swin,
}
