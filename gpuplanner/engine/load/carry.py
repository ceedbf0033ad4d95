"""How much of a load given as a rate or as users one replica carries, and how many requests are then in flight."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpuplanner.engine.request import Request
from gpuplanner.engine.speed.batching import users_carried
from gpuplanner.engine.speed.serving import Serving

Floats = NDArray[np.float64]
_ROUNDING = 1e-6


def load_of(request: Request) -> float | None:
    """The load in its own unit, requests per second or users; None where it is given as requests in flight, or is a batch."""
    return request.rate if request.users is None else request.users


def carried(request: Request, served: Serving) -> Any:
    """Of that unit, what a replica carries with so many requests in flight."""
    if request.users is None:
        return served.request_rate
    return users_carried(served.batch, request.think_s, served.e2e_mean)


def settled(request: Request, served: Serving, replicas: Floats, grid: int) -> Floats:
    """Requests in flight per replica once the load is spread over whole replicas, as whole requests.

    Args:
        request: its load is a rate or users.
        served: replicas at the batches that were tried, (layouts, batches); ascending in the first ``grid`` columns.
        replicas: how many carry the load, (layouts, batches).
        grid: how many columns to read between.
    """
    batch: Floats = np.broadcast_to(np.asarray(served.batch, dtype=float), replicas.shape)
    known = np.maximum.accumulate(carried(request, served)[:, :grid], axis=1)
    return between(known, batch, (load_of(request) or 0.0) / replicas, grid)


def between(known: Floats, batch: Floats, wanted: Floats, grid: int) -> Floats:
    """Whole requests in flight at which a replica carries what is wanted of it; all of ``batch`` where that is too much.

    Args:
        known: what it carries at the first ``grid`` batches, ascending, (layouts, grid).
        batch: requests in flight that were tried, (layouts, batches).
        wanted: of each of these candidates, (layouts, batches).
        grid: how many columns to read between.
    """
    right = (known[:, None, :] < wanted[:, :, None]).sum(axis=2)
    inside = np.clip(right, 1, grid - 1)
    y0, y1 = np.take_along_axis(known, inside - 1, axis=1), np.take_along_axis(known, inside, axis=1)
    b0, b1 = np.take_along_axis(batch, inside - 1, axis=1), np.take_along_axis(batch, inside, axis=1)
    found = b0 + (b1 - b0) * np.clip((wanted - y0) / np.maximum(y1 - y0, 1e-300), 0.0, 1.0)
    whole: Floats = np.maximum(1.0, np.ceil(found - _ROUNDING))
    return np.where(right >= grid, batch, np.minimum(whole, batch))
