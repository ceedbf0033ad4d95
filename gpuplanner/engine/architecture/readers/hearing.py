"""Towers that hear: Qwen's audio encoders, and conformers (arXiv 2005.08100), whose layers hold a convolution."""

from __future__ import annotations

import math
from typing import Final

from gpuplanner.catalog.schema.shape import Attention, Layer, Mlp, StateMixer
from gpuplanner.catalog.schema.shape_blocks import Convolution, Linear, Piece, Vector
from gpuplanner.catalog.schema.shape_towers import Tower
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.towers import encoder_layer, whisper

_FRAMES: Final = 8  # spectrogram frames to a token behind three convolutions of stride 2


def omni(fields: Fields) -> Tower:
    """Qwen3-Omni and Qwen3-ASR: three convolutions over the spectrogram as an image, then layers with all biases."""
    hidden, channels = fields.size("d_model"), fields.size("downsample_hidden_size", 480)
    mels, out = fields.size("num_mel_bins", 128), fields.size("output_dim")
    layer = encoder_layer(
        hidden, fields.size("encoder_attention_heads"), fields.size("encoder_ffn_dim"), count=fields.size("encoder_layers")
    )
    left = mels
    stem: list[Piece] = []
    for number, into in enumerate((1, channels, channels)):
        left = math.ceil(left / 2)
        # one output column for each of the bins that are left
        stem.append(
            Convolution(
                name=f"conv{number}", channels_in=into, channels_out=channels, kernel=(3, 3), stride=(2, 2),
                scale=1 / 2 ** (number + 1),
            )
        )  # fmt: skip
    stem.append(Linear(name="conv.out", rows_in=channels * left, cols_out=hidden, bias=False))
    ends = (
        Linear(name="projection.in", rows_in=hidden, cols_out=hidden),
        Linear(name="projection.out", rows_in=hidden, cols_out=out),
    )
    return Tower(name="audio", hidden=hidden, layers=(layer,), final_params=2 * hidden, stem=tuple(stem), ends=ends)


def omni_first(fields: Fields) -> Tower:
    """Qwen2.5-Omni: Whisper's encoder without stored positions, one matrix to the language model's size."""
    tower, out = whisper(fields), fields.size("output_dim")
    ends = (Linear(name="projection", rows_in=tower.hidden, cols_out=out), Vector(name="marks", params=2 * out))
    return tower.model_copy(update={"table_params": 0, "ends": ends})


def parakeet(fields: Fields) -> Tower:
    """Fast conformer: the spectrogram thinned eightfold by separable convolutions, relative positions."""
    hidden, channels = fields.size("hidden_size"), fields.size("subsampling_conv_channels", 256)
    kernel, stride = fields.size("subsampling_conv_kernel_size", 3), fields.size("subsampling_conv_stride", 2)
    halvings = max(fields.size("subsampling_factor", _FRAMES).bit_length() - 1, 1)
    mels, scale = fields.size("num_mel_bins", 80), 1 / stride
    square = (kernel, kernel)
    stem: list[Piece] = [
        Convolution(name="conv0", channels_in=1, channels_out=channels, kernel=square, stride=(stride,), scale=scale)
    ]
    for number in range(1, halvings):
        scale /= stride
        stem += [
            Convolution(
                name=f"depth{number}", channels_in=channels, channels_out=channels, kernel=square, stride=(stride,),
                groups=channels, scale=scale,
            ),
            Convolution(name=f"point{number}", channels_in=channels, channels_out=channels, kernel=(1, 1), scale=scale),
        ]  # fmt: skip
    stem.append(Linear(name="subsampled", rows_in=channels * math.ceil(mels / stride**halvings), cols_out=hidden))
    layers = conformer_layers(
        fields, hidden, fields.size("num_attention_heads"), fields.size("intermediate_size"), fields.layers(),
        kernel=fields.size("conv_kernel_size", 9), conv_bias=fields.flag("convolution_bias", default=True),
        bias=fields.flag("attention_bias", default=True), relative=True,
    )  # fmt: skip
    return Tower(name="audio", hidden=hidden, layers=layers, stem=tuple(stem))


def conformer_layers(
    fields: Fields, hidden: int, heads: int, wide: int, count: int, *, kernel: int, conv_bias: bool, bias: bool, relative: bool,
    extra: int = 0,
) -> tuple[Layer, ...]:  # fmt: skip
    """Half a feed-forward block, attention, a gated convolution, the other half; each behind a full norm, and one at the end.

    ``relative``: positions enter the scores through a matrix and two biases. ``extra`` parameters stand beside the attention.
    """
    feed = Mlp(
        intermediate=wide, gated=False, bias_in=fields.flag("attention_bias", default=True),
        bias_out=fields.flag("attention_bias", default=True),
    )  # fmt: skip
    attention = Attention(heads=heads, kv_heads=heads, head_dim=max(hidden // heads, 1), bias_q=bias, bias_kv=bias, bias_o=bias)
    beside = extra + (hidden * hidden + 2 * hidden if relative else 0)
    mixer = StateMixer(
        form="convolution", heads=heads, into=2 * hidden, out_of=hidden, bias_in=conv_bias, bias_out=conv_bias,
        conv_channels=hidden, conv_kernel=kernel, conv_bias=conv_bias, small_params=2 * hidden,
    )  # fmt: skip
    first = Layer(count=count, attention=attention, feed_forward=feed, norm_params=4 * hidden, extra_params=beside)
    second = Layer(count=count, mixer=mixer, feed_forward=feed, norm_params=6 * hidden)
    return first, second
