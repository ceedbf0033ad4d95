"""Every admissible batch on every layout, timed at once; and the best of each GPU."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpuplanner.engine.apart.pools import Apart
from gpuplanner.engine.arrays import distinct, distinct_with_first
from gpuplanner.engine.fleet import Fleet
from gpuplanner.engine.layout.boards import bought
from gpuplanner.engine.layout.rows import Overrides, Rows, legal_rows, worth_timing
from gpuplanner.engine.layout.spares import spares
from gpuplanner.engine.load.carry import carried, load_of, settled
from gpuplanner.engine.request import Request
from gpuplanner.engine.speed.once import serve_once
from gpuplanner.engine.speed.pace import extended
from gpuplanner.engine.speed.serving import Serving, serve
from gpuplanner.engine.speed.step import StepModel, step_model
from gpuplanner.scenario.document import Availability, Objective, Targets

Floats = NDArray[np.float64]
GRID = distinct(np.round(2.0 ** np.arange(0, 11.5, 0.5)))  # 1 to about 2,048 requests in flight, half octaves
PIPELINE = 1.1  # a pipeline must be faster by more than its bubbles, of which few measurements tell, may eat up
BOUGHT = 1e5  # a GPU that must be bought counts before any that is used
OFF_TARGET = 1e12  # and whatever meets the targets before all that doesn't


@dataclass(frozen=True, slots=True)
class Candidates:
    """All layouts and, of those worth timing, every admissible batch. Arrays are (layouts timed, batches)."""

    all_rows: Rows
    rows: Rows
    model: StepModel
    serving: Serving
    replicas: Floats
    admissible: NDArray[np.bool_]
    spare: Floats
    servers: Floats
    bought: Floats  # GPUs, whole boards
    most: Floats  # requests in flight that fit at once, (layouts, 1)
    budget: Floats  # tokens a step may carry, (layouts, 1)
    apart: Apart | None = None  # set where some replicas only read prompts and the others only write

    @property
    def count(self) -> int:
        """Configurations evaluated."""
        return len(self.all_rows.gpu) + int(self.serving.batch.size)


def candidates(
    request: Request,
    fleet: Fleet,
    overrides: Overrides,
    batch_rate: float | None,
    availability: Availability,
    grid: Floats = GRID,
    share: Floats | None = None,
) -> Candidates:
    """Evaluate everything.

    Args:
        request: the load; with neither concurrency nor rate it's a batch, run as full as it goes.
        fleet: all GPUs.
        overrides: what the user fixed.
        batch_rate: output tokens per second a batch needs to be done in time.
        availability: which spare replicas stand by.
        grid: requests in flight per replica that are tried.
        share: of the expected throughput that is counted on, of each GPU; all of it when None.
    """
    every = legal_rows(request, fleet, overrides)
    rows = every.pick(worth_timing(every))
    model = extended(step_model(request, fleet, rows), request, fleet, rows)
    most = np.minimum(rows.requests_fit, rows.attention_copies * (overrides.max_seqs or fleet.max_seqs[rows.gpu]))[:, None]
    batch, replicas = _batches(request, most, grid)
    pipeline = rows.pipeline_parallel[:, None].astype(float)
    budget = (
        np.full_like(most, overrides.max_batched_tokens)
        if overrides.max_batched_tokens
        else fleet.batched_tokens[rows.gpu][:, None]
    )
    budget = budget * rows.attention_copies[:, None]
    load = load_of(request)
    serving = serve(request, model, batch, pipeline, budget, late=load is None)
    counted = 1.0 if share is None else share[rows.gpu][:, None]
    if load is not None:
        replicas = np.ceil(load / (carried(request, serving) * counted) - 1e-9)
    elif request.concurrency is None:
        replicas = np.ceil((batch_rate or 0.0) / (serving.throughput * counted) - 1e-9)
    replicas = np.maximum(np.broadcast_to(replicas, serving.throughput.shape), 1.0)
    if load is not None:
        batch = settled(request, serving, replicas, len(grid))
    width = (rows.tensor_parallel * rows.pipeline_parallel)[:, None]
    servers, spare = spares(replicas, width, fleet.node[rows.gpu][:, None], availability)
    total = (replicas + spare) * width
    whole = bought(total, servers, fleet.board[rows.gpu][:, None])
    admissible = np.broadcast_to(batch <= most, replicas.shape) & (total <= overrides.max_gpus)
    if load is not None:
        serving = serve_once(request, model, batch, pipeline, budget, admissible)
    return Candidates(every, rows, model, serving, replicas, admissible, spare, servers, whole, np.maximum(most, 1.0), budget)


def _batches(request: Request, most: Floats, grid: Floats) -> tuple[Any, Any]:
    """Requests in flight per replica, and replicas where the load is given as a concurrency."""
    if request.concurrency is None:
        return np.concatenate([np.broadcast_to(grid, (len(most), len(grid))), np.maximum(most, 1.0)], axis=1), 1.0
    fixed = distinct(np.ceil(request.concurrency / np.ceil(request.concurrency / grid)))
    fixed = distinct(np.append(fixed, np.ceil(request.concurrency))) if request.concurrency <= grid[-1] else fixed
    fullest = np.ceil(request.concurrency / np.ceil(request.concurrency / np.maximum(most, 1.0)))
    batch = np.concatenate([np.broadcast_to(fixed, (len(most), len(fixed))), fullest], axis=1)
    return batch, np.ceil(request.concurrency / batch)


def overshoot(found: Candidates, targets: Targets, later: tuple[Floats, Floats] | None = None) -> Floats:
    """How many times the worst missed target is exceeded; 1 where all are met.

    Args:
        found: the candidates.
        targets: the limits.
        later: of each GPU, by what the times of first tokens and of further ones are multiplied before that.
    """
    serving = found.serving
    over: Floats = np.ones_like(serving.throughput)
    first, further = (1.0, 1.0) if later is None else (factor[found.rows.gpu][:, None] for factor in later)
    if targets.ttft_s is not None:
        over = np.maximum(over, serving.ttft * first / targets.ttft_s)
    if targets.tpot_s is not None:
        over = np.maximum(over, serving.tpot * further / targets.tpot_s)
    if targets.e2e_s is not None:
        over = np.maximum(over, serving.e2e * further / targets.e2e_s)
    return over


def choose(found: Candidates, over: Floats, objective: Objective, gpus: int, *, batch: bool) -> NDArray[np.int64]:
    """The best candidate of each GPU.

    Args:
        found: all candidates.
        over: how far each misses its targets, 1 where it meets them.
        objective: what decides.
        gpus: how many kinds there are.
        batch: whether nobody waits: the most throughput then decides between equals.

    Returns:
        For each GPU the flat index of its best candidate, -1 where there is none.
    """
    serving, rows = found.serving, found.rows
    total = (found.replicas + found.spare) * (rows.tensor_parallel * rows.pipeline_parallel)[:, None]
    latency = serving.e2e_mean * np.where(rows.pipeline_parallel > 1, PIPELINE, 1.0)[:, None]
    meets = over <= 1.0
    comfort = latency / (1.0 + latency)  # below 1: decides only between equal counts
    if batch:
        comfort = 1.0 / (1.0 + serving.throughput)
    missed = OFF_TARGET + total * over  # off target: weigh twice the latency like twice the cards
    score = np.where(meets, found.bought * BOUGHT + total + comfort, missed)
    if objective is Objective.FASTEST and not batch:
        score = np.where(meets, latency, OFF_TARGET * over + latency)
    score = np.where(found.admissible, score, np.inf)
    best_batch = np.argmin(score, axis=1) if score.size else np.zeros(0, dtype=np.int64)
    best = np.full(gpus, -1, dtype=np.int64)
    row_score = score[np.arange(len(best_batch)), best_batch] if score.size else np.zeros(0)
    order = np.lexsort((row_score, rows.gpu))
    order = order[np.isfinite(row_score[order])]
    owners, first = distinct_with_first(rows.gpu[order])
    best[owners] = order[first] * score.shape[1] + best_batch[order[first]]
    return best
