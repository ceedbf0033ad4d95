"""Gemma 1 to 3: gated GELU, the head always the embedding, and from 2 on windows and four norms a layer."""

from __future__ import annotations

from collections.abc import Mapping

from gpuplanner.catalog.schema.shape import Attention, DecoderShape, Layer, Mlp
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.parts import (
    Family,
    assemble,
    decoder,
    dense,
    experts_of,
    grouped_heads,
    windows,
    with_flags,
)


def read_first(fields: Fields) -> DecoderShape:
    """Gemma 1."""
    return decoder(fields, with_flags(fields, Family(tied=True)))


def read_second(fields: Fields) -> DecoderShape:
    """Gemma 2: every second layer looks back over the whole context."""
    return decoder(fields, with_flags(fields, Family(tied=True, norms=4, pattern=2)))


def read_third(fields: Fields) -> DecoderShape:
    """Gemma 3, text only: every sixth layer looks back over the whole context."""
    return decoder(fields, with_flags(fields, Family(tied=True, norms=4, pattern=6, qk_norm="head")))


def read_fourth(fields: Fields) -> DecoderShape:
    """Gemma 4: full layers with heads of their own, whose keys may be the values; experts beside the dense block.

    The small ones have an embedding for every layer, and last layers that share an earlier one's keys and values.
    """
    fields.require("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size", "intermediate_size")
    family = with_flags(fields, Family(tied=True, norms=4, pattern=6))
    layers, hidden = fields.layers(), fields.size("hidden_size")
    each = fields.count("hidden_size_per_layer_input")
    found = windows(fields, family, layers)
    if not fields.items("layer_types") and found:
        found[-1] = None
    owned = layers - fields.count("num_kv_shared_layers")
    own = fields.part("per_layer_config")
    kinds = [_fourth(_of_layer(fields, own, index), family, window, index >= owned, each) for index, window in enumerate(found)]
    beside = each * (layers * (fields.size("vocab_size_per_layer_input", fields.size("vocab_size")) + hidden) + 1) if each else 0
    return assemble(fields, family, kinds, position_params=beside)


def _of_layer(fields: Fields, own: Fields, index: int) -> Fields:
    """The fields as they hold for one layer, where some are listed layer by layer."""
    for name in (str(index), f"{index:02}"):
        if own.has(name):
            told = own.raw(name)
            if isinstance(told, Mapping):
                return fields.over(**{"global_head_dim": told.get("head_dim", fields.raw("global_head_dim")), **told})
    return fields


def _fourth(fields: Fields, family: Family, window: int | None, shares: bool, each: int) -> Layer:
    hidden, wide = fields.size("hidden_size"), fields.size("intermediate_size")
    narrow = shares and fields.flag("use_double_wide_mlp")
    feed: Mlp = dense(fields, family, wide * (2 if narrow else 1))
    attention = _fourth_attention(fields, family, window, shares)
    extra = 2 * hidden * each + hidden if each else 0
    if not fields.flag("enable_moe_block"):
        return Layer(count=1, attention=attention, feed_forward=feed, norm_params=4 * hidden, extra_params=extra)
    experts = experts_of(fields, family)
    experts = experts.model_copy(
        update={"shared_intermediate": feed.intermediate, "router_params_extra": hidden + experts.experts}
    )
    return Layer(count=1, attention=attention, feed_forward=experts, norm_params=7 * hidden, extra_params=extra)


def _fourth_attention(fields: Fields, family: Family, window: int | None, shares: bool) -> Attention:
    heads, kv_heads = fields.size("num_attention_heads"), fields.size("num_key_value_heads", fields.size("num_attention_heads"))
    head_dim = fields.size("head_dim", 256)
    same = window is None and fields.flag("attention_k_eq_v")
    if window is None:
        head_dim = fields.size("global_head_dim", head_dim)
        kv_heads = fields.size("num_global_key_value_heads", kv_heads) if same else kv_heads
    plain = grouped_heads(fields.over(head_dim=head_dim, num_key_value_heads=kv_heads), family, window)
    return plain.model_copy(
        update={"heads": heads, "value_is_key": same, "shares_kv": shares, "qk_norm_params": head_dim * (1 if shares else 2)}
    )
