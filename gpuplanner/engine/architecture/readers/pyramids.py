"""Networks that look at maps of falling size: DETR, PVT, MobileViT."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gpuplanner.catalog.schema.shape import Layer
from gpuplanner.catalog.schema.shape_blocks import BlocksShape, Convolution, Linear, Piece, Vector
from gpuplanner.catalog.schema.shape_towers import Tower, TowersShape
from gpuplanner.engine.architecture.readers.cnn import classifier, normed, shape_of
from gpuplanner.engine.architecture.readers.encoder_heads import labels
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.pieces import block
from gpuplanner.engine.architecture.readers.towers import encoder_layer
from gpuplanner.engine.architecture.readers.vision import classifies

_DEPTHS: Final = {"18": (2, 2, 2, 2), "34": (3, 4, 6, 3), "50": (3, 4, 6, 3), "101": (3, 4, 23, 3), "152": (3, 8, 36, 3)}
_QUERY_SHARE: Final = 1 / 8  # of an image's tokens, about as many are looked for


def _backbone(fields: Fields) -> tuple[list[Piece], int]:
    """A ResNet of bottlenecks whose norms are frozen, and its width."""
    part = fields.part("backbone_config") if fields.has("backbone_config") else fields
    name = part.word("backbone") or fields.word("backbone") or "resnet50"
    depths = next((found for size, found in _DEPTHS.items() if size in name), _DEPTHS["50"])
    pieces: list[Piece] = [_convolution("stem", fields.size("num_channels", 3), 64, 7, 1 / 2)]
    into, scale = 64, 1 / 4
    for stage, depth in enumerate(part.sizes("depths", depths)):
        inner, out = 64 * 2**stage, 256 * 2**stage
        scale = 1 / 4 / 2**stage
        pieces.append(_convolution(f"stage{stage}.shortcut", into, out, 1, scale))
        for number in range(depth):
            pieces += [
                _convolution(f"stage{stage}.{number}.1", into, inner, 1, scale),
                _convolution(f"stage{stage}.{number}.2", inner, inner, 3, scale),
                _convolution(f"stage{stage}.{number}.3", inner, out, 1, scale),
            ]
            into = out
    return pieces, into


def _convolution(name: str, into: int, out: int, side: int, scale: float) -> Convolution:
    return Convolution(name=name, channels_in=into, channels_out=out, kernel=(side, side), bias=False, scale=scale)


def read_detr(fields: Fields) -> TowersShape:
    """DETR (arXiv 2005.12872): a ResNet, an encoder over its last map, and queries that look for objects."""
    hidden = fields.size("d_model", 256)
    pieces, width = _backbone(fields)
    pieces.append(Linear(name="projection", rows_in=width, cols_out=hidden))
    layer = encoder_layer(
        hidden, fields.size("encoder_attention_heads", 8), fields.size("encoder_ffn_dim", 2048),
        count=fields.size("encoder_layers", 6),
    )  # fmt: skip
    wide, count = fields.size("decoder_ffn_dim", 2048), fields.size("decoder_layers", 6)
    ends: list[Piece] = [Vector(name="queries", params=fields.size("num_queries", 100) * hidden)]
    for name, rows, columns, times in (
        ("attention", hidden, hidden, 8), ("mlp.in", hidden, wide, 1), ("mlp.out", wide, hidden, 1),
    ):  # fmt: skip
        ends.append(Linear(name=f"decoder.{name}", rows_in=rows, cols_out=columns, scale=_QUERY_SHARE, count=times * count))
    ends.append(Vector(name="decoder.norms", params=6 * hidden * count + 2 * hidden))
    names = fields.items("architectures")
    if names and str(names[0]).endswith("ObjectDetection"):
        ends += [
            Linear(name="classes", rows_in=hidden, cols_out=labels(fields) + 1, scale=_QUERY_SHARE),
            Linear(name="box", rows_in=hidden, cols_out=hidden, scale=_QUERY_SHARE, count=2),
            Linear(name="box.last", rows_in=hidden, cols_out=4, scale=_QUERY_SHARE),
        ]
    tower = Tower(name="vision", hidden=hidden, layers=(layer,), stem=tuple(pieces), ends=tuple(ends))
    return TowersShape(towers=(tower,))


def read_pvt(fields: Fields) -> TowersShape:
    """Pyramid Vision Transformer (arXiv 2102.12122): a tower a stage, keys and values of a map made smaller."""
    widths, depths = fields.sizes("hidden_sizes", (64, 128, 320, 512)), fields.sizes("depths", (2, 2, 2, 2))
    heads, ratios = fields.sizes("num_attention_heads", (1, 2, 5, 8)), fields.sizes("mlp_ratios", (8, 8, 4, 4))
    shrinks, sides = fields.sizes("sequence_reduction_ratios", (8, 4, 2, 1)), fields.sizes("patch_sizes", (4, 2, 2, 2))
    into, size, scale = fields.size("num_channels", 3), fields.sizes("image_size", (224,))[0], 1.0
    towers: list[Tower] = []
    for stage, (width, depth) in enumerate(zip(widths, depths, strict=False)):
        side, last = sides[stage], stage == len(widths) - 1
        size, scale = size // side, scale / side
        shrink = shrinks[stage]
        reduces = shrink**2 * width * width + width + 2 * width if shrink > 1 else 0
        layer: Layer = encoder_layer(
            width, heads[stage], ratios[stage] * width, count=depth, extra_params=reduces,
            bias=fields.flag("qkv_bias", default=True), out_bias=True, mlp_bias=True,
        )  # fmt: skip
        tokens = size * size + int(last)
        stem = Convolution(
            name="patches", channels_in=into, channels_out=width, kernel=(side, side), stride=(side, side), scale=scale
        )
        ends = (Linear(name="classifier", rows_in=width, cols_out=labels(fields), runs="once"),) if classifies(fields) else ()
        towers.append(
            Tower(
                name="vision", hidden=width, layers=(layer,), table_params=(tokens + int(last)) * width,
                final_params=2 * width * (2 if last else 1), stem=(stem,), ends=ends if last else (), tokens=tokens,
            )
        )  # fmt: skip
        into = width
    return TowersShape(towers=tuple(towers))


def read_mobilevit(fields: Fields) -> BlocksShape:
    """MobileViT (arXiv 2110.02178): MobileNet's blocks, and from the third stage on small transformers between convolutions."""
    necks, widths = (
        fields.sizes("neck_hidden_sizes", (16, 32, 64, 96, 128, 160, 640)),
        fields.sizes("hidden_sizes", (144, 192, 240)),
    )
    grows, side = fields.size("expand_ratio", 4), fields.size("conv_kernel_size", 3)
    ratio, scale, into = fields.size("mlp_ratio", 2), 1 / 2, necks[0]
    blocks = [block("stem", 1, normed("stem", fields.size("num_channels", 3), into, side, scale, stride=2))]
    for stage, depth in enumerate((1, 3)):
        for number in range(depth):
            scale /= 2 if stage and not number else 1
            blocks.append(block(f"stage{stage}.{number}", 1, _inverted(into, necks[stage + 1], grows, scale)))
            into = necks[stage + 1]
    for stage, (width, depth) in enumerate(zip(widths, (2, 4, 3), strict=False), start=2):
        scale, out = scale / 2, necks[stage + 1]
        blocks.append(block(f"stage{stage}.down", 1, _inverted(into, out, grows, scale)))
        into = out
        tokens = scale**2
        layer: list[Piece] = [
            Linear(name="attention.qkv", rows_in=width, cols_out=3 * width, bias=fields.flag("qkv_bias", True), scale=tokens),
            Linear(name="attention.out", rows_in=width, cols_out=width, scale=tokens),
            Linear(name="mlp.in", rows_in=width, cols_out=ratio * width, scale=tokens),
            Linear(name="mlp.out", rows_in=ratio * width, cols_out=width, scale=tokens),
            Vector(name="norms", params=4 * width),
        ]
        wide = Convolution(name="wide", channels_in=out, channels_out=width, kernel=(1, 1), bias=False, scale=scale)
        before = [*normed("near", out, out, side, scale), wide, Vector(name="norm", params=2 * width)]
        after = [*normed("narrow", width, out, 1, scale), *normed("fusion", 2 * out, out, side, scale)]
        blocks += [
            block(f"stage{stage}.in", 1, before), block(f"stage{stage}", depth, layer), block(f"stage{stage}.out", 1, after),
        ]  # fmt: skip
    if classifies(fields):
        blocks.append(block("last", 1, normed("last", into, necks[-1], 1, scale)))
    return shape_of(fields, [*blocks, *classifier(fields, necks[-1])], max(necks), 256)


def _inverted(into: int, out: int, grows: int, scale: float) -> list[Piece]:
    """MobileNet V2's block: widened, each channel for itself, narrowed; widths in multiples of eight."""
    wide = max(8, (into * grows + 4) // 8 * 8)
    return [
        *normed("expand", into, wide, 1, scale), *normed("depthwise", wide, wide, 3, scale, groups=wide),
        *normed("reduce", wide, out, 1, scale),
    ]  # fmt: skip


PYRAMIDS: Final[dict[str, Callable[[Fields], TowersShape | BlocksShape]]] = {
    "detr": read_detr,
    "pvt": read_pvt,
    "mobilevit": read_mobilevit,
}
