"""The formulas of speed. Times in seconds, rates per second; every function takes numbers or arrays."""

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
    "speed.dense",
    result="t_dense",
    text="max(F · (M + m_0) ÷ (π · η), W ÷ (β · s))",
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
    """Matrix products that every token passes through. [s]  The larger of computing and of reading the weights once."""
    return np.maximum(flops * (tokens + padding) / (peak * efficiency), weights / (bandwidth * bandwidth_share))


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
    text="max(F_x · (M + m_0 · E_t ÷ k) ÷ (π · η), W_x · E_t ÷ E ÷ (β · s))",
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
    },
)
def experts_time_s(
    flops: Values, tokens: Values, padding: Values, touched: Values, experts: Values, top_k: Values,
    peak: Values, efficiency: Values, weights: Values, bandwidth: Values, bandwidth_share: Values,
) -> Values:  # fmt: skip
    """Routed experts: only those touched are read, and each works on few tokens. [s]"""
    computing = flops * (tokens + padding * touched / top_k) / (peak * efficiency)
    return np.maximum(computing, weights * touched / experts / (bandwidth * bandwidth_share))


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
    "speed.communication",
    result="t_comm",
    text="n · (λ + 2 · (TP − 1) ÷ TP · M · h · 2 ÷ (B_l · η_l))",
    unit=Unit.SECONDS,
    reference="Ring all-reduce: Thakur, Rabenseifner, Gropp, IJHPCA 19 (2005); link efficiency and latency fitted",
    symbols={
        "operations": Symbol("n", "term.all_reduces"),
        "latency": Symbol("λ", "term.all_reduce_latency", Unit.SECONDS),
        "tensor_parallel": Symbol("TP", "term.tensor_parallel"),
        "tokens": Symbol("M", "term.step_tokens", Unit.TOKENS),
        "hidden": Symbol("h", "term.hidden"),
        "link": Symbol("B_l", "term.link_bandwidth", Unit.BYTES_PER_SECOND),
        "efficiency": Symbol("η_l", "term.link_efficiency", Unit.SHARE),
    },
)
def communication_time_s(
    operations: Values, latency: Values, tensor_parallel: Values, tokens: Values, hidden: Values, link: Values, efficiency: Values
) -> Values:
    """All-reduces of tensor parallelism, two a layer, 16-bit activations. [s]"""
    volume = 2 * (tensor_parallel - 1) / tensor_parallel * tokens * hidden * 2
    return operations * (latency + volume / (link * efficiency))


@formula(
    "speed.overhead",
    result="t_host",
    text="L · o + c + q · D",
    unit=Unit.SECONDS,
    reference="Kernel launches a layer, scheduler and sampler a step, bookkeeping a sequence: fitted by engine kind",
    symbols={
        "layers": Symbol("L", "term.layers_per_stage"),
        "per_layer": Symbol("o", "term.layer_overhead", Unit.SECONDS),
        "per_step": Symbol("c", "term.step_overhead", Unit.SECONDS),
        "per_sequence": Symbol("q", "term.sequence_overhead", Unit.SECONDS),
        "requests": Symbol("D", "term.decoding_requests"),
    },
)
def overhead_time_s(layers: Values, per_layer: Values, per_step: Values, per_sequence: Values, requests: Values) -> Values:
    """What a step costs whatever it computes. [s]"""
    return layers * per_layer + per_step + per_sequence * requests


@formula(
    "speed.step",
    result="t",
    text="t_dense + t_experts + t_head + t_kv + t_attn + t_comm + t_host",
    unit=Unit.SECONDS,
    reference="Sum over the operators of a step; they follow one another on the GPU",
    symbols={
        "dense": Symbol("t_dense", "step.dense", Unit.SECONDS),
        "experts": Symbol("t_experts", "step.experts", Unit.SECONDS),
        "head": Symbol("t_head", "step.head", Unit.SECONDS),
        "kv_read": Symbol("t_kv", "step.kv_read", Unit.SECONDS),
        "attention": Symbol("t_attn", "step.attention", Unit.SECONDS),
        "communication": Symbol("t_comm", "step.communication", Unit.SECONDS),
        "overhead": Symbol("t_host", "step.overhead", Unit.SECONDS),
    },
)
def step_time_s(
    dense: Values, experts: Values, head: Values, kv_read: Values, attention: Values, communication: Values, overhead: Values
) -> Values:
    """One step of the engine on one pipeline stage. [s]"""
    return dense + experts + head + kv_read + attention + communication + overhead


@formula(
    "speed.decoding",
    result="D",
    text="min(R, Q_b · PP ÷ (1 + S ÷ O))",
    unit=Unit.REQUESTS,
    reference="Steady state: D decoding requests bring D · S ÷ O prompt tokens a step, and both share the step's token budget",
    symbols={
        "requests": Symbol("R", "term.requests_per_replica"),
        "budget": Symbol("Q_b", "term.batched_tokens", Unit.TOKENS),
        "pipeline": Symbol("PP", "term.pipeline_parallel"),
        "input_tokens": Symbol("S", "term.uncached_input_tokens", Unit.TOKENS),
        "output_tokens": Symbol("O", "term.output_tokens", Unit.TOKENS),
    },
)
def decoding_requests(requests: Values, budget: Values, pipeline: Values, input_tokens: Values, output_tokens: Values) -> Values:
    """Requests of a replica that decode at the same time; the token budget cannot feed more. [requests]"""
    return np.minimum(requests, budget * pipeline / (1 + input_tokens / output_tokens))


@formula(
    "speed.prefill_share",
    result="x",
    text="min(1, max(0, D − 1) · S ÷ (O · PP · Q))",
    unit=Unit.COUNT,
    reference="Continuous batching in steady state: each of the other requests brings S prompt tokens every O steps",
    symbols={
        "decoding": Symbol("D", "term.decoding_requests"),
        "input_tokens": Symbol("S", "term.uncached_input_tokens", Unit.TOKENS),
        "output_tokens": Symbol("O", "term.output_tokens", Unit.TOKENS),
        "pipeline": Symbol("PP", "term.pipeline_parallel"),
        "chunk": Symbol("Q", "term.prefill_chunk", Unit.TOKENS),
    },
)
def prefill_share(decoding: Values, input_tokens: Values, output_tokens: Values, pipeline: Values, chunk: Values) -> Values:
    """Share of a request's steps that carry prompts of others, in steady state."""
    return np.minimum(1, np.maximum(0, decoding - 1) * input_tokens / (output_tokens * pipeline * chunk))


@formula(
    "speed.tpot_mean",
    result="TPOT",
    text="(1 − x) · t_d + x · t_m",
    unit=Unit.SECONDS,
    reference=(
        "Chunked prefill: steps with a prompt chunk are longer, the others are pure decode (Agrawal et al., arXiv 2403.02310)"
    ),
    symbols={
        "share": Symbol("x", "term.prefill_share"),
        "decode_step": Symbol("t_d", "term.decode_step", Unit.SECONDS),
        "mixed_step": Symbol("t_m", "term.mixed_step", Unit.SECONDS),
    },
)
def tpot_mean_s(share: Values, decode_step: Values, mixed_step: Values) -> Values:
    """Mean time from one output token to the next, with prompts of others in between. [s]"""
    return (1 - share) * decode_step + share * mixed_step


@formula(
    "speed.tpot",
    result="TPOT_p",
    text="TPOT + z · sqrt(x ÷ O · max(0, t_m − t_d) ^ 2 + f · max(0, TPOT − t_1) ^ 2 · TPOT ÷ (D · t_1))",
    unit=Unit.SECONDS,
    reference=(
        "Prompt chunks meeting a request are Poisson with mean x·O; with arrivals at a rate the number in flight "
        "varies too, as in processor sharing; normal approximation, checked against the event simulation"
    ),
    symbols={
        "mean": Symbol("TPOT", "figure.tpot_mean", Unit.SECONDS),
        "z": Symbol("z", "term.normal_quantile"),
        "share": Symbol("x", "term.prefill_share"),
        "output_tokens": Symbol("O", "term.output_tokens", Unit.TOKENS),
        "mixed_step": Symbol("t_m", "term.mixed_step", Unit.SECONDS),
        "decode_step": Symbol("t_d", "term.decode_step", Unit.SECONDS),
        "open_loop": Symbol("f", "term.open_loop"),
        "alone": Symbol("t_1", "term.step_alone", Unit.SECONDS),
        "decoding": Symbol("D", "term.decoding_requests"),
    },
)
def tpot_at_percentile_s(
    mean: Values, z: Values, share: Values, output_tokens: Values, mixed_step: Values, decode_step: Values,
    open_loop: Values, alone: Values, decoding: Values,
) -> Values:  # fmt: skip
    """Time per output token at a percentile of the requests. [s]"""
    prompts = share / output_tokens * np.maximum(0, mixed_step - decode_step) ** 2
    varying = open_loop * np.maximum(0, mean - alone) ** 2 * mean / (decoding * alone)
    return mean + z * np.sqrt(prompts + varying)


@formula(
    "speed.ttft",
    result="TTFT_p",
    text="t_w + t_b + n_c · t_m + f · v · TPOT + a",
    unit=Unit.SECONDS,
    reference=(
        "Wait in the queue, then the chunks of the own prompt; a request that comes by itself waits for the step under way; "
        "reading it and replying take their own time"
    ),
    symbols={
        "wait": Symbol("t_w", "term.queue_wait", Unit.SECONDS),
        "backlog": Symbol("t_b", "term.backlog", Unit.SECONDS),
        "chunks": Symbol("n_c", "term.own_chunks"),
        "mixed_step": Symbol("t_m", "term.mixed_step", Unit.SECONDS),
        "open_loop": Symbol("f", "term.open_loop"),
        "residual": Symbol("v", "term.residual_step", Unit.SHARE),
        "tpot": Symbol("TPOT", "figure.tpot_mean", Unit.SECONDS),
        "per_request": Symbol("a", "term.request_overhead", Unit.SECONDS),
    },
)
def ttft_s(
    wait: Values,
    backlog: Values,
    chunks: Values,
    mixed_step: Values,
    open_loop: Values,
    residual: Values,
    tpot: Values,
    per_request: Values,
) -> Values:
    """Arrival of a request to its first token. [s]"""
    return wait + backlog + chunks * mixed_step + open_loop * residual * tpot + per_request


@formula(
    "speed.prefill_service",
    result="t_p",
    text="S ÷ Q_f · (t_d + (t_m − t_d) · Q_f ÷ Q)",
    unit=Unit.SECONDS,
    reference="A full step carries Q_f prompt tokens; its time is drawn linearly through a pure decode step and a mixed one",
    symbols={
        "input_tokens": Symbol("S", "term.uncached_input_tokens", Unit.TOKENS),
        "room": Symbol("Q_f", "term.prefill_room", Unit.TOKENS),
        "decode_step": Symbol("t_d", "term.decode_step", Unit.SECONDS),
        "mixed_step": Symbol("t_m", "term.mixed_step", Unit.SECONDS),
        "chunk": Symbol("Q", "term.prefill_chunk", Unit.TOKENS),
    },
)
def prefill_service_s(input_tokens: Values, room: Values, decode_step: Values, mixed_step: Values, chunk: Values) -> Values:
    """Time of full steps that one prompt takes up. [s]"""
    return input_tokens / room * (decode_step + (mixed_step - decode_step) * room / chunk)


@formula(
    "speed.prefill_busy",
    result="ρ",
    text="min(ρ_m, max(0, D − 1) · t_p ÷ (PP · T_r))",
    unit=Unit.SHARE,
    reference=(
        "Load of the prompt queue: prompts of the others per second times the time each takes; followed up "
        "to a limit, beyond which requests wait for a slot instead"
    ),
    symbols={
        "decoding": Symbol("D", "term.decoding_requests"),
        "service": Symbol("t_p", "term.prefill_service", Unit.SECONDS),
        "pipeline": Symbol("PP", "term.pipeline_parallel"),
        "residence": Symbol("T_r", "term.residence", Unit.SECONDS),
        "most": Symbol("ρ_m", "term.busy_limit", Unit.SHARE),
    },
)
def prefill_busy(decoding: Values, service: Values, pipeline: Values, residence: Values, most: Values) -> Values:
    """Share of the time in which prompts fill the steps."""
    return np.minimum(most, np.maximum(0, decoding - 1) * service / (pipeline * residence))


@formula(
    "speed.queue_wait",
    result="t_w",
    text="κ · min(R, max(0, ln(max(ρ, 0.000001) ÷ (1 − p)) ÷ (2 · (1 − ρ)))) · t_p",
    unit=Unit.SECONDS,
    reference=(
        "M/D/1 queue of prompts: exponential tail with decay 2(1 − ρ) per service time; no more than R "
        "prompts can stand before one's own"
    ),
    symbols={
        "requests": Symbol("R", "term.other_requests"),
        "busy": Symbol("ρ", "term.prefill_busy", Unit.SHARE),
        "percentile": Symbol("p", "term.percentile", Unit.SHARE),
        "service": Symbol("t_p", "term.prefill_service", Unit.SECONDS),
        "factor": Symbol("κ", "term.queue_factor"),
    },
)
def queue_wait_s(requests: Values, busy: Values, percentile: Values, service: Values, factor: Values) -> Values:
    """Wait behind other prompts at a percentile of the requests. [s]"""
    tail = np.log(np.maximum(busy, 1e-6) / (1 - percentile)) / (2 * (1 - busy))
    return factor * np.minimum(requests, np.maximum(0, tail)) * service


@formula(
    "speed.mean_wait",
    result="t_w",
    text="κ · min(R ÷ 2, ρ ÷ (2 · (1 − ρ))) · t_p",
    unit=Unit.SECONDS,
    reference="Pollaczek–Khinchine formula for constant service time, bounded by the requests in flight",
    symbols={
        "requests": Symbol("R", "term.other_requests"),
        "busy": Symbol("ρ", "term.prefill_busy", Unit.SHARE),
        "service": Symbol("t_p", "term.prefill_service", Unit.SECONDS),
        "factor": Symbol("κ", "term.queue_factor"),
    },
)
def mean_wait_s(requests: Values, busy: Values, service: Values, factor: Values) -> Values:
    """Mean wait behind other prompts. [s]"""
    return factor * np.minimum(requests / 2, busy / (2 * (1 - busy))) * service


@formula(
    "speed.residence",
    result="T_r",
    text="n_c · t_m + (O − 1) · TPOT",
    unit=Unit.SECONDS,
    reference="Time a request holds a decoding slot: its own prompt, then its output",
    symbols={
        "chunks": Symbol("n_c", "term.own_chunks"),
        "mixed_step": Symbol("t_m", "term.mixed_step", Unit.SECONDS),
        "output_tokens": Symbol("O", "term.output_tokens", Unit.TOKENS),
        "tpot": Symbol("TPOT", "figure.tpot_mean", Unit.SECONDS),
    },
)
def residence_s(chunks: Values, mixed_step: Values, output_tokens: Values, tpot: Values) -> Values:
    """Time from a request's admission to its end. [s]"""
    return chunks * mixed_step + (output_tokens - 1) * tpot


@formula(
    "speed.backlog",
    result="t_b",
    text="max(0, R ÷ D − 1) · T_r",
    unit=Unit.SECONDS,
    reference="Little's law for the requests that the token budget keeps out",
    symbols={
        "requests": Symbol("R", "term.requests_per_replica"),
        "decoding": Symbol("D", "term.decoding_requests"),
        "residence": Symbol("T_r", "term.residence", Unit.SECONDS),
    },
)
def backlog_s(requests: Values, decoding: Values, residence: Values) -> Values:
    """Wait for a slot when more requests are in flight than can decode at once. [s]"""
    return np.maximum(0, requests / decoding - 1) * residence


@formula(
    "speed.throughput",
    result="X",
    text="r · D · O ÷ T_r",
    unit=Unit.TOKENS_PER_SECOND,
    reference="Little's law: requests being worked on = rate × time they are worked on",
    symbols={
        "replicas": Symbol("r", "term.replicas"),
        "decoding": Symbol("D", "term.decoding_requests"),
        "output_tokens": Symbol("O", "term.output_tokens", Unit.TOKENS),
        "residence": Symbol("T_r", "term.residence", Unit.SECONDS),
    },
)
def throughput_tok_s(replicas: Values, decoding: Values, output_tokens: Values, residence: Values) -> Values:
    """Output tokens per second of all replicas. [tok/s]"""
    return replicas * decoding * output_tokens / residence
