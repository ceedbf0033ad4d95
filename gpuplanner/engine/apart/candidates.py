"""Every layout with prefill apart from decode: replicas of each kind, and the load settled on them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpuplanner.engine.apart.pools import FOLLOWED, Apart, Pools, pools_of, readers_for
from gpuplanner.engine.fleet import Fleet
from gpuplanner.engine.layout.boards import bought
from gpuplanner.engine.layout.candidates import Candidates
from gpuplanner.engine.layout.spares import spares
from gpuplanner.engine.load.carry import between
from gpuplanner.engine.request import Request
from gpuplanner.scenario.document import Availability, Targets
from gpuplanner.scenario.serving import Batching

Floats = NDArray[np.float64]
ROUNDS = 5  # a load of users or of requests in flight brings the fewer requests the longer they take


def can_be_apart(request: Request) -> bool:
    """Whether prompts are to be read apart: asked for, by an engine that can, of a load that someone waits for."""
    waited_for = request.concurrency is not None or request.comes_by_itself
    continuous = request.serving.batching is Batching.CONTINUOUS
    return request.serving.disaggregated and request.engine.disaggregation and waited_for and continuous


def rate_of(request: Request, e2e_mean: Any) -> Any:
    """Requests per second that a load brings when they take so long. [req/s]"""
    if request.rate is not None:
        return request.rate + 0.0 * e2e_mean
    return (request.users or request.concurrency or 1.0) / (request.think_s + e2e_mean)


def apart(
    request: Request, fleet: Fleet, found: Candidates, targets: Targets, most_gpus: int, availability: Availability, grid: Floats
) -> Candidates:
    """The same layouts, with replicas that only read and replicas that only write.

    Of each layout every batch on the writing side is tried, with as many writers as carry the load so, and the fewest readers
    that give the first token in time.

    Args:
        request: the load.
        fleet: all GPUs.
        found: the candidates that do both.
        targets: the limit on the first token.
        most_gpus: no more than so many.
        availability: which spares stand by.
        grid: requests that a replica writes at once, to be tried.
    """
    rows = found.rows
    pools = pools_of(request, fleet, rows, found.model, found.budget)
    batch = np.concatenate([np.broadcast_to(grid, (len(found.most), len(grid))), found.most], axis=1)
    writing = pools.writing_s(batch)
    each = batch / writing
    rate = rate_of(request, pools.ttft(0.0, 1.0, 1.0) + writing)
    writers = np.maximum(np.ceil(rate / each - 1e-9), 1.0)
    readers = readers_for(pools, rate, writers, targets.ttft_s)
    known = np.maximum.accumulate(each[:, : len(grid)], axis=1)
    held = between(known, batch, rate / writers, len(grid))
    for _ in range(0 if request.rate is not None else ROUNDS):
        wrote = np.where(held < batch, held * writers / rate, writing)  # as long as those held take at this rate
        waited = pools.ttft(rate, readers, writers)
        rate = np.sqrt(rate * rate_of(request, waited + wrote))
        held = between(known, batch, rate / writers, len(grid))
    serving = pools.serving(held, rate, readers, writers)
    width = (rows.tensor_parallel * rows.pipeline_parallel)[:, None]
    servers, spare = spares(readers + writers, width, fleet.node[rows.gpu][:, None], availability)
    total = (readers + writers + spare) * width
    whole = bought(total, servers, fleet.board[rows.gpu][:, None])
    room = held + max(0.0, request.z) * np.sqrt(held / writers)  # as many at once as happen to come
    admissible = (batch <= found.most) & (room <= found.most) & (total <= most_gpus)
    return replace(
        found, serving=serving, replicas=readers + writers, admissible=admissible, spare=spare, servers=servers, bought=whole,
        apart=Apart(pools, readers, writers, rate),
    )  # fmt: skip


def loads_of(pools: Pools, readers: Floats, writers: Floats, most: Floats, points: int) -> Floats:
    """Rates from few to the most that gets through, closer together where queues grow, (layouts, points). [req/s]"""
    full = np.minimum(writers * most / pools.writing_s(most), readers * FOLLOWED / pools.service)
    rates: Floats = full * (1.0 - (1.0 - np.linspace(1.0 / points, 1.0, points)) ** 2)
    return rates


def held_at(pools: Pools, each: Floats, most: Floats, points: int = 64) -> Floats:
    """Requests that a replica writes at once when it takes ``each`` of them per second, (layouts, loads)."""
    batch: Floats = most ** np.linspace(0.0, 1.0, points)
    carried = np.maximum.accumulate(batch / pools.writing_s(batch), axis=1)
    found = [np.interp(wanted, known, tried) for wanted, known, tried in zip(each, carried, batch, strict=True)]
    held: Floats = np.maximum(np.array(found).reshape(each.shape), 1e-3)
    return held
