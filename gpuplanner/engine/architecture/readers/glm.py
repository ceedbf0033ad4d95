"""GLM: ChatGLM 2 and 3, GLM-4 and its mixtures."""

from __future__ import annotations

from gpuplanner.catalog.schema.shape import DecoderShape
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.parts import Family, decoder, with_flags

_BIASED = Family(bias_q=True, bias_kv=True)


def read_chatglm(fields: Fields) -> DecoderShape:
    """ChatGLM 2 and 3, GLM-4-9B, in the authors' own spelling of the fields."""
    bias = fields.flag("add_bias_linear")
    qkv = bias or fields.flag("add_qkv_bias", default=True)
    family = Family(bias_q=qkv, bias_kv=qkv, bias_o=bias, bias_in=bias, bias_out=bias, norm_bias=not fields.flag("rmsnorm", True))
    return decoder(fields, family)


def read(fields: Fields) -> DecoderShape:
    """GLM-4-9B and ChatGLM as transformers spells them."""
    return decoder(fields, with_flags(fields, _BIASED, out=False))


def read_fourth(fields: Fields) -> DecoderShape:
    """GLM-4-0414 and GLM-Z1: two more norms a layer."""
    return decoder(fields, with_flags(fields, Family(norms=4), out=False))


def read_vision(fields: Fields) -> DecoderShape:
    """The language model of GLM-4.1V: as GLM-4-0414, with biases on queries, keys and values."""
    return decoder(fields, with_flags(fields, Family(norms=4, bias_q=True, bias_kv=True), out=False))


def read_mixture(fields: Fields) -> DecoderShape:
    """GLM-4.5, 4.5-Air, 4.6 and 4.7."""
    family = Family(qk_norm="head" if fields.flag("use_qk_norm") else "none")
    return decoder(fields, with_flags(fields, family, out=False))
