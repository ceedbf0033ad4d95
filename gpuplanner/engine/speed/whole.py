"""Batches that start and end together: static ones, and those that wait a moment to fill (Triton's dynamic batching)."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpuplanner.engine.formula import Symbol, formula
from gpuplanner.engine.request import Request
from gpuplanner.engine.result import Unit
from gpuplanner.engine.speed.pace import Pace
from gpuplanner.scenario.serving import Batching

Values = Any
_TOGETHER = (
    "Requests of a batch start and end together: who comes meanwhile waits for its end (Yu et al., Orca, OSDI 2022, section 2)"
)


@formula(
    "speed.largest",
    result="q",
    text=(
        "min(1, max(1, B) − 1) · (sqrt(2 · ln(max(2, B))) − (ln(ln(max(2, B))) + 2.531) ÷ (2 · sqrt(2 · ln(max(2, B)))) "
        "+ 0.577 ÷ sqrt(2 · ln(max(2, B))))"
    ),
    unit=Unit.COUNT,
    reference="Expected largest of B normal draws, in deviations (Gumbel limit of extreme value theory)",
    symbols={"batch": Symbol("B", "term.requests_per_replica")},
)
def largest_of(batch: Values) -> Values:
    """How many deviations above the mean the largest of so many draws lies."""
    log = np.log(np.maximum(2, batch))
    root = np.sqrt(2 * log)
    return np.minimum(1, np.maximum(1, batch) - 1) * (root - (np.log(log) + 2.531) / (2 * root) + 0.577 / root)


@formula(
    "speed.longest_output",
    result="O_m",
    text="O · exp(min(10, q) · sqrt(ln(1 + c ^ 2)) − ln(1 + c ^ 2) ÷ 2 · (1 − 1 ÷ max(1, B)))",
    unit=Unit.TOKENS,
    reference="The largest of B log-normal lengths whose mean and spread are those of the answers",
    symbols={
        "output_tokens": Symbol("O", "term.output_tokens", Unit.TOKENS),
        "spread": Symbol("c", "term.length_spread"),
        "largest": Symbol("q", "term.largest"),
        "batch": Symbol("B", "term.requests_per_replica"),
    },
)
def longest_output(output_tokens: Values, spread: Values, largest: Values, batch: Values) -> Values:
    """Tokens of the longest answer of a batch: all others wait for it."""
    variance = np.log(1 + spread**2)
    return output_tokens * np.exp(np.minimum(10, largest) * np.sqrt(variance) - variance / 2 * (1 - 1 / np.maximum(1, batch)))


@formula(
    "speed.batch_cycle",
    result="T_b",
    text="t_p + max(0, O_m − 1) · t_d ÷ E + d",
    unit=Unit.SECONDS,
    reference=_TOGETHER,
    symbols={
        "prefill": Symbol("t_p", "term.batch_prefill", Unit.SECONDS),
        "longest": Symbol("O_m", "term.longest_output", Unit.TOKENS),
        "decode_step": Symbol("t_d", "term.decode_step", Unit.SECONDS),
        "gain": Symbol("E", "term.tokens_per_step"),
        "delay": Symbol("d", "term.batch_delay", Unit.SECONDS),
    },
)
def batch_cycle_s(prefill: Values, longest: Values, decode_step: Values, gain: Values, delay: Values) -> Values:
    """From one batch to the next. [s]"""
    return prefill + np.maximum(0, longest - 1) * decode_step / gain + delay


@formula(
    "speed.batch_ttft",
    result="TTFT_p",
    text="f · v · T_b + d + t_p + a",
    unit=Unit.SECONDS,
    reference=_TOGETHER,
    symbols={
        "open_loop": Symbol("f", "term.open_loop"),
        "residual": Symbol("v", "term.residual_step", Unit.SHARE),
        "cycle": Symbol("T_b", "term.batch_cycle", Unit.SECONDS),
        "delay": Symbol("d", "term.batch_delay", Unit.SECONDS),
        "prefill": Symbol("t_p", "term.batch_prefill", Unit.SECONDS),
        "per_request": Symbol("a", "term.request_overhead", Unit.SECONDS),
    },
)
def batch_ttft_s(
    open_loop: Values, residual: Values, cycle: Values, delay: Values, prefill: Values, per_request: Values
) -> Values:
    """Arrival of a request to its first token, of a batch that starts together. [s]"""
    return open_loop * residual * cycle + delay + prefill + per_request


@formula(
    "speed.batch_e2e",
    result="E_p",
    text="(1 + f · v) · T_b + a",
    unit=Unit.SECONDS,
    reference=_TOGETHER,
    symbols={
        "open_loop": Symbol("f", "term.open_loop"),
        "residual": Symbol("v", "term.residual_step", Unit.SHARE),
        "cycle": Symbol("T_b", "term.batch_cycle", Unit.SECONDS),
        "per_request": Symbol("a", "term.request_overhead", Unit.SECONDS),
    },
)
def batch_e2e_s(open_loop: Values, residual: Values, cycle: Values, per_request: Values) -> Values:
    """Arrival of a request to the end of its batch. [s]"""
    return (1 + open_loop * residual) * cycle + per_request


def delay_of(request: Request) -> float:
    """How long a batch waits to fill. [s]"""
    return request.serving.dynamic_delay_s if request.serving.batching is Batching.DYNAMIC else 0.0


def serve_whole(request: Request, pace: Pace, batch: Any, pipeline: Any, batched_tokens: Any, open_loop: float) -> dict[str, Any]:
    """A replica whose batches start and end together; the fields of :class:`~gpuplanner.engine.speed.serving.Serving`.

    Args:
        request: lengths and percentile.
        pace: steps of the layouts.
        batch: requests that start together.
        pipeline: stages.
        batched_tokens: tokens of prompts read at once.
        open_loop: 1 where requests come by themselves, 0 where each follows one that ended.
    """
    uncached, output, delay = request.uncached_tokens, request.output_tokens, delay_of(request)
    decoding = batch / pipeline
    chunks = np.maximum(batch * uncached / batched_tokens, 1.0)
    prefill = chunks * pipeline * pace.model.time_s(0.0, batch * uncached / chunks / pipeline, batch / chunks / pipeline)
    decode_step = pipeline * pace.time_s(decoding, 0.0, 0.0)
    longest = longest_output(output, request.spread.output_cv, largest_of(batch), batch)
    cycle = batch_cycle_s(prefill, longest, decode_step, pace.gain, delay)
    tpot = decode_step / pace.gain + 0.0 * batch
    beside, later = pace.model.inputs["request_overhead"], request.percentile
    nothing = 0.0 * cycle
    return {
        "batch": batch,
        "decoding": batch + nothing,
        "chunk": uncached * batch / chunks,
        "room": batched_tokens + nothing,
        "chunks": chunks,
        "prompts": batch / chunks,
        "share": nothing,
        "decode_step": decode_step,
        "mixed_step": decode_step,
        "alone": pipeline * pace.time_s(1.0 / pipeline, 0.0, 0.0) / pace.gain,
        "busy": nothing,
        "service": prefill,
        "residence": cycle,
        "backlog": nothing,
        "tpot_mean": tpot,
        "tpot": tpot,
        "ttft_mean": batch_ttft_s(open_loop, 0.5, cycle, delay, prefill, beside),
        "ttft": batch_ttft_s(open_loop, later, cycle, delay, prefill, beside),
        "throughput": batch * output / cycle,
        "e2e_mean": batch_e2e_s(open_loop, 0.5, cycle, beside),
        "e2e": batch_e2e_s(open_loop, later, cycle, beside),
        "request_rate": batch / (cycle + (1 - open_loop) * beside),
    }
