"""Llama and its many kin: RMS norms, gated feed-forward, grouped heads. Differences come from flags in the config."""

from __future__ import annotations

from dataclasses import replace

from gpuplanner.catalog.schema.shape import DecoderShape
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.parts import Family, decoder, with_flags


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


def _norms(fields: Fields, family: Family) -> Family:
    """Query and key norms where a flag asks for them."""
    if any(fields.flag(name) for name in ("use_qk_norm", "qk_norm", "use_qk_layernorm", "qk_layernorm")):
        return replace(family, qk_norm="head")
    return family
