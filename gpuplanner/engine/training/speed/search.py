"""Which layout and how many GPUs: every layout on every GPU is timed, and the objective chooses among those that fit."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.training.planning import TrainingRows
from gpuplanner.engine.training.setup import Setup
from gpuplanner.engine.training.speed.asked import HOUR_S, Wanted
from gpuplanner.engine.training.speed.rates import Rates, rates
from gpuplanner.engine.training.speed.run import checkpoint_s, goodput, training_s
from gpuplanner.engine.training.speed.step import Layouts, Shared, joined, layouts, micro, shared
from gpuplanner.engine.wiring import Wiring
from gpuplanner.scenario.document import Objective, Recompute

Floats = NDArray[np.float64]
AGAIN = {Recompute.NONE: 0.0, Recompute.SELECTIVE: 1.0, Recompute.FULL: 2.0}


@dataclass(frozen=True, slots=True)
class Timed:
    """Layouts on GPUs: times of a step and of the run, arrays of shape (layouts, GPUs), and what they were made from.

    ``checkpoint`` and ``goodput`` have a row for each number of GPUs, ``spot`` tells a layout's.
    """

    layouts: Layouts
    reach: Rates
    step: Floats
    samples: Floats  # a second
    checkpoint: Floats
    goodput: Floats
    spot: NDArray[np.intp]
    total: Floats


def layouts_of(rows: TrainingRows, setup: Setup, data: Floats | None = None) -> Layouts:
    """The planner's layouts in the terms of speed."""
    again = np.array([AGAIN[recompute] for recompute in rows.recompute])[rows.recompute_index]
    return layouts(
        tensor=rows.tensor_parallel, pipeline=rows.pipeline_parallel, data=rows.data_parallel if data is None else data,
        context=setup.context_parallel, expert=rows.expert_parallel, virtual=setup.virtual_stages,
        micro_batch=rows.micro_batch, micro_batches=rows.micro_batches, zero=rows.zero, recompute=again,
    )  # fmt: skip


def timed(asked: Wanted, lay: Layouts, reach: Rates, checkpoint: float, fits: NDArray[np.bool_]) -> Timed:
    """Time layouts and the run.

    Args:
        asked: work and limits.
        lay: layouts.
        reach: what the GPUs reach.
        checkpoint: its bytes.
        fits: which layouts fit on which GPUs; only those are timed, the others take for ever.
    """
    one, back = _once(lay, ("tensor", "pipeline", "context", "expert", "micro_batch", "recompute"))
    alone = micro(asked.work, asked.job, one, reach).total
    other, place = _once(lay, ("tensor", "pipeline", "context", "expert", "data", "zero"))
    found = shared(asked.work, asked.job, other, reach)
    parts = (np.broadcast_to(part, (len(other.data), alone.shape[1])) for part in (found.gathered, found.reduced, found.update))
    third, spot = _once(lay, ("tensor", "pipeline", "context", "data"))
    written = checkpoint_s(checkpoint, np.ceil(third.gpus / reach.node), asked.write_b_s)
    moving = goodput(written, asked.interval_s, third.gpus, asked.mtbf_s, asked.restart_s)
    row, gpu = np.nonzero(fits)
    exchanged = Shared(*(part[place[row], gpu] for part in parts))
    step = joined(alone[back[row], gpu], exchanged, lay.schedule(row), reach).step
    samples = (lay.micro_batch * lay.micro_batches * lay.data)[row, 0] / step
    out = np.full((3, *fits.shape), np.inf)
    out[:, row, gpu] = step, samples, training_s(asked.samples, samples, moving[spot[row], gpu])
    return Timed(lay, reach, out[0], out[1], written, moving, spot, out[2])


def _once(lay: Layouts, names: tuple[str, ...]) -> tuple[Layouts, NDArray[np.intp]]:
    """Layouts that differ in these respects, each once, and where each layout finds its own: most share what costs time."""
    code = np.zeros(len(lay.data), dtype=np.int64)
    for name in names:
        values, place = np.unique(getattr(lay, name)[:, 0], return_inverse=True)
        code = code * len(values) + place
    _, first, back = np.unique(code, return_index=True, return_inverse=True)
    return Layouts(*(getattr(lay, item.name)[first] for item in fields(Layouts))), back


def reach_of(asked: Wanted, every: Wiring, catalog: Catalog, format_used: str) -> Rates:
    """Rates of all GPUs, kept for the last few formats and kinds of software."""
    key = (format_used, asked.software, tuple(gpu.id for gpu in every.gpus))
    for known, known_key, result in _cache:
        if known is catalog and known_key == key:
            return result
    result = rates(every.gpus, catalog, format_used, asked.software, every)
    _cache.insert(0, (catalog, key, result))
    del _cache[4:]
    return result


_cache: list[tuple[Catalog, tuple[str, str, tuple[str, ...]], Rates]] = []


def best(found: Timed, asked: Wanted, objective: Objective) -> NDArray[np.int64]:
    """For each GPU the layout the objective wants; -1 where none fits.

    Fewest: the fewest GPUs that keep the limit, of equally many the fastest. Cheapest: the least GPU time that keeps it.
    Fastest: the least time, of nearly equal ones the fewest GPUs. Where nothing keeps the limit, the fastest.
    """
    total = np.where(np.isfinite(found.total), found.total, np.inf)
    fastest = total.min(axis=0)
    count = found.layouts.gpus
    kept = total <= asked.within_s
    slack = np.where(np.isfinite(fastest), fastest, 1.0)
    match objective:
        case Objective.FEWEST:
            score = count + 1.0 - 1.0 / (1.0 + total / slack)
        case Objective.CHEAPEST:
            score = count * total / HOUR_S
        case Objective.FASTEST:
            score = np.where(total <= 1.02 * fastest, count, np.inf)
            kept = np.isfinite(total)
    late = ~kept.any(axis=0)
    score = np.where(kept, score, np.inf)
    score[:, late] = total[:, late]
    chosen = score.argmin(axis=0)
    good = np.isfinite(score[chosen, np.arange(score.shape[1])])
    result: NDArray[np.int64] = np.where(good, chosen, -1)
    return result
