"""Phi-4-multimodal (arXiv 2503.01743): Phi's decoder, a SigLIP tower, and a conformer that hears."""

from __future__ import annotations

from typing import Final

from gpuplanner.catalog.schema.shape import Attention, Layer, Mlp, StateMixer
from gpuplanner.catalog.schema.shape_blocks import Convolution, Linear, Piece, Vector
from gpuplanner.catalog.schema.shape_towers import MultimodalShape, Tower
from gpuplanner.engine.architecture.readers.decoders import read_decoder
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.towers import siglip

_HALVINGS: Final = 3
_RANKS: Final = {"vision_lora": 256, "speech_lora": 320}


def read_phi4_multimodal(fields: Fields) -> MultimodalShape:
    """The whole; its adapters for pictures and speech lie in files of their own."""
    text, _ = read_decoder(fields.over(model_type="phi3"))
    out, towers, bridge = text.hidden, list[Tower](), list[Piece]()
    if isinstance(fields.raw("vision_config"), dict):
        part = fields.part("vision_config")
        vision = siglip(_filled(part))
        towers.append(vision.model_copy(update={"final_params": vision.final_params + 2 * vision.hidden}))
        bridge += _projection("vision", vision.hidden, out)
    if isinstance(fields.raw("audio_config"), dict):
        audio = _hears(fields.part("audio_config"))
        towers.append(audio)
        bridge += [*_projection("speech", audio.hidden, out), *_projection("speech_with_vision", audio.hidden, out)]
    return MultimodalShape(text=text, towers=tuple(towers), bridge=tuple(bridge))


def read_phi4mm(fields: Fields) -> MultimodalShape:
    """The same as first published: towers at their usual sizes, and the adapters within the decoder's layers."""
    shape = read_phi4_multimodal(fields.over(vision_config={}, audio_config={}))
    rank = sum(fields.part(name).size("r", usual) for name, usual in _RANKS.items())
    hidden, layers = shape.text.hidden, []
    for layer in shape.text.layers:
        wide = layer.feed_forward.intermediate if layer.feed_forward is not None else 0
        heads = layer.attention if isinstance(layer.attention, Attention) else None
        joined = (heads.heads + 2 * heads.kv_heads) * heads.head_dim if heads else 0
        sides = (hidden + joined) + 2 * hidden + (hidden + 2 * wide) + (wide + hidden)  # of qkv, out, gate with up, down
        layers.append(layer.model_copy(update={"extra_params": layer.extra_params + rank * sides}))
    return shape.model_copy(update={"text": shape.text.model_copy(update={"layers": tuple(layers)})})


def _filled(part: Fields) -> Fields:
    usual: dict[str, object] = {
        "hidden_size": 1152, "intermediate_size": 4304, "num_hidden_layers": 27, "num_attention_heads": 16, "image_size": 448,
        "patch_size": 14,
    }  # fmt: skip
    return part.over(**{name: value for name, value in usual.items() if not part.has(name)})


def _projection(name: str, rows: int, columns: int) -> list[Piece]:
    return [
        Linear(name=f"{name}.up", rows_in=rows, cols_out=columns),
        Linear(name=f"{name}.down", rows_in=columns, cols_out=columns),
    ]


def _hears(fields: Fields) -> Tower:
    """Eight frames a token by separable convolutions; half a gated feed-forward block before and after each attention."""
    hidden, heads = fields.size("hidden_size", 1024), fields.size("num_attention_heads", 16)
    wide, count = fields.size("intermediate_size", 1536), fields.size("num_blocks", 24)
    channels, kernel = fields.size("nemo_conv_channels", 1024), fields.size("kernel_size", 3)
    inner = fields.size("depthwise_separable_out_channel", hidden)
    feed = Mlp(intermediate=wide, gated=True, bias_in=True, bias_out=True)
    attention = Attention(heads=heads, kv_heads=heads, head_dim=max(hidden // heads, 1), bias_q=True, bias_kv=True, bias_o=True)
    mixer = StateMixer(
        form="convolution", heads=heads, into=2 * hidden, out_of=hidden, bias_in=True, bias_out=True, inner=((hidden, inner),),
        conv_channels=hidden, conv_kernel=kernel, conv_bias=True, small_params=2 * hidden + inner,
    )  # fmt: skip
    stem: list[Piece] = []
    for number in range(_HALVINGS):
        scale = 1 / 2 ** (number + 1)
        groups = channels if number else 1
        stem.append(
            Convolution(
                name=f"conv{number}", channels_in=groups if number else 1, channels_out=channels, kernel=(3, 3), stride=(2,),
                groups=groups, scale=scale,
            )
        )  # fmt: skip
        if number:
            stem.append(
                Convolution(name=f"point{number}", channels_in=channels, channels_out=channels, kernel=(1, 1), scale=scale)
            )
    stem.append(Linear(name="frames", rows_in=channels * fields.size("nemo_final_size", 10), cols_out=hidden))
    stem.append(Vector(name="distances", params=2 * fields.size("bias_max_distance", 1000) * heads))
    layers = (
        Layer(count=count, attention=attention, feed_forward=feed, norm_params=4 * hidden),
        Layer(count=count, mixer=mixer, feed_forward=feed, norm_params=6 * hidden),
    )
    return Tower(name="audio", hidden=hidden, layers=layers, stem=tuple(stem))
