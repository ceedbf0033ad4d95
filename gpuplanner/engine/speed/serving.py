"""Continuous batching in closed form: what a replica does in steady state, for arrays of layouts and batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gpuplanner.engine.own.apply import corrected
from gpuplanner.engine.request import Request
from gpuplanner.engine.speed import batching as speed
from gpuplanner.engine.speed import waiting
from gpuplanner.engine.speed.balance import sharing, variability_of
from gpuplanner.engine.speed.mixing import Mixing, mixing_of
from gpuplanner.engine.speed.pace import Pace, pace_of
from gpuplanner.engine.speed.queueing import Prompts, queue_of
from gpuplanner.engine.speed.reuse import ROUNDS, Reuse, Reused, reused, with_reused
from gpuplanner.engine.speed.step import StepModel
from gpuplanner.engine.speed.whole import serve_whole
from gpuplanner.scenario.serving import Batching


@dataclass(frozen=True, slots=True)
class Serving:
    """What one replica does with ``batch`` requests in flight; every field an array of (layouts, batches). Times in seconds.

    ``decoding`` of them decode at once; ``chunk`` is the prompt tokens of a mixed step, ``room`` of a full one,
    ``chunks`` how many steps one's own prompt takes, ``prompts`` how many prompts a mixed step carries.
    """

    batch: Any
    decoding: Any
    chunk: Any
    room: Any
    chunks: Any
    prompts: Any
    share: Any
    decode_step: Any
    mixed_step: Any
    alone: Any
    busy: Any
    service: Any
    residence: Any
    backlog: Any
    tpot_mean: Any
    tpot: Any
    ttft_mean: Any
    ttft: Any
    throughput: Any
    e2e_mean: Any
    e2e: Any
    request_rate: Any


def serve(request: Request, model: StepModel, batch: Any, pipeline: Any, batched_tokens: Any, *, late: bool = True) -> Serving:
    """A replica in steady state, corrected by the user's own measurements where there are some.

    Args:
        request: lengths and percentile.
        model: the layouts.
        batch: requests in flight per replica, (layouts, batches) or broadcastable.
        pipeline: pipeline stages, (layouts, 1): each stage works on its share of the batch at a time.
        batched_tokens: the engine's token budget of a step, (layouts, 1).
        late: whether figures at the percentile are wanted; else they are the means, which take half the time.
    """
    if request.reuse is not None:
        request, model, _ = reusing(request, request.reuse, model, batch, pipeline, batched_tokens)
    return corrected(_serve(request, model, batch, pipeline, batched_tokens, late=late), model.inputs)


def reusing(
    request: Request, reuse: Reuse, model: StepModel, batch: Any, pipeline: Any, batched_tokens: Any
) -> tuple[Request, StepModel, Reused]:
    """The request and the steps once conversations that come back have found what is left of their cache, and what that is."""
    asked, steps = request, model
    for _ in range(ROUNDS):
        served = _serve(asked, steps, batch, pipeline, batched_tokens, late=False)
        found = reused(request, reuse, model, batch, served.e2e_mean)
        asked, steps = with_reused(request, model, found)
    return asked, steps, found


def _serve(request: Request, model: StepModel, batch: Any, pipeline: Any, batched_tokens: Any, *, late: bool) -> Serving:
    pace = pace_of(request, model)
    if request.serving.batching is not Batching.CONTINUOUS:
        return Serving(**serve_whole(request, pace, batch, pipeline, batched_tokens, float(request.comes_by_itself)))
    output = request.output_tokens
    mixing = mixing_of(request, pace, batch, pipeline, batched_tokens)
    tpot_mean = speed.tpot_mean_s(mixing.share, mixing.decode_step, mixing.mixed_step, pace.gain)
    residence = speed.residence_s(mixing.chunks, mixing.mixed_step, output, tpot_mean)
    backlog = waiting.backlog_s(batch, mixing.slots, residence)
    replicas = sharing(request, batch, residence)
    first = _first(request, pace, mixing, pipeline, tpot_mean, residence, backlog, replicas)
    e2e_mean = speed.e2e_mean_s(first["ttft_mean"], output, tpot_mean)
    paced, e2e = {"alone": mixing.decode_step, "tpot": tpot_mean}, e2e_mean
    if late:
        paced = _paced(request, pace, mixing, pipeline, tpot_mean, replicas)
        spread = request.spread.output_quantile
        e2e = speed.e2e_at_percentile_s(e2e_mean, first["ttft"], first["ttft_mean"], output, paced["tpot"], tpot_mean, spread)
    return Serving(
        batch=batch, decoding=mixing.slots, chunk=mixing.chunk, room=mixing.room, chunks=mixing.chunks, prompts=mixing.prompts,
        share=mixing.share, decode_step=mixing.decode_step, mixed_step=mixing.mixed_step, residence=residence, backlog=backlog,
        tpot_mean=tpot_mean, throughput=speed.throughput_tok_s(1, mixing.slots, output, residence), e2e_mean=e2e_mean, e2e=e2e,
        request_rate=batch / e2e_mean, **paced, **first,
    )  # fmt: skip


def _paced(request: Request, pace: Pace, mixing: Mixing, pipeline: Any, tpot_mean: Any, replicas: Any) -> dict[str, Any]:
    """How the pace of a request varies: ``alone``, a step with nobody else, and ``tpot`` at the percentile."""
    # by the slope at this load: mixtures of experts touch most of them long before
    slope = 2.0 * pipeline * pace.time_s(mixing.decoding / 2.0, 0.0, 0.0) - mixing.decode_step
    alone = np.maximum(pipeline * pace.time_s(1.0 / pipeline, 0.0, 0.0), slope) / pace.gain
    varied = queue_of(request, pace.model.inputs).open_loop * variability_of(request.serving.balancing, replicas)
    tpot = speed.tpot_at_percentile_s(
        tpot_mean, request.z, mixing.share, request.short_output_tokens * pace.gain, mixing.mixed_step, mixing.decode_step,
        varied, alone, mixing.slots,
    )  # fmt: skip
    return {"alone": alone, "tpot": tpot}


def _first(
    request: Request, pace: Pace, mixing: Mixing, pipeline: Any, tpot_mean: Any, residence: Any, backlog: Any, replicas: Any
) -> dict[str, Any]:
    """The first token on average and at the percentile, and the queue of prompts before it."""
    queue = queue_of(request, pace.model.inputs)
    service = waiting.prefill_service_s(
        request.uncached_tokens, mixing.room, mixing.decode_step, mixing.mixed_step, mixing.chunk, pipeline
    )
    busy, waited, late = queue.waits(request, mixing, Prompts(pipeline, service, residence, replicas))

    def first(wait: Any, residual: float) -> Any:
        overhead = pace.model.inputs["request_overhead"]
        step = tpot_mean * pace.gain
        return waiting.ttft_s(wait, backlog, mixing.chunks, mixing.mixed_step, queue.open_loop, residual, step, overhead)

    mean, ttft = first(waited, 0.5), first(late, request.percentile)
    if np.any(request.spread.input_cv):
        longer = request.spread.input_quantile
        ttft = waiting.ttft_of_spread_s(mean, ttft, mixing.chunks, mixing.mixed_step, mixing.decode_step, longer)
    return {"busy": busy, "service": service, "ttft_mean": mean, "ttft": ttft}
