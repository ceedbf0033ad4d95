"""Phi: 1 and 2 with plain feed-forward beside the attention, 3 and 4 as Llama, and the mixture."""

from __future__ import annotations

from gpuplanner.catalog.schema.shape import DecoderShape
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.parts import Family, decoder, with_flags, with_layer_normed_heads

_BIASED = Family(
    bias_q=True, bias_kv=True, bias_o=True, bias_in=True, bias_out=True, bias_head=True, gated=False, norms=1, norm_bias=True
)


def read_second(fields: Fields) -> DecoderShape:
    """Phi-1, 1.5 and 2: one norm a layer, since attention and feed-forward stand side by side."""
    shape = decoder(fields, _BIASED)
    return with_layer_normed_heads(shape) if fields.flag("qk_layernorm") else shape


def read_third(fields: Fields) -> DecoderShape:
    """Phi-3, Phi-3.5 and Phi-4."""
    return decoder(fields, with_flags(fields, Family()))


def read_mixture(fields: Fields) -> DecoderShape:
    """Phi-3.5-MoE: full layer norms, and a bias on the head where the config says so."""
    family = Family(norm_bias=True, bias_head=fields.flag("lm_head_bias"))
    return decoder(fields, with_flags(fields, family))
