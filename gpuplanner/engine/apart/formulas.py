"""The formulas of prefill apart from decode. Times in seconds; every function takes numbers or arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpuplanner.engine.formula import Symbol, formula
from gpuplanner.engine.result import Unit

Values = Any
_DISTSERVE = "DistServe, arXiv 2401.09670, section 3"


@formula(
    "apart.transfer",
    result="t_x",
    text="S · k ÷ (β_l · η_l)",
    unit=Unit.SECONDS,
    reference=f"{_DISTSERVE}: the prompt's cache goes from the GPU that read it to the one that writes on",
    symbols={
        "tokens": Symbol("S", "term.input_tokens_moved", Unit.TOKENS),
        "each": Symbol("k", "term.kv_bytes_per_token", Unit.BYTES),
        "link": Symbol("β_l", "term.link_bandwidth", Unit.BYTES_PER_SECOND),
        "efficiency": Symbol("η_l", "term.link_efficiency", Unit.SHARE),
    },
)
def transfer_s(tokens: Values, each: Values, link: Values, efficiency: Values) -> Values:
    """Time to move a prompt's cache from GPU to GPU, every GPU of a replica its own part. [s]"""
    return tokens * each / (link * efficiency)


@formula(
    "apart.together",
    result="k",
    text="min(n, max(1, λ ÷ n_p · (t_s − m) ÷ max(0.05, 1 − λ ÷ n_p · m)))",
    unit=Unit.COUNT,
    reference="Whoever comes during a step joins the next one: a step carries as many prompts as came in one, while it has room",
    symbols={
        "most": Symbol("n", "term.prompts_per_step"),
        "rate": Symbol("λ", "term.request_rate", Unit.REQUESTS_PER_SECOND),
        "readers": Symbol("n_p", "term.prefill_replicas"),
        "stage": Symbol("t_s", "term.prompt_step", Unit.SECONDS),
        "more": Symbol("m", "term.prompt_more", Unit.SECONDS),
    },
)
def prompts_together(most: Values, rate: Values, readers: Values, stage: Values, more: Values) -> Values:
    """Prompts that share a step with one's own, itself among them."""
    coming = rate / readers
    return np.minimum(most, np.maximum(1, coming * (stage - more) / np.maximum(0.05, 1 - coming * more)))


@formula(
    "apart.prompt",
    result="t_1",
    text="n_c · PP · (t_s + (k − 1) · m)",
    unit=Unit.SECONDS,
    reference=f"{_DISTSERVE}: a replica that only reads takes prompts as they come, in chunks of its token budget",
    symbols={
        "chunks": Symbol("n_c", "term.own_chunks"),
        "pipeline": Symbol("PP", "term.pipeline_parallel"),
        "stage": Symbol("t_s", "term.prompt_step", Unit.SECONDS),
        "together": Symbol("k", "term.prompts_together"),
        "more": Symbol("m", "term.prompt_more", Unit.SECONDS),
    },
)
def prompt_s(chunks: Values, pipeline: Values, stage: Values, together: Values, more: Values) -> Values:
    """Time from the start of a prompt's first step to the end of its last. [s]"""
    return chunks * pipeline * (stage + (together - 1) * more)


@formula(
    "apart.gate",
    result="t_g",
    text="v · min(1, λ ÷ n_p · t_s) · t_1",
    unit=Unit.SECONDS,
    reference="A prompt waits for the end of the step under way, if one is: on average half of it",
    symbols={
        "residual": Symbol("v", "term.residual_step", Unit.SHARE),
        "rate": Symbol("λ", "term.request_rate", Unit.REQUESTS_PER_SECOND),
        "readers": Symbol("n_p", "term.prefill_replicas"),
        "stage": Symbol("t_s", "term.prompt_step", Unit.SECONDS),
        "prompt": Symbol("t_1", "term.prompt_time", Unit.SECONDS),
    },
)
def gate_s(residual: Values, rate: Values, readers: Values, stage: Values, prompt: Values) -> Values:
    """Wait for the end of the step under way. [s]"""
    return residual * np.minimum(1, rate / readers * stage) * prompt


@formula(
    "apart.service",
    result="t_p",
    text="n_c · t_f ÷ n",
    unit=Unit.SECONDS,
    reference="A full step carries as many whole prompts as its budget holds; pipeline stages work on different ones",
    symbols={
        "chunks": Symbol("n_c", "term.own_chunks"),
        "full_step": Symbol("t_f", "term.full_prompt_step", Unit.SECONDS),
        "prompts": Symbol("n", "term.prompts_per_step"),
    },
)
def service_s(chunks: Values, full_step: Values, prompts: Values) -> Values:
    """Time of a replica's steps that one prompt takes up when they are full. [s]"""
    return chunks * full_step / prompts


@formula(
    "apart.busy",
    result="ρ",
    text="min(ρ_m, λ · t_p ÷ n_p)",
    unit=Unit.SHARE,
    reference=f"{_DISTSERVE}: the queue of prompts before the replicas that read",
    symbols={
        "rate": Symbol("λ", "term.request_rate", Unit.REQUESTS_PER_SECOND),
        "service": Symbol("t_p", "term.prefill_service", Unit.SECONDS),
        "readers": Symbol("n_p", "term.prefill_replicas"),
        "most": Symbol("ρ_m", "term.busy_limit", Unit.SHARE),
    },
)
def busy_share(rate: Values, service: Values, readers: Values, most: Values) -> Values:
    """Share of the time in which the replicas that read are at work."""
    return np.minimum(most, rate * service / readers)


@formula(
    "apart.ttft",
    result="TTFT_p",
    text="max(t_w, t_g) + t_1 + t_x + a",
    unit=Unit.SECONDS,
    reference=f"{_DISTSERVE}: wait for a replica that reads, the own prompt, the way of its cache; then the reply",
    symbols={
        "wait": Symbol("t_w", "term.queue_wait", Unit.SECONDS),
        "gate": Symbol("t_g", "term.gate_wait", Unit.SECONDS),
        "prompt": Symbol("t_1", "term.prompt_time", Unit.SECONDS),
        "transfer": Symbol("t_x", "term.kv_transfer", Unit.SECONDS),
        "per_request": Symbol("a", "term.request_overhead", Unit.SECONDS),
    },
)
def ttft_s(wait: Values, gate: Values, prompt: Values, transfer: Values, per_request: Values) -> Values:
    """Arrival of a request to its first token. [s]"""
    return np.maximum(wait, gate) + prompt + transfer + per_request


@formula(
    "apart.ttft_spread",
    result="TTFT_p",
    text="A + sqrt(max(0, A_p − A) ^ 2 + (t_1 · max(0, q_i − 1)) ^ 2)",
    unit=Unit.SECONDS,
    reference="Prompts of different lengths: the wait and the own prompt vary by themselves, their deviations add as squares",
    symbols={
        "mean": Symbol("A", "figure.ttft_mean", Unit.SECONDS),
        "alike": Symbol("A_p", "term.ttft_alike", Unit.SECONDS),
        "prompt": Symbol("t_1", "term.prompt_time", Unit.SECONDS),
        "longer": Symbol("q_i", "term.input_quantile"),
    },
)
def ttft_of_spread_s(mean: Values, alike: Values, prompt: Values, longer: Values) -> Values:
    """Arrival of a request to its first token at a percentile, where prompts differ in length. [s]"""
    return mean + np.sqrt(np.maximum(0, alike - mean) ** 2 + (prompt * np.maximum(0, longer - 1)) ** 2)


@formula(
    "apart.throughput",
    result="X",
    text="min(n_d · D ÷ (max(1, O − 1) · TPOT), ρ_m · n_p ÷ t_p) · O",
    unit=Unit.TOKENS_PER_SECOND,
    reference="Little's law for the replicas that write; no more than those that read let through",
    symbols={
        "writers": Symbol("n_d", "term.decode_replicas"),
        "decoding": Symbol("D", "term.decoding_requests"),
        "output_tokens": Symbol("O", "term.output_tokens", Unit.TOKENS),
        "tpot": Symbol("TPOT", "figure.tpot_mean", Unit.SECONDS),
        "most": Symbol("ρ_m", "term.busy_limit", Unit.SHARE),
        "readers": Symbol("n_p", "term.prefill_replicas"),
        "service": Symbol("t_p", "term.prefill_service", Unit.SECONDS),
    },
)
def throughput_tok_s(
    writers: Values, decoding: Values, output_tokens: Values, tpot: Values, most: Values, readers: Values, service: Values
) -> Values:
    """Output tokens per second that the replicas make at so many requests each. [tok/s]"""
    written = writers * decoding / (np.maximum(1, output_tokens - 1) * tpot)
    return np.minimum(written, most * readers / service) * output_tokens
