"""Convolutional networks: ResNet, ConvNeXt, EfficientNet, MobileNet V2."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from gpuplanner.catalog.schema.shape_blocks import Block, BlocksShape, Convolution, Linear, Piece, Vector
from gpuplanner.engine.architecture.readers.encoder_heads import labels
from gpuplanner.engine.architecture.readers.fields import Fields, UnsupportedArchitecture
from gpuplanner.engine.architecture.readers.pieces import block
from gpuplanner.engine.architecture.readers.vision import classifies


def normed(name: str, into: int, out: int, side: int, scale: float, *, stride: int = 1, groups: int = 1) -> list[Piece]:
    """A convolution without a bias, and its batch norm."""
    return [
        Convolution(
            name=name, channels_in=into, channels_out=out, kernel=(side, side), stride=(stride,), groups=groups, bias=False,
            scale=scale,
        ),
        Vector(name=f"{name}.norm", params=2 * out, scale=scale),
    ]  # fmt: skip


def shape_of(fields: Fields, blocks: list[Block], hidden: int, default_size: int = 224) -> BlocksShape:
    """The network made of these blocks."""
    size = fields.sizes("image_size", (default_size,))[0]
    return BlocksShape(
        role="vision", blocks=tuple(blocks), hidden=hidden, channels_in=fields.size("num_channels", 3), input_size=size
    )


def classifier(fields: Fields, width: int) -> list[Block]:
    """The last matrix, where the class named in the config has one."""
    head = Linear(name="classifier", rows_in=width, cols_out=labels(fields), runs="once")
    return [block("end", 1, [head])] if classifies(fields) else []


def stages(fields: Fields, widths: tuple[int, ...], depths: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Widths and depths of the stages, as many of each."""
    widths, depths = fields.levels("hidden_sizes", widths), fields.sizes("depths", depths)
    if len(widths) != len(depths):
        raise UnsupportedArchitecture("wrong_length", field="depths", found=len(depths), expected=len(widths))
    return widths, depths


def read_convnext(fields: Fields) -> BlocksShape:
    """ConvNeXt (arXiv 2201.03545) and V2, whose response norm takes the place of scaled residuals."""
    second = fields.word("model_type") == "convnextv2"
    widths, depths = stages(fields, (96, 192, 384, 768), (3, 3, 9, 3))
    patch, channels = fields.size("patch_size", 4), fields.size("num_channels", 3)
    scale = 1 / patch
    stem: list[Piece] = [
        Convolution(
            name="patches", channels_in=channels, channels_out=widths[0], kernel=(patch, patch), stride=(patch,), scale=scale
        ),
        Vector(name="norm", params=2 * widths[0], scale=scale),
    ]
    blocks, before = [block("start", 1, stem)], widths[0]
    for stage, (width, depth) in enumerate(zip(widths, depths, strict=True)):
        if stage:
            scale /= 2
            reduce: list[Piece] = [
                Vector(name="norm", params=2 * before, scale=2 * scale),
                Convolution(name="downsample", channels_in=before, channels_out=width, kernel=(2, 2), stride=(2,), scale=scale),
            ]
            blocks.append(block(f"down{stage}", 1, reduce))
        blocks.append(block(f"stage{stage}", depth, _convnext(width, scale, second, fields)))
        before = width
    blocks.append(block("norm", 1, [Vector(name="norm", params=2 * before)]))
    return shape_of(fields, [*blocks, *classifier(fields, before)], max(widths))


def _convnext(width: int, scale: float, second: bool, fields: Fields) -> list[Piece]:
    scaled = width if fields.raw("layer_scale_init_value") != 0 else 0
    return [
        Convolution(name="depth", channels_in=width, channels_out=width, kernel=(7, 7), groups=width, scale=scale),
        Vector(name="norm", params=2 * width, scale=scale),
        Linear(name="mlp.in", rows_in=width, cols_out=4 * width, scale=scale**2),
        Linear(name="mlp.out", rows_in=4 * width, cols_out=width, scale=scale**2),
        Vector(name="scales", params=8 * width if second else scaled, scale=scale),
    ]


def read_resnet(fields: Fields) -> BlocksShape:
    """ResNet (arXiv 1512.03385), of plain ("basic") or narrowing ("bottleneck") blocks."""
    widths, depths = stages(fields, (256, 512, 1024, 2048), (3, 4, 6, 3))
    start, basic = fields.size("embedding_size", 64), fields.word("layer_type") == "basic"
    channels = fields.size("num_channels", 3)
    blocks, before, scale = [block("start", 1, normed("in", channels, start, 7, 0.5, stride=2))], start, 0.25
    for stage, (width, depth) in enumerate(zip(widths, depths, strict=True)):
        stride = 2 if stage or fields.flag("downsample_in_first_stage") else 1
        scale /= stride
        narrow = width if basic else max(width // 4, 1)
        blocks.append(block(f"stage{stage}.first", 1, _resnet(before, narrow, width, scale, stride, basic)))
        if depth > 1:
            blocks.append(block(f"stage{stage}", depth - 1, _resnet(width, narrow, width, scale, 1, basic)))
        before = width
    return shape_of(fields, [*blocks, *classifier(fields, before)], max(widths))


def _resnet(before: int, narrow: int, width: int, scale: float, stride: int, basic: bool) -> list[Piece]:
    if basic:
        found = [*normed("conv1", before, width, 3, scale, stride=stride), *normed("conv2", width, width, 3, scale)]
    else:
        found = [
            *normed("conv1", before, narrow, 1, scale * stride), *normed("conv2", narrow, narrow, 3, scale, stride=stride),
            *normed("conv3", narrow, width, 1, scale),
        ]  # fmt: skip
    if before != width or stride > 1:
        found += normed("shortcut", before, width, 1, scale, stride=stride)
    return found


def _rounded(value: float, divisor: int) -> int:
    """Channels to a multiple, never more than a tenth below."""
    near = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return near + divisor if near < 0.9 * value else near


def read_efficientnet(fields: Fields) -> BlocksShape:
    """EfficientNet (arXiv 1905.11946): widths and depths of the smallest, multiplied."""
    wider, deeper = fields.ratio("width_coefficient", 2.0), fields.ratio("depth_coefficient", 3.1)
    divisor = fields.size("depth_divisor", 8)
    inputs, outputs = (
        fields.sizes("in_channels", (32, 16, 24, 40, 80, 112, 192)),
        fields.sizes("out_channels", (16, 24, 40, 80, 112, 192, 320)),
    )
    kernels, strides = fields.sizes("kernel_sizes", (3, 3, 5, 3, 5, 5, 3)), fields.sizes("strides", (1, 2, 2, 2, 1, 2, 1))
    repeats, expands = (
        fields.sizes("num_block_repeats", (1, 2, 2, 3, 3, 4, 1)),
        fields.sizes("expand_ratios", (1, 6, 6, 6, 6, 6, 6)),
    )
    if len({len(inputs), len(outputs), len(kernels), len(strides), len(repeats), len(expands)}) != 1:
        raise UnsupportedArchitecture("wrong_length", field="out_channels", found=len(outputs), expected=len(inputs))
    squeeze = fields.ratio("squeeze_expansion_ratio", 0.25)
    scale, first = 0.5, _rounded(32 * wider, divisor)
    blocks = [block("start", 1, normed("in", fields.size("num_channels", 3), first, 3, scale, stride=2))]
    for stage in range(len(inputs)):
        into, out = _rounded(inputs[stage] * wider, divisor), _rounded(outputs[stage] * wider, divisor)
        depth = math.ceil(deeper * repeats[stage])
        scale /= strides[stage]
        ratio, kernel = expands[stage], kernels[stage]
        blocks.append(block(f"stage{stage}.first", 1, _inverted(into, out, ratio, kernel, scale, strides[stage], squeeze)))
        if depth > 1:
            blocks.append(block(f"stage{stage}", depth - 1, _inverted(out, out, ratio, kernel, scale, 1, squeeze)))
    last, top = _rounded(outputs[-1] * wider, divisor), _rounded(1280 * wider, divisor)
    blocks.append(block("top", 1, normed("top", last, top, 1, scale)))
    return shape_of(fields, [*blocks, *classifier(fields, fields.size("hidden_dim", top))], top, 600)


def _inverted(
    into: int, out: int, ratio: int, kernel: int, scale: float, stride: int, squeeze: float | None = None
) -> list[Piece]:
    """Widen, convolve each channel alone, weigh the channels (where they are squeezed), narrow."""
    wide = into * ratio
    found = normed("expand", into, wide, 1, scale * stride) if ratio != 1 else []
    found += normed("depth", wide, wide, kernel, scale, stride=stride, groups=wide)
    if squeeze is not None:
        narrow = max(1, int(into * squeeze))
        found += [
            Linear(name="squeeze", rows_in=wide, cols_out=narrow, runs="once"),
            Linear(name="excite", rows_in=narrow, cols_out=wide, runs="once"),
        ]
    return [*found, *normed("project", wide, out, 1, scale)]


_MOBILE: Final = ((6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))


def read_mobilenet(fields: Fields) -> BlocksShape:
    """MobileNet V2 (arXiv 1801.04381)."""
    factor, divisor = fields.ratio("depth_multiplier", 1.0), fields.size("depth_divisible_by", 8)

    def width(channels: int) -> int:
        return _rounded(channels * factor, divisor)

    first, before, scale = width(32), width(16), 0.5
    stem = [
        *normed("in", fields.size("num_channels", 3), first, 3, scale, stride=2),
        *normed("depth", first, first, 3, scale, groups=first), *normed("project", first, before, 1, scale),
    ]  # fmt: skip
    blocks = [block("start", 1, stem)]
    for stage, (ratio, channels, depth, stride) in enumerate(_MOBILE):
        out = width(channels)
        scale /= stride
        blocks.append(block(f"stage{stage}.first", 1, _inverted(before, out, ratio, 3, scale, stride)))
        if depth > 1:
            blocks.append(block(f"stage{stage}", depth - 1, _inverted(out, out, ratio, 3, scale, 1)))
        before = out
    top = 1280 if fields.flag("finegrained_output", default=True) and factor < 1 else width(1280)
    blocks.append(block("top", 1, normed("top", before, top, 1, scale)))
    return shape_of(fields, [*blocks, *classifier(fields, top)], top)


CNN: Final[dict[str, Callable[[Fields], BlocksShape]]] = {
    "convnext": read_convnext,
    "convnextv2": read_convnext,
    "resnet": read_resnet,
    "efficientnet": read_efficientnet,
    "mobilenet_v2": read_mobilenet,
}
