"""A decoder as operators: embedding, layers, head. Towers of other models use its layers too."""

from __future__ import annotations

from dataclasses import replace

from gpuplanner.catalog.schema.shape import Attention, DecoderShape, Experts, LatentAttention, Layer, Mlp
from gpuplanner.engine.architecture.mixer import mixer_operators, mixer_state
from gpuplanner.engine.architecture.operator import AttentionState, Cut, Operator, OperatorList, Part, Runs


def decoder_list(shape: DecoderShape) -> OperatorList:
    """The operators of a decoder, in the order a token meets them.

    Args:
        shape: the architecture's values, sizes in elements.

    Returns:
        The list from which every other figure is summed.
    """
    width = shape.embedding_dim or shape.hidden
    ops = [
        Operator("embedding", Part.EMBEDDING, Cut.VOCAB, 1, shape.vocab * width),
    ]
    if shape.position_params:
        ops.append(Operator("positions", Part.EMBEDDING, Cut.REPLICATED, 1, shape.position_params))
    if width != shape.hidden:
        ops.append(Operator("embedding_in", Part.EMBEDDING, Cut.REPLICATED, 1, 2 * width * shape.hidden, width, 2 * shape.hidden))
    states: list[AttentionState] = []
    widest = 1
    for layer in shape.layers:
        ops += layer_operators(shape.hidden, layer)
        states += layer_states(layer)
        widest = max(widest, _widest(layer))
    ops.append(Operator("final_norm", Part.NORM, Cut.REPLICATED, 1, shape.final_params))
    if shape.extra_params:
        ops.append(Operator("beside", Part.EMBEDDING, Cut.REPLICATED, 1, shape.extra_params, active=0))
    head_params = 0 if shape.tied else shape.vocab * width
    head_params += shape.vocab if shape.head_bias else 0
    ops.append(Operator("head", Part.HEAD, Cut.VOCAB, 1, head_params, width, shape.vocab))
    return OperatorList(
        tuple(ops),
        tuple(states),
        shape.hidden,
        shape.vocab,
        shape.layer_count,
        max(layer.heads for layer in shape.layers),
        widest,
    )


def layer_operators(hidden: int, layer: Layer) -> list[Operator]:
    """The operators of one kind of layer, attention first."""
    ops: list[Operator] = []
    if isinstance(layer.attention, LatentAttention):
        ops += _latent_operators(hidden, layer.attention, layer.count)
    elif layer.attention is not None:
        ops += _grouped_operators(hidden, layer.attention, layer.count)
    if layer.mixer is not None:
        ops += mixer_operators(hidden, layer.mixer, layer.count)
    if layer.cross is not None:
        ops += _grouped_operators(hidden, layer.cross, layer.count, "cross")
    ops += _feed_forward_operators(hidden, layer.feed_forward, layer.count)
    ops.append(Operator("norms", Part.NORM, Cut.REPLICATED, layer.count, layer.norm_params + layer.extra_params))
    return [replace(op, params=0) for op in ops] if layer.copies_params else ops


def _widest(layer: Layer) -> int:
    feed = layer.feed_forward
    if feed is None:
        return 1
    return max(feed.intermediate, feed.shared_intermediate if isinstance(feed, Experts) else 0)


def _grouped_operators(hidden: int, attention: Attention, count: int, name: str = "attention") -> list[Operator]:
    value_dim = attention.v_head_dim or attention.head_dim
    q_width = attention.heads * attention.head_dim * (2 if attention.gate else 1)
    out_width = attention.heads * value_dim
    keys = attention.context_dim or hidden
    ops = _query_operators(hidden, attention, q_width, count, name)
    if not attention.shares_kv:
        kv_width = attention.kv_heads * (attention.head_dim + (0 if attention.value_is_key else value_dim))
        ops.append(
            Operator(
                f"{name}.kv", Part.ATTENTION, Cut.KV, count,
                keys * kv_width + _kv_bias(attention, value_dim), keys, kv_width, kv_heads=attention.kv_heads,
                runs=Runs.CONTEXT if name == "cross" else Runs.TOKEN,
            )
        )  # fmt: skip
    ops.append(
        Operator(
            f"{name}.out", Part.ATTENTION, Cut.EVEN, count,
            out_width * hidden + (hidden if attention.bias_o else 0), out_width, hidden,
        )
    )  # fmt: skip
    small = attention.qk_norm_params + attention.sink_params + (attention.q_rank or 0)
    if small:
        ops.append(Operator(f"{name}.norms", Part.NORM, Cut.REPLICATED, count, small))
    return ops


def _query_operators(hidden: int, attention: Attention, q_width: int, count: int, name: str) -> list[Operator]:
    bias, rank = q_width if attention.bias_q else 0, attention.q_rank
    if not rank:
        return [Operator(f"{name}.q", Part.ATTENTION, Cut.EVEN, count, hidden * q_width + bias, hidden, q_width)]
    return [
        Operator(f"{name}.q_down", Part.ATTENTION, Cut.REPLICATED, count, hidden * rank, hidden, rank),
        Operator(f"{name}.q_up", Part.ATTENTION, Cut.EVEN, count, rank * q_width + bias, rank, q_width),
    ]


def _kv_bias(attention: Attention, value_dim: int) -> int:
    """Parameters of the key and value biases; Whisper has none on its keys."""
    if not attention.bias_kv:
        return 0
    keys = 0 if attention.bias_v_alone else attention.head_dim
    return attention.kv_heads * (keys + (0 if attention.value_is_key else value_dim))


def _latent_operators(hidden: int, mla: LatentAttention, count: int) -> list[Operator]:
    q_width = mla.heads * (mla.qk_nope_head_dim + mla.qk_rope_head_dim)
    ops = []
    if mla.q_lora_rank:
        down = hidden * mla.q_lora_rank + (mla.q_lora_rank if mla.bias else 0)
        ops += [
            Operator("attention.q_down", Part.ATTENTION, Cut.REPLICATED, count, down, hidden, mla.q_lora_rank),
            Operator("attention.q_up", Part.ATTENTION, Cut.EVEN, count, mla.q_lora_rank * q_width, mla.q_lora_rank, q_width),
        ]
    else:
        ops.append(Operator("attention.q", Part.ATTENTION, Cut.EVEN, count, hidden * q_width, hidden, q_width))
    latent = mla.kv_lora_rank + mla.qk_rope_head_dim
    up = mla.heads * (mla.qk_nope_head_dim + mla.v_head_dim)
    out = mla.heads * mla.v_head_dim
    ops += [
        Operator(
            "attention.kv_down", Part.ATTENTION, Cut.REPLICATED, count,
            hidden * latent + (latent if mla.bias else 0), hidden, latent,
        ),
    ]  # fmt: skip
    if not mla.direct:
        ops.append(Operator("attention.kv_up", Part.ATTENTION, Cut.EVEN, count, mla.kv_lora_rank * up, mla.kv_lora_rank, up))
    normed = latent if mla.direct else mla.kv_lora_rank
    ops += [
        *_out_operators(hidden, mla, out, count),
        Operator("attention.norms", Part.NORM, Cut.REPLICATED, count, normed + (mla.q_lora_rank or 0)),
    ]
    if mla.index_heads:
        query = (mla.q_lora_rank or hidden) * mla.index_heads * mla.index_head_dim
        index = query + hidden * mla.index_head_dim + hidden * mla.index_heads + 2 * mla.index_head_dim
        ops.append(Operator("attention.indexer", Part.ATTENTION, Cut.REPLICATED, count, index, 1, index - 2 * mla.index_head_dim))
    return ops


def _out_operators(hidden: int, mla: LatentAttention, out: int, count: int) -> list[Operator]:
    if not mla.out_rank:
        whole = out * hidden + (hidden if mla.bias else 0)
        return [Operator("attention.out", Part.ATTENTION, Cut.EVEN, count, whole, out, hidden)]
    middle = mla.out_groups * mla.out_rank  # each group of heads to its own part of it
    each = out // mla.out_groups
    return [
        Operator("attention.out_down", Part.ATTENTION, Cut.EVEN, count, each * middle, each, middle),
        Operator("attention.out", Part.ATTENTION, Cut.EVEN, count, middle * hidden, middle, hidden),
    ]


def _feed_forward_operators(hidden: int, feed: Mlp | Experts | None, count: int) -> list[Operator]:
    if feed is None:
        return []
    if isinstance(feed, Mlp):
        return _dense_operators("mlp", Part.MLP, hidden, feed, count)
    branches = 2 if feed.gated else 1
    width = feed.latent or hidden
    into = width * feed.intermediate * branches + (feed.intermediate * branches if feed.bias else 0)
    out = feed.intermediate * width + (width if feed.bias else 0)
    choices = feed.experts + feed.identity
    ops = [
        Operator("router", Part.ROUTER, Cut.REPLICATED, count, hidden * choices + feed.router_params_extra, hidden, choices),
        Operator(
            "experts.in", Part.EXPERTS, Cut.EXPERT, count, into * feed.experts,
            width, feed.intermediate * branches, feed.experts, feed.top_k,
        ),
        Operator(
            "experts.out", Part.EXPERTS, Cut.EXPERT, count, out * feed.experts,
            feed.intermediate, width, feed.experts, feed.top_k,
        ),
    ]  # fmt: skip
    if feed.latent:
        ops += [
            Operator("experts.down", Part.SHARED_EXPERT, Cut.REPLICATED, count, hidden * width, hidden, width),
            Operator("experts.up", Part.SHARED_EXPERT, Cut.REPLICATED, count, width * hidden, width, hidden),
        ]
    if feed.shared_intermediate:
        shared = Mlp(intermediate=feed.shared_intermediate, gated=feed.gated, bias_in=feed.bias, bias_out=feed.bias)
        ops += _dense_operators("shared_expert", Part.SHARED_EXPERT, hidden, shared, count)
    if feed.shared_gate:
        ops.append(Operator("shared_expert.gate", Part.ROUTER, Cut.REPLICATED, count, hidden, hidden, 1))
    return ops


def _dense_operators(name: str, part: Part, hidden: int, mlp: Mlp, count: int) -> list[Operator]:
    wide = mlp.intermediate * (2 if mlp.gated else 1)
    return [
        Operator(f"{name}.in", part, Cut.EVEN, count, hidden * wide + (wide if mlp.bias_in else 0), hidden, wide),
        Operator(
            f"{name}.out", part, Cut.EVEN, count,
            mlp.intermediate * hidden + (hidden if mlp.bias_out else 0), mlp.intermediate, hidden,
        ),
    ]  # fmt: skip


def layer_states(layer: Layer) -> list[AttentionState]:
    """What one kind of layer keeps for the tokens it has seen."""
    states: list[AttentionState] = []
    if isinstance(layer.attention, LatentAttention):
        states += _latent_states(layer.attention, layer.count)
    elif layer.attention is not None:
        states.append(_grouped_state(layer.attention, layer.count))
    if layer.mixer is not None:
        states.append(mixer_state(layer.mixer, layer.count))
    if layer.cross is not None:
        states.append(replace(_grouped_state(layer.cross, layer.count), context=True))
    return states


def _latent_states(attention: LatentAttention, count: int) -> list[AttentionState]:
    latent = attention.kv_lora_rank + attention.qk_rope_head_dim
    if attention.direct:
        return _sparse_states(attention, latent, count)
    per_pair = 2 * attention.heads * (attention.qk_nope_head_dim + attention.qk_rope_head_dim + attention.v_head_dim)
    states = [AttentionState(count, 1, latent, True, attention.heads, per_pair, None, selected=attention.index_top_k)]
    if attention.index_heads:
        size, heads = attention.index_head_dim, attention.index_heads
        states.append(AttentionState(count, 1, size, True, heads, 2 * heads * size, None))
    return states


def _sparse_states(attention: LatentAttention, latent: int, count: int) -> list[AttentionState]:
    """Whole vectors of the last tokens, and one for every so many of those before."""
    heads, per_pair = attention.heads, 4 * attention.heads * latent
    states = [AttentionState(count, 1, latent, True, heads, per_pair, attention.window)] if attention.window else []
    stride = attention.stride
    if stride:
        chosen = attention.index_top_k * stride if attention.index_heads else 0
        states.append(AttentionState(count, 1, max(latent // stride, 1), True, heads, per_pair // stride, None, selected=chosen))
    if stride and attention.index_heads:
        size = max(attention.index_head_dim // stride, 1)
        states.append(AttentionState(count, 1, size, True, attention.index_heads, 2 * attention.index_heads * size, None))
    return states


def _grouped_state(attention: Attention, count: int) -> AttentionState:
    value_dim = attention.v_head_dim or attention.head_dim
    return AttentionState(
        layers=count,
        kv_heads=attention.kv_heads,
        kv_elements=attention.kv_heads * (attention.head_dim + value_dim),
        latent=False,
        heads=attention.heads,
        score_flops=2 * attention.heads * (attention.head_dim + value_dim),
        window=attention.window,
        stores=not attention.shares_kv,
    )
