"""Llama 4, the language model: chunked attention, one shared and one chosen expert."""

from __future__ import annotations

from gpuplanner.catalog.schema.shape import DecoderShape, Layer
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.parts import Family, assemble, dense, experts_of, grouped_heads, windows, with_flags

_FULL_EVERY = 4


def read(fields: Fields) -> DecoderShape:
    """Scout (experts in every layer) and Maverick (in every second). The norms of queries and keys have no parameters."""
    fields.require("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size", "intermediate_size")
    layers = fields.layers()
    family = with_flags(fields, Family(pattern=_FULL_EVERY))
    routed = experts_of(fields, family)
    experts = routed.model_copy(update={"shared_intermediate": routed.intermediate})
    plain = dense(fields, family, fields.size("intermediate_size_mlp", fields.size("intermediate_size")))
    norms = 2 * family.norm_size(fields.size("hidden_size"))
    kinds = []
    for index, window in enumerate(windows(fields, family, layers)):
        feed = experts if _is_sparse(fields, index) else plain
        attention = grouped_heads(fields, family, window)
        kinds.append(Layer(count=1, attention=attention, feed_forward=feed, norm_params=norms))
    return assemble(fields, family, kinds)


def _is_sparse(fields: Fields, index: int) -> bool:
    listed = fields.items("moe_layers")
    if listed:
        return index in listed
    return (index + 1) % fields.size("interleave_moe_layer_step", 1) == 0
