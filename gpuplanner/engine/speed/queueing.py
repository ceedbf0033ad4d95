"""How requests come to a replica, and what that makes of the wait behind other prompts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gpuplanner.engine.request import Request


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
    return Queue(float(kind == "open"), inputs[f"queue_{kind}_factor"], inputs[f"queue_{kind}_limit"])
