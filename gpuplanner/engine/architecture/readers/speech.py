"""Speech encoders over raw sound: wav2vec 2, HuBERT, WavLM, data2vec."""

from __future__ import annotations

from typing import Final

from gpuplanner.catalog.schema.shape_blocks import Convolution, Linear, Piece, Vector
from gpuplanner.catalog.schema.shape_towers import Tower, TowersShape
from gpuplanner.engine.architecture.readers.encoder_heads import head_of, labels
from gpuplanner.engine.architecture.readers.fields import Fields, UnsupportedArchitecture
from gpuplanner.engine.architecture.readers.towers import encoder_layer

_CHANNELS: Final = (512,) * 7
_KERNELS: Final = (10, 3, 3, 3, 3, 2, 2)
_STRIDES: Final = (5, 2, 2, 2, 2, 2, 2)
_GATES: Final = 8  # rows of WavLM's gated positions


def read_wav2vec(fields: Fields) -> TowersShape:
    """Convolutions over samples, a grouped convolution for positions, then layers; letters at the end for recognition."""
    hidden, heads = fields.size("hidden_size"), fields.size("num_attention_heads")
    head_dim = max(hidden // heads, 1)
    gated = fields.word("model_type") == "wavlm"
    extra = heads + _GATES * head_dim + _GATES if gated else 0
    layer = encoder_layer(hidden, heads, fields.size("intermediate_size", 4 * hidden), count=fields.layers(), extra_params=extra)
    tables = fields.size("num_buckets", 320) * heads if gated else 0
    masked = hidden if fields.raw("mask_time_prob") != 0.0 or fields.raw("mask_feature_prob") not in (0.0, None) else 0
    tower = Tower(
        name="audio", hidden=hidden, layers=(layer,), table_params=tables + masked, final_params=2 * hidden,
        stem=_stem(fields, hidden), ends=letters(fields, hidden),
    )  # fmt: skip
    return TowersShape(towers=(tower,))


def _stem(fields: Fields, hidden: int) -> tuple[Piece, ...]:
    channels, kernels = fields.sizes("conv_dim", _CHANNELS), fields.sizes("conv_kernel", _KERNELS)
    strides = fields.sizes("conv_stride", _STRIDES)
    if not len(channels) == len(kernels) == len(strides):
        raise UnsupportedArchitecture("wrong_length", field="conv_kernel", found=len(kernels), expected=len(channels))
    bias, each = fields.flag("conv_bias"), fields.word("feat_extract_norm") == "layer"
    pieces: list[Piece] = []
    into, scale = 1, 1.0
    for number, (out, kernel, stride) in enumerate(zip(channels, kernels, strides, strict=True)):
        scale /= stride
        pieces.append(
            Convolution(
                name=f"conv{number}",
                channels_in=into,
                channels_out=out,
                kernel=(kernel,),
                stride=(stride,),
                bias=bias,
                scale=scale,
            )
        )
        if each or number == 0:
            pieces.append(Vector(name=f"norm{number}", params=2 * out))
        into = out
    width, groups = fields.size("num_conv_pos_embeddings", 128), fields.size("num_conv_pos_embedding_groups", 16)
    normed = fields.flag("feat_proj_layer_norm", default=True)
    return (
        *pieces,
        Vector(name="projection.norm", params=2 * into if normed else 0),
        Linear(name="projection", rows_in=into, cols_out=hidden),
        Convolution(name="positions", channels_in=hidden, channels_out=hidden, kernel=(width,), groups=groups, scale=scale),
        Vector(name="positions.norm", params=width),
    )


def letters(fields: Fields, hidden: int) -> tuple[Piece, ...]:
    """What follows the last layer: letters to recognise, classes, or nothing."""
    names = fields.items("architectures")
    name = str(names[0]) if names else ""
    if name.endswith("ForCTC"):
        return (Linear(name="letters", rows_in=hidden, cols_out=fields.size("vocab_size", 32)),)
    if head_of(fields) == "classes":
        size = fields.size("classifier_proj_size", 256)
        return (
            Linear(name="projector", rows_in=hidden, cols_out=size),
            Linear(name="classifier", rows_in=size, cols_out=labels(fields), runs="once"),
        )
    return ()


SPEECH: Final = {
    "wav2vec2": read_wav2vec,
    "hubert": read_wav2vec,
    "wavlm": read_wav2vec,
    "unispeech": read_wav2vec,
    "unispeech-sat": read_wav2vec,
}
