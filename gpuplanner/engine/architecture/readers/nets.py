"""More convolutional networks: RegNet, MobileNet V1, PoolFormer, BiT."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gpuplanner.catalog.schema.shape_blocks import BlocksShape, Convolution, Linear, Piece, Vector
from gpuplanner.engine.architecture.readers.cnn import classifier, normed, read_convnext, shape_of, stages
from gpuplanner.engine.architecture.readers.fields import Fields, UnsupportedArchitecture
from gpuplanner.engine.architecture.readers.pieces import block

_SQUEEZE: Final = 4  # what RegNet's gates narrow to, as a part of the width before


def read_regnet(fields: Fields) -> BlocksShape:
    """RegNet (arXiv 2003.13678): grouped convolutions; its "y" blocks gate their channels."""
    widths, depths = stages(fields, (128, 192, 512, 1088), (2, 6, 12, 2))
    first, each = fields.size("embedding_size", 32), fields.size("groups_width", 64)
    gates = fields.word("layer_type") != "x"
    blocks, before, scale = [block("start", 1, normed("in", fields.size("num_channels", 3), first, 3, 0.5, stride=2))], first, 0.5
    for stage, (width, depth) in enumerate(zip(widths, depths, strict=True)):
        stride = 2 if stage or fields.flag("downsample_in_first_stage", default=True) else 1
        scale /= stride
        blocks.append(block(f"stage{stage}.first", 1, _regnet(before, width, each, scale, stride, gates)))
        if depth > 1:
            blocks.append(block(f"stage{stage}", depth - 1, _regnet(width, width, each, scale, 1, gates)))
        before = width
    return shape_of(fields, [*blocks, *classifier(fields, before)], max(widths))


def _regnet(before: int, width: int, each: int, scale: float, stride: int, gates: bool) -> list[Piece]:
    groups = max(width // each, 1)
    found = [
        *normed("conv1", before, width, 1, scale * stride),
        *normed("conv2", width, width, 3, scale, stride=stride, groups=groups),
    ]
    if gates:
        narrow = max(round(before / _SQUEEZE), 1)
        found += [
            Linear(name="squeeze", rows_in=width, cols_out=narrow, runs="once"),
            Linear(name="excite", rows_in=narrow, cols_out=width, runs="once"),
        ]
    found += normed("conv3", width, width, 1, scale)
    if before != width or stride > 1:
        found += normed("shortcut", before, width, 1, scale, stride=stride)
    return found


_MOBILE: Final = (64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)
_HALVES: Final = (1, 3, 5, 11)  # of these pairs, the first convolution skips every second pixel


def read_mobilenet(fields: Fields) -> BlocksShape:
    """MobileNet V1 (arXiv 1704.04861): each convolution in two, one a channel and one a pixel."""
    factor = fields.ratio("depth_multiplier", 1.0)
    least = fields.size("min_depth", 8)

    def width(channels: int) -> int:
        return max(int(channels * factor), least)

    before, scale = width(32), 0.5
    blocks = [block("start", 1, normed("in", fields.size("num_channels", 3), before, 3, scale, stride=2))]
    for number, channels in enumerate(_MOBILE):
        stride, out = (2 if number in _HALVES else 1), width(channels)
        scale /= stride
        pieces = [
            *normed("depth", before, before, 3, scale, stride=stride, groups=before),
            *normed("point", before, out, 1, scale),
        ]
        blocks.append(block(f"pair{number}", 1, pieces))
        before = out
    return shape_of(fields, [*blocks, *classifier(fields, before)], before)


def read_poolformer(fields: Fields) -> BlocksShape:
    """PoolFormer (arXiv 2111.11418): pooling where others attend."""
    widths, depths = stages(fields, (64, 128, 320, 512), (2, 2, 6, 2))
    count = len(widths)
    sides, strides = fields.sizes("patch_sizes", (7, 3, 3, 3), count), fields.sizes("strides", (4, 2, 2, 2), count)
    ratio = fields.ratio("mlp_ratio", 4.0)
    blocks, before, scale = [], fields.size("num_channels", 3), 1.0
    for stage, (width, depth) in enumerate(zip(widths, depths, strict=True)):
        scale /= strides[stage]
        into: list[Piece] = [
            Convolution(
                name="patches", channels_in=before, channels_out=width, kernel=(sides[stage],) * 2, stride=(strides[stage],),
                scale=scale,
            )
        ]  # fmt: skip
        blocks.append(block(f"down{stage}", 1, into))
        wide, less = int(width * ratio), scale**2
        scaled = 2 * width if fields.flag("use_layer_scale", default=True) else 0
        pieces: list[Piece] = [
            Vector(name="norms", params=4 * width + scaled, scale=scale),
            Linear(name="mlp.in", rows_in=width, cols_out=wide, scale=less),
            Linear(name="mlp.out", rows_in=wide, cols_out=width, scale=less),
        ]
        blocks.append(block(f"stage{stage}", depth, pieces))
        before = width
    blocks.append(block("norm", 1, [Vector(name="norm", params=2 * before)]))
    return shape_of(fields, [*blocks, *classifier(fields, before)], max(widths))


def read_bit(fields: Fields) -> BlocksShape:
    """BiT (arXiv 1912.11370): ResNet with group norms before each convolution, wider by ``width_factor``."""
    if fields.word("layer_type") not in ("", "preactivation"):
        raise UnsupportedArchitecture("bad_value", field="layer_type", value=fields.word("layer_type")[:40])
    widths, depths = stages(fields, (256, 512, 1024, 2048), (3, 4, 6, 3))
    factor = fields.few("width_factor", 1)
    widths = tuple(width * factor for width in widths)
    before, scale = fields.size("embedding_size", 64) * factor, 0.5
    stem = Convolution(
        name="in",
        channels_in=fields.size("num_channels", 3),
        channels_out=before,
        kernel=(7, 7),
        stride=(2,),
        bias=False,
        scale=scale,
    )
    blocks, scale = [block("start", 1, [stem])], 0.25
    for stage, (width, depth) in enumerate(zip(widths, depths, strict=True)):
        stride = 2 if stage else 1
        scale /= stride
        for name, count, into in ((f"stage{stage}.first", 1, before), (f"stage{stage}", depth - 1, width)):
            if count:
                blocks.append(block(name, count, _bit(into, width, scale, stride if name.endswith("first") else 1)))
        before = width
    blocks.append(block("norm", 1, [Vector(name="norm", params=2 * before)]))
    return shape_of(fields, [*blocks, *classifier(fields, before)], max(widths))


def _bit(before: int, width: int, scale: float, stride: int) -> list[Piece]:
    narrow = max(width // 4, 1)
    found: list[Piece] = []
    for name, into, out, side in (("conv1", before, narrow, 1), ("conv2", narrow, narrow, 3), ("conv3", narrow, width, 1)):
        found.append(Vector(name=f"{name}.norm", params=2 * into, scale=scale))
        found.append(Convolution(name=name, channels_in=into, channels_out=out, kernel=(side, side), bias=False, scale=scale))
    if before != width or stride > 1:
        found.append(
            Convolution(
                name="shortcut", channels_in=before, channels_out=width, kernel=(1, 1), stride=(stride,), bias=False, scale=scale
            )
        )
    return found


NETS: Final[dict[str, Callable[[Fields], BlocksShape]]] = {
    "regnet": read_regnet,
    "mobilenet_v1": read_mobilenet,
    "poolformer": read_poolformer,
    "bit": read_bit,
    "dinov3_convnext": read_convnext,
}
