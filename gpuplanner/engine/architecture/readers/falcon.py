"""Falcon: attention and feed-forward side by side, one or few key-value heads."""

from __future__ import annotations

from gpuplanner.catalog.schema.shape import DecoderShape, Layer
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.parts import Family, assemble, dense, grouped_heads


def read(fields: Fields) -> DecoderShape:
    """Falcon 1 (7B, 40B, 180B) and 2. The checkpoint stores the tied head a second time; it isn't counted twice."""
    fields.require("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size")
    hidden = fields.size("hidden_size")
    bias = fields.flag("bias")
    new = fields.flag("new_decoder_architecture")
    family = Family(
        bias_q=bias, bias_kv=bias, bias_o=bias, bias_in=bias, bias_out=bias,
        gated=False, norms=_norms(fields, new), norm_bias=True, tied=True,
    )  # fmt: skip
    layer = Layer(
        count=1,
        attention=grouped_heads(fields, family, kv_heads=_kv_heads(fields, new)),
        feed_forward=dense(fields, family, fields.size("intermediate_size", 4 * hidden)),
        norm_params=family.norms * family.norm_size(hidden),
    )
    return assemble(fields, family, [layer] * fields.layers())


def _norms(fields: Fields, new: bool) -> int:
    if new:
        return fields.size("num_ln_in_parallel_attn", 2)
    return 1 if fields.flag("parallel_attn", default=True) else 2


def _kv_heads(fields: Fields, new: bool) -> int:
    heads = fields.size("num_attention_heads")
    if new:
        return fields.size("num_key_value_heads", heads)
    return 1 if fields.flag("multi_query", default=True) else heads
