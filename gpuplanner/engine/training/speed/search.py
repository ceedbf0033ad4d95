"""Which layout and how many GPUs: every layout on every GPU is timed, and the objective chooses among those that fit."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.training.planning import TrainingRows, coded
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
STAGES = (8, 64)  # numbers of GPUs up to which one looks first
RISK = 1.15  # how much faster something must be that may run out of memory


@dataclass(frozen=True, slots=True)
class Fits:
    """Layouts (``row``) that GPUs (``gpu``, in order) hold and that may be the best on them.

    ``again`` is the share of the layers that are computed again there, where the layout computes layers again at all; ``risky``
    whether it may run out of memory at the cautious end.
    """

    row: Places
    gpu: Places
    again: Floats
    risky: NDArray[np.bool_]


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

    def at(self, places: Places, offset: int = 0) -> Timed:
        """Some entries, their layouts' numbers moved on."""
        fits = Fits(self.fits.row[places] + offset, *(getattr(self.fits, item.name)[places] for item in fields(Fits)[1:]))
        return Timed(fits, *(getattr(self, item.name)[places] for item in fields(Timed)[1:]))


_NONE, _NOWHERE = np.zeros(0), np.zeros(0, dtype=np.intp)
NOTHING = Timed(Fits(_NOWHERE, _NOWHERE, _NONE, np.zeros(0, dtype=bool)), _NONE, _NONE, _NONE, _NONE, _NONE, _NONE)


@dataclass(frozen=True, slots=True)
class Room:
    """Memory of GPUs: whether their links allow a layout, shape (GPUs, layouts), and what they may hold at all and safely.

    ``spread`` is the share of what a layer keeps that the allocator can't fill.
    """

    need: Floats
    legal: NDArray[np.bool_]
    limit: Floats
    safe: Floats
    spread: float


def searched(asked: Wanted, rows: TrainingRows, room: Room, reach: Rates, checkpoint: float, objective: Objective) -> Timed:
    """The best layout of each GPU, an entry a GPU that holds any.

    Whoever looks for the fewest GPUs needn't look at many where a few will do.

    Args:
        asked: work and limits.
        rows: layouts, those on few GPUs first.
        room: memory.
        reach: what the GPUs reach.
        checkpoint: its bytes.
        objective: what is best.
    """
    ends = np.searchsorted(rows.gpus, STAGES, side="right") if objective is Objective.FEWEST else np.zeros(0, dtype=np.intp)
    found: list[Timed] = []
    open_still = np.ones(len(room.limit), dtype=bool)
    for start, end in pairwise((0, *ends.tolist(), len(rows.gpus))):
        if end == start or not open_still.any():
            continue
        part, need, legal = rows.part(start, end), room.need[start:end], room.legal[:, start:end] & open_still[:, None]
        fits = fitting(part, replace(room, need=need, legal=legal), asked.work.layers)
        if not fits.row.size:
            continue
        known = timed(asked, layouts_of(part), reach, checkpoint, fits)
        first = best(known, asked, objective, len(room.limit))
        _untimed(first, fits, part.gpus, need)
        chosen = known.at(first[first >= 0], start)
        found.append(chosen)
        open_still[chosen.fits.gpu[chosen.total <= asked.within_s]] = False
    return _merged(found)


def _untimed(first: Places, fits: Fits, gpus: NDArray[np.int64], need: Floats) -> None:
    """Of GPUs without a published bandwidth, whose time stays open, the layout on fewest GPUs that leaves most room."""
    held = np.bincount(fits.gpu, minlength=len(first)) > 0
    for i in np.flatnonzero((first < 0) & held):
        mine = np.flatnonzero(fits.gpu == i)
        rows = fits.row[mine]
        few = gpus[rows] == gpus[rows].min()
        first[i] = mine[few][need[rows[few]].argmin()]


def _merged(found: list[Timed]) -> Timed:
    """Of the entries of several stages one a GPU: the fastest, as a later stage follows only where none kept the limit."""
    if not found:
        return NOTHING
    if len(found) == 1:
        return found[0]
    every = Timed(
        Fits(*(np.concatenate([getattr(stage.fits, item.name) for stage in found]) for item in fields(Fits))),
        *(np.concatenate([getattr(stage, item.name) for stage in found]) for item in fields(Timed) if item.name != "fits"),
    )
    order = np.lexsort((every.total, every.fits.gpu))
    return every.at(order[np.unique(every.fits.gpu[order], return_index=True)[1]])


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


def fitting(rows: TrainingRows, room: Room, layers: int) -> Fits:
    """What fits, and how much of it must be computed again; no more than is safe is filled by computing less again.

    Args:
        rows: layouts.
        room: the need of each, with everything computed again where anything is.
        layers: of the model; whole ones are computed again.
    """
    need, limit = room.need, room.limit[:, None]
    gpu, row = np.nonzero(room.legal & (need <= limit) & (limit < worth(rows, need)))
    risky = need[row] > room.safe[gpu]
    again = np.ones(len(row))
    if np.any(rows.saved):
        saved = rows.saved[row] * (1 + room.spread)
        share = 1.0 - np.divide(room.safe[gpu] - need[row], saved, out=np.zeros(len(row)), where=saved > 0)
        each = np.ceil(layers / rows.pipeline_parallel)[row]
        again = np.where(saved > 0, np.clip(np.ceil(share * each - 1e-9), 1.0, each) / each, 1.0)
    return Fits(row, gpu, again, risky)


def timed(asked: Wanted, lay: Layouts, reach: Rates, checkpoint: float, fits: Fits) -> Timed:
    """Time layouts and the run.

    Args:
        asked: work and limits.
        lay: layouts.
        reach: what the GPUs reach.
        checkpoint: its bytes.
        fits: which layouts fit on which GPUs; only those are timed.
    """
    row = fits.row
    held, gpu = np.unique(fits.gpu, return_inverse=True)
    reach = reach.of(held)
    alone = _micro(asked, lay, reach, replace(fits, gpu=gpu))
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
    one, back = _once(lay, ("tensor", "pipeline", "context", "expert", "virtual", "micro_batch"))
    kinds = np.unique(lay.recompute)
    every = [replace(one, recompute=np.full_like(one.recompute, kind)) for kind in kinds]
    stacked = Layouts(*(np.concatenate([getattr(each, item.name) for each in every]) for item in fields(Layouts)))
    parts = _parts(asked, stacked, reach)
    row, gpu = back[fits.row], fits.gpu
    busy, host = (part[row, gpu] for part in parts)
    if len(kinds) > 1:  # nothing, or a share of the layers
        again = np.where(lay.recompute[fits.row, 0] > kinds[0], fits.again, 0.0)
        later = row + len(one.data)
        busy, host = (alone + again * (part[later, gpu] - alone) for alone, part in zip((busy, host), parts, strict=True))
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
    code = coded([getattr(lay, name)[:, 0] for name in names])
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
    Fastest: the least time, of nearly equal ones the fewest GPUs. Where nothing keeps the limit, the fastest. What may run out
    of memory counts for slower than it is.
    """
    out: Places = np.full(count, -1)
    gpu, risky = found.fits.gpu, found.fits.risky
    if not gpu.size:
        return out
    total = np.where(risky, RISK, 1.0) * found.total
    starts = np.flatnonzero(np.diff(gpu, prepend=-1))
    sizes = np.diff(np.append(starts, gpu.size))
    fastest = np.repeat(np.minimum.reduceat(total, starts), sizes)
    kept = found.total <= asked.within_s
    match objective:
        case Objective.FEWEST:
            slower = 1.0 - 1.0 / (1.0 + total / np.where(np.isfinite(fastest), fastest, 1.0))
            score = found.gpus + (risky + slower) / 2.0
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
