"""Qwen: biases on queries, keys and values up to 2.5, norms of queries and keys from 3 on, and the mixtures of both."""

from __future__ import annotations

from dataclasses import replace

from gpuplanner.catalog.schema.shape import DecoderShape, Experts, Layer
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.parts import Family, assemble, decoder, dense, grouped_heads, with_flags

_SECOND = Family(bias_q=True, bias_kv=True, windowed=False)
_THIRD = Family(qk_norm="head", windowed=False)


def read_first(fields: Fields) -> DecoderShape:
    """Qwen 1, whose ``intermediate_size`` is that of both branches of the gate together."""
    family = replace(_SECOND, windowed=True)
    fields.require("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size", "intermediate_size")
    layer = Layer(
        count=1,
        attention=grouped_heads(fields, family),
        feed_forward=dense(fields, family, max(fields.size("intermediate_size") // 2, 1)),
        norm_params=family.norms * family.norm_size(fields.size("hidden_size")),
    )
    return assemble(fields, family, [layer] * fields.layers())


def read_second(fields: Fields) -> DecoderShape:
    """Qwen 1.5, 2 and 2.5; also MiMo and Baichuan-M2."""
    return decoder(fields, with_flags(fields, _SECOND, out=False))


def read_second_moe(fields: Fields) -> DecoderShape:
    """Qwen1.5-MoE and Qwen2-57B: shared experts behind a gate of their own."""
    shape = read_second(fields)
    return shape.model_copy(update={"layers": tuple(_gated(layer) for layer in shape.layers)})


def read_third(fields: Fields) -> DecoderShape:
    """Qwen 3, dense and mixture."""
    return decoder(fields, with_flags(fields, _THIRD))


def _gated(layer: Layer) -> Layer:
    feed = layer.feed_forward
    if isinstance(feed, Experts) and feed.shared_intermediate:
        return layer.model_copy(update={"feed_forward": feed.model_copy(update={"shared_gate": True})})
    return layer
