"""What a replica's steps carry in steady state, and how long they take: pure decode, and decode with a share of prompts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gpuplanner.engine.request import Request
from gpuplanner.engine.speed import batching as speed
from gpuplanner.engine.speed.pace import Pace


@dataclass(frozen=True, slots=True)
class Mixing:
    """Steps of a replica; every field an array of (layouts, batches). Times in seconds.

    ``slots`` requests decode at once, ``decoding`` of them on each pipeline stage; ``room`` is the prompt tokens of a full
    step, ``chunk`` those of a mixed one with ``prompts`` prompts; ``chunks`` steps read one's own prompt; ``share`` of a
    request's ``steps`` carry prompts of others.
    """

    slots: Any
    decoding: Any
    room: Any
    chunks: Any
    chunk: Any
    prompts: Any
    share: Any
    decode_step: Any
    mixed_step: Any
    steps: float


def mixing_of(request: Request, pace: Pace, batch: Any, pipeline: Any, batched_tokens: Any) -> Mixing:
    """The steps of a replica with continuous batching.

    Args:
        request: lengths.
        pace: steps of the layouts.
        batch: requests in flight.
        pipeline: stages.
        batched_tokens: the engine's token budget of a step.
    """
    uncached, steps, proposed = request.uncached_tokens, request.output_tokens / pace.gain, pace.proposed
    whole = request.serving.chunked_prefill is False
    slots = np.maximum(
        speed.decoding_requests(batch, batched_tokens / (1 + proposed), pipeline, uncached / (1 + proposed), steps), 1.0
    )
    decoding = slots / pipeline
    room = np.maximum(batched_tokens - np.minimum(decoding * (1 + proposed), batched_tokens / 2), 1.0)
    if whole:
        room = np.maximum(batched_tokens, uncached)
    chunks = np.maximum(np.ceil(uncached / room), 1.0)
    own = np.maximum(uncached / chunks, 1e-9)
    chunk = np.clip(decoding * uncached / steps, own, np.maximum(room, own))
    prompts = chunk / np.maximum(uncached, 1.0)
    decode_step = pipeline * pace.time_s(decoding, 0.0, 0.0)
    if whole:  # others wait while prompts are read
        mixed_step = decode_step + pipeline * pace.model.time_s(0.0, chunk, prompts)
    else:
        mixed_step = pipeline * pace.time_s(decoding, chunk, prompts)
    share = speed.prefill_share(slots, uncached, steps, pipeline, chunk)
    return Mixing(slots, decoding, room, chunks, chunk, prompts, share, decode_step, mixed_step, steps)
