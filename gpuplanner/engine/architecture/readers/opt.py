"""OPT and Galactica: learned positions with an offset of two, and in one size a narrower embedding."""

from __future__ import annotations

from gpuplanner.catalog.schema.shape import DecoderShape
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.parts import Family, assemble, decoder

_POSITION_OFFSET = 2


def read(fields: Fields) -> DecoderShape:
    """OPT."""
    bias = fields.flag("enable_bias", default=True)
    affine = fields.flag("layer_norm_elementwise_affine", default=True)
    family = Family(
        bias_q=bias, bias_kv=bias, bias_o=bias, bias_in=bias, bias_out=bias,
        gated=False, norm_weight=affine, norm_bias=affine, tied=True,
    )  # fmt: skip
    shape = decoder(fields, family)
    hidden = shape.hidden
    normed = fields.flag("do_layer_norm_before", default=True) and not fields.flag("_remove_final_layer_norm")
    layers = [layer.model_copy(update={"count": 1}) for layer in shape.layers for _ in range(layer.count)]
    return assemble(
        fields,
        family,
        layers,
        position_params=(fields.size("max_position_embeddings", 2048) + _POSITION_OFFSET) * hidden,
        embedding_dim=fields.size("word_embed_proj_dim", hidden),
        final_params=family.norm_size(hidden) if normed else 0,
    )
