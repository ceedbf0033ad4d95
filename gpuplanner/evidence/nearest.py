"""The measurements nearest to a figure of a plan, each with what the engine would have said."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.model import Model
from gpuplanner.engine.result import Plan
from gpuplanner.evidence.imports.store import OWN, users_rows
from gpuplanner.evidence.labels import engine_label
from gpuplanner.evidence.predict import Prediction, figure_of, own_measurements, predict
from gpuplanner.evidence.rows import Row, read_measurements
from gpuplanner.scenario.document import Scenario, WorkloadKind

FIGURES: Final = {
    "ttft": "ttft", "ttft_mean": "ttft", "tpot": "tpot", "tpot_mean": "tpot", "e2e": "latency",
    "throughput": "throughput", "request_rate": "throughput", "batch_time": "throughput", "cost_per_million": "throughput",
    "memory_per_gpu": "weights", "weights": "weights", "kv_cache": "kv_pool", "pool": "kv_pool", "activations": "workspace",
    "engine": "context", "communication": "context",
}  # fmt: skip
"""What was measured beside a figure: the figure itself, or the part of it that people publish."""

UNITS: Final = {
    "ttft": "ms", "tpot": "ms", "latency": "ms", "throughput": "tok/s",
    "weights": "B", "kv_pool": "B", "workspace": "B", "context": "B",
}  # fmt: skip
"""The one unit that rows beside a figure are listed in: those in another can't be laid beside each other."""

OTHER_GPU: Final = 1.0
OTHER_FAMILY: Final = 3.0
OTHER_ENGINE: Final = 1.5
OTHER_TASK: Final = 1.0
OTHER_PRECISION: Final = 0.7
OTHER_EXPERTS: Final = 1.5  # a mixture beside a dense model
PER_OCTAVE: Final = 0.35  # of size, lengths and degree


@dataclass(frozen=True, slots=True)
class Near:
    """A measurement near a figure.

    ``predicted`` is the engine's own answer to that row and ``error`` predicted over measured less one;
    ``distance`` orders them, smaller is nearer. Units are those of ``unit``. ``gpu`` is an id of the catalogue; ``figure`` is
    what was measured, a value of :data:`FIGURES`.
    """

    model: str
    gpu: str
    gpus: int | None
    engine: str
    measured: float
    predicted: float
    unit: str
    error: float
    source: str
    date: str
    metric: str
    distance: float
    figure: str
    own: bool = False  # of the user


def _rows(figure: str) -> list[Row]:
    """The measurements of a figure, those that come with the program and the user's own; all others are let go again."""
    table = "memory" if UNITS[figure] == "B" else "speed"
    files = [path for path in own_measurements() if path.parent.name == table]
    rows = (*read_measurements(files).rows, *users_rows())
    return [row for row in rows if figure_of(row) == figure and row.unit == UNITS[figure]]


_cached: list[tuple[Catalog, dict[str, list[Prediction]]]] = []


def forget() -> None:
    """Let the kept predictions go: the user's measurements have changed."""
    _cached.clear()


def nearest(scenario: Scenario, plan: Plan, key: str, catalog: Catalog, count: int = 5) -> tuple[Near, ...]:
    """Measurements of the same kind as a figure, the most alike first.

    Args:
        scenario: what was asked.
        plan: the plan whose figure it is.
        key: name of the figure: of ``plan.figures``, or of a part of memory.
        catalog: what is known; predictions are kept for the last one.
        count: how many at most.

    Returns:
        Nothing where no measurement is of this kind or the plan cannot run.
    """
    model = scenario.model.custom or catalog.models.get(scenario.model.id)
    gpu = catalog.gpus.get(plan.gpu_id)
    figure = FIGURES.get(key)
    if model is None or gpu is None or figure is None or not plan.tensor_parallel or plan.training is not None:
        return ()  # what is measured beside these figures is serving
    found = []
    for item in _predictions(figure, catalog):
        distance = _distance(item, scenario, plan, model, catalog)
        if item.value is not None and item.error is not None and distance is not None:
            found.append((distance, item.row.id, item))
    found.sort(key=lambda entry: entry[:2])
    return tuple(_near(item, distance, catalog) for distance, item in _distinct([(entry[0], entry[2]) for entry in found], count))


def is_prepared(key: str, catalog: Catalog) -> bool:
    """Whether :func:`nearest` answers at once: the rows beside this figure have been computed, or there are none."""
    figure = FIGURES.get(key)
    return figure is None or bool(_cached and _cached[0][0] is catalog and figure in _cached[0][1])


def prepare(key: str, catalog: Catalog) -> None:
    """Compute the rows beside a figure, so that :func:`nearest` answers at once. May run in a thread of its own."""
    figure = FIGURES.get(key)
    if figure is not None:
        _predictions(figure, catalog)


def _predictions(figure: str, catalog: Catalog) -> list[Prediction]:
    """The engine's answers to the measurements of one figure; computed when first asked for."""
    if not _cached or _cached[0][0] is not catalog:
        _cached[:] = [(catalog, {})]
    known = _cached[0][1]
    if figure not in known:
        known[figure] = [item for item in predict(_rows(figure), catalog) if item.value is not None and item.figure == figure]
    return known[figure]


def _distance(item: Prediction, scenario: Scenario, plan: Plan, model: Model, catalog: Catalog) -> float | None:
    """How unlike the row is, in steps that each matter about as much as another card of the same family."""
    other, gpu = catalog.models.get(item.model), catalog.gpus[plan.gpu_id]
    size, own = (other.params_total if other else None), model.params_total
    if not size or not own:
        return None
    row, workload = item.row, scenario.workload
    distance = PER_OCTAVE * abs(math.log2(size / own))
    if item.gpu != plan.gpu_id:
        distance += OTHER_GPU if item.family == gpu.family else OTHER_FAMILY
    distance += OTHER_ENGINE * (item.engine != scenario.deployment.engine)
    distance += OTHER_EXPERTS * (bool(other and other.params_active) != bool(model.params_active))
    distance += PER_OCTAVE * abs(math.log2((row.tp or 1) / plan.tensor_parallel))
    if row.table == "speed":
        batch = workload.kind is WorkloadKind.BATCH
        distance += OTHER_TASK * ((row.task == "llm_offline_throughput") != batch)
        for length, asked in ((row.isl, workload.input_tokens), (row.osl, workload.output_tokens)):
            distance += PER_OCTAVE * (abs(math.log2(max(length, 1.0) / asked)) if length is not None else 2.0)
    return distance + OTHER_PRECISION * (_bits(row.weight_precision) != _bits(scenario.precision.weights))


def _bits(precision: str) -> int:
    text = precision.casefold()
    if any(mark in text for mark in ("4", "q4", "w4")) and "e4m3" not in text:
        return 4
    return 8 if "8" in text or "e4m3" in text else 16


def _distinct(found: Sequence[tuple[float, Prediction]], count: int) -> list[tuple[float, Prediction]]:
    """The first of each machine, engine and model: a sweep over lengths, or one log's several lines, shouldn't fill the list."""
    seen: set[tuple[object, ...]] = set()
    chosen: list[tuple[float, Prediction]] = []
    for distance, item in found:
        row = item.row
        mark = (item.model, item.gpu, row.gpus, engine_label(row.framework, row.version))
        if mark not in seen:
            seen.add(mark)
            chosen.append((distance, item))
        if len(chosen) == count:
            break
    return chosen


def _near(item: Prediction, distance: float, catalog: Catalog) -> Near:
    row = item.row
    return Near(
        model=catalog.models[item.model].name,
        gpu=item.gpu,
        gpus=row.gpus,
        engine=engine_label(row.framework, row.version),
        measured=row.value,
        predicted=item.value or 0.0,
        unit=row.unit,
        error=item.error or 0.0,
        source=row.source,
        date=row.date,
        metric=row.metric,
        distance=round(distance, 3),
        figure=item.figure,
        own=row.quality == OWN,
    )
