"""A serving engine: what it supports, and how it divides a GPU's memory."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from gpuplanner.catalog.schema.common import Identifier, Record, Source

Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]


class Tier(Record):
    """A default that depends on the GPU: it holds for GPUs with at least ``min_gib`` of memory."""

    min_gib: NotNegative
    value: Annotated[int, Field(gt=0)]


class MemoryProfile(Record):
    """How an engine version spends memory on a GPU.

    ``versions`` is the range as ">=0.17" or "<0.17". ``budget``: ``share_of_total`` lets weights, workspace and cache
    together use ``utilization`` of the whole card (vLLM); ``share_of_free`` gives that share of what is left after
    weights and workspace to the cache (TensorRT-LLM); ``static_share`` gives weights and cache that share of the card and
    leaves the rest to the workspace (SGLang). The activation workspace is the larger of the widest layer at the token
    budget (``hidden_tensors`` tensors as wide as the hidden state, ``mlp_tensors`` as wide as the MLP) and the sampler
    (``logit_bytes`` per sequence and vocabulary entry, ``sampler_tensors`` hidden states), on top of the experts'
    workspace, which formats named in ``no_expert_workspace`` don't need. ``context_bytes`` is driver context and library
    handles, with ``context_bytes_per_multiprocessor`` on top;
    ``communication_bytes`` the extra with tensor parallelism (``communication_slow_bytes`` where the GPUs have no fast link),
    growing by ``communication_per_rank_bytes`` with each rank beyond the second. CUDA graphs take
    ``graph_bytes`` divided by the tensor degree, ``graph_bytes_per_width`` for each unit of the hidden width, and for each
    layer ``graph_bytes_per_layer``, ``graph_bytes_per_hidden`` for each unit of the hidden width and
    ``graph_bytes_per_expert`` for each expert a token goes to; ``graphs_in_budget`` False: they lie outside the budget and
    still need room. ``admits``: whether a request
    reserves its full length at once. ``runtime`` names the host side, whose overheads a step are fitted together.

    With ``on_demand`` nothing is set aside: cache and workspace take what the load needs. ``workspace`` says what the
    activations follow: ``step`` the profile run of a server that cuts prompts to a token budget, ``prompt`` all prompts
    of the batch in one go (``prompt_logit_bytes`` per prompt token and vocabulary entry where logits of the whole prompt
    are made; ``cache_copies`` 1 where growing the cache copies it), ``graph`` llama.cpp's 32-bit compute buffer
    (``score_bytes`` per token of the batch, token of the context and head where attention scores are written out).
    ``splits`` ``layers``: several GPUs share a model by whole layers only. ``embedding_on_host``: an untied token
    embedding stays in host memory. ``whole_prompts``: a prompt isn't cut, so that a step takes the longest one.
    ``graph_tokens``: longer sequences run without captured graphs (0: graphs serve any length).
    ``released`` is when the oldest of the versions came out, for measurements that name a date only.
    """

    versions: str
    budget: Literal["share_of_total", "share_of_free", "static_share", "on_demand"]
    utilization: Annotated[float, Field(gt=0, le=1)]
    block_tokens: Annotated[int, Field(ge=1)]
    max_batched_tokens: tuple[Tier, ...]
    max_seqs: tuple[Tier, ...]
    logit_bytes: NotNegative
    sampler_tensors: NotNegative
    hidden_tensors: NotNegative
    mlp_tensors: NotNegative
    no_expert_workspace: tuple[str, ...] = ()
    context_bytes: NotNegative
    context_bytes_per_multiprocessor: NotNegative = 0.0
    communication_bytes: NotNegative
    communication_per_rank_bytes: NotNegative
    communication_slow_bytes: NotNegative | None = None
    graph_bytes: NotNegative
    graph_bytes_per_layer: NotNegative
    graph_bytes_per_width: NotNegative = 0.0
    graph_bytes_per_hidden: NotNegative = 0.0
    graph_bytes_per_expert: NotNegative = 0.0
    graphs_in_budget: bool
    admits: Literal["full_length", "current_length"]
    runtime: Identifier
    workspace: Literal["step", "prompt", "graph"] = "step"
    prompt_logit_bytes: NotNegative = 0.0
    cache_copies: NotNegative = 0.0
    score_bytes: NotNegative = 0.0
    whole_prompts: bool = False
    graph_tokens: Annotated[int, Field(ge=0)] = 0
    splits: Literal["tensor", "layers"] = "tensor"
    embedding_on_host: bool = False
    released: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")] | None = None
    sources: tuple[Source, ...]


class ServingEngine(Record):
    """A serving engine. ``profiles`` by version, newest first; without one it can't be chosen.

    ``data_parallel_attention``: it can keep attention whole on each GPU, for requests of its own, and share out the experts.
    ``disaggregation``: some of its replicas can read prompts for others that write. ``host_cache``: it keeps KV cache that leaves
    the GPU in host memory and brings it back.
    """

    id: Identifier
    name: str
    kind: str
    version_checked: str | None = None
    hardware: tuple[str, ...] = ()
    precisions: tuple[str, ...] = ()
    kv_cache_dtypes: tuple[str, ...] = ()
    port_of: Identifier | None = None
    data_parallel_attention: bool = False
    disaggregation: bool = False
    host_cache: bool = False
    profiles: tuple[MemoryProfile, ...] = ()
    facts: dict[str, Any] = {}
    licence: str | None = None
    notes: str | None = None
    sources: tuple[Source, ...] = ()

    @property
    def profile(self) -> MemoryProfile | None:
        """The newest profile; None for engines whose memory isn't modelled."""
        return self.profiles[0] if self.profiles else None
