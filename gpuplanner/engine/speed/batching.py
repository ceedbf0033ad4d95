"""The formulas of continuous batching in steady state. Times in seconds; every function takes numbers or arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpuplanner.engine.formula import Symbol, formula
from gpuplanner.engine.result import Unit

Values = Any  # a number, or an array of them


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
        "output_tokens": Symbol("O", "term.output_steps"),
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
        "output_tokens": Symbol("O", "term.output_steps"),
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
    text="((1 − x) · t_d + x · t_m) ÷ E",
    unit=Unit.SECONDS,
    reference=(
        "Chunked prefill: steps with a prompt chunk are longer, the others are pure decode (Agrawal et al., arXiv 2403.02310)"
    ),
    symbols={
        "share": Symbol("x", "term.prefill_share"),
        "decode_step": Symbol("t_d", "term.decode_step", Unit.SECONDS),
        "mixed_step": Symbol("t_m", "term.mixed_step", Unit.SECONDS),
        "gain": Symbol("E", "term.tokens_per_step"),
    },
)
def tpot_mean_s(share: Values, decode_step: Values, mixed_step: Values, gain: Values) -> Values:
    """Mean time from one output token to the next, with prompts of others in between. [s]"""
    return ((1 - share) * decode_step + share * mixed_step) / gain


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
    "speed.staged",
    result="t",
    text="PP · t_s",
    unit=Unit.SECONDS,
    reference="Each token passes through all pipeline stages, one after the other",
    symbols={
        "pipeline": Symbol("PP", "term.pipeline_parallel"),
        "stage": Symbol("t_s", "term.stage_step", Unit.SECONDS),
    },
)
def staged_s(pipeline: Values, stage: Values) -> Values:
    """A step through all pipeline stages. [s]"""
    return pipeline * stage


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


@formula(
    "speed.users",
    result="U",
    text="R · (1 + Z ÷ E)",
    unit=Unit.COUNT,
    reference="Interactive response time law: of U users those not thinking are in flight (Denning, Buzen, ACM Surveys 10, 1978)",
    symbols={
        "requests": Symbol("R", "term.requests_per_replica"),
        "think": Symbol("Z", "term.think_time", Unit.SECONDS),
        "e2e_mean": Symbol("E", "figure.e2e_mean", Unit.SECONDS),
    },
)
def users_carried(requests: Values, think: Values, e2e_mean: Values) -> Values:
    """Users of a replica, of whom so many have a request in flight."""
    return requests * (1 + think / e2e_mean)


@formula(
    "speed.e2e",
    result="E_p",
    text=(
        "E + sqrt(max(0, A_p − A) ^ 2 + (max(0, O − 1) · max(0, TPOT_p − TPOT)) ^ 2 "
        "+ (max(0, O − 1) · TPOT · max(0, q_o − 1)) ^ 2)"
    ),
    unit=Unit.SECONDS,
    reference=(
        "Waiting, pace and length of the answer vary by themselves: their deviations add as squares; checked against the event "
        "simulation"
    ),
    symbols={
        "mean": Symbol("E", "figure.e2e_mean", Unit.SECONDS),
        "ttft": Symbol("A_p", "figure.ttft", Unit.SECONDS),
        "ttft_mean": Symbol("A", "figure.ttft_mean", Unit.SECONDS),
        "output_tokens": Symbol("O", "term.output_tokens", Unit.TOKENS),
        "tpot": Symbol("TPOT_p", "figure.tpot", Unit.SECONDS),
        "tpot_mean": Symbol("TPOT", "figure.tpot_mean", Unit.SECONDS),
        "longer": Symbol("q_o", "term.output_quantile"),
    },
)
def e2e_at_percentile_s(
    mean: Values, ttft: Values, ttft_mean: Values, output_tokens: Values, tpot: Values, tpot_mean: Values, longer: Values
) -> Values:
    """Arrival of a request to its last token, at a percentile of the requests. [s]"""
    steps = np.maximum(0, output_tokens - 1)
    pace, length = steps * np.maximum(0, tpot - tpot_mean), steps * tpot_mean * np.maximum(0, longer - 1)
    return mean + np.sqrt(np.maximum(0, ttft - ttft_mean) ** 2 + pace**2 + length**2)


@formula(
    "speed.e2e_mean",
    result="E",
    text="A + (O − 1) · TPOT",
    unit=Unit.SECONDS,
    reference="Definition: time per output token leaves the first token out",
    symbols={
        "ttft_mean": Symbol("A", "figure.ttft_mean", Unit.SECONDS),
        "output_tokens": Symbol("O", "term.output_tokens", Unit.TOKENS),
        "tpot_mean": Symbol("TPOT", "figure.tpot_mean", Unit.SECONDS),
    },
)
def e2e_mean_s(ttft_mean: Values, output_tokens: Values, tpot_mean: Values) -> Values:
    """Arrival of a request to its last token, on average. [s]"""
    return ttft_mean + (output_tokens - 1) * tpot_mean
