"""Decoders whose attention has a gate on its output: AFMoE, Muse Glimmer, Laguna, and others with the same habits."""

from __future__ import annotations

from dataclasses import replace

from gpuplanner.catalog.schema.shape import Attention, DecoderShape, Experts, Layer
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.parts import (
    Family,
    assemble,
    decoder,
    feed_forwards,
    grouped_heads,
    windows,
    with_flags,
)


def read_afmoe(fields: Fields) -> DecoderShape:
    """AFMoE (Trinity): a gate as wide as the queries, four norms, a stored correction of each expert's score."""
    return _corrected(_gated(fields, Family(norms=4, qk_norm="head", pattern=fields.size("global_attn_every_n_layers", 4))))


def read_glimmer(fields: Fields) -> DecoderShape:
    """Muse Glimmer's text: gated heads and four norms; queries and keys are normed without parameters."""
    return _gated(fields, Family(norms=4))


def read_beam(fields: Fields) -> DecoderShape:
    """Beam: gated heads with a learned bias each, four norms."""
    shape = _gated(fields, Family(norms=4, qk_norm="head"))
    return _beside(shape, fields.size("num_attention_heads"))


def read_laguna(fields: Fields) -> DecoderShape:
    """Laguna: a gate of one value a head; the number of heads may differ from layer to layer."""
    family = with_flags(fields, Family(qk_norm="head"))
    layers, hidden = fields.layers(), fields.size("hidden_size")
    listed = fields.items("num_attention_heads_per_layer", layers) or [fields.size("num_attention_heads")] * layers
    gates = fields.raw("gating") not in (False, None)
    head_dim = fields.size("head_dim", hidden // fields.size("num_attention_heads") or 1)
    kinds = []
    for heads, window, feed in zip(listed, windows(fields, family, layers), feed_forwards(fields, family, layers), strict=True):
        own = Fields({"num_attention_heads": heads}).size("num_attention_heads")
        attention = grouped_heads(fields.over(num_attention_heads=own, head_dim=head_dim), family, window)
        if isinstance(feed, Experts):
            feed = feed.model_copy(update={"router_params_extra": feed.experts})
        extra = own * hidden if gates else 0
        kinds.append(Layer(count=1, attention=attention, feed_forward=feed, norm_params=2 * hidden, extra_params=extra))
    return assemble(fields, family, kinds)


def _gated(fields: Fields, family: Family) -> DecoderShape:
    shape = decoder(fields, with_flags(fields, family))
    layers = []
    for layer in shape.layers:
        attention = layer.attention
        if isinstance(attention, Attention):
            attention = attention.model_copy(update={"gate": True})
        layers.append(layer.model_copy(update={"attention": attention}))
    return shape.model_copy(update={"layers": tuple(layers)})


def _corrected(shape: DecoderShape) -> DecoderShape:
    layers = []
    for layer in shape.layers:
        feed = layer.feed_forward
        if isinstance(feed, Experts):
            feed = feed.model_copy(update={"router_params_extra": feed.experts})
        layers.append(layer.model_copy(update={"feed_forward": feed}))
    return shape.model_copy(update={"layers": tuple(layers)})


def _beside(shape: DecoderShape, extra: int) -> DecoderShape:
    layers = tuple(layer.model_copy(update={"extra_params": layer.extra_params + extra}) for layer in shape.layers)
    return shape.model_copy(update={"layers": layers})


def read_nanochat(fields: Fields) -> DecoderShape:
    """Nanochat: squared ReLU without a gate, norms without parameters."""
    return decoder(fields, replace(with_flags(fields, Family(gated=False)), norm_weight=False))
