"""The formulas of serving memory. Sizes in bytes, lengths in tokens; every function takes numbers or arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpuplanner.engine.formula import Symbol, formula
from gpuplanner.engine.result import Unit

Values = Any  # a number, or an array of them


@formula(
    "memory.weights",
    result="W",
    text="P_q · b_q + P_k · b_k + B",
    unit=Unit.BYTES,
    reference="Sum over the tensors of the checkpoint: elements times stored bits, scales included",
    symbols={
        "quantised_params": Symbol("P_q", "term.quantised_params"),
        "bytes_per_param": Symbol("b_q", "term.bytes_per_param", Unit.BYTES),
        "kept_params": Symbol("P_k", "term.kept_params"),
        "kept_bytes_per_param": Symbol("b_k", "term.kept_bytes_per_param", Unit.BYTES),
        "beside": Symbol("B", "term.beside", Unit.BYTES),
    },
)
def weights_bytes(
    quantised_params: Values, bytes_per_param: Values, kept_params: Values, kept_bytes_per_param: Values, beside: Values = 0.0
) -> Values:
    """Weights on one GPU. [B]  Parameters are those that lie on this GPU, in the chosen precision and in 16 bit."""
    return quantised_params * bytes_per_param + kept_params * kept_bytes_per_param + beside


@formula(
    "memory.kv_cache",
    result="KV",
    text="R · ⌈T ÷ B_t⌉ · B_t · e · b",
    unit=Unit.BYTES,
    reference="Kwon et al., PagedAttention, arXiv 2309.06180; per token 2 · layers · kv_heads · head_dim",
    symbols={
        "requests": Symbol("R", "term.requests_per_replica"),
        "tokens": Symbol("T", "term.tokens_per_request", Unit.TOKENS),
        "block_tokens": Symbol("B_t", "term.block_tokens", Unit.TOKENS),
        "elements": Symbol("e", "term.kv_elements"),
        "element_bytes": Symbol("b", "term.kv_element_bytes", Unit.BYTES),
    },
)
def kv_cache_bytes(requests: Values, tokens: Values, block_tokens: Values, elements: Values, element_bytes: Values) -> Values:
    """KV cache on one GPU for requests of one length, rounded to the engine's blocks. [B]"""
    return requests * np.ceil(tokens / block_tokens) * block_tokens * elements * element_bytes


@formula(
    "memory.spread_requests",
    result="R_s",
    text="R + z · c · sqrt(R)",
    unit=Unit.REQUESTS,
    reference="Central limit theorem: the lengths of R requests add up to R means and √R deviations",
    symbols={
        "requests": Symbol("R", "term.requests_per_replica"),
        "z": Symbol("z", "term.normal_quantile"),
        "spread": Symbol("c", "term.length_spread"),
    },
)
def spread_requests(requests: Values, z: Values, spread: Values) -> Values:
    """Requests of mean length that take as much cache as so many of different lengths, at a percentile."""
    return requests + z * spread * np.sqrt(requests)


def requests_within(most: Values, z: Values, spread: Values) -> Values:
    """The other way round: how many of different lengths take the cache of ``most`` of mean length."""
    half = z * spread / 2
    return (np.sqrt(np.maximum(most, 0.0) + half**2) - half) ** 2


@formula(
    "memory.activations",
    result="A",
    text="A_x + max(S · V · l + n_s · M · h · 2, M · 2 · (n_h · h + n_m · m))",
    unit=Unit.BYTES,
    reference=(
        "Peak of the engine's profile run: the sampler's logits or the widest layer, on top of the experts' "
        "workspace; fitted on start-up logs"
    ),
    symbols={
        "experts": Symbol("A_x", "term.expert_workspace", Unit.BYTES),
        "sequences": Symbol("S", "term.max_seqs"),
        "vocab": Symbol("V", "term.vocab"),
        "logit_bytes": Symbol("l", "term.logit_bytes", Unit.BYTES),
        "sampler_tensors": Symbol("n_s", "term.sampler_tensors"),
        "batched_tokens": Symbol("M", "term.batched_tokens", Unit.TOKENS),
        "hidden": Symbol("h", "term.hidden"),
        "hidden_tensors": Symbol("n_h", "term.hidden_tensors"),
        "mlp_tensors": Symbol("n_m", "term.mlp_tensors"),
        "mlp_width": Symbol("m", "term.mlp_width"),
    },
)
def activation_bytes(
    experts: Values, sequences: Values, vocab: Values, logit_bytes: Values, sampler_tensors: Values, batched_tokens: Values,
    hidden: Values, hidden_tensors: Values, mlp_tensors: Values, mlp_width: Values,
) -> Values:  # fmt: skip
    """Activation workspace on one GPU. [B]  ``mlp_width`` is that of one GPU, the vocabulary the whole; two bytes an element."""
    sampling = sequences * vocab * logit_bytes + sampler_tensors * batched_tokens * hidden * 2
    return experts + np.maximum(sampling, batched_tokens * 2 * (hidden_tensors * hidden + mlp_tensors * mlp_width))


@formula(
    "memory.expert_workspace",
    result="A_x",
    text="2 · M · k · (max(2 · x ÷ TP, h) + x ÷ TP)",
    unit=Unit.BYTES,
    reference="Fused mixture-of-experts kernel: each token is copied for each of its experts; checked on start-up logs",
    symbols={
        "batched_tokens": Symbol("M", "term.batched_tokens", Unit.TOKENS),
        "top_k": Symbol("k", "term.experts_per_token"),
        "expert_width": Symbol("x", "term.expert_width"),
        "tensor_parallel": Symbol("TP", "term.tensor_parallel"),
        "hidden": Symbol("h", "term.hidden"),
    },
)
def expert_workspace_bytes(
    batched_tokens: Values, top_k: Values, expert_width: Values, tensor_parallel: Values, hidden: Values
) -> Values:
    """Workspace of the routed experts on one GPU. [B]"""
    width = expert_width / tensor_parallel
    return 2 * batched_tokens * top_k * (np.maximum(2 * width, hidden) + width)


@formula(
    "memory.context",
    result="c",
    text="c_0 + c_m · n_m",
    unit=Unit.BYTES,
    reference="Driver and kernels keep stacks and local memory for each multiprocessor; start-up logs of cards with 24 to 170",
    symbols={
        "base": Symbol("c_0", "term.context_base", Unit.BYTES),
        "each": Symbol("c_m", "term.context_each", Unit.BYTES),
        "multiprocessors": Symbol("n_m", "term.multiprocessors"),
    },
)
def context_bytes(base: Values, each: Values, multiprocessors: Values) -> Values:
    """Driver context and libraries on one GPU, as an engine counts them outside its tensors. [B]"""
    return base + each * multiprocessors


@formula(
    "memory.engine",
    result="C",
    text="c + g ÷ TP + g_w · h + L · (g_l + g_h · h + g_x · min(k, 6))",
    unit=Unit.BYTES,
    reference="Driver context and library handles, and captured CUDA graphs; fitted on start-up logs",
    symbols={
        "context": Symbol("c", "term.context_bytes", Unit.BYTES),
        "graph": Symbol("g", "term.graph_bytes", Unit.BYTES),
        "tensor_parallel": Symbol("TP", "term.tensor_parallel"),
        "graph_per_width": Symbol("g_w", "term.graph_bytes_per_width", Unit.BYTES),
        "graph_per_layer": Symbol("g_l", "term.graph_bytes_per_layer", Unit.BYTES),
        "graph_per_hidden": Symbol("g_h", "term.graph_bytes_per_hidden", Unit.BYTES),
        "hidden": Symbol("h", "term.hidden"),
        "graph_per_expert": Symbol("g_x", "term.graph_bytes_per_expert", Unit.BYTES),
        "top_k": Symbol("k", "term.experts_per_token"),
        "layers": Symbol("L", "term.layers_per_stage"),
    },
)
def engine_bytes(
    context: Values, graph: Values, tensor_parallel: Values, graph_per_width: Values, graph_per_layer: Values,
    graph_per_hidden: Values, hidden: Values, graph_per_expert: Values, top_k: Values, layers: Values,
) -> Values:  # fmt: skip
    """Driver context and CUDA graphs on one GPU. [B]"""
    each = graph_per_layer + graph_per_hidden * hidden + graph_per_expert * np.minimum(top_k, 6)
    return context + graph / tensor_parallel + graph_per_width * hidden + layers * each


@formula(
    "memory.communication",
    result="N",
    text="min(1, TP − 1) · (n + n_r · max(0, TP − 2))",
    unit=Unit.BYTES,
    reference="NCCL and custom all-reduce buffers, fitted on engine start-up logs",
    symbols={
        "tensor_parallel": Symbol("TP", "term.tensor_parallel"),
        "base": Symbol("n", "term.communication_bytes", Unit.BYTES),
        "per_rank": Symbol("n_r", "term.communication_per_rank_bytes", Unit.BYTES),
    },
)
def communication_bytes(tensor_parallel: Values, base: Values, per_rank: Values) -> Values:
    """Communication buffers on one GPU; none without tensor parallelism. [B]"""
    return np.minimum(1, tensor_parallel - 1) * (base + per_rank * np.maximum(0, tensor_parallel - 2))


@formula(
    "memory.limit",
    result="Limit",
    text="u · U",
    unit=Unit.BYTES,
    reference="The serving engine's budget rule",
    symbols={
        "utilization": Symbol("u", "term.memory_utilization", Unit.SHARE),
        "usable": Symbol("U", "term.usable_bytes", Unit.BYTES),
    },
)
def limit_bytes(utilization: Values, usable: Values) -> Values:
    """What the serving engine lets itself use of a card. [B]"""
    return utilization * usable


@formula(
    "memory.pool",
    result="Pool",
    text="max(0, u · U − W − A − C − N)",
    unit=Unit.BYTES,
    reference=(
        "vLLM: budget share of the whole card less weights, workspace and overheads is the cache; start-up "
        "logs agree within 0.15 GiB"
    ),
    symbols={
        "utilization": Symbol("u", "term.memory_utilization", Unit.SHARE),
        "usable": Symbol("U", "term.usable_bytes", Unit.BYTES),
        "weights": Symbol("W", "part.weights", Unit.BYTES),
        "activations": Symbol("A", "part.activations", Unit.BYTES),
        "engine": Symbol("C", "part.engine", Unit.BYTES),
        "communication": Symbol("N", "part.communication", Unit.BYTES),
    },
)
def pool_of_total_bytes(
    utilization: Values, usable: Values, weights: Values, activations: Values, engine: Values, communication: Values
) -> Values:
    """Cache pool where the budget is a share of the whole card. [B]"""
    return np.maximum(0, utilization * usable - weights - activations - engine - communication)


@formula(
    "memory.pool_of_free",
    result="Pool",
    text="max(0, u · (U − W − A − C − N))",
    unit=Unit.BYTES,
    reference="TensorRT-LLM free_gpu_memory_fraction: a share of what weights and workspace leave free",
    symbols={
        "utilization": Symbol("u", "term.memory_utilization", Unit.SHARE),
        "usable": Symbol("U", "term.usable_bytes", Unit.BYTES),
        "weights": Symbol("W", "part.weights", Unit.BYTES),
        "activations": Symbol("A", "part.activations", Unit.BYTES),
        "engine": Symbol("C", "part.engine", Unit.BYTES),
        "communication": Symbol("N", "part.communication", Unit.BYTES),
    },
)
def pool_of_free_bytes(
    utilization: Values, usable: Values, weights: Values, activations: Values, engine: Values, communication: Values
) -> Values:
    """Cache pool where the budget is a share of what is left free. [B]"""
    return np.maximum(0, utilization * (usable - weights - activations - engine - communication))


@formula(
    "memory.pool_static",
    result="Pool",
    text="max(0, u · (U − C − N) − W)",
    unit=Unit.BYTES,
    reference=(
        "SGLang mem_fraction_static: weights and cache together, of what was free before loading; the workspace takes the rest "
        "of the card"
    ),
    symbols={
        "utilization": Symbol("u", "term.memory_utilization", Unit.SHARE),
        "usable": Symbol("U", "term.usable_bytes", Unit.BYTES),
        "weights": Symbol("W", "part.weights", Unit.BYTES),
        "engine": Symbol("C", "part.engine", Unit.BYTES),
        "communication": Symbol("N", "part.communication", Unit.BYTES),
    },
)
def pool_of_static_bytes(utilization: Values, usable: Values, weights: Values, engine: Values, communication: Values) -> Values:
    """Cache pool where the budget holds weights and cache alone. [B]"""
    return np.maximum(0, utilization * (usable - engine - communication) - weights)


@formula(
    "memory.total",
    result="M",
    text="W + KV + A + C + N",
    unit=Unit.BYTES,
    reference="Sum of the parts on the fullest GPU",
    symbols={
        "weights": Symbol("W", "part.weights", Unit.BYTES),
        "kv_cache": Symbol("KV", "part.kv_cache", Unit.BYTES),
        "activations": Symbol("A", "part.activations", Unit.BYTES),
        "engine": Symbol("C", "part.engine", Unit.BYTES),
        "communication": Symbol("N", "part.communication", Unit.BYTES),
    },
)
def total_bytes(weights: Values, kv_cache: Values, activations: Values, engine: Values, communication: Values) -> Values:
    """What the load needs on the fullest GPU. [B]"""
    return weights + kv_cache + activations + engine + communication
