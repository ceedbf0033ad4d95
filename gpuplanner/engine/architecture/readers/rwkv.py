"""RWKV 4: time mixing and channel mixing, a state of a few vectors a layer."""

from __future__ import annotations

from gpuplanner.catalog.schema.shape import DecoderShape, Layer, Mlp, StateMixer
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.parts import Family, assemble


def read(fields: Fields) -> DecoderShape:
    """Each half starts with a full layer norm; the gate of the channel mixing is as wide as the stream."""
    fields.require("hidden_size", "num_hidden_layers", "vocab_size")
    hidden = fields.size("hidden_size")
    inner, wide = fields.size("attention_hidden_size", hidden), fields.size("intermediate_size", 4 * hidden)
    mixer = StateMixer(
        form="recurrence",
        heads=inner,
        into=3 * inner,
        out_of=inner,
        small_params=2 * inner + 3 * hidden,
        state_elements=3 * inner + 2 * hidden,
        state_products=4,
    )
    layer = Layer(
        count=1, mixer=mixer, feed_forward=Mlp(intermediate=wide, gated=False), norm_params=4 * hidden,
        extra_params=2 * hidden + hidden * hidden,
    )  # fmt: skip
    shape = assemble(fields, Family(norm_bias=True), [layer] * fields.layers())
    longest = fields.size("context_length") if fields.has("context_length") else None
    return shape.model_copy(update={"final_params": 4 * hidden, "max_context": shape.max_context or longest})
