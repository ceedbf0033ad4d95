"""How requests come to a replica, and what that makes of the wait behind other prompts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gpuplanner.engine.request import Request
from gpuplanner.engine.speed import waiting
from gpuplanner.engine.speed.mixing import Mixing


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

    def busy(self, request: Request, mixing: Mixing, service: Any, pipeline: Any, residence: Any) -> Any:
        """Load of the queue of prompts."""
        if self.open_loop:
            return waiting.prefill_busy(mixing.slots, service, pipeline, residence, self.limit)
        return waiting.step_busy(mixing.slots, request.uncached_tokens, mixing.room, mixing.steps * pipeline, self.limit)

    def basis(self, request: Request, mixing: Mixing) -> Any:
        """Wait against an M/D/1 queue, were all prompts alike and all requests on one replica."""
        return self.factor if self.open_loop else waiting.step_basis(self.factor, request.uncached_tokens, mixing.room)


def queue_of(request: Request, inputs: Mapping[str, Any]) -> Queue:
    """The queue of a request: open where the load is given as a rate; ``inputs`` of the step model hold the constants."""
    kind = "open" if request.comes_by_itself else "closed"
    return Queue(float(kind == "open"), inputs[f"queue_{kind}_factor"], inputs[f"queue_{kind}_limit"])
