"""Continuous batching in closed form: what a replica does in steady state, for arrays of layouts and batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gpuplanner.engine.request import Request
from gpuplanner.engine.speed import formulas as speed
from gpuplanner.engine.speed.step import StepModel

BUSY_LIMIT = 0.99  # a queue of prompts isn't followed further into saturation


@dataclass(frozen=True, slots=True)
class Serving:
    """What one replica does with ``batch`` requests in flight; every field an array of (layouts, batches). Times in seconds."""

    batch: Any
    chunk: Any
    share: Any
    decode_step: Any
    mixed_step: Any
    busy: Any
    chunks: Any
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
    decoding = batch / pipeline
    chunk = np.maximum(np.minimum(uncached, batched_tokens - np.minimum(decoding, batched_tokens / 2)), 1.0)
    chunks = np.ceil(uncached / chunk)
    chunk = uncached / np.maximum(chunks, 1)
    decode_step = pipeline * model.time_s(decoding, 0.0, 0.0)
    mixed_step = pipeline * model.time_s(decoding, chunk, 1.0 / np.maximum(chunks, 1))
    share = speed.prefill_share(batch - 1, uncached, output, chunk * pipeline)
    tpot_mean = speed.tpot_mean_s(share, decode_step, mixed_step)
    busy = np.minimum(share * mixed_step / tpot_mean, BUSY_LIMIT)
    service = chunks * mixed_step
    ttft_mean = speed.ttft_s(speed.mean_wait_s(batch - 1, busy, service), chunks, mixed_step, decode_step)
    wait = speed.queue_wait_s(batch - 1, busy, request.percentile, service)
    throughput = speed.throughput_tok_s(1, batch, output, ttft_mean, tpot_mean)
    return Serving(
        batch=batch,
        chunk=chunk,
        share=share,
        decode_step=decode_step,
        mixed_step=mixed_step,
        busy=busy,
        chunks=chunks,
        tpot_mean=tpot_mean,
        tpot=speed.tpot_at_percentile_s(tpot_mean, request.z, share, output, mixed_step, decode_step),
        ttft_mean=ttft_mean,
        ttft=speed.ttft_s(wait, chunks, mixed_step, decode_step),
        throughput=throughput,
        e2e_mean=ttft_mean + (output - 1) * tpot_mean,
        request_rate=throughput / output,
    )
