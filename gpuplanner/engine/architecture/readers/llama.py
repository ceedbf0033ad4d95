"""Llama and its many kin: RMS norms, gated feed-forward, grouped heads. Differences come from flags in the config."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from gpuplanner.catalog.schema.shape import DecoderShape
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.parts import Family, decoder, with_flags, with_layer_normed_heads

_UNGATED: Final = ("relu", "relu2", "relu^2", "squared_relu", "xielu", "gelu_new", "gelu_fast")


def read(fields: Fields) -> DecoderShape:
    """Llama 1 to 3, Mistral, Mixtral, Yi, Baichuan, InternLM2, Seed, Granite and whatever else is built like them."""
    return decoder(fields, with_flags(fields, _norms(fields, Family())))


def read_tied(fields: Fields) -> DecoderShape:
    """SmolLM3 and MiniCPM: as Llama, but the head is the embedding unless the config says otherwise."""
    return decoder(fields, with_flags(fields, Family(tied=True)))


def read_internlm(fields: Fields) -> DecoderShape:
    """InternLM 1 to 3: ``bias`` stands for all of attention; in version 3 ``qkv_bias`` says it for the inner part."""
    bias = fields.flag("bias")
    return decoder(fields, with_flags(fields, Family(bias_q=bias, bias_kv=bias, bias_o=bias)))


def read_telechat(fields: Fields) -> DecoderShape:
    """TeleChat: a bias wherever a block writes back to the stream."""
    return decoder(fields, replace(with_flags(fields, Family()), bias_o=True, bias_out=True))


def read_layer_norm(fields: Fields) -> DecoderShape:
    """Orion: as Llama with full layer norms."""
    return decoder(fields, with_flags(fields, Family(norm_bias=True)))


def read_starcoder2(fields: Fields) -> DecoderShape:
    """StarCoder2: plain feed-forward, biases and full layer norms."""
    bias = fields.flag("use_bias", default=True)
    family = Family(bias_q=bias, bias_kv=bias, bias_o=bias, bias_in=bias, bias_out=bias, gated=False, norm_bias=True, tied=True)
    return decoder(fields, family)


def read_nemotron(fields: Fields) -> DecoderShape:
    """Nemotron 3 and 4, Minitron: squared ReLU without a gate, full layer norms."""
    return decoder(fields, with_flags(fields, Family(gated=False, norm_bias=True)))


def read_olmo(fields: Fields) -> DecoderShape:
    """OLMo 1: norms without parameters."""
    return decoder(fields, with_flags(fields, Family(norm_weight=False)))


def read_olmo2(fields: Fields) -> DecoderShape:
    """OLMo 2 and 3: norms after each block, and over the whole width of queries and keys."""
    return decoder(fields, with_flags(fields, Family(qk_norm="width")))


def read_exaone4(fields: Fields) -> DecoderShape:
    """EXAONE 4: as OLMo 2, with norms per head and, in the large one, three windowed layers to each full one."""
    return decoder(fields, with_flags(fields, Family(qk_norm="head", pattern=4)))


def read_squared(fields: Fields) -> DecoderShape:
    """Arcee: squared ReLU without a gate."""
    return decoder(fields, with_flags(fields, Family(gated=False)))


def read_apertus(fields: Fields) -> DecoderShape:
    """Apertus: xIELU, whose two slopes are learned, without a gate; norms of queries and keys."""
    shape = decoder(fields, with_flags(fields, Family(gated=False, qk_norm="head")))
    return shape.model_copy(update={"layers": tuple(layer.model_copy(update={"extra_params": 2}) for layer in shape.layers)})


def read_jais2(fields: Fields) -> DecoderShape:
    """Jais 2: squared ReLU without a gate, biases throughout, full layer norms."""
    biased = Family(gated=False, norm_bias=True, bias_q=True, bias_kv=True, bias_o=True, bias_in=True, bias_out=True)
    return decoder(fields, with_flags(fields, biased))


def read_persimmon(fields: Fields) -> DecoderShape:
    """Persimmon: squared ReLU without a gate, biases throughout, full layer norms of queries and keys too."""
    biased = Family(gated=False, norm_bias=True, bias_q=True, bias_kv=True, bias_o=True, bias_in=True, bias_out=True)
    shape = decoder(fields, biased)
    return with_layer_normed_heads(shape) if fields.flag("qk_layernorm", default=True) else shape


def read_bitnet(fields: Fields) -> DecoderShape:
    """BitNet: a norm more inside the attention and one inside the feed-forward block."""
    shape = decoder(fields, with_flags(fields, Family(tied=True)))
    inner = shape.hidden + fields.size("intermediate_size")
    return shape.model_copy(
        update={"layers": tuple(layer.model_copy(update={"norm_params": layer.norm_params + inner}) for layer in shape.layers)}
    )


def read_nearest(fields: Fields) -> DecoderShape:
    """A family that isn't known: gated unless its activation never is, full layer norms where the config has no RMS norm."""
    activation = fields.raw("hidden_act") or fields.raw("hidden_activation") or fields.raw("activation_function")
    layer_norm = fields.has("layer_norm_eps", "layer_norm_epsilon", "norm_epsilon") and not fields.has("rms_norm_eps", "norm_eps")
    family = Family(gated=activation not in _UNGATED, norm_bias=layer_norm)
    return decoder(fields, with_flags(fields, _norms(fields, family)))


def _norms(fields: Fields, family: Family) -> Family:
    """Query and key norms where a flag asks for them."""
    if fields.flag("use_post_norm"):
        family = replace(family, norms=4)
    if any(fields.flag(name) for name in ("use_qk_norm", "qk_norm", "use_qk_layernorm", "qk_layernorm")):
        return replace(family, qk_norm="head")
    return family
