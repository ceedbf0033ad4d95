"""Which layout and how many GPUs: every layout on every GPU is timed, and the objective chooses among those that fit."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.training.planning import TrainingRows
from gpuplanner.engine.training.speed.asked import HOUR_S, Wanted
from gpuplanner.engine.training.speed.rates import Rates, rates
from gpuplanner.engine.training.speed.run import checkpoint_s, goodput, training_s
from gpuplanner.engine.training.speed.step import Layouts, Shared, joined, layouts, micro, shared
from gpuplanner.engine.wiring import Wiring
from gpuplanner.scenario.document import Objective, Recompute

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
AGAIN = {Recompute.NONE: 0.0, Recompute.SELECTIVE: 1.0, Recompute.FULL: 2.0}
OPTIMIZER_STAGE = 1


@dataclass(frozen=True, slots=True)
class Fits:
    """Layouts (``row``) that GPUs (``gpu``, in order) hold and that may be the best on them.

    ``again`` is the share of the layers that are computed again there, where the layout computes layers again at all.
    """

    row: Places
    gpu: Places
    again: Floats


@dataclass(frozen=True, slots=True)
class Timed:
    """Entries of :class:`Fits` with their times: of a step, a checkpoint and the run in seconds, and the share that moves on."""

    fits: Fits
    gpus: Floats  # of the run
    step: Floats
    samples: Floats  # a second
    writing: Floats
    moving: Floats
    total: Floats


def layouts_of(rows: TrainingRows) -> Layouts:
    """The planner's layouts in the terms of speed."""
    again = np.array([AGAIN[recompute] for recompute in rows.recompute])[rows.recompute_index]
    return layouts(
        tensor=rows.tensor_parallel, pipeline=rows.pipeline_parallel, data=rows.data_parallel,
        context=rows.context_parallel, expert=rows.expert_parallel, virtual=rows.virtual_stages,
        micro_batch=rows.micro_batch, micro_batches=rows.micro_batches, zero=rows.zero, recompute=again,
    )  # fmt: skip


def worth(rows: TrainingRows, need: Floats) -> Floats:
    """The limit of memory from which on a layout can't be the fastest of its kind: one that is faster fits too. [B]

    On as many GPUs nothing computed again is faster than something, and optimizer states alone shared out faster than nothing or
    more than that; but whoever shares out more may have to compute less again.
    """
    table = np.full((int(rows.group.max()) + 1, 4, len(rows.recompute)), np.inf)
    group, zero, again = rows.group, rows.zero, rows.recompute_index
    table[group, zero, again] = need
    bar = np.where(zero == OPTIMIZER_STAGE, np.inf, table[group, OPTIMIZER_STAGE, 0])
    if len(rows.recompute) > 1:
        lighter = np.minimum(table[group, zero, 0], table[group, OPTIMIZER_STAGE, 0])
        bar = np.where(again > 0, lighter, bar)
    return bar


def fitting(
    rows: TrainingRows, need: Floats, legal: NDArray[np.bool_], limit: Floats, safe: Floats, spread: float, layers: int
) -> Fits:
    """What fits, and how much of it must be computed again.

    Args:
        rows: layouts.
        need: of each, with everything computed again where anything is.
        legal: whether a GPU's links allow a layout, shape (GPUs, layouts).
        limit: what a GPU may hold.
        safe: what it may hold by the estimate if it must not run out of memory at the cautious end either: no more than this is
            filled by computing less again.
        spread: share of what a layer keeps that the allocator can't fill.
        layers: of the model; whole ones are computed again.
    """
    gpu, row = np.nonzero(legal & (need <= limit[:, None]) & (limit[:, None] < worth(rows, need)))
    saved = rows.saved[row] * (1 + spread)
    share = 1.0 - np.divide(safe[gpu] - need[row], saved, out=np.zeros(len(row)), where=saved > 0)
    each = np.ceil(layers / rows.pipeline_parallel)[row]
    again = np.clip(np.ceil(share * each - 1e-9), 1.0, each) / each
    return Fits(row, gpu, np.where(saved > 0, again, 1.0))


def timed(asked: Wanted, lay: Layouts, reach: Rates, checkpoint: float, fits: Fits) -> Timed:
    """Time layouts and the run.

    Args:
        asked: work and limits.
        lay: layouts.
        reach: what the GPUs reach.
        checkpoint: its bytes.
        fits: which layouts fit on which GPUs; only those are timed.
    """
    row, gpu = fits.row, fits.gpu
    alone = _micro(asked, lay, reach, fits)
    other, place = _once(lay, ("tensor", "pipeline", "context", "expert", "data", "zero"))
    found = shared(asked.work, asked.job, other, reach)
    parts = (np.broadcast_to(part, (len(other.data), len(reach.peak))) for part in (found.gathered, found.reduced, found.update))
    third, spot = _once(lay, ("tensor", "pipeline", "context", "data"))
    written = checkpoint_s(checkpoint, np.ceil(third.gpus / reach.node), asked.write_b_s)
    moving = goodput(written, asked.interval_s, third.gpus, asked.mtbf_s, asked.restart_s)
    exchanged = Shared(*(part[place[row], gpu] for part in parts))
    step = joined(alone, exchanged, lay.schedule(row), reach).step
    samples = (lay.micro_batch * lay.micro_batches * lay.data)[row, 0] / step
    share = moving[spot[row], gpu]
    total = training_s(asked.samples, samples, share)
    total = np.where(np.isfinite(total), total, np.inf)
    return Timed(fits, lay.gpus[row, 0], step, samples, written[spot[row], gpu], share, total)


def _micro(asked: Wanted, lay: Layouts, reach: Rates, fits: Fits) -> Floats:
    """A micro-batch of each entry: as much slower than without recompute as layers are computed again."""
    one, back = _once(lay, ("tensor", "pipeline", "context", "expert", "virtual", "micro_batch", "recompute"))
    parts = [_parts(asked, one, reach)]
    if np.any(fits.again < 1):
        parts.append(_parts(asked, replace(one, recompute=0.0 * one.recompute), reach))
    at = back[fits.row], fits.gpu
    busy, host = (kind[at] for kind in parts[0])
    if len(parts) > 1:
        lighter, easier = (kind[at] for kind in parts[1])
        busy, host = lighter + fits.again * (busy - lighter), easier + fits.again * (host - easier)
    slower: Floats = np.maximum(busy, host)
    return slower


def _parts(asked: Wanted, one: Layouts, reach: Rates) -> tuple[Floats, Floats]:
    """The GPU's seconds and the host's, of layouts on all GPUs."""
    found = micro(asked.work, asked.job, one, reach)
    shape = (len(one.data), len(reach.peak))
    busy = found.products + found.attention + found.between + found.communication
    return np.broadcast_to(busy, shape), np.broadcast_to(found.host, shape)


def _once(lay: Layouts, names: tuple[str, ...]) -> tuple[Layouts, Places]:
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


def best(found: Timed, asked: Wanted, objective: Objective, count: int) -> Places:
    """For each of so many GPUs the entry the objective wants; -1 where nothing fits or its time isn't known.

    Fewest: the fewest GPUs that keep the limit, of equally many the fastest. Cheapest: the least GPU time that keeps it.
    Fastest: the least time, of nearly equal ones the fewest GPUs. Where nothing keeps the limit, the fastest.
    """
    out: Places = np.full(count, -1)
    gpu, total = found.fits.gpu, found.total
    if not gpu.size:
        return out
    starts = np.flatnonzero(np.diff(gpu, prepend=-1))
    sizes = np.diff(np.append(starts, gpu.size))
    fastest = np.repeat(np.minimum.reduceat(total, starts), sizes)
    kept = total <= asked.within_s
    match objective:
        case Objective.FEWEST:
            score = found.gpus + 1.0 - 1.0 / (1.0 + total / np.where(np.isfinite(fastest), fastest, 1.0))
        case Objective.CHEAPEST:
            score = found.gpus * total / HOUR_S
        case Objective.FASTEST:
            score = np.where(total <= 1.02 * fastest, found.gpus, np.inf)
            kept = np.isfinite(total)
    late = np.repeat(~np.logical_or.reduceat(kept, starts), sizes)
    score = np.where(late, total, np.where(kept, score, np.inf))
    least = np.repeat(np.minimum.reduceat(score, starts), sizes)
    winners = np.flatnonzero((score <= least) & np.isfinite(score))
    owners, first = np.unique(gpu[winners], return_index=True)
    out[owners] = winners[first]
    return out
