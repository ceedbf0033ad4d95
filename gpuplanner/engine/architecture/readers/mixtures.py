"""Mixtures of experts that are otherwise as Llama, each with one habit of its own."""

from __future__ import annotations

from gpuplanner.catalog.schema.shape import DecoderShape, Experts, Layer
from gpuplanner.engine.architecture.readers.fields import Fields
from gpuplanner.engine.architecture.readers.parts import Family, assemble, decoder, dense, experts_of, grouped_heads, with_flags


def read_olmoe(fields: Fields) -> DecoderShape:
    """OLMoE: norms over the whole width of queries and keys."""
    return decoder(fields, with_flags(fields, Family(qk_norm="width")))


def read_minimax_m2(fields: Fields) -> DecoderShape:
    """MiniMax-M2: norms over the whole width of queries and keys unless ``use_qk_norm`` is off."""
    return decoder(fields, Family(qk_norm="width" if fields.flag("use_qk_norm", default=True) else "none"))


def read_granite(fields: Fields) -> DecoderShape:
    """Granite MoE, with a shared block in the larger ones."""
    shape = decoder(fields, with_flags(fields, Family()))
    shared = fields.count("shared_intermediate_size")
    return _with_experts(shape, {"shared_intermediate": shared}) if shared else shape


def read_ernie(fields: Fields) -> DecoderShape:
    """ERNIE 4.5: experts from one layer to another, with a stored correction of each expert's score."""
    layers = fields.layers()
    bias = fields.flag("use_bias")
    family = Family(bias_q=bias, bias_kv=bias, bias_o=bias, bias_in=bias, bias_out=bias, tied=True)
    first, every = fields.count("moe_layer_start_index"), fields.size("moe_layer_interval", 1)
    last = fields.count("moe_layer_end_index", layers - 1) if fields.raw("moe_layer_end_index") != -1 else layers - 1
    plain, attention = dense(fields, family), grouped_heads(fields, family)
    experts = experts_of(fields, family)
    corrected = experts.model_copy(update={"router_params_extra": experts.experts})
    norms = 2 * family.norm_size(fields.size("hidden_size"))
    sparse = [first <= index <= last and (index + 1) % every == 0 for index in range(layers)]
    kinds = [Layer(count=1, attention=attention, feed_forward=corrected if it else plain, norm_params=norms) for it in sparse]
    return assemble(fields, family, kinds)


def read_ernie_vl(fields: Fields) -> DecoderShape:
    """ERNIE 4.5 VL: pictures have narrower experts of their own beside the text's, and count as so many of these."""
    counts, widths = fields.sizes("num_experts", length=2), fields.sizes("moe_intermediate_size", length=2)
    first, last = fields.sizes("moe_layer_start_index", (1, 1), 2), fields.sizes("moe_layer_end_index", (29, 29), 2)
    own = fields.over(
        num_experts=counts[0], moe_num_experts=counts[0], moe_intermediate_size=widths[0], moe_layer_start_index=first[0],
        first_k_dense_replace=first[0], moe_layer_end_index=min(last[0], fields.layers() - 1),
    )  # fmt: skip
    return _with_experts(read_ernie(own), {"experts": counts[0] + round(counts[1] * widths[1] / widths[0])})


def _with_experts(shape: DecoderShape, update: dict[str, int]) -> DecoderShape:
    layers = []
    for layer in shape.layers:
        feed = layer.feed_forward
        changed = feed.model_copy(update=update) if isinstance(feed, Experts) else feed
        layers.append(layer.model_copy(update={"feed_forward": changed}))
    return shape.model_copy(update={"layers": tuple(layers)})
