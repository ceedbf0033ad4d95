"""DBRX: sixteen experts, four at a time, with nested attention and feed-forward settings."""

from __future__ import annotations

from gpuplanner.catalog.schema.shape import DecoderShape, Experts, Layer
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.parts import Family, assemble, grouped_heads


def read(fields: Fields) -> DecoderShape:
    """DBRX."""
    fields.require("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size", "ffn_config")
    family = Family()
    attention, feed = fields.part("attn_config"), fields.part("ffn_config")
    kv_heads = attention.size("kv_n_heads", fields.size("num_key_value_heads", fields.size("num_attention_heads")))
    layer = Layer(
        count=1,
        attention=grouped_heads(fields, family, kv_heads=kv_heads),
        feed_forward=Experts(
            experts=feed.size("moe_num_experts"), top_k=feed.size("moe_top_k"), intermediate=feed.size("ffn_hidden_size")
        ),
        norm_params=2 * family.norm_size(fields.size("hidden_size")),
    )
    return assemble(fields, family, [layer] * fields.layers())
