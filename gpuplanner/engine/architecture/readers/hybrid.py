"""Hybrids: layers of attention among layers that keep a fixed state, or layers of one part alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, Literal

from gpuplanner.catalog.schema.shape import Attention, DecoderShape, Experts, LatentAttention, Layer, Mlp, StateMixer
from gpuplanner.engine.architecture.readers import mixers
from gpuplanner.engine.architecture.readers.fields import Fields, UnsupportedArchitecture
from gpuplanner.engine.architecture.readers.parts import (
    Family,
    assemble,
    attention_of,
    dense,
    experts_of,
    feed_forwards,
    grouped_heads,
    with_flags,
)

Kind = Literal["attention", "window", "state", "mlp", "moe"]

_KINDS: Final[dict[str, Kind]] = {
    "full_attention": "attention",
    "attention": "attention",
    "sliding_attention": "window",
    "linear_attention": "state",
    "mamba": "state",
    "mamba2": "state",
    "recurrent": "state",
    "conv": "state",
    "short_conv": "state",
    "kda": "state",
    "mlp": "mlp",
    "moe": "moe",
    "M": "state",
    "*": "attention",
    "-": "mlp",
    "E": "moe",
}


def read_qwen(fields: Fields) -> DecoderShape:
    """Qwen3-Next and Qwen3.5: gated DeltaNet, and gated attention in every fourth layer; experts or dense."""
    family = with_flags(fields, Family(qk_norm="head", tied=False))
    gated = {"gate": fields.flag("attn_output_gate", default=True)}
    shape = _read(fields, family, mixers.delta, lambda found: found.model_copy(update=gated))
    return _shared_gate(shape)


def read_olmo(fields: Fields) -> DecoderShape:
    """OLMo Hybrid: the norms of queries and keys span all heads."""
    return _read(fields, with_flags(fields, Family(qk_norm="width")), mixers.delta)


def read_kimi(fields: Fields) -> DecoderShape:
    """Kimi Linear: delta attention with a decay a channel, latent attention without positions."""
    return _read(fields, Family(), mixers.kimi_delta)


def read_bailing(fields: Fields) -> DecoderShape:
    """Ling 2.5 and 3: as Kimi Linear, with whole matrices for decay and gate, and gated heads in the latent attention."""
    shape = _read(fields, Family(), lambda found: mixers.kimi_delta(found, whole=True))
    gate = shape.hidden * fields.size("num_attention_heads")
    layers = [layer.model_copy(update={"extra_params": gate}) if layer.attention is not None else layer for layer in shape.layers]
    return shape.model_copy(update={"layers": tuple(layers)})


def read_minimax(fields: Fields) -> DecoderShape:
    """MiniMax-01: lightning attention, softmax attention in few layers, experts throughout."""
    return _read(fields, with_flags(fields, Family()), mixers.lightning)


def read_jamba(fields: Fields) -> DecoderShape:
    """Jamba: Mamba with norms inside; experts in every second layer."""
    return _read(fields, Family(), lambda found: mixers.mamba(found, normed=True))


def read_bamba(fields: Fields) -> DecoderShape:
    """Bamba and Granite 4 hybrids: Mamba 2 among attention."""
    return _read(fields, with_flags(fields, Family()), mixers.mamba2)


def read_falcon_h1(fields: Fields) -> DecoderShape:
    """Falcon-H1: attention and Mamba 2 side by side in every layer."""
    family = with_flags(fields, Family())
    layer = Layer(
        count=1,
        attention=grouped_heads(fields, family),
        mixer=mixers.mamba2(fields),
        feed_forward=dense(fields, family),
        norm_params=2 * fields.size("hidden_size"),
    )
    return assemble(fields, family, [layer] * fields.layers())


def read_lfm2(fields: Fields) -> DecoderShape:
    """LFM2: gated short convolutions among attention; the published width of the feed-forward block is a start value."""
    family = with_flags(fields, Family(qk_norm="head", tied=True))
    return _read(fields, family, mixers.short_convolution, width=_lfm2_width(fields))


def read_griffin(fields: Fields) -> DecoderShape:
    """RecurrentGemma: two recurrences to each windowed attention; ``intermediate_size`` counts both branches."""
    family = replace(with_flags(fields, Family(tied=True)), bias_o=True, bias_in=True, bias_out=True)
    window = fields.size("attention_window_size", 2048)

    def windowed(found: Attention) -> Attention:
        return found.model_copy(update={"window": window})

    return _read(fields, family, mixers.gated_recurrence, windowed, width=max(fields.size("intermediate_size") // 2, 1))


def read_nemotron(fields: Fields) -> DecoderShape:
    """Nemotron-H: each layer is one part alone, Mamba 2, attention, squared-ReLU feed-forward or experts, behind one norm."""
    family = replace(with_flags(fields, Family(gated=False)), bias_q=False, bias_kv=False, bias_o=False)
    parts: dict[Kind, Attention | StateMixer | Mlp | Experts] = {}
    layers = []
    for kind in kinds(fields):
        if kind not in parts:
            parts[kind] = _single(fields, family, kind)
        layers.append(_alone(parts[kind], fields.size("hidden_size")))
    return assemble(fields, family, layers)


def read_mamba(fields: Fields) -> DecoderShape:
    """Mamba 1 and Falcon-Mamba: a state in every layer, no feed-forward."""
    return _states_alone(fields, mixers.mamba(fields))


def read_mamba2(fields: Fields) -> DecoderShape:
    """Mamba 2."""
    return _states_alone(fields, mixers.mamba2(fields))


def looks_hybrid(fields: Fields) -> bool:
    """Whether a config has fields that only models with a fixed state have."""
    return fields.has(
        "layers_block_type", "hybrid_override_pattern", "attn_layer_period", "linear_num_key_heads", "linear_attn_config",
        "linear_head_dim", "full_attention_interval", "mamba_d_state", "ssm_state_size", "mamba_num_heads", "mamba_n_heads",
        "mamba_d_conv", "conv_L_cache", "lru_width", "state_size", "time_step_rank",
    ) or not all(fields.items("attn_type_list"))  # fmt: skip


def read_unknown(fields: Fields) -> DecoderShape:
    """A hybrid of no known family, whose fields say which kind of state it keeps."""
    if not _says_kinds(fields) and not fields.has("num_attention_heads"):
        return _states_alone(fields, mixers.mixer_of(fields))
    return _read(fields, with_flags(fields, Family()), mixers.mixer_of)


def kinds(fields: Fields) -> list[Kind]:
    """What each layer is, from whichever field says it."""
    listed = fields.items("layer_types") or fields.items("layers_block_type") or list(fields.word("hybrid_override_pattern"))
    if listed:
        return [_kind(item) for item in _fitting(fields, listed)]
    count = fields.layers()
    if fields.has("attn_type_list"):
        return ["attention" if item else "state" for item in fields.items("attn_type_list", count)]
    nested = fields.part("linear_attn_config")
    if nested.has("full_attn_layers"):
        full = nested.items("full_attn_layers")
        return ["attention" if index + 1 in full else "state" for index in range(count)]
    for name in ("attn_layer_indices", "full_attn_idxs"):
        if fields.has(name):
            return ["attention" if index in fields.items(name) else "state" for index in range(count)]
    if fields.has("block_types"):
        cycle = [_kind(item) for item in fields.items("block_types")] or ["state"]
        return [cycle[index % len(cycle)] for index in range(count)]
    return [_periodic(fields, index) for index in range(count)]


def _periodic(fields: Fields, index: int) -> Kind:
    if fields.has("attn_layer_period"):
        return "attention" if index % fields.size("attn_layer_period") == fields.count("attn_layer_offset") else "state"
    every = fields.count("full_attention_interval", fields.count("layer_group_size"))
    if every:
        return "attention" if (index + 1) % every == 0 else "state"
    if fields.word("model_type").startswith("minimax"):
        return "state" if index % 2 else "attention"
    # Bamba names no layer where there is none with attention.
    return "state"


def _fitting(fields: Fields, listed: list[object]) -> list[object]:
    expected = fields.layers() if fields.has("num_hidden_layers") else len(listed)
    if len(listed) != expected:
        raise UnsupportedArchitecture("wrong_length", field="layer_types", found=len(listed), expected=expected)
    return listed


def _says_kinds(fields: Fields) -> bool:
    return fields.has(
        "layer_types", "layers_block_type", "hybrid_override_pattern", "attn_layer_period", "attn_layer_indices",
        "full_attention_interval", "attn_type_list", "linear_attn_config", "block_types",
    )  # fmt: skip


def _kind(item: object) -> Kind:
    if not isinstance(item, str) or item not in _KINDS:
        raise UnsupportedArchitecture("hybrid_attention", kind=str(item)[:40])
    return _KINDS[item]


def _read(
    fields: Fields,
    family: Family,
    mixer: Callable[[Fields], StateMixer],
    adapt: Callable[[Attention], Attention] = lambda found: found,
    width: int | None = None,
) -> DecoderShape:
    """Layers of two halves: attention or state first, then feed-forward or experts."""
    fields.require("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size")
    found = kinds(fields)
    norms = family.norms * family.norm_size(fields.size("hidden_size"))
    state = mixer(fields) if "state" in found else None
    full: Attention | LatentAttention | None = attention_of(fields, family, None) if set(found) - {"state"} else None
    if isinstance(full, Attention):
        full = adapt(full)
    layers = []
    for kind, feed in zip(found, _feeds(fields, family, len(found), width), strict=True):
        if kind == "state":
            layers.append(Layer(count=1, mixer=state, feed_forward=feed, norm_params=norms))
        else:
            layers.append(Layer(count=1, attention=_windowed(fields, full, kind), feed_forward=feed, norm_params=norms))
    return assemble(fields, family, layers)


def _windowed(fields: Fields, full: Attention | LatentAttention | None, kind: Kind) -> Attention | LatentAttention | None:
    if kind == "window" and isinstance(full, Attention):
        return full.model_copy(update={"window": fields.size("sliding_window")})
    return full


def _feeds(fields: Fields, family: Family, count: int, width: int | None) -> list[Mlp | Experts]:
    """Dense blocks of one width, or experts where the config places them (Jamba: by period)."""
    many = fields.has("num_experts") and fields.count("num_experts") > 0
    if not many:
        shared = fields.count("shared_intermediate_size")  # Granite 4 without experts has only its shared block
        return [dense(fields, family, width or shared or None)] * count
    if fields.has("expert_layer_period"):
        period, offset = fields.size("expert_layer_period"), fields.count("expert_layer_offset")
        plain, experts = dense(fields, family), experts_of(fields, family)
        return [experts if index % period == offset else plain for index in range(count)]
    if fields.has("shared_intermediate_size"):
        shared_block = {"shared_intermediate": fields.count("shared_intermediate_size")}
        return [experts_of(fields, family).model_copy(update=shared_block)] * count
    return feed_forwards(fields, family, count)


def _lfm2_width(fields: Fields) -> int | None:
    width = fields.size("block_ff_dim", fields.size("intermediate_size"))
    if not fields.flag("block_auto_adjust_ff_dim", default=not fields.has("num_experts") and not fields.has("use_sandwich_norm")):
        return width
    scaled = int(fields.ratio("block_ffn_dim_multiplier", 1.0) * int(2 * width / 3))
    multiple = fields.size("block_multiple_of", 256)
    return multiple * ((scaled + multiple - 1) // multiple)


def _single(fields: Fields, family: Family, kind: Kind) -> Attention | StateMixer | Mlp | Experts:
    match kind:
        case "state":
            return mixers.mamba2(fields)
        case "mlp":
            return dense(fields, family)
        case "moe":
            shared = fields.count("n_shared_experts", 1) * fields.count("moe_shared_expert_intermediate_size")
            latent = fields.size("moe_latent_size") if fields.has("moe_latent_size") else None
            return experts_of(fields, family).model_copy(update={"shared_intermediate": shared, "latent": latent})
        case _:
            return grouped_heads(fields, family)


def _alone(part: Attention | StateMixer | Mlp | Experts, hidden: int) -> Layer:
    if isinstance(part, Attention):
        return Layer(count=1, attention=part, norm_params=hidden)
    if isinstance(part, StateMixer):
        return Layer(count=1, mixer=part, norm_params=hidden)
    return Layer(count=1, feed_forward=part, norm_params=hidden)


def _states_alone(fields: Fields, mixer: StateMixer) -> DecoderShape:
    fields.require("hidden_size", "num_hidden_layers", "vocab_size")
    family = Family(tied=True)
    return assemble(fields, family, [_alone(mixer, fields.size("hidden_size"))] * fields.layers())


def _shared_gate(shape: DecoderShape) -> DecoderShape:
    layers = []
    for layer in shape.layers:
        feed = layer.feed_forward
        if isinstance(feed, Experts) and feed.shared_intermediate:
            feed = feed.model_copy(update={"shared_gate": True})
        layers.append(layer.model_copy(update={"feed_forward": feed}))
    return shape.model_copy(update={"layers": tuple(layers)})
