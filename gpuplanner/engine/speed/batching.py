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
    "speed.ttft_spread",
    result="TTFT_p",
    text="A + sqrt(max(0, A_p − A) ^ 2 + (n_c · max(0, t_m − t_d) · max(0, q_i − 1)) ^ 2)",
    unit=Unit.SECONDS,
    reference=(
        "Prompts of different lengths: the wait and the own prompt vary by themselves, their deviations add as squares; checked "
        "against the event simulation"
    ),
    symbols={
        "mean": Symbol("A", "figure.ttft_mean", Unit.SECONDS),
        "alike": Symbol("A_p", "term.ttft_alike", Unit.SECONDS),
        "chunks": Symbol("n_c", "term.own_chunks"),
        "mixed_step": Symbol("t_m", "term.mixed_step", Unit.SECONDS),
        "decode_step": Symbol("t_d", "term.decode_step", Unit.SECONDS),
        "longer": Symbol("q_i", "term.input_quantile"),
    },
)
def ttft_of_spread_s(
    mean: Values, alike: Values, chunks: Values, mixed_step: Values, decode_step: Values, longer: Values
) -> Values:
    """Arrival of a request to its first token at a percentile, where prompts differ in length. [s]"""
    own = chunks * np.maximum(0, mixed_step - decode_step) * np.maximum(0, longer - 1)
    return mean + np.sqrt(np.maximum(0, alike - mean) ** 2 + own**2)


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
