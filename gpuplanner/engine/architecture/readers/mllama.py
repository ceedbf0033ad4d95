"""The language model of Llama 3.2 Vision: some layers attend to the image in place of the text."""

from __future__ import annotations

from gpuplanner.catalog.schema.shape import DecoderShape, Layer
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.parts import Family, assemble, dense, grouped_heads

_MORE_TOKENS = 8  # rows of the embedding beyond the vocabulary


def read(fields: Fields) -> DecoderShape:
    """Layers named in ``cross_attention_layers`` have norms of queries and keys and two gates."""
    fields.require("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size")
    family, hidden = Family(), fields.size("hidden_size")
    plain, feed = grouped_heads(fields, family), dense(fields, family)
    crossing = plain.model_copy(update={"qk_norm_params": 2 * plain.head_dim})
    crossed = set(map(str, fields.items("cross_attention_layers")))
    self_layer = Layer(count=1, attention=plain, feed_forward=feed, norm_params=2 * hidden)
    cross_layer = Layer(count=1, cross=crossing, feed_forward=feed, norm_params=2 * hidden, extra_params=2)
    kinds = [cross_layer if str(index) in crossed else self_layer for index in range(fields.layers())]
    return assemble(fields, family, kinds, position_params=_MORE_TOKENS * hidden)
