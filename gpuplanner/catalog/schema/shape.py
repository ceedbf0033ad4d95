"""The layers that transformers and hybrids are made of, and the shape of a decoder-only language model.

Every architecture (one reader a family under ``engine.architecture``) is brought into this form once; parameters, FLOPs,
bytes and state are then sums over the operator list that :mod:`gpuplanner.engine.architecture.operators` makes of it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gpuplanner.catalog.schema.common import Record

Count = Annotated[int, Field(ge=0, le=10**8)]
Dim = Annotated[int, Field(ge=1, le=10**8)]


class Attention(Record):
    """Softmax attention with (grouped) heads: MHA when ``kv_heads == heads``, MQA when it is 1.

    ``window`` is the number of tokens a layer looks back, None for the whole context. ``qk_norm_params`` counts the
    parameters of query and key norms of one layer (whatever their form); ``sink_params`` learned attention sinks.
    ``gate`` adds an output gate as wide as the queries (``q`` is then projected to twice its width).
    ``shares_kv``: the layer reuses another layer's keys and values, it stores none and has no k/v projections.
    ``value_is_key``: one projection serves as key and value (both are still stored). ``bias_v_alone``: of ``bias_kv`` only the
    values'.
    ``context_dim``: width of what the keys are made from, where that isn't the layer's own.
    ``q_rank``: queries are made of a narrower vector, normed between, that all heads share (Step-3, arXiv 2507.19427).
    """

    kind: Literal["gqa"] = "gqa"
    heads: Dim
    kv_heads: Dim
    head_dim: Dim
    v_head_dim: Dim | None = None
    window: Dim | None = None
    bias_q: bool = False
    bias_kv: bool = False
    bias_o: bool = False
    qk_norm_params: Count = 0
    sink_params: Count = 0
    gate: bool = False
    shares_kv: bool = False
    value_is_key: bool = False
    bias_v_alone: bool = False
    context_dim: Dim | None = None
    q_rank: Dim | None = None


class LatentAttention(Record):
    """Multi-head latent attention (DeepSeek-V2, arXiv 2405.04434): one compressed key-value per token for all heads.

    ``index_heads``/``index_head_dim``/``index_top_k`` describe a lightning indexer (DeepSeek-V3.2 sparse attention); 0 when there
    is none. A layer with ``index_top_k`` but without ``index_heads`` takes over another layer's selection.

    ``direct``: the cached vector is key and value itself, nothing is projected up from it (DeepSeek-V4). There, one vector is
    kept for ``stride`` tokens (0: none at all), beside those of the last ``window`` tokens; ``out_rank`` of each of
    ``out_groups`` groups of heads stands between the heads and the output.
    """

    kind: Literal["mla"] = "mla"
    heads: Dim
    q_lora_rank: Dim | None
    kv_lora_rank: Dim
    qk_nope_head_dim: Dim
    qk_rope_head_dim: Dim
    v_head_dim: Dim
    bias: bool = False
    index_heads: Count = 0
    index_head_dim: Count = 0
    index_top_k: Count = 0
    direct: bool = False
    stride: Count = 1
    window: Dim | None = None
    out_rank: Count = 0
    out_groups: Dim = 1


class StateMixer(Record):
    """A block that mixes tokens through a state of fixed size: Mamba, gated DeltaNet, lightning attention and their kin.

    ``heads`` is what tensor parallelism divides. ``into`` columns are projected from the hidden size, ``out_of`` rows back to it;
    ``inner`` are further matrices (rows, columns) between the two. A short causal convolution runs over ``conv_channels``.
    ``small_params``: decays, gates, norms and biases. ``state_elements`` are kept for each sequence and layer however long it
    is, in
    ``state_bytes`` each (the convolution's last inputs, in 16 bit, come on top). ``state_products`` is how many multiply-adds a
    token does for each element of the state.
    """

    form: Literal["mamba", "mamba2", "delta", "lightning", "convolution", "recurrence"]
    heads: Dim
    into: Dim
    out_of: Dim
    bias_in: bool = False
    bias_out: bool = False
    inner: Annotated[tuple[tuple[Dim, Dim], ...], Field(max_length=8)] = ()
    conv_channels: Count = 0
    conv_kernel: Count = 0
    conv_bias: bool = False
    small_params: Count = 0
    state_elements: Count = 0
    state_bytes: Literal[2, 4] = 4
    state_products: Count = 2


class Mlp(Record):
    """A feed-forward block; ``gated`` has three matrices (SwiGLU and kin), plain has two."""

    kind: Literal["mlp"] = "mlp"
    intermediate: Dim
    gated: bool = True
    bias_in: bool = False
    bias_out: bool = False


class Experts(Record):
    """A mixture of experts. ``shared_intermediate`` is the total width of the experts every token passes through.

    ``router_params_extra`` counts router parameters beyond the hidden x experts matrix (bias, score correction).
    ``shared_gate`` adds a hidden-sized gate on the shared expert (Qwen2-MoE). ``latent``: experts work on a projection of the
    hidden state to this width (two matrices more). ``identity`` experts, chosen like the others, pass their input on (LongCat).
    """

    kind: Literal["moe"] = "moe"
    experts: Dim
    top_k: Dim
    intermediate: Dim
    gated: bool = True
    bias: bool = False
    shared_intermediate: Count = 0
    shared_gate: bool = False
    router_params_extra: Count = 0
    latent: Dim | None = None
    identity: Count = 0


class Layer(Record):
    """One kind of layer and how often it occurs. ``norm_params``: all norm weights and biases outside attention.

    Most have ``attention`` and ``feed_forward``; hybrids have a ``mixer`` in place of, or beside, the attention, and some layers
    have one part alone. ``cross`` attends to an encoder's output. ``extra_params`` belong to no listed part and cost no matrix
    product.
    ``copies_params``: the layer's weights are those of an earlier one, it costs work and state but no memory of its own (ALBERT,
    Zamba).
    """

    count: Dim
    attention: Annotated[Attention | LatentAttention, Field(discriminator="kind")] | None = None
    mixer: StateMixer | None = None
    cross: Attention | None = None
    feed_forward: Annotated[Mlp | Experts, Field(discriminator="kind")] | None = None
    norm_params: Count
    extra_params: Count = 0
    copies_params: bool = False

    @property
    def heads(self) -> int:
        """Heads that tensor parallelism divides; 1 where a layer has none."""
        return max((part.heads for part in (self.attention, self.cross, self.mixer) if part is not None), default=1)


class DecoderShape(Record):
    """A decoder-only language model. Records without a ``kind`` are of this one.

    ``layers`` are the kinds of layers with their counts, in the order in which each first occurs. ``position_params``: learned
    position embeddings. ``final_params``: norms after the last layer and beside the embeddings. ``embedding_dim`` differs from
    ``hidden`` where a projection stands between them (OPT-350m). ``head_bias``: the output head has a bias. ``extra_params`` lie
    in memory but no text token passes through them (a vision encoder).
    """

    kind: Literal["decoder"] = "decoder"
    hidden: Dim
    vocab: Dim
    layers: Annotated[tuple[Layer, ...], Field(min_length=1, max_length=2000)]
    tied: bool
    max_context: Dim | None = None
    embedding_dim: Dim | None = None
    position_params: Annotated[int, Field(ge=0, le=10**12)] = 0
    final_params: Count = 0
    head_bias: bool = False
    extra_params: Annotated[int, Field(ge=0, le=10**13)] = 0

    @property
    def layer_count(self) -> int:
        """Number of decoder layers."""
        return sum(layer.count for layer in self.layers)
