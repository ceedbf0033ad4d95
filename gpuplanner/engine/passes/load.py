"""Passes under load: how many requests go together, how long one waits, how many a replica carries."""

from __future__ import annotations

import numpy as np

from gpuplanner.engine.passes import load_formulas as loads
from gpuplanner.engine.passes.work import Floats

MOST_BUSY = 0.95
RATES = 200


def service_s(at_once: Floats, batches: Floats, times: Floats) -> Floats:
    """Time of a pass that carries so many, between the batches that were computed.

    Args:
        at_once: any shape.
        batches: ascending.
        times: of a pass at each batch.
    """
    return np.interp(at_once, batches, times)


def most_requests_per_s(batches: Floats, times: Floats, limit_s: float, percentile: float, busy: float = MOST_BUSY) -> float:
    """The highest rate of single-item requests that one replica answers within a limit.

    Args:
        batches: ascending, of one GPU.
        times: seconds of a pass at each.
        limit_s: at the percentile.
        percentile: share of requests within the limit.
        busy: share of its capacity a replica can be held at.
    """
    best = 0.0
    for most in batches:
        full = float(service_s(np.array(most), batches, times))
        rates = np.linspace(0.02, busy, RATES) * most / full
        late = request_times_s(rates, most, batches, times, percentile)
        meets = late <= limit_s
        if meets.any():
            best = max(best, float(rates[meets].max()))
    return best or float((batches / times)[0] * 0.1)


def request_times_s(rates: Floats, most: float, batches: Floats, times: Floats, percentile: float) -> Floats:
    """Time at a percentile of requests that come by themselves, at each rate."""
    service, busy, queue = waiting(rates, most, batches, times)
    return loads.request_percentile_s(service, busy, percentile, queue)  # type: ignore[no-any-return]


def waiting(rates: Floats, most: float, batches: Floats, times: Floats) -> tuple[Floats, Floats, Floats]:
    """Service time, share of requests that find a pass running, and mean wait in the queue, at each rate."""
    full = service_s(np.array(most), batches, times)
    at_once = np.ones_like(rates)
    for _ in range(30):
        at_once = 0.5 * at_once + 0.5 * loads.requests_at_once(most, rates, service_s(at_once, batches, times))
    service = service_s(at_once, batches, times)
    load = np.minimum(rates * full / most, MOST_BUSY)
    busy = np.minimum(1.0, rates * service / at_once)
    return service, busy, loads.queue_wait_s(load, most, full)
