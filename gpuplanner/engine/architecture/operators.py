"""A decoder as one list of operators, from which parameters, FLOPs, bytes and state all derive."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gpuplanner.catalog.schema.shape import DecoderShape, Experts, LatentAttention, Layer, Mlp


class Part(StrEnum):
    """What an operator belongs to: precisions name the parts they leave unquantised by these words."""

    EMBEDDING = "embedding"
    ATTENTION = "attention"
    MLP = "mlp"
    SHARED_EXPERT = "shared_expert"
    EXPERTS = "experts"
    ROUTER = "router"
    NORM = "norm"
    HEAD = "head"


class Cut(StrEnum):
    """How tensor parallelism divides an operator's parameters and work."""

    EVEN = "even"  # over the degree, padded up
    KV = "kv"  # over kv heads; replicated once the degree exceeds them
    REPLICATED = "replicated"
    VOCAB = "vocab"  # over the vocabulary, padded
    EXPERT = "expert"  # over the degree, or whole experts under expert parallelism


@dataclass(frozen=True, slots=True)
class Operator:
    """Something a token passes through.

    ``params`` per occurrence; ``rows_in`` x ``cols_out`` is the matrix of one product (0 where there is none); ``copies``
    how many such products stand side by side (experts), ``active`` how many of them a token uses; ``occurs`` how often the
    operator stands in the model. ``kv_heads`` is set on operators cut by key-value heads.
    """

    name: str
    part: Part
    cut: Cut
    occurs: int
    params: int
    rows_in: int = 0
    cols_out: int = 0
    copies: int = 1
    active: int = 1
    kv_heads: int = 0

    @property
    def total_params(self) -> int:
        """Parameters over all occurrences."""
        return self.params * self.occurs

    @property
    def active_params(self) -> int:
        """Parameters a token passes through, over all occurrences."""
        return self.params // self.copies * self.active * self.occurs

    @property
    def flops_per_token(self) -> int:
        """2 per multiply-add of the matrix products; attention scores are counted by :class:`AttentionState`."""
        return 2 * self.rows_in * self.cols_out * self.active * self.occurs


@dataclass(frozen=True, slots=True)
class AttentionState:
    """What one kind of attention keeps per token and does per pair of tokens.

    ``kv_elements`` per token and layer at TP 1; ``latent`` state isn't divided by TP. ``score_flops`` per query token and
    key token and layer (2 for the scores, 2 for the values, per head dimension); ``window`` None for unbounded. ``stores`` False:
    reads another layer's. ``selected``: all tokens are kept, but a query attends to no more than so many of them; 0 for all.
    """

    layers: int
    kv_heads: int
    kv_elements: int
    latent: bool
    heads: int
    score_flops: int
    window: int | None
    stores: bool = True
    selected: int = 0


@dataclass(frozen=True, slots=True)
class OperatorList:
    """All operators of a model, and the state its attention keeps."""

    operators: tuple[Operator, ...]
    states: tuple[AttentionState, ...]
    hidden: int
    vocab: int
    layers: int
    heads: int
    widest_mlp: int

    @property
    def total_params(self) -> int:
        """All parameters the checkpoint holds; a tied head counts once."""
        return sum(op.total_params for op in self.operators)

    @property
    def active_params(self) -> int:
        """Parameters one token passes through, embedding and head included."""
        return sum(op.active_params for op in self.operators)


def operator_list(shape: DecoderShape) -> OperatorList:
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
        ops += _attention_operators(shape.hidden, layer)
        ops += _feed_forward_operators(shape.hidden, layer)
        ops.append(Operator("norms", Part.NORM, Cut.REPLICATED, layer.count, layer.norm_params + layer.extra_params))
        states += _states(layer)
        feed = layer.feed_forward
        widest = max(widest, feed.intermediate, feed.shared_intermediate if isinstance(feed, Experts) else 0)
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
        max(layer.attention.heads for layer in shape.layers),
        widest,
    )


def _attention_operators(hidden: int, layer: Layer) -> list[Operator]:
    attention = layer.attention
    if isinstance(attention, LatentAttention):
        return _latent_operators(hidden, attention, layer.count)
    value_dim = attention.v_head_dim or attention.head_dim
    q_width = attention.heads * attention.head_dim * (2 if attention.gate else 1)
    out_width = attention.heads * value_dim
    ops = [
        Operator(
            "attention.q", Part.ATTENTION, Cut.EVEN, layer.count,
            hidden * q_width + (q_width if attention.bias_q else 0), hidden, q_width,
        ),
    ]  # fmt: skip
    if not attention.shares_kv:
        kv_width = attention.kv_heads * (attention.head_dim + (0 if attention.value_is_key else value_dim))
        ops.append(
            Operator(
                "attention.kv", Part.ATTENTION, Cut.KV, layer.count,
                hidden * kv_width + (kv_width if attention.bias_kv else 0), hidden, kv_width, kv_heads=attention.kv_heads,
            )
        )  # fmt: skip
    ops.append(
        Operator(
            "attention.out", Part.ATTENTION, Cut.EVEN, layer.count,
            out_width * hidden + (hidden if attention.bias_o else 0), out_width, hidden,
        )
    )  # fmt: skip
    small = attention.qk_norm_params + attention.sink_params
    if small:
        ops.append(Operator("attention.norms", Part.NORM, Cut.REPLICATED, layer.count, small))
    return ops


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
        Operator("attention.kv_up", Part.ATTENTION, Cut.EVEN, count, mla.kv_lora_rank * up, mla.kv_lora_rank, up),
        Operator("attention.out", Part.ATTENTION, Cut.EVEN, count, out * hidden + (hidden if mla.bias else 0), out, hidden),
        Operator("attention.norms", Part.NORM, Cut.REPLICATED, count, mla.kv_lora_rank + (mla.q_lora_rank or 0)),
    ]  # fmt: skip
    if mla.index_heads:
        query = (mla.q_lora_rank or hidden) * mla.index_heads * mla.index_head_dim
        index = query + hidden * mla.index_head_dim + hidden * mla.index_heads + 2 * mla.index_head_dim
        ops.append(Operator("attention.indexer", Part.ATTENTION, Cut.REPLICATED, count, index, 1, index - 2 * mla.index_head_dim))
    return ops


def _feed_forward_operators(hidden: int, layer: Layer) -> list[Operator]:
    feed = layer.feed_forward
    if isinstance(feed, Mlp):
        return _dense_operators("mlp", Part.MLP, hidden, feed, layer.count)
    branches = 2 if feed.gated else 1
    into = hidden * feed.intermediate * branches + (feed.intermediate * branches if feed.bias else 0)
    out = feed.intermediate * hidden + (hidden if feed.bias else 0)
    ops = [
        Operator(
            "router", Part.ROUTER, Cut.REPLICATED, layer.count,
            hidden * feed.experts + feed.router_params_extra, hidden, feed.experts,
        ),
        Operator(
            "experts.in", Part.EXPERTS, Cut.EXPERT, layer.count, into * feed.experts,
            hidden, feed.intermediate * branches, feed.experts, feed.top_k,
        ),
        Operator(
            "experts.out", Part.EXPERTS, Cut.EXPERT, layer.count, out * feed.experts,
            feed.intermediate, hidden, feed.experts, feed.top_k,
        ),
    ]  # fmt: skip
    if feed.shared_intermediate:
        shared = Mlp(intermediate=feed.shared_intermediate, gated=feed.gated, bias_in=feed.bias, bias_out=feed.bias)
        ops += _dense_operators("shared_expert", Part.SHARED_EXPERT, hidden, shared, layer.count)
    if feed.shared_gate:
        ops.append(Operator("shared_expert.gate", Part.ROUTER, Cut.REPLICATED, layer.count, hidden, hidden, 1))
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


def _states(layer: Layer) -> list[AttentionState]:
    attention = layer.attention
    if isinstance(attention, LatentAttention):
        latent = attention.kv_lora_rank + attention.qk_rope_head_dim
        per_pair = 2 * attention.heads * (attention.qk_nope_head_dim + attention.qk_rope_head_dim + attention.v_head_dim)
        states = [AttentionState(layer.count, 1, latent, True, attention.heads, per_pair, None, selected=attention.index_top_k)]
        if attention.index_heads:
            size, heads = attention.index_head_dim, attention.index_heads
            states.append(AttentionState(layer.count, 1, size, True, heads, 2 * heads * size, None))
        return states
    value_dim = attention.v_head_dim or attention.head_dim
    state = AttentionState(
        layers=layer.count,
        kv_heads=attention.kv_heads,
        kv_elements=attention.kv_heads * (attention.head_dim + value_dim),
        latent=False,
        heads=attention.heads,
        score_flops=2 * attention.heads * (attention.head_dim + value_dim),
        window=attention.window,
        stores=not attention.shares_kv,
    )
    return [state]
