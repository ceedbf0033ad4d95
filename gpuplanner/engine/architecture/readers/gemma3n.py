"""Gemma 3n: an embedding for every layer, four copies of the stream, a low-rank path beside the attention."""

from __future__ import annotations

from gpuplanner.catalog.schema.shape import Attention, DecoderShape, Layer
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.parts import Family, assemble, dense, grouped_heads, windows, with_flags


def read(fields: Fields) -> DecoderShape:
    """The text part; the last layers share an earlier one's keys and values."""
    fields.require("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size", "intermediate_size")
    family = with_flags(fields, Family(tied=True, norms=4, pattern=5, qk_norm="head"))
    layers, hidden = fields.layers(), fields.size("hidden_size")
    owned = layers - fields.count("num_kv_shared_layers", 15)
    each, streams = fields.size("hidden_size_per_layer_input", 256), fields.few("altup_num_inputs", 4)
    rank = fields.size("laurel_rank", 64)
    extra = hidden + streams**2 + streams**3 + streams * hidden + hidden  # predicts and corrects the copies of the stream
    extra += 2 * rank * hidden + hidden  # the low-rank path and its norm
    extra += 2 * each * hidden + hidden  # a layer's own embedding enters
    kinds = []
    for index, (window, wide) in enumerate(
        zip(windows(fields, family, layers), fields.sizes("intermediate_size", length=layers), strict=True)
    ):
        attention = _attention(fields, family, window, shares=index >= owned)
        kinds.append(
            Layer(
                count=1, attention=attention, feed_forward=dense(fields, family, wide), norm_params=4 * hidden, extra_params=extra
            )
        )
    tables = each * layers * (fields.size("vocab_size_per_layer_input", fields.size("vocab_size")) + hidden) + each
    return assemble(fields, family, kinds, position_params=tables + 2 * (streams - 1) * hidden**2)


def _attention(fields: Fields, family: Family, window: int | None, shares: bool) -> Attention:
    found = grouped_heads(fields, family, window)
    return found.model_copy(update={"shares_kv": shares, "qk_norm_params": found.head_dim * (1 if shares else 2)})
