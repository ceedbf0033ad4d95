"""Continuous batching in closed form: what a replica does in steady state, for arrays of layouts and batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gpuplanner.engine.request import Request
from gpuplanner.engine.speed import formulas as speed
from gpuplanner.engine.speed.step import StepModel


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
    request_rate: Any


def serve(request: Request, model: StepModel, batch: Any, pipeline: Any, batched_tokens: Any) -> Serving:
    """A replica in steady state.

    Args:
        request: lengths and percentile.
        model: the layouts.
        batch: requests in flight per replica, (layouts, batches) or broadcastable.
        pipeline: pipeline stages, (layouts, 1): each stage works on its share of the batch at a time.
        batched_tokens: the engine's token budget of a step, (layouts, 1).
    """
    uncached, output = request.uncached_tokens, request.output_tokens
    slots = np.maximum(speed.decoding_requests(batch, batched_tokens, pipeline, uncached, output), 1.0)
    decoding = slots / pipeline
    room = np.maximum(batched_tokens - np.minimum(decoding, batched_tokens / 2), 1.0)
    chunks = np.maximum(np.ceil(uncached / room), 1.0)
    own = np.maximum(uncached / chunks, 1e-9)
    chunk = np.clip(decoding * uncached / output, own, np.maximum(room, own))
    prompts = chunk / np.maximum(uncached, 1.0)
    decode_step = pipeline * model.time_s(decoding, 0.0, 0.0)
    mixed_step = pipeline * model.time_s(decoding, chunk, prompts)
    share = speed.prefill_share(slots, uncached, output, pipeline, chunk)
    tpot_mean = speed.tpot_mean_s(share, decode_step, mixed_step)
    service = speed.prefill_service_s(uncached, room, decode_step, mixed_step, chunk)
    residence = speed.residence_s(chunks, mixed_step, output, tpot_mean)
    busy = speed.prefill_busy(slots, service, pipeline, residence)
    backlog = speed.backlog_s(batch, slots, residence)
    others = np.maximum(slots - 1, 0.0)
    ttft_mean = speed.ttft_s(speed.mean_wait_s(others, busy, service), backlog, chunks, mixed_step, tpot_mean)
    wait = speed.queue_wait_s(others, busy, request.percentile, service)
    e2e_mean = ttft_mean + (output - 1) * tpot_mean
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
        busy=busy,
        service=service,
        residence=residence,
        backlog=backlog,
        tpot_mean=tpot_mean,
        tpot=speed.tpot_at_percentile_s(tpot_mean, request.z, share, output, mixed_step, decode_step),
        ttft_mean=ttft_mean,
        ttft=speed.ttft_s(wait, backlog, chunks, mixed_step, tpot_mean),
        throughput=speed.throughput_tok_s(1, slots, output, residence),
        e2e_mean=e2e_mean,
        request_rate=batch / e2e_mean,
    )
