"""gpt-oss: alternating windows, learned attention sinks, biases on experts and router."""

from __future__ import annotations

from gpuplanner.catalog.schema.shape import DecoderShape, Layer
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.parts import Family, assemble, experts_of, grouped_heads, windows, with_flags


def read(fields: Fields) -> DecoderShape:
    """gpt-oss 20B and 120B."""
    fields.require("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size", "num_experts")
    family = with_flags(fields, Family(bias_q=True, bias_kv=True, bias_o=True, pattern=2))
    experts = experts_of(fields, family)
    experts = experts.model_copy(update={"bias": True, "router_params_extra": experts.experts})
    norms = 2 * family.norm_size(fields.size("hidden_size"))
    kinds = []
    for window in windows(fields, family, fields.layers()):
        attention = grouped_heads(fields, family, window)
        attention = attention.model_copy(update={"sink_params": attention.heads})
        kinds.append(Layer(count=1, attention=attention, feed_forward=experts, norm_params=norms))
    return assemble(fields, family, kinds)
