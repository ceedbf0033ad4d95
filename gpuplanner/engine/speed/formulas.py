"""The formulas of one step of a serving engine. Times in seconds; every function takes numbers or arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpuplanner.engine.formula import Symbol, formula
from gpuplanner.engine.result import Unit

Values = Any  # a number, or an array of them

ROOFLINE = "Roofline model: Williams, Waterman, Patterson, CACM 52 (2009); efficiencies fitted on published measurements"
_PEAK = Symbol("π", "term.peak_flops", Unit.FLOPS_PER_SECOND)
_BANDWIDTH = Symbol("β", "term.bandwidth", Unit.BYTES_PER_SECOND)


@formula(
    "speed.read_share",
    result="s_M",
    text="s · (1 − (1 − κ) ÷ max(1, M))",
    unit=Unit.SHARE,
    reference=(
        "A product with one vector is cut into few pieces and leaves memory idle, more in some engines than in others; "
        "with more tokens at a time that fades"
    ),
    symbols={
        "share": Symbol("s", "term.bandwidth_share", Unit.SHARE),
        "single": Symbol("κ", "term.single_share", Unit.SHARE),
        "tokens": Symbol("M", "term.step_tokens", Unit.TOKENS),
    },
)
def read_share(share: Values, single: Values, tokens: Values) -> Values:
    """Share of the memory bandwidth that reading reaches with so many tokens at a time."""
    return share * (1 - (1 - single) / np.maximum(1, tokens))


@formula(
    "speed.rank_tokens",
    result="M_r",
    text="D ÷ A + max(P ÷ A, min(P, S, Q_r))",
    unit=Unit.TOKENS,
    reference="Ranks with requests of their own: decoding requests spread evenly, but a prompt is read by one rank alone",
    symbols={
        "decoding": Symbol("D", "term.decoding_requests"),
        "prefill": Symbol("P", "term.prefill_tokens", Unit.TOKENS),
        "prompt": Symbol("S", "term.uncached_input_tokens", Unit.TOKENS),
        "budget": Symbol("Q_r", "term.rank_budget", Unit.TOKENS),
        "copies": Symbol("A", "term.attention_copies"),
    },
)
def rank_tokens(decoding: Values, prefill: Values, prompt: Values, budget: Values, copies: Values) -> Values:
    """Tokens of a step on the fullest of the ranks that keep attention for themselves. [tok]"""
    return decoding / copies + np.maximum(prefill / copies, np.minimum(np.minimum(prefill, prompt), budget))


@formula(
    "speed.dense",
    result="t_dense",
    text="max(F · max(M + m_0 ÷ 2, m_0) ÷ (π · η), W ÷ (β · s))",
    unit=Unit.SECONDS,
    reference=ROOFLINE,
    symbols={
        "flops": Symbol("F", "term.flops_per_token", Unit.FLOPS),
        "tokens": Symbol("M", "term.step_tokens", Unit.TOKENS),
        "padding": Symbol("m_0", "term.token_padding", Unit.TOKENS),
        "peak": _PEAK,
        "efficiency": Symbol("η", "term.compute_efficiency", Unit.SHARE),
        "weights": Symbol("W", "term.weights_read", Unit.BYTES),
        "bandwidth": _BANDWIDTH,
        "bandwidth_share": Symbol("s", "term.bandwidth_share", Unit.SHARE),
    },
)
def dense_time_s(
    flops: Values, tokens: Values, padding: Values, peak: Values, efficiency: Values,
    weights: Values, bandwidth: Values, bandwidth_share: Values,
) -> Values:  # fmt: skip
    """Matrix products that every token passes through. [s]  The larger of computing and of reading the weights once.

    Tensor cores compute whole tiles: few tokens cost one, more of them half a tile beyond what they fill, on average.
    """
    computed = np.maximum(tokens + padding / 2, padding)
    return np.maximum(flops * computed / (peak * efficiency), weights / (bandwidth * bandwidth_share))


@formula(
    "speed.experts_touched",
    result="E_t",
    text="E · (1 − (1 − k ÷ E) ^ M)",
    unit=Unit.COUNT,
    reference="Expected number of distinct experts when each token draws k of E",
    symbols={
        "experts": Symbol("E", "term.experts"),
        "top_k": Symbol("k", "term.experts_per_token"),
        "tokens": Symbol("M", "term.step_tokens", Unit.TOKENS),
    },
)
def experts_touched(experts: Values, top_k: Values, tokens: Values) -> Values:
    """Distinct experts a step of so many tokens touches, with evenly spread routing."""
    return experts * (1 - (1 - top_k / experts) ** tokens)


@formula(
    "speed.experts",
    result="t_experts",
    text="i · max(F_x · max(M + m_0 · E_t ÷ k ÷ 2, m_0 · E_t ÷ k) ÷ (π · η), W_x · E_t ÷ E ÷ (β · s))",
    unit=Unit.SECONDS,
    reference=ROOFLINE,
    symbols={
        "flops": Symbol("F_x", "term.expert_flops_per_token", Unit.FLOPS),
        "tokens": Symbol("M", "term.step_tokens", Unit.TOKENS),
        "padding": Symbol("m_0", "term.expert_padding", Unit.TOKENS),
        "touched": Symbol("E_t", "term.experts_touched"),
        "experts": Symbol("E", "term.experts"),
        "top_k": Symbol("k", "term.experts_per_token"),
        "peak": _PEAK,
        "efficiency": Symbol("η", "term.expert_efficiency", Unit.SHARE),
        "weights": Symbol("W_x", "term.expert_weights", Unit.BYTES),
        "bandwidth": _BANDWIDTH,
        "bandwidth_share": Symbol("s", "term.bandwidth_share", Unit.SHARE),
        "imbalance": Symbol("i", "term.expert_imbalance"),
    },
)
def experts_time_s(
    flops: Values, tokens: Values, padding: Values, touched: Values, experts: Values, top_k: Values,
    peak: Values, efficiency: Values, weights: Values, bandwidth: Values, bandwidth_share: Values, imbalance: Values,
) -> Values:  # fmt: skip
    """Routed experts: only those touched are read, each works on few tokens, and the fullest GPU is waited for. [s]"""
    tiles = padding * touched / top_k  # at least one for each expert that is touched
    computing = flops * np.maximum(tokens + tiles / 2, tiles) / (peak * efficiency)
    return imbalance * np.maximum(computing, weights * touched / experts / (bandwidth * bandwidth_share))


@formula(
    "speed.kv_read",
    result="t_kv",
    text="D · max(K ÷ (β · s_kv), F_s ÷ (π_16 · η_a))",
    unit=Unit.SECONDS,
    reference=ROOFLINE,
    symbols={
        "requests": Symbol("D", "term.decoding_requests"),
        "kv_bytes": Symbol("K", "term.kv_bytes_per_request", Unit.BYTES),
        "bandwidth": _BANDWIDTH,
        "bandwidth_share": Symbol("s_kv", "term.kv_bandwidth_share", Unit.SHARE),
        "score_flops": Symbol("F_s", "term.score_flops", Unit.FLOPS),
        "peak": Symbol("π_16", "term.peak_16", Unit.FLOPS_PER_SECOND),
        "efficiency": Symbol("η_a", "term.attention_efficiency", Unit.SHARE),
    },
)
def kv_read_time_s(
    requests: Values, kv_bytes: Values, bandwidth: Values, bandwidth_share: Values, score_flops: Values, peak: Values,
    efficiency: Values,
) -> Values:  # fmt: skip
    """Attention of the decoding requests: each reads its own cache. [s]"""
    return requests * np.maximum(kv_bytes / (bandwidth * bandwidth_share), score_flops / (peak * efficiency))


@formula(
    "speed.prefill_attention",
    result="t_attn",
    text="P · F_s ÷ (π_16 · η_a)",
    unit=Unit.SECONDS,
    reference="Dao, FlashAttention-2, arXiv 2307.08691: FLOPs of causal attention, efficiency fitted",
    symbols={
        "tokens": Symbol("P", "term.prefill_tokens", Unit.TOKENS),
        "score_flops": Symbol("F_s", "term.score_flops", Unit.FLOPS),
        "peak": Symbol("π_16", "term.peak_16", Unit.FLOPS_PER_SECOND),
        "efficiency": Symbol("η_a", "term.attention_efficiency", Unit.SHARE),
    },
)
def prefill_attention_time_s(tokens: Values, score_flops: Values, peak: Values, efficiency: Values) -> Values:
    """Attention of prompt tokens among themselves. [s]"""
    return tokens * score_flops / (peak * efficiency)


@formula(
    "speed.movement",
    result="t_move",
    text="μ · (M_r · V + M · V_x) ÷ (β · s)",
    unit=Unit.SECONDS,
    reference=(
        "What products read and write besides weights, 16-bit activations: it doesn't shrink with the weights' format, and each "
        "token is copied to its experts and back; how often it really passes through memory is fitted"
    ),
    symbols={
        "factor": Symbol("μ", "term.movement_factor"),
        "rank_tokens": Symbol("M_r", "term.step_tokens", Unit.TOKENS),
        "dense_moved": Symbol("V", "term.moved_per_token", Unit.BYTES),
        "tokens": Symbol("M", "term.step_tokens", Unit.TOKENS),
        "experts_moved": Symbol("V_x", "term.expert_moved_per_token", Unit.BYTES),
        "bandwidth": _BANDWIDTH,
        "bandwidth_share": Symbol("s", "term.bandwidth_share", Unit.SHARE),
    },
)
def movement_time_s(
    factor: Values, rank_tokens: Values, dense_moved: Values, tokens: Values, experts_moved: Values, bandwidth: Values,
    bandwidth_share: Values,
) -> Values:  # fmt: skip
    """Activations on their way between the operators of a step. [s]"""
    return factor * (rank_tokens * dense_moved + tokens * experts_moved) / (bandwidth * bandwidth_share)


@formula(
    "speed.communication",
    result="t_comm",
    text="n · min(λ_1 + (TP − 1) · M · h · 2 ÷ (B_l · η_l), λ + 2 · (TP − 1) ÷ TP · M · h · 2 ÷ (B_l · η_l))",
    unit=Unit.SECONDS,
    reference=(
        "Few bytes: every GPU reads all others at once (one-shot all-reduce of serving engines); many: ring, Thakur, "
        "Rabenseifner, Gropp, IJHPCA 19 (2005); the faster is taken; link efficiency and latency fitted"
    ),
    symbols={
        "operations": Symbol("n", "term.all_reduces"),
        "at_once": Symbol("λ_1", "term.one_shot_latency", Unit.SECONDS),
        "latency": Symbol("λ", "term.all_reduce_latency", Unit.SECONDS),
        "tensor_parallel": Symbol("TP", "term.tensor_parallel"),
        "tokens": Symbol("M", "term.step_tokens", Unit.TOKENS),
        "hidden": Symbol("h", "term.hidden"),
        "link": Symbol("B_l", "term.link_bandwidth", Unit.BYTES_PER_SECOND),
        "efficiency": Symbol("η_l", "term.link_efficiency", Unit.SHARE),
    },
)
def communication_time_s(
    operations: Values, at_once: Values, latency: Values, tensor_parallel: Values, tokens: Values, hidden: Values, link: Values,
    efficiency: Values,
) -> Values:  # fmt: skip
    """All-reduces of tensor parallelism, two a layer, 16-bit activations. [s]"""
    moved = (tensor_parallel - 1) * tokens * hidden * 2 / (link * efficiency)
    return operations * np.minimum(at_once + moved, latency + 2 * moved / tensor_parallel)


@formula(
    "speed.overhead",
    result="t_host",
    text="L · o + L_x · o_x + c + q · D",
    unit=Unit.SECONDS,
    reference=(
        "Kernel launches a layer, sorting tokens by expert a layer that has them, scheduler and sampler a step, bookkeeping a "
        "sequence: fitted by engine kind"
    ),
    symbols={
        "layers": Symbol("L", "term.layers_per_stage"),
        "per_layer": Symbol("o", "term.layer_overhead", Unit.SECONDS),
        "expert_layers": Symbol("L_x", "term.expert_layers"),
        "per_expert_layer": Symbol("o_x", "term.expert_layer_overhead", Unit.SECONDS),
        "per_step": Symbol("c", "term.step_overhead", Unit.SECONDS),
        "per_sequence": Symbol("q", "term.sequence_overhead", Unit.SECONDS),
        "requests": Symbol("D", "term.decoding_requests"),
    },
)
def overhead_time_s(
    layers: Values, per_layer: Values, expert_layers: Values, per_expert_layer: Values, per_step: Values, per_sequence: Values,
    requests: Values,
) -> Values:  # fmt: skip
    """What a step costs whatever it computes. [s]"""
    return layers * per_layer + expert_layers * per_expert_layer + per_step + per_sequence * requests


@formula(
    "speed.step",
    result="t",
    text="t_dense + t_experts + t_head + t_kv + t_attn + t_move + t_comm + t_host",
    unit=Unit.SECONDS,
    reference="Sum over the operators of a step; they follow one another on the GPU",
    symbols={
        "dense": Symbol("t_dense", "step.dense", Unit.SECONDS),
        "experts": Symbol("t_experts", "step.experts", Unit.SECONDS),
        "head": Symbol("t_head", "step.head", Unit.SECONDS),
        "kv_read": Symbol("t_kv", "step.kv_read", Unit.SECONDS),
        "attention": Symbol("t_attn", "step.attention", Unit.SECONDS),
        "movement": Symbol("t_move", "step.movement", Unit.SECONDS),
        "communication": Symbol("t_comm", "step.communication", Unit.SECONDS),
        "overhead": Symbol("t_host", "step.overhead", Unit.SECONDS),
    },
)
def step_time_s(
    dense: Values, experts: Values, head: Values, kv_read: Values, attention: Values, movement: Values, communication: Values,
    overhead: Values,
) -> Values:  # fmt: skip
    """One step of the engine on one pipeline stage. [s]"""
    return dense + experts + head + kv_read + attention + movement + communication + overhead
