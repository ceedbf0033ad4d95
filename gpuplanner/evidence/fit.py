"""``python -m gpuplanner.evidence.fit``: constants and ranges of the catalogue from the measurements beside it.

A tool for developers. Writes ``catalogs/calibration/constants.json`` and ``ranges.json``; run twice, it writes the same.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gpuplanner import assets
from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.calibration import RangeFactor
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.evidence.configuration import Configuration, Configurer
from gpuplanner.evidence.evaluate import Evaluator
from gpuplanner.evidence.fit_constants import LEAST_ROWS, Fit, Floats, Problem, folds, with_constants
from gpuplanner.evidence.fit_folds import Straight
from gpuplanner.evidence.fit_ranges import Residual, held_out_share, ranges
from gpuplanner.evidence.left_out import left_out_table, write_left_out
from gpuplanner.evidence.lengths import lengths_of
from gpuplanner.evidence.predict import Prediction, own_measurements, ranged
from gpuplanner.evidence.reasons import NotDone
from gpuplanner.evidence.rows import read_measurements
from gpuplanner.evidence.statistics import grouped

FOLDS: Final = 12
LEAST_MODELS: Final = 2
LEAST_GPUS: Final = 2
_LEAVE_OUT: Final[dict[str, Callable[[Configuration], str]]] = {
    "model": lambda item: item.setup.model,
    "gpu": lambda item: item.gpu,
    "source": lambda item: item.row.source_table,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, report, write. Returns 0."""
    parser = argparse.ArgumentParser(description="fit the calibration to the measurements in catalogs/measurements")
    parser.add_argument(
        "--leave-out", default="model", help="what is left out in turn, of model,gpu,source; the first makes the ranges"
    )
    parser.add_argument("--ranges-only", action="store_true", help="keep the constants; make the ranges anew")
    parser.add_argument("--table-only", action="store_true", help="keep constants and ranges; add to the table of errors")
    parser.add_argument("--dry-run", action="store_true", help="write nothing")
    options = parser.parse_args(arguments)
    catalog = load_catalog(user_dir=Path("/nonexistent"))
    configure = Configurer(catalog)
    found = [configure(row) for row in read_measurements(own_measurements()).rows]
    ready = [item for item in found if isinstance(item, Configuration)]
    speed = [item for item in ready if item.row.table == "speed"]
    problem = Problem(catalog, [item for item in speed if _fitted_on(item)])
    touched = {name: mask for name, mask in problem.touched().items() if _enough(problem, mask)}
    fit = Fit(dict(problem.start), touched)
    if not (options.ranges_only or options.table_only):
        fit = _fit(problem, fit)
        _print_constants(problem, fit)
    fitted = with_constants(catalog, fit.values)
    _print_scores("before", _predictions(catalog, ready))
    _print_scores("after", _predictions(fitted, ready))
    held_out: dict[str, Floats] = {}
    straight = Straight(problem, fit.touched, fit.values)
    for name in filter(None, options.leave_out.split(",")):
        held_out[name] = _held_out(problem, straight, _LEAVE_OUT[name], speed, catalog)
        _print_errors(f"each {name} left out", speed, held_out[name])
    first = next(iter(held_out.values()), None)
    residuals = _residuals(fitted, ready, speed, first)
    made = ranges(residuals)
    for figure, share in held_out_share(residuals).items():
        _say(f"inside the range, own model left out: {figure or 'all':12} {100 * share:5.1f} %")
    if not options.dry_run:
        if not options.table_only:
            _write(fit, made, constants=not options.ranges_only)
        if held_out:
            write_left_out(left_out_table(speed, _fitted(fitted, speed), held_out))
    return 0


def _fitted(catalog: Catalog, speed: Sequence[Configuration]) -> Floats:
    return np.array([np.nan if isinstance(answer, NotDone) else answer for answer in Evaluator(catalog, speed)()])


def _fitted_on(item: Configuration) -> bool:
    """Waits in a queue say more about arrivals than about constants; assumed lengths would be fitted instead."""
    row = item.row
    waiting = row.metric == "ttft_ms" and row.task == "llm_serving_at_concurrency"
    return not waiting and (row.isl is not None or "OpenOrca;" in f"{row.note};" or row.metric == "itl_ms")


def _enough(problem: Problem, mask: NDArray[np.bool_]) -> bool:
    """Whether a constant's rows are enough, and of several models or GPUs: else it would be that model's own."""
    behind = [item for item, touches in zip(problem.configurations, mask, strict=True) if touches]
    varied = len({item.setup.model for item in behind}) >= LEAST_MODELS or len({item.gpu for item in behind}) >= LEAST_GPUS
    return len(behind) >= LEAST_ROWS and varied


def _fit(problem: Problem, fit: Fit) -> Fit:
    values = problem.fit(fit.touched, fit.values)
    return replace(fit, values={name: float(f"{value:.4g}") for name, value in values.items()})


def _held_out(
    problem: Problem, straight: Straight, key: Callable[[Configuration], str], speed: Sequence[Configuration], catalog: Catalog
) -> Floats:
    """Predictions of all speed rows, each by a fit that did not see its own group."""
    own = [key(item) for item in problem.configurations]
    evaluator = Evaluator(catalog, speed)
    out = np.full(len(speed), np.nan)
    for part in folds([key(item) for item in speed], FOLDS):
        keep = np.array([0.0 if name in part else 1.0 for name in own])
        answers = evaluator(with_constants(catalog, straight.without(keep)))
        for index, item in enumerate(speed):
            answer = answers[index]
            if key(item) in part and not isinstance(answer, NotDone):
                out[index] = answer
    return out


def _predictions(catalog: Catalog, ready: Sequence[Configuration]) -> list[Prediction]:
    evaluator = Evaluator(catalog, ready)
    return [
        ranged(item, answer, catalog, saturated=place in evaluator.saturated)
        for place, (item, answer) in enumerate(zip(ready, evaluator(), strict=True))
    ]


def _residuals(
    fitted: Catalog, ready: Sequence[Configuration], speed: Sequence[Configuration], held_out: Floats | None
) -> list[Residual]:
    honest = {} if held_out is None else {item.row.id: float(value) for item, value in zip(speed, held_out, strict=True)}
    out = []
    for item, prediction in zip(ready, _predictions(fitted, ready), strict=True):
        value = honest.get(item.row.id, prediction.value)
        lengths = lengths_of(item.row) if prediction.figure.startswith("ttft") else None
        if lengths is not None and lengths.input_assumed:  # a first token says nothing where its prompt is a guess
            continue
        if prediction.figure in {"", "fits"} or value is None or not value > 0 or not item.row.value > 0:
            continue
        group = prediction.model
        who = item.row.source_table if item.row.table == "speed" else ""
        out.append(Residual((prediction.figure, prediction.family, prediction.runtime), group, item.row.value / value, who))
        if item.row.task == "kv_cache":
            limit = _limit_bytes(item, fitted)
            taken = (limit - item.row.value) / (limit - value) if limit > max(value, item.row.value) else 0.0
            if taken > 0:
                out.append(Residual(("memory", prediction.family, prediction.runtime), group, taken))
    return out


def _limit_bytes(item: Configuration, catalog: Catalog) -> float:
    share = item.setup.overrides.memory_utilization or item.setup.profile.utilization
    return share * (item.setup.usable_bytes or catalog.gpus[item.gpu].usable_bytes)


def _print_constants(problem: Problem, fit: Fit) -> None:
    for name, value in fit.values.items():
        _say(f"{name:36} {problem.start[name]:10.4g} -> {value:10.4g}   {fit.rows(name):5} rows")


def _print_scores(label: str, predictions: Sequence[Prediction]) -> None:
    for item in grouped(predictions, lambda prediction: (prediction.row.task, prediction.figure, prediction.runtime)):
        if item.mape is not None and item.median is not None and item.p90 is not None and item.bias is not None:
            errors = f"MAPE {100 * item.mape:6.1f} %  median {100 * item.median:5.1f} %  P90 {100 * item.p90:6.1f} %"
            _say(f"{label:7} {' '.join(item.group):58} {item.done:5} rows  {errors}  bias {100 * item.bias:6.1f} %")


def _print_errors(label: str, speed: Sequence[Configuration], predicted: Floats) -> None:
    measured = np.array([item.row.value for item in speed])
    for task in sorted({item.row.task for item in speed}):
        mask = np.array([item.row.task == task for item in speed]) & np.isfinite(predicted)
        if mask.any():
            errors = np.abs(predicted[mask] / measured[mask] - 1)
            _say(f"{label}: {task:28} MAPE {100 * errors.mean():6.1f} %  median {100 * np.median(errors):5.1f} %")


def _write(fit: Fit, made: dict[str, RangeFactor], *, constants: bool) -> None:
    folder = assets.catalogs() / "calibration"
    if constants:
        path = folder / "constants.json"
        held = json.loads(path.read_bytes())
        for name, value in fit.values.items():
            entry = held["constants"].get(name)
            if entry is not None and name in fit.touched:  # other files hold constants that rows don't fit
                entry |= {"value": value, "rows": fit.rows(name), "basis": "fitted on published measurements by make fit"}
        held.pop("ranges", None)
        _write_json(path, held)
    entries = {name: factor.model_dump() for name, factor in sorted(made.items())}
    note = "Measured over predicted, 10th to 90th percentile; the constants were fitted without the row's own model. By make fit."
    _write_json(folder / "ranges.json", {"note": note, "ranges": entries})


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
