"""MPT: ALiBi in place of position embeddings, nested attention settings, no biases."""

from __future__ import annotations

from gpuplanner.catalog.schema.shape import DecoderShape, Layer
from gpuplanner.engine.architecture.readers.fields import Fields, UnsupportedArchitecture
from gpuplanner.engine.architecture.readers.parts import Family, assemble, dense, grouped_heads


def read(fields: Fields) -> DecoderShape:
    """MPT-7B and 30B; learned positions count only where ALiBi is off."""
    fields.require("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size")
    hidden = fields.size("hidden_size")
    bias = not fields.flag("no_bias", default=True)
    family = Family(
        bias_q=bias, bias_kv=bias, bias_o=bias, bias_in=bias, bias_out=bias, gated=False, norm_bias=bias, tied=True
    )  # fmt: skip
    nested = fields.part("attn_config")
    if nested.flag("qk_ln"):
        raise UnsupportedArchitecture("bad_value", field="attn_config.qk_ln", value="true")
    layer = Layer(
        count=1,
        attention=grouped_heads(fields, family, kv_heads=_kv_heads(fields, nested)),
        feed_forward=dense(fields, family, fields.size("expansion_ratio", 4) * hidden),
        norm_params=2 * family.norm_size(hidden),
    )
    learned = fields.flag("learned_pos_emb", default=True) and not nested.flag("alibi", default=True)
    positions = fields.size("max_position_embeddings", 2048) * hidden if learned else 0
    return assemble(fields, family, [layer] * fields.layers(), position_params=positions)


def _kv_heads(fields: Fields, nested: Fields) -> int:
    if nested.word("attn_type") == "multiquery_attention":
        return 1
    return nested.size("kv_n_heads", fields.size("num_attention_heads"))
