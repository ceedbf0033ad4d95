"""MiMo-V2: values narrower than keys, few full layers among windowed ones that have more key-value heads and a sink."""

from __future__ import annotations

from gpuplanner.catalog.schema.shape import Attention, DecoderShape, Layer
from gpuplanner.engine.architecture.readers.fields import Fields, UnsupportedArchitecture
from gpuplanner.engine.architecture.readers.parts import Family, assemble, feed_forwards, grouped_heads, with_flags


def read_second(fields: Fields) -> DecoderShape:
    """MiMo-V2-Flash; ``hybrid_layer_pattern`` holds 1 for a windowed layer and 0 for a full one."""
    fields.require("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size", "hybrid_layer_pattern")
    layers = fields.layers()
    family = with_flags(fields, Family())
    norms = 2 * family.norm_size(fields.size("hidden_size"))
    kinds = fields.items("hybrid_layer_pattern", layers)
    if not kinds:
        raise UnsupportedArchitecture("wrong_length", field="hybrid_layer_pattern", found=0, expected=layers)
    return assemble(
        fields,
        family,
        [
            Layer(count=1, attention=_attention(fields, family, bool(kind)), feed_forward=feed, norm_params=norms)
            for kind, feed in zip(kinds, feed_forwards(fields, family, layers), strict=True)
        ],
    )


def _attention(fields: Fields, family: Family, windowed: bool) -> Attention:
    attention = grouped_heads(fields, family, kv_heads=fields.size("swa_num_key_value_heads") if windowed else None)
    sink = fields.flag("add_swa_attention_sink_bias") if windowed else fields.flag("add_full_attention_sink_bias")
    return attention.model_copy(
        update={
            "window": fields.size("sliding_window") if windowed else None,
            "v_head_dim": fields.size("v_head_dim", attention.head_dim),
            "sink_params": attention.heads if sink else 0,
        }
    )
