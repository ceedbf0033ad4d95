"""Step-3 (arXiv 2507.19427): one key and value head, narrow shared queries, experts in the layers that the config lists."""

from __future__ import annotations

from gpuplanner.catalog.schema.shape import Attention, DecoderShape, Experts, Layer, Mlp
from gpuplanner.engine.architecture.readers.fields import Fields, UnsupportedArchitecture
from gpuplanner.engine.architecture.readers.parts import Family, assemble


def read(fields: Fields) -> DecoderShape:
    """Multi-matrix factorisation attention; dense layers stand at both ends."""
    fields.require("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size", "share_q_dim")
    hidden, layers, heads = fields.size("hidden_size"), fields.layers(), fields.size("num_attention_heads")
    attention = Attention(
        heads=heads,
        kv_heads=fields.size("num_attention_groups", 1),
        head_dim=fields.size("head_dim", max(hidden // heads, 1)),
        q_rank=fields.size("share_q_dim"),
    )
    experts = Experts(
        experts=fields.size("num_experts"),
        top_k=fields.size("num_experts_per_tok"),
        intermediate=fields.size("moe_intermediate_size"),
        shared_intermediate=fields.count("share_expert_dim"),
    )
    dense, sparse = Mlp(intermediate=fields.size("intermediate_size")), _listed(fields)
    kinds = [
        Layer(count=1, attention=attention, feed_forward=experts if at in sparse else dense, norm_params=2 * hidden)
        for at in range(layers)
    ]
    return assemble(fields, Family(), kinds)


def _listed(fields: Fields) -> set[int]:
    """Places of the layers with experts, written as one text with commas."""
    words = [word.strip() for word in fields.word("moe_layers_enum").split(",") if word.strip()]
    if not words or not all(word.isdecimal() and len(word) < 6 for word in words):
        raise UnsupportedArchitecture("bad_value", field="moe_layers_enum", value=fields.word("moe_layers_enum")[:40])
    return {int(word) for word in words}
