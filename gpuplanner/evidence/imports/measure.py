"""Drafts to measurement rows, and what the engine says about each: the rows a scenario is corrected by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.errors import Message, Named
from gpuplanner.evidence.imports.draft import Draft
from gpuplanner.evidence.imports.run import MEMORY, OFFLINE, OUTPUT_RATE, PEAK, PROMPT_RATE, SERVING, TPOT, TTFT
from gpuplanner.evidence.predict import Prediction, predict
from gpuplanner.evidence.rows import Row
from gpuplanner.scenario.calibration import MAX_ROWS, Calibration, CalibrationRow, MeasuredFigure
from gpuplanner.scenario.document import Scenario

_FIGURES: Final = {
    OUTPUT_RATE: MeasuredFigure.THROUGHPUT, PROMPT_RATE: MeasuredFigure.PREFILL, TTFT: MeasuredFigure.TTFT,
    TPOT: MeasuredFigure.TPOT, PEAK: MeasuredFigure.MEMORY,
}  # fmt: skip

FARTHEST: Final = 4.0  # a run that is further off than so many times was another configuration


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure of a draft beside the estimate; ``row`` None with the reason where there is no estimate."""

    draft: Draft
    source: Row
    row: CalibrationRow | None
    reason: Message | None = None


def rows_of(draft: Draft) -> tuple[Row, ...]:
    """The measurement rows of a run, an id each that stays the same when the file is imported again."""
    run = draft.run
    mark = hashlib.sha256(repr((draft.file, run.tool, run.place, sorted(run.figures.items()))).encode()).hexdigest()[:10]
    requests = f"{run.requests} prompts; " if run.requests and run.task == SERVING else ""
    out = []
    for metric, value in run.figures.items():
        memory = metric == PEAK
        out.append(
            Row(
                id=f"own-{mark}-{metric}", file=draft.file, line=0, table="memory" if memory else "speed",
                task=MEMORY if memory else run.task, model=draft.model, gpu=draft.gpu,
                metric="nvidia-smi memory.used" if memory else metric, value=value, weight_precision=draft.weights,
                kv_precision=draft.kv, gpus=draft.gpus, tp=draft.tensor_parallel, pp=run.pipeline_parallel,
                framework=draft.engine, version=run.version, isl=draft.input_tokens, osl=_output(draft),
                batch=_load(draft), request_rate=run.request_rate, source_table=f"own:{draft.file}", source=draft.file,
                date=run.date, quality="own", note=f"{requests}{run.tool}", scope="per_gpu" if memory else "",
            )
        )  # fmt: skip
    return tuple(out)


def _output(draft: Draft) -> float | None:
    return 1.0 if draft.output_tokens is None and draft.run.output_tokens is None else draft.output_tokens


def _load(draft: Draft) -> str:
    if draft.run.task == OFFLINE:
        return ""
    if draft.concurrency is not None:
        return f"{draft.concurrency:.6g}"
    return f"{draft.run.requests} prompts at once" if draft.run.requests else ""


def measured(drafts: Sequence[Draft], catalog: Catalog) -> list[Measured]:
    """What the engine says about each figure of some drafts.

    Args:
        drafts: without problems.
        catalog: what is known, the scenario's own model among it.
    """
    pairs = [(draft, row) for draft in drafts for row in rows_of(draft)]
    found = predict([row for _, row in pairs], catalog)
    return [_measured(draft, row, item, catalog) for (draft, row), item in zip(pairs, found, strict=True)]


def _measured(draft: Draft, row: Row, item: Prediction, catalog: Catalog) -> Measured:
    if item.value is None or item.value <= 0:
        why = Named(f"evidence.reason.{item.reason.reason if item.reason is not None else 'fit'}")
        return Measured(draft, row, None, Message("benchmark.measure.none", {"reason": why}))
    metric = PEAK if row.table == "memory" else row.metric
    aside = _aside(draft, row, item, catalog)
    kept = CalibrationRow(
        run=row.id.rsplit("-", 1)[0], figure=_FIGURES[metric], measured=row.value, estimated=item.value,
        counts=aside is None, model=draft.model, gpu=draft.gpu, gpus=draft.gpus or 1,
        tensor_parallel=draft.tensor_parallel or 1, engine=draft.engine, weights=draft.weights,
        input_tokens=draft.input_tokens, output_tokens=draft.output_tokens, concurrency=draft.concurrency,
        request_rate=draft.run.request_rate, file=draft.file[:200], date=draft.run.date,
    )  # fmt: skip
    return Measured(draft, row, kept, None if aside is None else Message(f"benchmark.measure.{aside}"))


def _aside(draft: Draft, row: Row, item: Prediction, catalog: Catalog) -> str | None:
    """Why a row is kept but doesn't count; None where it does."""
    profile = catalog.engines[draft.engine].profile
    if row.table == "memory" and profile is not None and profile.budget != "on_demand":
        return "reserved"
    if item.figure.endswith("_saturated"):
        return "saturated"
    far = item.value is None or not 1 / FARTHEST <= item.value / row.value <= FARTHEST
    return "far" if far else None


def calibrated(scenario: Scenario, items: Iterable[Measured], catalog: Catalog) -> Scenario:
    """The scenario with more rows; a run that it already holds is replaced. Rows beyond the limit drop out, the oldest first."""
    fresh = [item.row for item in items if item.row is not None]
    names = {(row.run, row.figure) for row in fresh}
    kept = [row for row in scenario.calibration.rows if (row.run, row.figure) not in names]
    held = Calibration(enabled=True, rows=tuple((kept + fresh)[-MAX_ROWS:]), facts=catalog.digest)
    return scenario.model_copy(update={"calibration": held})


def without_custom(items: Iterable[Measured], scenario: Scenario) -> list[Row]:
    """The rows that the user's data may hold: those of a model that only this scenario knows stay in it."""
    own = scenario.model.custom.id if scenario.model.custom is not None else None
    return [replace(item.source) for item in items if item.row is not None and item.source.model != own]
