"""How requests come to a replica, and what that makes of the wait behind other prompts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gpuplanner.engine.request import Request
from gpuplanner.engine.speed import waiting
from gpuplanner.engine.speed.balance import variability_of, waits
from gpuplanner.engine.speed.mixing import Mixing


@dataclass(frozen=True, slots=True)
class Prompts:
    """What the queue of prompts depends on: pipeline stages, step time of a prompt and time of a request [s], and replicas."""

    pipeline: Any
    service: Any
    residence: Any
    replicas: Any


@dataclass(frozen=True, slots=True)
class Queue:
    """How requests come. ``open_loop`` 1: at a rate, whatever is in flight; 0: a new one when another ends.

    ``factor`` scales the wait of an M/D/1 queue of prompts, ``limit`` bounds its load; both are calibration constants, set
    after the event simulation of this package: at a rate, prompts that share a step finish together and the number in flight
    varies; with a fixed number in flight the queue is counted in steps.
    """

    open_loop: float
    factor: float
    limit: float

    def waits(self, request: Request, mixing: Mixing, at: Prompts) -> tuple[Any, Any, Any]:
        """Load of the queue of prompts, and the wait in it on average and at the percentile. [s]"""
        others, cv = np.maximum(mixing.slots - 1, 0.0), request.spread.input_cv
        if not self.open_loop:
            coming, steps = others / (mixing.steps * at.pipeline), request.uncached_tokens / mixing.room
            busy = waiting.step_busy(coming, steps, self.limit)
            mean, late = (
                waiting.step_wait_s(self.factor, others, steps, coming, z, busy, cv, at.service)
                for z in (0.0, max(0.0, request.z))
            )
            return busy, mean, late
        busy = waiting.prefill_busy(mixing.slots, at.service, at.residence, self.limit)
        by = waits(self.factor, cv, cv, variability_of(request.serving.balancing, at.replicas), busy)
        mean = waiting.mean_wait_s(others, busy, at.service, by.mean)
        return busy, mean, waiting.queue_wait_s(others, busy, request.percentile, at.service, by.tail, by.rarer)


def queue_of(request: Request, inputs: Mapping[str, Any]) -> Queue:
    """The queue of a request: open where the load is given as a rate; ``inputs`` of the step model hold the constants."""
    kind = "open" if request.comes_by_itself else "closed"
    return Queue(float(kind == "open"), inputs[f"queue_{kind}_factor"], inputs[f"queue_{kind}_limit"])
