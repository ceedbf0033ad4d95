"""All GPUs, layouts, batches and precisions at once; of these the ones that no other beats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.arrays import distinct
from gpuplanner.engine.caution import Caution, caution
from gpuplanner.engine.fleet import Fleet, fleet
from gpuplanner.engine.layout.candidates import Candidates
from gpuplanner.engine.money.prices import card_amount
from gpuplanner.engine.planner.pareto import undominated
from gpuplanner.engine.request import CannotEstimateError, resolve
from gpuplanner.engine.search import missed, searched
from gpuplanner.scenario.document import Objective, Scenario, replace

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Edits = tuple[tuple[str, object], ...]
Formats = tuple[str, str]  # ids of precisions: weights, KV cache
FINE: Final = distinct(np.round(2.0 ** np.arange(0, 11.01, 0.25)))  # requests in flight per replica, quarter octaves
MOST_PRECISIONS: Final = 8
ALIKE: Final = 0.02  # points that differ by less are one
CLOUD: Final = 4000
PLAIN_CACHES: Final = ("kv-fp8", "kv-bf16", "kv-fp16")


@dataclass(frozen=True, slots=True)
class Choices:
    """Candidates as arrays, one entry each: what was chosen, and what comes of it.

    Times in seconds at the scenario's percentile, throughput in output tokens per second of a GPU that carries load, cost in
    the scenario's currency, NaN where no price is known. ``met`` is whether the targets are.
    """

    precision: Ints
    gpu: Ints
    tensor_parallel: Ints
    pipeline_parallel: Ints
    attention_copies: Ints
    batch: Floats
    replicas: Floats
    gpus: Floats
    servers: Floats
    ttft: Floats
    tpot: Floats
    e2e: Floats
    per_gpu: Floats
    cost: Floats
    met: NDArray[np.bool_]

    def pick(self, index: NDArray[np.bool_] | Ints) -> Choices:
        """Those at an index or under a mask."""
        return Choices(**{field.name: getattr(self, field.name)[index] for field in fields(self)})


@dataclass(frozen=True, slots=True)
class FrontPoint:
    """One choice that no other beats; ``edits`` of the scenario make it the answer."""

    gpu_id: str
    precision: str
    kv_cache: str
    tensor_parallel: int
    pipeline_parallel: int
    batch: int
    replicas: int
    gpus: int
    servers: int
    ttft: float
    tpot: float
    e2e: float
    throughput_per_gpu: float
    cost: float | None
    meets: bool
    edits: Edits


@dataclass(frozen=True, slots=True)
class Front:
    """The best trade-offs of latency, throughput per GPU, number of GPUs and cost.

    ``points`` are sorted by latency; they hold the targets where any candidate does (``meets``). ``cloud`` is a sample of all
    that may run, and ``cloud_gpus`` names its GPUs by number; ``evaluated`` counts the candidates.
    """

    points: tuple[FrontPoint, ...]
    cloud: Choices | None
    cloud_gpus: tuple[str, ...]
    evaluated: int


def front(
    scenario: Scenario, catalog: Catalog, gpus: Sequence[str] | None = None, precisions: Sequence[Formats] | None = None
) -> Front:
    """Search everything for a scenario that writes text.

    Args:
        scenario: what was asked; what it fixes of the layout and its most GPUs are kept to.
        catalog: what is known.
        gpus: ids of the GPUs to look at; None is all of them.
        precisions: formats to look at; None is the scenario's own and those the engine runs whose loss is known.
    """
    wanted = tuple(precisions) if precisions is not None else precisions_of(scenario, catalog)
    found, evaluated = [], 0
    names: tuple[str, ...] = ()
    for place, (weights, cache) in enumerate(wanted):
        formats = replace(replace(scenario, "precision.weights", weights), "precision.kv_cache", cache)
        searched = _searched(formats, catalog, place)
        if searched is None:
            continue
        names, choices, count = searched
        evaluated += count
        found.append(choices)
    if not found:
        return Front((), None, (), evaluated)
    every = Choices(*(np.concatenate([getattr(part, field.name) for part in found]) for field in fields(Choices)))
    if gpus is not None:
        every = every.pick(np.isin(every.gpu, [place for place, name in enumerate(names) if name in set(gpus)]))
    meets = every.met
    best = every.pick(meets) if meets.any() else every
    copied = bool((every.attention_copies > 1).any())
    points = tuple(_points(scenario, best.pick(_front(best)), names, wanted, meets=bool(meets.any()), copied=copied))
    return Front(points, every.pick(_sample(len(every.gpu))), names, evaluated)


def precisions_of(scenario: Scenario, catalog: Catalog) -> tuple[Formats, ...]:
    """The scenario's formats, then the weights its engine runs whose loss was measured, the most bits first.

    Each comes with the scenario's cache, and with a cache of the other width.
    """
    engine = catalog.engines.get(scenario.deployment.engine)
    known = [catalog.precisions[key] for key in (engine.precisions if engine else ()) if key in catalog.precisions]
    usable = [item for item in known if item.role == "weights" and item.quality_metric is not None]
    ordered = sorted(usable, key=lambda item: -(item.bits_per_weight_effective or 0.0))
    own = scenario.precision.weights
    weights = (own, *[item.id for item in ordered if item.id != own])[:MOST_PRECISIONS]
    return tuple((name, cache) for cache in _caches(scenario, catalog) for name in weights)


def _caches(scenario: Scenario, catalog: Catalog) -> tuple[str, ...]:
    """The scenario's cache format, and the plain one of the other width."""
    own = catalog.precisions.get(scenario.precision.kv_cache)
    plain = [catalog.precisions[key] for key in PLAIN_CACHES if key in catalog.precisions]
    other = [item.id for item in plain if own is not None and item.kv_bits != own.kv_bits]
    return (scenario.precision.kv_cache, *other[:1])


def _searched(scenario: Scenario, catalog: Catalog, place: int) -> tuple[tuple[str, ...], Choices, int] | None:
    try:
        request = resolve(scenario, catalog)
    except CannotEstimateError:
        return None
    every = fleet(catalog, request.weights, request.engine)
    wary = caution(scenario, catalog, request, every)
    found, _ = searched(scenario, request, every, wary, FINE)
    choices = _choices(scenario, every, found, place, wary)
    return tuple(gpu.id for gpu in every.gpus), choices, found.count


def _choices(scenario: Scenario, every: Fleet, found: Candidates, place: int, wary: Caution | None) -> Choices:
    rows, shape = found.rows, found.replicas.shape
    width = (rows.tensor_parallel * rows.pipeline_parallel)[:, None]
    gpus = (found.replicas + found.spare) * width
    price = np.array([_price(scenario, every, number) for number in range(len(every.gpus))])
    whole = found.serving.batch % rows.attention_copies[:, None] == 0  # an engine's limit is that of a rank
    over = missed(scenario, found, wary)
    kept = found.admissible & np.broadcast_to(whole, shape)

    def flat(values: object) -> Floats:
        picked: Floats = np.broadcast_to(np.asarray(values, dtype=float), shape)[kept]
        return picked

    def counted(values: Ints) -> Ints:
        picked: Ints = np.broadcast_to(values[:, None], shape)[kept]
        return picked

    return Choices(
        precision=np.full(int(kept.sum()), place),
        gpu=counted(rows.gpu),
        tensor_parallel=counted(rows.tensor_parallel),
        pipeline_parallel=counted(rows.pipeline_parallel),
        attention_copies=counted(rows.attention_copies),
        batch=flat(found.serving.batch),
        replicas=flat(found.replicas),
        gpus=flat(gpus),
        servers=flat(found.servers),
        ttft=flat(found.serving.ttft),
        tpot=flat(found.serving.tpot),
        e2e=flat(found.serving.e2e),
        per_gpu=flat(found.serving.throughput / width),
        cost=flat(found.bought * price[rows.gpu][:, None]),
        met=flat(over <= 1.0) > 0,
    )


def _price(scenario: Scenario, every: Fleet, number: int) -> float:
    amount = card_amount(every.gpus[number], scenario.money)
    return np.nan if amount is None else amount


def _front(every: Choices) -> Ints:
    """Small differences left out: none of them is known so well."""

    def coarse(values: Floats) -> Floats:
        rounded: Floats = np.round(np.log(np.maximum(values, 1e-12)) / ALIKE)
        return rounded

    cost = np.where(np.isfinite(every.cost), every.cost, np.inf)
    return undominated(np.stack([coarse(every.e2e), -coarse(every.per_gpu), every.gpus, cost], axis=1))


def _sample(count: int) -> Ints:
    return np.arange(0, count, max(1, -(-count // CLOUD)))


def _points(
    scenario: Scenario, best: Choices, names: Sequence[str], precisions: Sequence[Formats], *, meets: bool, copied: bool
) -> Iterator[FrontPoint]:
    for i in np.lexsort((best.gpus, best.e2e)).tolist():
        cost = float(best.cost[i])
        gpu, (precision, cache) = names[int(best.gpu[i])], precisions[int(best.precision[i])]
        tensor, pipeline, batch = int(best.tensor_parallel[i]), int(best.pipeline_parallel[i]), int(best.batch[i])
        edits: Edits = (
            ("deployment.gpu", gpu),
            ("precision.weights", precision),
            ("precision.kv_cache", cache),
            ("deployment.tensor_parallel", tensor),
            ("deployment.pipeline_parallel", pipeline),
            ("deployment.max_seqs", batch // int(best.attention_copies[i])),
        )
        if copied:
            edits += (("serving.data_parallel_attention", bool(best.attention_copies[i] > 1)),)
        if scenario.deployment.objective is Objective.FASTEST:
            edits += (("deployment.objective", Objective.FEWEST),)
        yield FrontPoint(
            gpu, precision, cache, tensor, pipeline, batch, int(best.replicas[i]), int(best.gpus[i]), int(best.servers[i]),
            float(best.ttft[i]), float(best.tpot[i]), float(best.e2e[i]), float(best.per_gpu[i]),
            cost if np.isfinite(cost) else None, meets, edits,
        )  # fmt: skip
