"""The parts a decoder is made of, from the fields that most families share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal

from gpuplanner.catalog.schema.shape import Attention, DecoderShape, Experts, LatentAttention, Layer, Mlp
from gpuplanner.engine.architecture.readers.fields import Fields, UnsupportedArchitecture

_CORE: Final = ("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size")
_WINDOWED: Final = ("sliding_attention", "sliding_window", "local_attention", "chunked_attention", "local")
_FULL: Final = ("full_attention", "attention", "global", "global_attention", "indexed_attention")


@dataclass(frozen=True, slots=True)
class Family:
    """What a family's code does that its config doesn't say.

    ``norms`` per layer, each with a weight and, if ``norm_bias``, a bias; ``qk_norm``: "head" is one weight a head dimension,
    "width" one a query and key channel. ``tied``: the head's default where the config is silent. ``windowed``: a sliding window
    in the config is in force without further flags. ``pattern``: every n-th layer is full where the config only names a window.
    """

    bias_q: bool = False
    bias_kv: bool = False
    bias_o: bool = False
    bias_in: bool = False
    bias_out: bool = False
    bias_head: bool = False
    gated: bool = True
    norms: int = 2
    norm_weight: bool = True
    norm_bias: bool = False
    qk_norm: Literal["none", "head", "width"] = "none"
    tied: bool = False
    windowed: bool = True
    pattern: int = 0

    def norm_size(self, hidden: int) -> int:
        """Parameters of one norm."""
        return hidden * (int(self.norm_weight) + int(self.norm_bias))


def decoder(fields: Fields, family: Family) -> DecoderShape:
    """A decoder whose layers differ at most by window and by dense or expert feed-forward.

    Args:
        fields: the config.
        family: what the config doesn't say.

    Returns:
        The shape; raises UnsupportedArchitecture for missing or impossible values.
    """
    fields.require(*_CORE)
    hidden = fields.size("hidden_size")
    layers = fields.layers()
    norm_params = family.norms * family.norm_size(hidden)
    kinds = [
        Layer(count=1, attention=attention_of(fields, family, window), feed_forward=feed, norm_params=norm_params)
        for window, feed in zip(windows(fields, family, layers), feed_forwards(fields, family, layers), strict=True)
    ]
    return assemble(fields, family, kinds)


def assemble(fields: Fields, family: Family, kinds: Iterable[Layer], **beside: int | None) -> DecoderShape:
    """Puts layers, embeddings and head together; ``beside`` overrides parts of the shape that a family does otherwise."""
    hidden = fields.size("hidden_size")
    values: dict[str, object] = {
        "hidden": hidden,
        "vocab": fields.size("vocab_size"),
        "layers": grouped(kinds),
        "tied": fields.flag("tie_word_embeddings", family.tied),
        "max_context": fields.size("max_position_embeddings") if fields.has("max_position_embeddings") else None,
        "final_params": family.norm_size(hidden),
        "head_bias": family.bias_head,
    }
    return DecoderShape.model_validate(values | beside)


def grouped(kinds: Iterable[Layer]) -> tuple[Layer, ...]:
    """Equal layers counted, in the order in which each kind first occurs."""
    found: list[Layer] = []
    counts: list[int] = []
    for kind in kinds:
        if kind in found:
            counts[found.index(kind)] += 1
        else:
            found.append(kind)
            counts.append(1)
    return tuple(kind.model_copy(update={"count": count}) for kind, count in zip(found, counts, strict=True))


def with_layer_normed_heads(shape: DecoderShape) -> DecoderShape:
    """The same with full layer norms, a weight and a bias each, over the heads' queries and keys."""
    layers = []
    for layer in shape.layers:
        attention = layer.attention
        if isinstance(attention, Attention):
            attention = attention.model_copy(update={"qk_norm_params": 4 * attention.head_dim})
        layers.append(layer.model_copy(update={"attention": attention}))
    return shape.model_copy(update={"layers": tuple(layers)})


def attention_of(fields: Fields, family: Family, window: int | None) -> Attention | LatentAttention:
    """Latent attention where the config has its ranks, grouped heads otherwise."""
    return latent(fields) if fields.has("kv_lora_rank") else grouped_heads(fields, family, window)


def grouped_heads(fields: Fields, family: Family, window: int | None = None, kv_heads: int | None = None) -> Attention:
    """Softmax attention; ``attention_bias`` or its kin in the config overrule the family's habit."""
    heads = fields.size("num_attention_heads")
    kv_heads = kv_heads or fields.size("num_key_value_heads", heads)
    head_dim = fields.size("head_dim", fields.size("hidden_size") // heads)
    if head_dim < 1 or heads % kv_heads:
        raise UnsupportedArchitecture("heads_dont_divide", heads=heads, kv_heads=kv_heads)
    return Attention(
        heads=heads,
        kv_heads=kv_heads,
        head_dim=head_dim,
        window=window,
        bias_q=family.bias_q,
        bias_kv=family.bias_kv,
        bias_o=family.bias_o,
        qk_norm_params={"none": 0, "head": 2 * head_dim, "width": (heads + kv_heads) * head_dim}[family.qk_norm],
    )


def latent(fields: Fields) -> LatentAttention:
    """Multi-head latent attention, with the indexer of sparse attention where the config has one."""
    fields.require("kv_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim")
    return LatentAttention(
        heads=fields.size("num_attention_heads"),
        q_lora_rank=fields.size("q_lora_rank") if fields.has("q_lora_rank") else None,
        kv_lora_rank=fields.size("kv_lora_rank"),
        qk_nope_head_dim=fields.size("qk_nope_head_dim"),
        qk_rope_head_dim=fields.size("qk_rope_head_dim"),
        v_head_dim=fields.size("v_head_dim"),
        bias=fields.flag("attention_bias"),
        index_heads=fields.count("index_n_heads"),
        index_head_dim=fields.count("index_head_dim"),
        index_top_k=fields.count("index_topk"),
    )


def feed_forwards(fields: Fields, family: Family, layers: int) -> list[Mlp | Experts]:
    """One feed-forward block a layer: dense, or experts where the config places them."""
    if not fields.has("num_experts") or fields.count("num_experts") < 2:
        return [dense(fields, family)] * layers
    experts = experts_of(fields, family)
    return [experts if sparse else dense(fields, family) for sparse in sparse_layers(fields, layers)]


def dense(fields: Fields, family: Family, intermediate: int | None = None) -> Mlp:
    """A dense feed-forward block."""
    return Mlp(
        intermediate=intermediate or fields.size("intermediate_size"),
        gated=family.gated,
        bias_in=family.bias_in,
        bias_out=family.bias_out,
    )


def experts_of(fields: Fields, family: Family) -> Experts:
    """Routed experts, and shared ones as one block of their joint width."""
    fields.require("num_experts", "num_experts_per_tok")
    count, chosen = fields.size("num_experts"), fields.size("num_experts_per_tok")
    if chosen > count:
        raise UnsupportedArchitecture("bad_value", field="num_experts_per_tok", value=str(chosen))
    width = fields.size("moe_intermediate_size", fields.size("intermediate_size") if fields.has("intermediate_size") else None)
    shared = fields.count("shared_expert_intermediate_size", fields.count("n_shared_experts") * width)
    return Experts(experts=count, top_k=chosen, intermediate=width, gated=family.gated, shared_intermediate=shared)


def sparse_layers(fields: Fields, layers: int) -> list[bool]:
    """Which layers hold experts: leading dense ones, every n-th layer, or a list of exceptions."""
    listed = fields.items("mlp_layer_types", layers)
    if listed:
        return [kind in ("sparse", "moe") for kind in listed]
    leading = fields.count("first_k_dense_replace")
    every = max(fields.count("moe_layer_freq", 1), fields.count("decoder_sparse_step", 1), 1)
    offset = every - 1 if fields.has("decoder_sparse_step") else 0
    plain = {index for index in fields.items("mlp_only_layers") if isinstance(index, int)}
    return [index >= leading and index % every == offset and index not in plain for index in range(layers)]


def windows(fields: Fields, family: Family, layers: int) -> list[int | None]:
    """How far each layer looks back: None for all of the context.

    The config's own list of layer types decides; then its or the family's pattern; then a window for all layers.
    """
    kinds = fields.items("layer_types", layers)
    window = _window(fields)
    if kinds:
        return [_window_of(str(kind), window) for kind in kinds]
    if window is None or not (family.windowed or fields.flag("use_sliding_window")):
        return [None] * layers
    first, full_every = fields.count("max_window_layers"), _pattern(fields, family)
    full = [index < first or bool(full_every and (index + 1) % full_every == 0) for index in range(layers)]
    return [None if is_full else window for is_full in full]


def _window(fields: Fields) -> int | None:
    """The window, unless it is switched off or as long as the context."""
    window = fields.count("sliding_window") or fields.count("attention_chunk_size")
    if not window or not fields.flag("use_sliding_window", default=True):
        return None
    longest = fields.count("max_position_embeddings")
    return None if longest and window >= longest else window


def _window_of(kind: str, window: int | None) -> int | None:
    if kind in _FULL:
        return None
    if kind in _WINDOWED:
        return window
    raise UnsupportedArchitecture("hybrid_attention", kind=kind[:40])


def _pattern(fields: Fields, family: Family) -> int:
    for name in ("sliding_window_pattern", "_sliding_window_pattern"):
        value = fields.raw(name)
        if isinstance(value, str) and value and set(value) <= set("LG") and value.endswith("G") and value.count("G") == 1:
            return len(value)
        if value is not None:
            return fields.count(name)
    return family.pattern


def with_flags(fields: Fields, family: Family, out: bool = True) -> Family:
    """The family as this config's own flags change it; ``out``: ``attention_bias`` covers the output projection too."""
    if fields.has("attention_bias"):
        bias = fields.flag("attention_bias")
        family = replace(family, bias_q=bias, bias_kv=bias, bias_o=bias if out else family.bias_o)
    if fields.has("qkv_bias"):
        bias = fields.flag("qkv_bias")
        family = replace(family, bias_q=bias, bias_kv=bias)
    if fields.has("attention_out_bias"):
        family = replace(family, bias_o=fields.flag("attention_out_bias"))
    if fields.has("mlp_bias"):
        family = replace(family, bias_in=fields.flag("mlp_bias"), bias_out=fields.flag("mlp_bias"))
    return family
