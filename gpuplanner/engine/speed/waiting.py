"""The formulas of waiting: behind other prompts, for a slot, and up to the first token. Times in seconds; numbers or arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpuplanner.engine.formula import Symbol, formula
from gpuplanner.engine.result import Unit

Values = Any  # a number, or an array of them


@formula(
    "speed.prefill_service",
    result="t_p",
    text="S ÷ Q_f · (t_d + (t_m − t_d) · Q_f ÷ Q) ÷ PP",
    unit=Unit.SECONDS,
    reference="A full step carries Q_f prompt tokens; its time is drawn linearly through a pure decode step and a mixed one",
    symbols={
        "input_tokens": Symbol("S", "term.uncached_input_tokens", Unit.TOKENS),
        "room": Symbol("Q_f", "term.prefill_room", Unit.TOKENS),
        "decode_step": Symbol("t_d", "term.decode_step", Unit.SECONDS),
        "mixed_step": Symbol("t_m", "term.mixed_step", Unit.SECONDS),
        "chunk": Symbol("Q", "term.prefill_chunk", Unit.TOKENS),
        "pipeline": Symbol("PP", "term.pipeline_parallel"),
    },
)
def prefill_service_s(
    input_tokens: Values, room: Values, decode_step: Values, mixed_step: Values, chunk: Values, pipeline: Values
) -> Values:
    """Time of full steps that one prompt takes up on a stage: the next one follows through the pipeline. [s]"""
    return input_tokens / room * (decode_step + (mixed_step - decode_step) * room / chunk) / pipeline


@formula(
    "speed.prefill_busy",
    result="ρ",
    text="min(ρ_m, max(0, D − 1) · t_p ÷ T_r)",
    unit=Unit.SHARE,
    reference=(
        "Load of the prompt queue: prompts of the others per second times the time each takes; followed up "
        "to a limit, beyond which requests wait for a slot instead"
    ),
    symbols={
        "decoding": Symbol("D", "term.decoding_requests"),
        "service": Symbol("t_p", "term.prefill_service", Unit.SECONDS),
        "residence": Symbol("T_r", "term.residence", Unit.SECONDS),
        "most": Symbol("ρ_m", "term.busy_limit", Unit.SHARE),
    },
)
def prefill_busy(decoding: Values, service: Values, residence: Values, most: Values) -> Values:
    """Share of the time in which prompts fill the steps."""
    return np.minimum(most, np.maximum(0, decoding - 1) * service / residence)


@formula(
    "speed.step_busy",
    result="ρ",
    text="min(ρ_m, a · n)",
    unit=Unit.SHARE,
    reference=(
        "With a fixed number in flight a new prompt comes when an answer ends, and answers end by steps: a step that reads a "
        "prompt halts them all, so the queue is counted in steps; checked against the event simulation"
    ),
    symbols={
        "coming": Symbol("a", "term.prompts_a_step"),
        "steps": Symbol("n", "term.steps_a_prompt"),
        "most": Symbol("ρ_m", "term.busy_limit", Unit.SHARE),
    },
)
def step_busy(coming: Values, steps: Values, most: Values) -> Values:
    """Share of the steps' token budget that prompts take up where the number in flight is fixed."""
    return np.minimum(most, coming * steps)


@formula(
    "speed.step_wait",
    result="t_w",
    text="k · min(R, max(1 − n ÷ 2, n ÷ 2) · (a + z · sqrt(a)) ÷ (1 − ρ)) · (1 + c ^ 2) · t_p",
    unit=Unit.SECONDS,
    reference=(
        "Prompts that come in the same step share it when they are short, and queue when they are long; their number is Poisson, "
        "by a normal approximation; checked against the event simulation"
    ),
    symbols={
        "factor": Symbol("k", "term.queue_basis"),
        "requests": Symbol("R", "term.other_requests"),
        "steps": Symbol("n", "term.steps_a_prompt"),
        "coming": Symbol("a", "term.prompts_a_step"),
        "z": Symbol("z", "term.normal_quantile"),
        "busy": Symbol("ρ", "term.prefill_busy", Unit.SHARE),
        "spread": Symbol("c", "term.length_spread"),
        "service": Symbol("t_p", "term.prefill_service", Unit.SECONDS),
    },
)
def step_wait_s(
    factor: Values, requests: Values, steps: Values, coming: Values, z: Values, busy: Values, spread: Values, service: Values
) -> Values:
    """Wait for prompts that come at the same time where the number in flight is fixed; on average with z 0. [s]"""
    others = np.maximum(1 - steps / 2, steps / 2) * (coming + z * np.sqrt(coming)) / (1 - busy)
    return factor * np.minimum(requests, others) * (1 + spread**2) * service


@formula(
    "speed.queue_wait",
    result="t_w",
    text="κ · min(R, max(0, ln(max(ρ · h, 0.000001) ÷ (1 − p)) ÷ (2 · (1 − ρ)))) · t_p",
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
        "rarer": Symbol("h", "term.rarer"),
    },
)
def queue_wait_s(
    requests: Values, busy: Values, percentile: Values, service: Values, factor: Values, rarer: Values = 1.0
) -> Values:
    """Wait behind other prompts at a percentile of the requests. [s]"""
    tail = np.log(np.maximum(busy * rarer, 1e-6) / (1 - percentile)) / (2 * (1 - busy))
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
