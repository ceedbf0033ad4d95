"""LongCat-Flash: each layer is two of attention and dense feed-forward, with experts on a shortcut past the second."""

from __future__ import annotations

from gpuplanner.catalog.schema.shape import DecoderShape, Experts, Layer, Mlp
from gpuplanner.engine.architecture.readers.fields import MAX_LAYERS, Fields, UnsupportedArchitecture
from gpuplanner.engine.architecture.readers.parts import Family, assemble, latent


def read(fields: Fields) -> DecoderShape:
    """Routed experts are the first half's, whose dense block every token passes; some experts only pass their input on."""
    fields.require("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size", "num_experts", "num_experts_per_tok")
    layers = fields.layers()
    if 2 * layers > MAX_LAYERS:
        raise UnsupportedArchitecture("bad_value", field="num_layers", value=str(layers))
    hidden, wide = fields.size("hidden_size"), fields.size("ffn_hidden_size")
    attention, identity = latent(fields), fields.count("zero_expert_num")
    experts = Experts(
        experts=fields.size("num_experts"), top_k=fields.size("num_experts_per_tok"),
        intermediate=fields.size("expert_ffn_hidden_size"), shared_intermediate=wide, identity=identity,
    )  # fmt: skip
    first = Layer(count=1, attention=attention, feed_forward=experts, norm_params=2 * hidden)
    second = Layer(count=1, attention=attention, feed_forward=Mlp(intermediate=wide), norm_params=2 * hidden)
    return assemble(fields, Family(), [first, second] * layers)
