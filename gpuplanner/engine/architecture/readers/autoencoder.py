"""Autoencoders between pixels and latents: ``AutoencoderKL`` of images."""

from __future__ import annotations

from typing import Final

from gpuplanner.catalog.schema.shape_blocks import Block, BlocksShape, Linear, Piece, Scores, Vector
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.pieces import block
from gpuplanner.engine.architecture.readers.unet import convolution

_CHANNELS: Final = (64,)
_FLUX2: Final = (128, 256, 512, 512)


def read_autoencoder(fields: Fields) -> BlocksShape:
    """An encoder to latents and a decoder from them; the input's side is 1, the latents' a power of a half."""
    second = fields.word("_class_name") == "AutoencoderKLFlux2"
    widths = fields.levels("block_out_channels", _FLUX2 if second else _CHANNELS)
    layers, latents = fields.few("layers_per_block", 2 if second else 1), fields.size("latent_channels", 32 if second else 4)
    into, out = fields.size("in_channels", 3), fields.size("out_channels", 3)
    small = 0.5 ** (len(widths) - 1)
    attends = fields.flag("mid_block_add_attention", default=True)
    between: list[Piece] = []
    if fields.flag("use_quant_conv", default=True):
        between.append(convolution("quantise", 2 * latents, 2 * latents, 1, scale=small))
    if fields.flag("use_post_quant_conv", default=True):
        between.append(convolution("dequantise", latents, latents, 1, scale=small))
    decoder = fields.levels("decoder_block_out_channels", widths) if fields.has("decoder_block_out_channels") else widths
    blocks = [
        *_encoder(widths, layers, into, latents, attends),
        *([block("between", 1, between)] if between else []),
        *_decoder(decoder, layers, out, latents, attends),
    ]
    size = fields.size("sample_size") if isinstance(fields.raw("sample_size"), int) else None
    return BlocksShape(role="autoencoder", blocks=tuple(blocks), hidden=max(widths), channels_in=into, input_size=size)


def _residual(name: str, into: int, out: int, scale: float) -> list[Piece]:
    found: list[Piece] = [
        Vector(name=f"{name}.norm1", params=2 * into, scale=scale),
        convolution(f"{name}.conv1", into, out, scale=scale),
        Vector(name=f"{name}.norm2", params=2 * out, scale=scale),
        convolution(f"{name}.conv2", out, out, scale=scale),
    ]
    return [*found, convolution(f"{name}.shortcut", into, out, 1, scale=scale)] if into != out else found


def _middle(width: int, scale: float, attends: bool) -> list[Piece]:
    found = _residual("residual0", width, width, scale)
    if attends:
        found += [
            Vector(name="attention.norm", params=2 * width, scale=scale),
            Linear(name="attention.qkv", rows_in=width, cols_out=3 * width, scale=scale**2),
            Scores(name="attention.scores", heads=1, head_dim=width, scale=scale**2),
            Linear(name="attention.out", rows_in=width, cols_out=width, scale=scale**2),
        ]
    return [*found, *_residual("residual1", width, width, scale)]


def _encoder(widths: tuple[int, ...], layers: int, into: int, latents: int, attends: bool) -> list[Block]:
    blocks = [block("encoder.start", 1, [convolution("in", into, widths[0])])]
    before, scale = widths[0], 1.0
    for level, width in enumerate(widths):
        pieces: list[Piece] = []
        for number in range(layers):
            pieces += _residual(f"residual{number}", before if number == 0 else width, width, scale)
        if level < len(widths) - 1:
            scale /= 2
            pieces.append(convolution("downsample", width, width, scale=scale, stride=2))
        blocks.append(block(f"encoder.down{level}", 1, pieces))
        before = width
    blocks.append(block("encoder.middle", 1, _middle(before, scale, attends)))
    norm = Vector(name="norm", params=2 * before, scale=scale)
    return [*blocks, block("encoder.end", 1, [norm, convolution("out", before, 2 * latents, scale=scale)])]


def _decoder(widths: tuple[int, ...], layers: int, out: int, latents: int, attends: bool) -> list[Block]:
    before, scale = widths[-1], 0.5 ** (len(widths) - 1)
    blocks = [
        block("decoder.start", 1, [convolution("in", latents, before, scale=scale)]),
        block("decoder.middle", 1, _middle(before, scale, attends)),
    ]
    for step, width in enumerate(reversed(widths)):
        pieces: list[Piece] = []
        for number in range(layers + 1):
            pieces += _residual(f"residual{number}", before if number == 0 else width, width, scale)
        if step < len(widths) - 1:
            scale *= 2
            pieces.append(convolution("upsample", width, width, scale=scale))
        blocks.append(block(f"decoder.up{step}", 1, pieces))
        before = width
    end: list[Piece] = [Vector(name="norm", params=2 * before), convolution("out", before, out)]
    return [*blocks, block("decoder.end", 1, end)]
