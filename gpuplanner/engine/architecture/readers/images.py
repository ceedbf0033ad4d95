"""More vision transformers: DINOv3, SegFormer, YOLOS, video, Depth Anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gpuplanner.catalog.schema.shape import Attention, Layer, Mlp
from gpuplanner.catalog.schema.shape_blocks import Convolution, Linear, Piece, Vector
from gpuplanner.catalog.schema.shape_towers import Tower, TowersShape
from gpuplanner.engine.architecture.readers.encoder_heads import labels
from gpuplanner.engine.architecture.readers.fields import Fields, UnsupportedArchitecture
from gpuplanner.engine.architecture.readers.towers import encoder_layer, grid, patches
from gpuplanner.engine.architecture.readers.vision import classifies, read_beit, read_dinov2

_LEVELS: Final = 4  # of SegFormer and of a dense head


def _core(fields: Fields) -> tuple[int, int, int]:
    fields.require("hidden_size", "num_hidden_layers", "num_attention_heads")
    hidden = fields.size("hidden_size")
    return hidden, fields.size("num_attention_heads"), fields.size("intermediate_size", 4 * hidden)


def _ended(fields: Fields, hidden: int) -> tuple[Piece, ...]:
    names = fields.items("architectures")
    ends = classifies(fields) or (bool(names) and str(names[0]).endswith("ForVideoClassification"))
    return (Linear(name="classifier", rows_in=hidden, cols_out=labels(fields), runs="once"),) if ends else ()


def _of_patch(fields: Fields, size: int = 16) -> Fields:
    return fields.over(patch_size=fields.raw("patch_size") or size)


def read_data2vec(fields: Fields) -> TowersShape:
    """data2vec for images: as BEiT."""
    return read_beit(fields)


def read_ijepa(fields: Fields) -> TowersShape:
    """I-JEPA (arXiv 2301.08243): a ViT without a class token."""
    fields = _of_patch(fields)
    hidden, heads, wide = _core(fields)
    layer = encoder_layer(
        hidden, heads, wide, count=fields.layers(), bias=fields.flag("qkv_bias", default=True), mlp_bias=True, out_bias=True
    )
    tokens = grid(fields)
    tower = Tower(
        name="vision", hidden=hidden, layers=(layer,), table_params=tokens * hidden, final_params=2 * hidden,
        stem=(patches(fields, hidden),), tokens=tokens, ends=_ended(fields, hidden),
    )  # fmt: skip
    return TowersShape(towers=(tower,))


def read_dinov3(fields: Fields) -> TowersShape:
    """DINOv3 (arXiv 2508.10104): rotary positions, registers, scaled residuals, keys without a bias."""
    fields = _of_patch(fields)
    hidden, heads, wide = _core(fields)
    gated, mlp = fields.flag("use_gated_mlp"), fields.flag("mlp_bias", default=True)
    feed = Mlp(intermediate=wide, gated=gated, bias_in=mlp, bias_out=mlp)
    attention = Attention(
        heads=heads, kv_heads=heads, head_dim=max(hidden // heads, 1), bias_q=fields.flag("query_bias", default=True),
        bias_kv=fields.flag("value_bias", default=True), bias_v_alone=not fields.flag("key_bias"),
        bias_o=fields.flag("proj_bias", default=True),
    )  # fmt: skip
    layer = Layer(count=fields.layers(), attention=attention, feed_forward=feed, norm_params=4 * hidden, extra_params=2 * hidden)
    registers = fields.count("num_register_tokens")
    tower = Tower(
        name="vision", hidden=hidden, layers=(layer,), table_params=(2 + registers) * hidden, final_params=2 * hidden,
        stem=(patches(fields, hidden),), tokens=grid(fields) + 1 + registers, ends=_ended(fields, 2 * hidden),
    )  # fmt: skip
    return TowersShape(towers=(tower,))


def read_yolos(fields: Fields) -> TowersShape:
    """YOLOS (arXiv 2106.00666): a ViT with a token for each box, and positions anew in every layer."""
    fields = _of_patch(fields)
    hidden, heads, wide = _core(fields)
    boxes, count = fields.size("num_detection_tokens", 100), fields.layers()
    layer = encoder_layer(
        hidden, heads, wide, count=count, bias=fields.flag("qkv_bias", default=True), mlp_bias=True, out_bias=True
    )
    tokens = grid(fields, 512) + 1 + boxes
    again = (count - 1) * tokens * hidden if fields.flag("use_mid_position_embeddings", default=True) else 0
    names = fields.items("architectures")
    ends: tuple[Piece, ...] = ()
    if names and str(names[0]).endswith("ForObjectDetection"):
        ends = (
            Linear(name="boxes.inner", rows_in=hidden, cols_out=hidden, count=4),
            Linear(name="boxes.class", rows_in=hidden, cols_out=labels(fields) + 1),
            Linear(name="boxes.place", rows_in=hidden, cols_out=4),
        )
    tower = Tower(
        name="vision", hidden=hidden, layers=(layer,), table_params=(tokens + 1 + boxes) * hidden + again, tokens=tokens,
        final_params=2 * hidden, stem=(patches(fields, hidden),), ends=ends,
    )  # fmt: skip
    return TowersShape(towers=(tower,))


def read_video(fields: Fields) -> TowersShape:
    """VideoMAE and ViViT: patches of some frames at once; VideoMAE's positions aren't stored and its keys have no bias."""
    tubelet = fields.sizes("tubelet_size", (2,))
    fields = fields.over(patch_size=tubelet[-1]) if len(tubelet) == 3 else _of_patch(fields)
    hidden, heads, wide = _core(fields)
    masked = fields.word("model_type") == "videomae"
    depth = tubelet[0]
    bias = fields.flag("qv_bias" if masked else "qkv_bias", default=True)
    layer = encoder_layer(hidden, heads, wide, count=fields.layers(), bias=bias, mlp_bias=True, out_bias=True)
    if isinstance(layer.attention, Attention) and masked:
        layer = layer.model_copy(update={"attention": layer.attention.model_copy(update={"bias_v_alone": True})})
    tokens = grid(fields) * max(fields.size("num_frames", 16) // depth, 1)
    tower = Tower(
        name="vision", hidden=hidden, layers=(layer,), table_params=0 if masked else (tokens + 2) * hidden,
        final_params=2 * hidden, stem=(patches(fields, hidden, depth=depth),), tokens=tokens, ends=_ended(fields, hidden),
    )  # fmt: skip
    return TowersShape(towers=(tower,))


def read_timesformer(fields: Fields) -> TowersShape:
    """TimeSformer (arXiv 2102.05095): attention over time before that over a frame, a matrix between."""
    fields = _of_patch(fields)
    hidden, heads, wide = _core(fields)
    divided = fields.word("attention_type") in ("", "divided_space_time")
    over_time = 2 * hidden + 5 * hidden * hidden + 5 * hidden if divided else 0
    layer = encoder_layer(
        hidden, heads, wide, count=fields.layers(), bias=fields.flag("qkv_bias", default=True), mlp_bias=True, out_bias=True,
        extra_params=over_time,
    )  # fmt: skip
    tokens, frames = grid(fields), fields.size("num_frames", 8)
    tower = Tower(
        name="vision", hidden=hidden, layers=(layer,), table_params=(tokens + 2 + frames) * hidden, final_params=2 * hidden,
        stem=(patches(fields, hidden),), tokens=tokens * frames + 1, ends=_ended(fields, hidden),
    )  # fmt: skip
    return TowersShape(towers=(tower,))


def read_segformer(fields: Fields) -> TowersShape:
    """SegFormer (arXiv 2105.15203): four stages whose keys are thinned, convolutions in the feed-forward blocks."""
    widths, depths = fields.levels("hidden_sizes", (32, 64, 160, 256)), fields.sizes("depths", (2,) * _LEVELS)
    count = len(widths)
    heads, thin = fields.sizes("num_attention_heads", (1, 2, 5, 8), count), fields.sizes("sr_ratios", (8, 4, 2, 1), count)
    sides, strides = fields.sizes("patch_sizes", (7, 3, 3, 3), count), fields.sizes("strides", (4, 2, 2, 2), count)
    ratios = fields.sizes("mlp_ratios", (4,) * count, count)
    if len(depths) != count:
        raise UnsupportedArchitecture("wrong_length", field="depths", found=len(depths), expected=count)
    towers, before, scale = [], fields.size("num_channels", 3), 1.0
    side = fields.sizes("image_size", (512,))[0]
    for stage, (hidden, depth) in enumerate(zip(widths, depths, strict=True)):
        scale /= strides[stage]
        wide, ratio = ratios[stage] * hidden, thin[stage]
        extra = 10 * wide + (hidden * hidden * ratio**2 + 3 * hidden if ratio > 1 else 0)
        stem = Convolution(
            name="patches",
            channels_in=before,
            channels_out=hidden,
            kernel=(sides[stage],) * 2,
            stride=(strides[stage],),
            scale=scale,
        )
        layer = encoder_layer(hidden, heads[stage], wide, count=depth, extra_params=extra)
        towers.append(
            Tower(
                name="vision", hidden=hidden, layers=(layer,), final_params=4 * hidden, stem=(stem,),
                tokens=max(round((side * scale) ** 2), 1),
            )
        )  # fmt: skip
        before = hidden
    return TowersShape(towers=tuple(towers), bridge=_masks(fields, widths) or _ended(fields, widths[-1]))


def _masks(fields: Fields, widths: tuple[int, ...]) -> tuple[Piece, ...]:
    names = fields.items("architectures")
    if not names or not str(names[0]).endswith("ForSemanticSegmentation"):
        return ()
    out = fields.size("decoder_hidden_size", 256)
    levels = tuple(Linear(name=f"level{number}", rows_in=width, cols_out=out) for number, width in enumerate(widths))
    return (
        *levels,
        Linear(name="fuse", rows_in=len(widths) * out, cols_out=out, bias=False),
        Vector(name="fuse.norm", params=2 * out),
        Linear(name="classes", rows_in=out, cols_out=labels(fields)),
    )


def read_depth_anything(fields: Fields) -> TowersShape:
    """Depth Anything (arXiv 2401.10891): DINOv2's tokens made into maps of four sizes, fused, and read as depth."""
    shape = read_dinov2(fields.part("backbone_config"))
    hidden = shape.towers[0].hidden
    widths, out = fields.levels("neck_hidden_sizes", (48, 96, 192, 384)), fields.size("fusion_hidden_size", 64)
    last = fields.size("head_hidden_size", 32)
    pieces: list[Piece] = []
    factors = fields.items("reassemble_factors") or [4, 2, 1, 0.5]
    for number, (width, factor) in enumerate(zip(widths, factors, strict=False)):
        pieces.append(Linear(name=f"level{number}", rows_in=hidden, cols_out=width))
        if isinstance(factor, int | float) and factor != 1:
            kernel = min(int(factor), 16) if factor > 1 else 3
            pieces.append(_square(f"resize{number}", width, width, max(kernel, 1)))
        pieces.append(_square(f"level{number}.conv", width, out, 3, bias=False))
    pieces.append(Linear(name="fuse.out", rows_in=out, cols_out=out, count=len(widths)))
    pieces.append(_square("fuse", out, out, 3).model_copy(update={"count": 4 * len(widths)}))
    pieces += [
        _square("head1", out, max(out // 2, 1), 3),
        _square("head2", max(out // 2, 1), last, 3),
        Linear(name="depth", rows_in=last, cols_out=1),
    ]
    return TowersShape(towers=shape.towers, bridge=tuple(pieces))


def _square(name: str, into: int, out: int, side: int, bias: bool = True) -> Convolution:
    return Convolution(name=name, channels_in=into, channels_out=out, kernel=(side, side), bias=bias, scale=1 / 4)


IMAGES: Final[dict[str, Callable[[Fields], TowersShape]]] = {
    "data2vec-vision": read_data2vec,
    "ijepa": read_ijepa,
    "dinov3_vit": read_dinov3,
    "yolos": read_yolos,
    "videomae": read_video,
    "vivit": read_video,
    "timesformer": read_timesformer,
    "segformer": read_segformer,
    "depth_anything": read_depth_anything,
}
