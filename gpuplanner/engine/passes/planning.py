"""How many replicas a load of passes needs on every GPU, and how long a request takes: all batches at once, as arrays."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gpuplanner.engine.passes import load_formulas as loads
from gpuplanner.engine.passes.load import MOST_BUSY
from gpuplanner.engine.passes.request import PassRequest
from gpuplanner.engine.passes.work import Floats
from gpuplanner.scenario.document import Objective

BUSY = 0.9  # planned share of a replica's capacity at most
MORE = np.array([1.0, 1.1, 1.2, 1.35, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0])  # replicas over the least number
STEPS = 7  # of the fixed point between load and batch
NEAR = 1.25  # off target, replicas aren't added for the last quarter of a request's time


@dataclass(frozen=True, slots=True)
class Loaded:
    """Candidates of shape (gpus, batches, replica numbers). Times in seconds, ``capacity`` in requests/s of all replicas."""

    replicas: Floats
    at_once: Floats
    service: Floats
    busy: Floats
    queue: Floats
    mean: Floats
    late: Floats
    capacity: Floats
    rate: Floats
    legal: NDArray[np.bool_]


def between(times: Floats, batches: Floats, items: Floats) -> Floats:
    """Time of a pass of so many items, on the line between the batches that were computed.

    Args:
        times: (gpus, batches).
        batches: ascending.
        items: (gpus, ...).
    """
    gpus, count = times.shape
    if count == 1:
        return np.broadcast_to(times.reshape(gpus, *(1,) * (items.ndim - 1)), items.shape)
    spot = np.clip(np.searchsorted(batches, items, side="right") - 1, 0, count - 2)
    slope = np.diff(times, axis=1) / np.diff(batches)
    flat = spot + (np.arange(gpus) * count).reshape(gpus, *(1,) * (items.ndim - 1))
    steep = spot + (np.arange(gpus) * (count - 1)).reshape(gpus, *(1,) * (items.ndim - 1))
    found: Floats = times.ravel()[flat] + slope.ravel()[steep] * (items - batches[spot])
    return found


def loaded(request: PassRequest, times: Floats, batches: Floats, fits: NDArray[np.bool_], most_replicas: float) -> Loaded:
    """Every batch with every number of replicas, on every GPU.

    Args:
        request: the load.
        times: of a pass, (gpus, batches).
        batches: items at once, ascending.
        fits: which batches a GPU may run.
        most_replicas: allowed.
    """
    per_request = float(request.items)
    most = np.maximum(1.0, np.floor(batches / per_request))[None, :, None]
    waves = np.maximum(1.0, per_request / batches)[None, :, None]  # passes that one request takes

    def service(at_once: Floats) -> Floats:
        items = np.minimum(at_once * per_request, batches[None, :, None])
        return between(times, batches, items) * waves

    shape = (*times.shape, 1)
    full = service(np.broadcast_to(most, shape))
    replicas = _replicas(request, full, most, service(np.ones(shape)))
    legal = np.broadcast_to(fits[..., None], replicas.shape) & (replicas <= most_replicas)
    capacity = replicas * most / full
    if request.in_flight is not None and request.think_s is None:
        return _closed(request, service, replicas, most, capacity, legal)
    users = request.rate is None
    rate = _users(request, replicas, capacity, service(np.ones(shape))) if users else np.full_like(replicas, request.rate)
    at_once = np.ones_like(replicas)
    for _ in range(STEPS):
        at_once = 0.5 * at_once + 0.5 * loads.requests_at_once(most, rate / replicas, service(at_once))
    took = service(at_once)
    use = rate / capacity
    busy = np.minimum(1.0, rate / replicas * took / at_once)
    queue = loads.queue_wait_s(np.minimum(use, MOST_BUSY), most, full)
    mean = loads.request_mean_s(took, busy, queue)
    late = loads.request_percentile_s(took, busy, request.percentile, queue)
    return Loaded(replicas, at_once, took, busy, queue, mean, late, capacity, rate, legal & (use <= MOST_BUSY))


def _replicas(request: PassRequest, full: Floats, most: Floats, alone: Floats) -> Floats:
    """Numbers of replicas to look at, from the fewest that carry the load."""
    if request.rate is not None:
        least = np.maximum(1.0, np.ceil(request.rate * full / (most * BUSY)))
    elif request.think_s is not None:
        users = request.in_flight or 1.0
        least = np.maximum(1.0, np.ceil(users / (request.think_s + alone) * full / (most * BUSY)))
    else:
        in_flight = request.in_flight or 1.0
        halves = np.array([1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 3, 1 / 2, 2 / 3, 1.0, 1.5, 2.0, 4.0, 8.0, 16.0, 64.0])
        wanted = np.ceil(in_flight / most * np.append(0.0, halves)[None, None, :])
        return np.broadcast_to(np.clip(wanted, 1.0, np.ceil(in_flight)), (*full.shape[:2], len(halves) + 1)).astype(float)
    more: Floats = np.ceil(least * MORE[None, None, :])
    return more


def _closed(
    request: PassRequest,
    service: Callable[[Floats], Floats],
    replicas: Floats,
    most: Floats,
    capacity: Floats,
    legal: NDArray[np.bool_],
) -> Loaded:
    each = np.maximum(1.0, (request.in_flight or 1.0) / replicas)
    at_once = np.minimum(each, most)
    took = service(at_once)
    mean = loads.closed_time_s(took, each, most)
    rate = (request.in_flight or 1.0) / mean
    none = np.zeros_like(mean)
    return Loaded(replicas, at_once, took, none + 1.0, none, mean, mean, np.broadcast_to(capacity, mean.shape), rate, legal)


def _users(request: PassRequest, replicas: Floats, capacity: Floats, alone: Floats) -> Floats:
    """Requests per second of users who think between them: no more than the replicas carry."""
    users, think = request.in_flight or 1.0, request.think_s or 0.0
    return np.asarray(loads.returning(users, think, alone, MOST_BUSY, capacity) + np.zeros_like(replicas))


def choose(
    found: Loaded, limit_s: float | NDArray[np.float64] | None, objective: Objective, wanted: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """The best candidate of each GPU as a flat index into (batches, replica numbers); -1 where there is none.

    Args:
        found: all candidates.
        limit_s: on a request's time at the percentile, one for all GPUs or of each; None for no limit.
        objective: what decides between those that keep to it.
        wanted: (batches,) which batches may be chosen.
    """
    gpus = len(found.replicas)
    flat = (gpus, math.prod(found.replicas.shape[1:]))  # there may be no GPU at all
    legal = (found.legal & wanted[None, :, None]).reshape(flat)
    late, replicas = found.late.reshape(flat), found.replicas.reshape(flat)
    meets = legal & (late <= np.reshape(np.inf if limit_s is None else limit_s, (-1, 1)))
    some = meets.any(axis=1, keepdims=True)
    fastest = np.where(legal, late, np.inf).min(axis=1, keepdims=True)
    pool = np.where(some, meets, legal & (late <= fastest * NEAR))
    if objective is Objective.FASTEST:  # as fast as the fewest replicas that carry the load can be, twice over
        least = np.where(pool, replicas, np.inf).min(axis=1, keepdims=True)
        pool &= replicas <= 2 * least
    else:
        least = np.where(pool, replicas, np.inf).min(axis=1, keepdims=True)
        pool &= replicas == least
    smaller = 1 + 1e-3 * np.arange(found.replicas.shape[1]).repeat(found.replicas.shape[2])  # of equal times the smaller batch
    key = np.where(pool, late * smaller, np.inf)
    best = key.argmin(axis=1)
    return np.where(pool.any(axis=1), best, -1)
