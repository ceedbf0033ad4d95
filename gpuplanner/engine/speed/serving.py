"""Continuous batching in closed form: what a replica does in steady state, for arrays of layouts and batches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gpuplanner.engine.own.apply import corrected
from gpuplanner.engine.request import Request
from gpuplanner.engine.speed import batching as speed
from gpuplanner.engine.speed.pace import pace_of
from gpuplanner.engine.speed.step import StepModel
from gpuplanner.engine.speed.whole import serve_whole
from gpuplanner.scenario.serving import Batching


@dataclass(frozen=True, slots=True)
class Queue:
    """How requests come. ``open_loop`` 1: at a rate, whatever is in flight; 0: a new one when another ends.

    ``factor`` scales the wait of an M/D/1 queue of prompts, ``limit`` bounds its load; both are calibration constants, set
    after the event simulation of this package: with a fixed number in flight a request arrives at the end of a step and finds
    half the wait; at a rate, prompts that share a step finish together and the number in flight varies.
    """

    open_loop: float
    factor: float
    limit: float


def queue_of(request: Request, inputs: Mapping[str, Any]) -> Queue:
    """The queue of a request: open where the load is given as a rate; ``inputs`` of the step model hold the constants."""
    kind = "open" if request.comes_by_itself else "closed"
    queue = Queue(float(kind == "open"), inputs[f"queue_{kind}_factor"], inputs[f"queue_{kind}_limit"])
    if not request.spread.input_cv:
        return queue
    return replace(queue, factor=queue.factor * (1 + request.spread.input_cv**2))  # Pollaczek–Khinchine: service times differ


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


def serve(request: Request, model: StepModel, batch: Any, pipeline: Any, batched_tokens: Any) -> Serving:
    """A replica in steady state, corrected by the user's own measurements where there are some.

    Args:
        request: lengths and percentile.
        model: the layouts.
        batch: requests in flight per replica, (layouts, batches) or broadcastable.
        pipeline: pipeline stages, (layouts, 1): each stage works on its share of the batch at a time.
        batched_tokens: the engine's token budget of a step, (layouts, 1).
    """
    return corrected(_serve(request, model, batch, pipeline, batched_tokens), model.inputs)


def _serve(request: Request, model: StepModel, batch: Any, pipeline: Any, batched_tokens: Any) -> Serving:
    uncached, output = request.uncached_tokens, request.output_tokens
    pace = pace_of(request, model)
    if request.serving.batching is not Batching.CONTINUOUS:
        return Serving(**serve_whole(request, pace, batch, pipeline, batched_tokens, float(request.comes_by_itself)))
    steps = output / pace.gain
    whole = request.serving.chunked_prefill is False
    budget = batched_tokens / (1 + pace.proposed)
    slots = np.maximum(speed.decoding_requests(batch, budget, pipeline, uncached / (1 + pace.proposed), steps), 1.0)
    decoding = slots / pipeline
    room = np.maximum(batched_tokens - np.minimum(decoding * (1 + pace.proposed), batched_tokens / 2), 1.0)
    if whole:
        room = np.maximum(batched_tokens, uncached)
    chunks = np.maximum(np.ceil(uncached / room), 1.0)
    own = np.maximum(uncached / chunks, 1e-9)
    chunk = np.clip(decoding * uncached / steps, own, np.maximum(room, own))
    prompts = chunk / np.maximum(uncached, 1.0)
    decode_step = pipeline * pace.time_s(decoding, 0.0, 0.0)
    if whole:  # others wait while prompts are read
        mixed_step = decode_step + pipeline * model.time_s(0.0, chunk, prompts)
    else:
        mixed_step = pipeline * pace.time_s(decoding, chunk, prompts)
    share = speed.prefill_share(slots, uncached, steps, pipeline, chunk)
    tpot_mean = speed.tpot_mean_s(share, decode_step, mixed_step, pace.gain)
    service = speed.prefill_service_s(uncached, room, decode_step, mixed_step, chunk)
    residence = speed.residence_s(chunks, mixed_step, output, tpot_mean)
    # a step with nobody else, by the slope at this load: mixtures of experts touch most of them long before
    slope = 2.0 * pipeline * pace.time_s(decoding / 2.0, 0.0, 0.0) - decode_step
    alone = np.maximum(pipeline * pace.time_s(1.0 / pipeline, 0.0, 0.0), slope) / pace.gain
    queue = queue_of(request, model.inputs)
    busy = speed.prefill_busy(slots, service, pipeline, residence, queue.limit)
    backlog = speed.backlog_s(batch, slots, residence)
    others = np.maximum(slots - 1, 0.0)
    per_request = model.inputs["request_overhead"]
    mean_wait = speed.mean_wait_s(others, busy, service, queue.factor)
    ttft_mean = speed.ttft_s(mean_wait, backlog, chunks, mixed_step, queue.open_loop, 0.5, tpot_mean * pace.gain, per_request)
    wait = speed.queue_wait_s(others, busy, request.percentile, service, queue.factor)
    tpot = speed.tpot_at_percentile_s(
        tpot_mean,
        request.z,
        share,
        request.short_output_tokens * pace.gain,
        mixed_step,
        decode_step,
        queue.open_loop,
        alone,
        slots,
    )
    ttft = speed.ttft_s(
        wait, backlog, chunks, mixed_step, queue.open_loop, request.percentile, tpot_mean * pace.gain, per_request
    )
    if request.spread.input_cv:
        ttft = speed.ttft_of_spread_s(ttft_mean, ttft, chunks, mixed_step, decode_step, request.spread.input_quantile)
    e2e_mean = speed.e2e_mean_s(ttft_mean, output, tpot_mean)
    e2e = speed.e2e_at_percentile_s(e2e_mean, ttft, ttft_mean, output, tpot, tpot_mean, request.spread.output_quantile)
    return Serving(
        batch=batch,
        decoding=slots,
        chunk=chunk,
        room=room,
        chunks=chunks,
        prompts=prompts,
        share=share,
        decode_step=decode_step,
        mixed_step=mixed_step,
        alone=alone,
        busy=busy,
        service=service,
        residence=residence,
        backlog=backlog,
        tpot_mean=tpot_mean,
        tpot=tpot,
        ttft_mean=ttft_mean,
        ttft=ttft,
        throughput=speed.throughput_tok_s(1, slots, output, residence),
        e2e_mean=e2e_mean,
        e2e=e2e,
        request_rate=batch / e2e_mean,
    )
