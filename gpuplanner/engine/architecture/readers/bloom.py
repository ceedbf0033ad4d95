"""BLOOM: no position embeddings, a norm right after the embedding, biases everywhere."""

from __future__ import annotations

from gpuplanner.catalog.schema.shape import DecoderShape, Layer
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.parts import Family, assemble, dense, grouped_heads

_FAMILY = Family(bias_q=True, bias_kv=True, bias_o=True, bias_in=True, bias_out=True, gated=False, norm_bias=True, tied=True)


def read(fields: Fields) -> DecoderShape:
    """BLOOM and BLOOMZ."""
    fields.require("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size")
    hidden = fields.size("hidden_size")
    norm = _FAMILY.norm_size(hidden)
    layer = Layer(
        count=1,
        attention=grouped_heads(fields, _FAMILY),
        feed_forward=dense(fields, _FAMILY, 4 * hidden),
        norm_params=2 * norm,
    )
    return assemble(fields, _FAMILY, [layer] * fields.layers(), final_params=2 * norm)
