"""Autoencoders of video: convolutions over space and time (Wan, Qwen-Image, CogVideoX, HunyuanVideo)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gpuplanner.catalog.schema.shape_blocks import Block, BlocksShape, Convolution, Linear, Piece, Scores, Vector
from gpuplanner.engine.architecture.readers.fields import Fields, UnsupportedArchitecture
from gpuplanner.engine.architecture.readers.pieces import block

Norm = Callable[[str, int, float], list[Piece]]


def _volume(name: str, into: int, out: int, scale: float, kernel: tuple[int, ...] = (3, 3, 3)) -> Convolution:
    return Convolution(name=name, channels_in=into, channels_out=out, kernel=kernel, scale=scale)


def _plain(name: str, width: int, scale: float) -> list[Piece]:
    return [Vector(name=name, params=2 * width, scale=scale)]


def _weight(name: str, width: int, scale: float) -> list[Piece]:
    return [Vector(name=name, params=width, scale=scale)]


def _residual(name: str, into: int, out: int, scale: float, norm: Norm) -> list[Piece]:
    found = [
        *norm(f"{name}.norm1", into, scale), _volume(f"{name}.conv1", into, out, scale),
        *norm(f"{name}.norm2", out, scale), _volume(f"{name}.conv2", out, out, scale),
    ]  # fmt: skip
    return [*found, _volume(f"{name}.shortcut", into, out, scale, (1, 1, 1))] if into != out else found


def _attention(width: int, scale: float, norm: Norm) -> list[Piece]:
    return [
        *norm("attention.norm", width, scale),
        Linear(name="attention.qkv", rows_in=width, cols_out=3 * width, scale=scale**2),
        Scores(name="attention.scores", heads=1, head_dim=width, scale=scale**2),
        Linear(name="attention.out", rows_in=width, cols_out=width, scale=scale**2),
    ]


def _middle(width: int, scale: float, norm: Norm, attends: bool) -> list[Piece]:
    between = _attention(width, scale, norm) if attends else []
    return [*_residual("residual0", width, width, scale, norm), *between, *_residual("residual1", width, width, scale, norm)]


def read_wan(fields: Fields) -> BlocksShape:
    """Wan 2.1's, which Qwen-Image takes over: the frames are halved where ``temperal_downsample`` says so."""
    if fields.flag("is_residual"):
        raise UnsupportedArchitecture("bad_value", field="is_residual", value="true")
    base, latents = fields.size("base_dim", 96), fields.size("z_dim", 16)
    mults, layers = fields.levels("dim_mult", (1, 2, 4, 4)), fields.few("num_res_blocks", 2)
    timed = [item is True for item in fields.items("temperal_downsample", len(mults) - 1)] or [False, True, True]
    if len(timed) != len(mults) - 1:
        raise UnsupportedArchitecture("wrong_length", field="dim_mult", found=len(mults), expected=len(timed) + 1)
    widths = [base * mult for mult in mults]
    small = 0.5 ** (len(widths) - 1)
    blocks = [
        *_wan_encoder(widths, layers, latents, timed, fields.size("in_channels", 3)),
        block("between", 1, [
            _volume("quantise", 2 * latents, 2 * latents, small, (1, 1, 1)),
            _volume("dequantise", latents, latents, small, (1, 1, 1)),
        ]),
        *_wan_decoder(widths, layers, latents, timed, fields.size("out_channels", 3)),
    ]  # fmt: skip
    return BlocksShape(role="autoencoder", blocks=tuple(blocks), hidden=max(widths))


def _wan_encoder(widths: list[int], layers: int, latents: int, timed: list[bool], into: int) -> list[Block]:
    blocks, before, scale = [block("encoder.start", 1, [_volume("in", into, widths[0], 1.0)])], widths[0], 1.0
    for level, width in enumerate(widths):
        pieces: list[Piece] = []
        for number in range(layers):
            pieces += _residual(f"residual{number}", before if number == 0 else width, width, scale, _weight)
        if level < len(widths) - 1:
            scale /= 2
            pieces.append(_volume("downsample", width, width, scale, (3, 3)))
            if timed[level]:
                pieces.append(_volume("time", width, width, scale, (3, 1, 1)))
        blocks.append(block(f"encoder.down{level}", 1, pieces))
        before = width
    blocks.append(block("encoder.middle", 1, _middle(before, scale, _weight, attends=True)))
    return [*blocks, block("encoder.end", 1, [*_weight("norm", before, scale), _volume("out", before, 2 * latents, scale)])]


def _wan_decoder(widths: list[int], layers: int, latents: int, timed: list[bool], out: int) -> list[Block]:
    before, scale = widths[-1], 0.5 ** (len(widths) - 1)
    blocks = [
        block("decoder.start", 1, [_volume("in", latents, before, scale)]),
        block("decoder.middle", 1, _middle(before, scale, _weight, attends=True)),
    ]
    for step, width in enumerate(reversed(widths)):
        into = before if step == 0 else before // 2
        pieces: list[Piece] = []
        for number in range(layers + 1):
            pieces += _residual(f"residual{number}", into if number == 0 else width, width, scale, _weight)
        if step < len(widths) - 1:
            if timed[len(widths) - 2 - step]:
                pieces.append(_volume("time", width, 2 * width, scale, (3, 1, 1)))
            scale *= 2
            pieces.append(_volume("upsample", width, width // 2, scale, (3, 3)))
        blocks.append(block(f"decoder.up{step}", 1, pieces))
        before = width
    return [*blocks, block("decoder.end", 1, [*_weight("norm", before, 1.0), _volume("out", before, out, 1.0)])]


def read_cogvideox(fields: Fields) -> BlocksShape:
    """CogVideoX's: the decoder's norms are shifted and scaled by the latents."""
    widths, layers = fields.levels("block_out_channels", (128, 256, 256, 512)), fields.few("layers_per_block", 3)
    latents, small = fields.size("latent_channels", 16), 0.5 ** (len(widths) - 1)

    def spatial(name: str, width: int, scale: float) -> list[Piece]:
        return [
            *_plain(name, width, scale),
            _volume(f"{name}.scale", latents, width, scale, (1, 1, 1)),
            _volume(f"{name}.shift", latents, width, scale, (1, 1, 1)),
        ]

    blocks = [
        *_down(widths, layers, fields.size("in_channels", 3), (3, 3)),
        block("encoder.middle", 1, _middle(widths[-1], small, _plain, attends=False)),
        block("encoder.end", 1, [*_plain("norm", widths[-1], small), _volume("out", widths[-1], 2 * latents, small)]),
        block("decoder.start", 1, [_volume("in", latents, widths[-1], small)]),
        block("decoder.middle", 1, _middle(widths[-1], small, spatial, attends=False)),
        *_up(widths, layers, spatial, (3, 3)),
        block(
            "decoder.end", 1, [*spatial("norm", widths[0], 1.0), _volume("out", widths[0], fields.size("out_channels", 3), 1.0)]
        ),
    ]
    return BlocksShape(role="autoencoder", blocks=tuple(blocks), hidden=max(widths))


def read_hunyuan(fields: Fields) -> BlocksShape:
    """HunyuanVideo's: as ``AutoencoderKL`` with a third dimension."""
    widths, layers = fields.levels("block_out_channels", (128, 256, 512, 512)), fields.few("layers_per_block", 2)
    latents, small = fields.size("latent_channels", 16), 0.5 ** (len(widths) - 1)
    attends, out = fields.flag("mid_block_add_attention", default=True), fields.size("out_channels", 3)
    blocks = [
        *_down(widths, layers, fields.size("in_channels", 3), (3, 3, 3)),
        block("encoder.middle", 1, _middle(widths[-1], small, _plain, attends)),
        block("encoder.end", 1, [*_plain("norm", widths[-1], small), _volume("out", widths[-1], 2 * latents, small)]),
        block("between", 1, [
            _volume("quantise", 2 * latents, 2 * latents, small, (1, 1, 1)),
            _volume("dequantise", latents, latents, small, (1, 1, 1)),
        ]),
        block("decoder.start", 1, [_volume("in", latents, widths[-1], small)]),
        block("decoder.middle", 1, _middle(widths[-1], small, _plain, attends)),
        *_up(widths, layers, _plain, (3, 3, 3)),
        block("decoder.end", 1, [*_plain("norm", widths[0], 1.0), _volume("out", widths[0], out, 1.0)]),
    ]  # fmt: skip
    return BlocksShape(role="autoencoder", blocks=tuple(blocks), hidden=max(widths))


def _down(widths: tuple[int, ...], layers: int, into: int, kernel: tuple[int, ...]) -> list[Block]:
    blocks, before, scale = [block("encoder.start", 1, [_volume("in", into, widths[0], 1.0)])], widths[0], 1.0
    for level, width in enumerate(widths):
        pieces: list[Piece] = []
        for number in range(layers):
            pieces += _residual(f"residual{number}", before if number == 0 else width, width, scale, _plain)
        if level < len(widths) - 1:
            scale /= 2
            pieces.append(_volume("downsample", width, width, scale, kernel))
        blocks.append(block(f"encoder.down{level}", 1, pieces))
        before = width
    return blocks


def _up(widths: tuple[int, ...], layers: int, norm: Norm, kernel: tuple[int, ...]) -> list[Block]:
    blocks, before, scale = [], widths[-1], 0.5 ** (len(widths) - 1)
    for step, width in enumerate(reversed(widths)):
        pieces: list[Piece] = []
        for number in range(layers + 1):
            pieces += _residual(f"residual{number}", before if number == 0 else width, width, scale, norm)
        if step < len(widths) - 1:
            scale *= 2
            pieces.append(_volume("upsample", width, width, scale, kernel))
        blocks.append(block(f"decoder.up{step}", 1, pieces))
        before = width
    return blocks


VIDEO_AUTOENCODERS: Final[dict[str, Callable[[Fields], BlocksShape]]] = {
    "AutoencoderKLWan": read_wan,
    "AutoencoderKLQwenImage": read_wan,
    "AutoencoderKLCogVideoX": read_cogvideox,
    "AutoencoderKLHunyuanVideo": read_hunyuan,
}
