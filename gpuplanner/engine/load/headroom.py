"""How much more load each GPU's plan would carry, and how near it is to what gets through at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpuplanner.engine.apart.candidates import held_at, loads_of
from gpuplanner.engine.apart.pools import Apart
from gpuplanner.engine.figures import limits_of
from gpuplanner.engine.layout.candidates import Candidates
from gpuplanner.engine.load.carry import carried, load_of
from gpuplanner.engine.request import Request
from gpuplanner.engine.speed.serving import serve
from gpuplanner.scenario.document import Targets

Floats = NDArray[np.float64]
POINTS = 16  # loads tried from one request a replica to all that fit


@dataclass(frozen=True, slots=True)
class Headroom:
    """One entry a GPU, NaN where nothing runs.

    ``more`` is the load above today's, as a share of it, up to which the targets hold; -1 where they hold at none. ``held`` is
    requests in flight as a share of what fits at once, ``served`` the load as a share of the most that gets through.
    """

    more: Floats
    held: Floats
    served: Floats


def headroom(request: Request, found: Candidates, best: NDArray[np.int64], targets: Targets) -> Headroom:
    """Of the chosen candidates.

    Args:
        request: the load; a batch has none to grow.
        found: all candidates.
        best: of each GPU the flat index of its candidate, below 0 where there is none.
        targets: limits on times.
    """
    empty = np.full(len(best), np.nan)
    if request.concurrency is None and load_of(request) is None:
        return Headroom(empty, empty, empty)
    runs = np.flatnonzero(best >= 0)
    row, column = np.divmod(best[runs], found.replicas.shape[1])
    if found.apart is not None:
        return _of_pools(request, found, found.apart, (runs, row, column), targets, empty)
    most, replicas = found.most[row, 0], found.replicas[row, column]
    share = np.linspace(0.0, 1.0, POINTS)
    batch = most[:, None] ** share
    pipeline = found.rows.pipeline_parallel[row][:, None].astype(float)
    served = serve(request, found.model.pick(row), batch, pipeline, found.budget[row])
    over = np.zeros_like(batch)
    for key, limit in limits_of(targets).items():
        over = np.maximum(over, getattr(served, key) / limit)
    load = load_of(request)
    carries = batch if load is None else np.maximum.accumulate(carried(request, served), axis=1)
    wanted = (request.concurrency or 0.0) if load is None else load
    knee = _crossed(over, carries)
    now = np.broadcast_to(np.asarray(found.serving.batch, dtype=float), found.replicas.shape)[row, column]
    out = Headroom(empty.copy(), empty.copy(), empty.copy())
    out.more[runs] = np.where(over[:, 0] > 1, -1.0, knee * replicas / wanted - 1.0)
    out.held[runs] = now / most
    out.served[runs] = wanted / (carries[:, -1] * replicas)
    return out


def _of_pools(
    request: Request, found: Candidates, apart: Apart, chosen: tuple[Any, Any, Any], targets: Targets, empty: Floats
) -> Headroom:
    """Where some replicas read and others write: either may be the one that ends it."""
    runs, row, column = chosen
    pools, most = apart.pools.pick(row), found.most[row]
    readers, writers = apart.readers[row, column][:, None], apart.writers[row, column][:, None]
    rates = loads_of(pools, readers, writers, most, POINTS)
    served = pools.serving(held_at(pools, rates / writers, most), rates, readers, writers)
    over = np.zeros_like(rates)
    for key, limit in limits_of(targets).items():
        over = np.maximum(over, getattr(served, key) / limit)
    carries = rates if request.rate is not None else rates * (request.think_s + served.e2e_mean)
    wanted = request.rate or request.users or request.concurrency or 1.0
    out = Headroom(empty.copy(), empty.copy(), empty.copy())
    more = np.where(over[:, 0] > 1, -1.0, _crossed(over, carries) / wanted - 1.0)
    holds = np.ones(len(runs), dtype=bool)
    for key, limit in limits_of(targets).items():
        holds &= getattr(found.serving, key)[row, column] <= limit
    out.more[runs] = np.where(holds, np.maximum(more, 0.0), more)  # read between points, what holds now would seem not to
    out.held[runs] = out.served[runs] = wanted / carries[:, -1]
    return out


def _crossed(over: Floats, carries: Floats) -> Floats:
    """What is carried where the limits are just met, between the last point within them and the first beyond."""
    within = np.cumprod(over <= 1, axis=1).sum(axis=1)
    right = np.clip(within, 1, over.shape[1] - 1)
    pick = np.arange(len(over))
    step = over[pick, right] - over[pick, right - 1]
    share = np.clip((1 - over[pick, right - 1]) / np.where(step > 0, step, 1.0), 0.0, 1.0)
    between: Floats = carries[pick, right - 1] + share * (carries[pick, right] - carries[pick, right - 1])
    return np.where(within == over.shape[1], carries[:, -1], between)
