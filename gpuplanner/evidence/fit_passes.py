"""``python -m gpuplanner.evidence.fit_passes``: constants of passes from the measurements of images, encoders, vision and speech.

A tool for developers. Writes ``catalogs/calibration/passes.json``; run twice, it writes the same.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gpuplanner import assets
from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.calibration import Calibration, RangeFactor
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.evidence.fit_ranges import Residual, held_out_share, ranges
from gpuplanner.evidence.pass_rows import PassCase, PassRuns, pass_answer
from gpuplanner.evidence.predict import own_measurements
from gpuplanner.evidence.rows import read_measurements

Floats = NDArray[np.float64]

FILE: Final = "calibration/passes.json"
PREFIX: Final = "passes."
SPREAD: Final = 0.5  # how far a special constant lies from the general one, in logs, before rows have a say
OWN_SPREAD: Final = 2.0  # how far a constant lies from the middle of its bounds
NOISE: Final = 0.08  # of a published figure
ROUNDS: Final = 10
STEP: Final = 0.02
REPEATED: Final = 0.2  # power of their number by which rows of one set-up count less
HUBER: Final = 1.0
DAMPING: Final = 1e-3
LEAST_MOVE: Final = 2e-3
_LEAVE_OUT: Final[dict[str, Callable[[PassCase], str]]] = {
    "model": lambda case: case.model.id,
    "gpu": lambda case: case.gpu.id,
    "source": lambda case: case.row.source_table,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, report, write. Returns 0."""
    parser = argparse.ArgumentParser(description="fit the constants of passes to the measurements in catalogs/measurements")
    parser.add_argument(
        "--leave-out", default="model,gpu", help="what is left out in turn, of model,gpu,source; together they make the ranges"
    )
    parser.add_argument("--ranges-only", action="store_true", help="keep the constants")
    parser.add_argument("--dry-run", action="store_true", help="write nothing")
    options = parser.parse_args(arguments)
    catalog = load_catalog(user_dir=Path("/nonexistent"))
    runs = PassRuns(catalog)
    found = [runs(row) for row in read_measurements(own_measurements()).rows]
    cases = [case for case in found if isinstance(case, PassCase)]
    problem = Problem(catalog, cases)
    _say(f"before: {_told(problem, problem.start)}")
    values = problem.start if options.ranges_only else problem.solve(problem.start, ROUNDS)
    _say(f"after:  {_told(problem, values)}")
    held: dict[str, Floats] = {}
    for name in filter(None, options.leave_out.split(",")):
        held[name] = problem.held_out(values, _LEAVE_OUT[name])
        _say(f"each {name} left out: {_errors(problem, held[name])}")
    made = _ranges(problem, list(held.values()) or [problem.logs(values)])
    if not options.dry_run:
        _write(problem, values, made)
    return 0


def _ranges(problem: Problem, every: Sequence[Floats]) -> dict[str, RangeFactor]:
    """Measured over predicted time where something of a row's own was left out: that is what unseen work meets."""
    signs = [-1.0 if case.timed else 1.0 for case in problem.cases]  # ranges are those of times
    residuals = [
        Residual(case.key, case.model.id, float(np.exp(sign * log)))
        for logs in every
        for case, sign, log in zip(problem.cases, signs, logs, strict=True)
    ]
    for figure, share in held_out_share(residuals).items():
        _say(f"inside the range, own model left out: {figure or 'all':14} {100 * share:5.1f} %")
    made = ranges(residuals)
    return {name: factor.model_copy(update={"rows": factor.rows // len(every)}) for name, factor in made.items()}


class Problem:
    """Rows and constants; equal configurations are computed once.

    Args:
        catalog: with the starting values.
        cases: the rows.
    """

    def __init__(self, catalog: Catalog, cases: Sequence[PassCase]) -> None:
        self.cases = tuple(cases)
        self._catalog = catalog
        calibration = catalog.calibration
        used = _touched(calibration, cases)
        self.names = tuple(sorted(name for name in used if _free(calibration, name)))
        self.rows = {name: used[name] for name in self.names}
        bounds = [(calibration.constants[name].low or 1e-12, calibration.constants[name].high or 1e12) for name in self.names]
        self._low, self._high = np.log(np.array(bounds)).T
        self.start = np.log([max(calibration.constants[name].value, 1e-12) for name in self.names])
        self._middle = (self._low + self._high) / 2
        self._measured = np.log([case.row.value for case in cases])
        self._places, self._alone = _distinct(cases)
        self._reads = _reads(calibration, self._alone)
        self._weights = _weights(cases)
        self._parents = [_parent(name, self.names) for name in self.names]

    def logs(self, values: Floats, of: Sequence[int] | None = None) -> Floats:
        """Predicted over measured of every case, in logs."""
        calibration = with_values(self._catalog.calibration, self.names, values)
        wanted = range(len(self._alone)) if of is None else of
        told = np.zeros(len(self._alone))
        for place in wanted:
            told[place] = np.log(max(pass_answer(self._alone[place], calibration), 1e-12))
        out: Floats = told[self._places] - self._measured
        return out

    def solve(self, values: Floats, rounds: int) -> Floats:
        """Gauss-Newton with Huber's weights, bounds, and each constant drawn to its parent or the middle of its bounds."""
        keep = np.ones(len(self.cases), dtype=bool)
        for _ in range(rounds):
            base = self.logs(values)
            moved = self._stepped(values, base, self.slopes(values, base), keep)
            if np.abs(moved - values).max() < LEAST_MOVE:
                break
            values = moved
        return values

    def slopes(self, values: Floats, base: Floats) -> Floats:
        """How the errors move with each constant, of shape (cases, constants)."""
        return np.array([self._slope(values, base, place) for place in range(len(values))]).T

    def _stepped(self, values: Floats, base: Floats, slopes: Floats, keep: NDArray[np.bool_]) -> Floats:
        sharp = self._weights * keep * np.minimum(1.0, HUBER * NOISE / np.maximum(np.abs(base), 1e-9)) / NOISE**2
        drawn, wanted = self._priors(values)
        normal = slopes.T @ (slopes * sharp[:, None]) + drawn.T @ drawn
        right = -slopes.T @ (sharp * base) - drawn.T @ wanted
        step = np.linalg.solve(normal + DAMPING * np.diag(np.diag(normal)), right)
        moved: Floats = np.clip(values + np.clip(step, -0.5, 0.5), self._low, self._high)
        return moved

    def _slope(self, values: Floats, base: Floats, place: int) -> Floats:
        """How the errors move with one constant; rows that don't read it stay."""
        touched = [i for i, names in enumerate(self._reads) if self.names[place] in names]
        moved = values.copy()
        moved[place] += STEP
        found = self.logs(moved, touched)
        return np.where(np.isin(self._places, touched), (found - base) / STEP, 0.0)

    def held_out(self, values: Floats, group: Callable[[PassCase], str]) -> Floats:
        """Predicted over measured of every case, in logs, with its own group left out: one step of the fit without it."""
        names = np.array([group(case) for case in self.cases])
        out = np.zeros(len(self.cases))
        base = self.logs(values)
        slopes = self.slopes(values, base)
        for name in sorted(set(names)):
            mine = names == name
            touched = sorted({int(place) for place in self._places[mine]})
            out[mine] = self.logs(self._stepped(values, base, slopes, ~mine), touched)[mine]
        return out

    def _priors(self, values: Floats) -> tuple[Floats, Floats]:
        rows, wanted = [], []
        for place, parent in enumerate(self._parents):
            row = np.zeros(len(values))
            row[place] = 1.0
            away = values[place] - self._middle[place]
            spread = OWN_SPREAD
            if parent is not None:
                row[parent] = -1.0
                away, spread = values[place] - values[parent], SPREAD
            rows.append(row / spread)
            wanted.append(away / spread)
        return np.array(rows), np.array(wanted)


def with_values(calibration: Calibration, names: Sequence[str], values: Floats) -> Calibration:
    """A calibration with these constants changed; values in logs."""
    constants = dict(calibration.constants)
    for name, value in zip(names, np.exp(values), strict=True):
        constants[name] = constants[name].model_copy(update={"value": float(value)})
    return Calibration.model_construct(constants=constants, ranges=calibration.ranges)


class _Seen(Calibration):
    """A calibration that notes which constants were read."""

    def constant(self, *names: str) -> float:
        SEEN.add(self.key(*names))
        return super().constant(*names)


SEEN: set[str] = set()


def _touched(calibration: Calibration, cases: Sequence[PassCase]) -> Mapping[str, int]:
    """How many rows each constant has a say in."""
    counts: Counter[str] = Counter()
    for names in _reads(calibration, cases):
        counts.update(names)
    return counts


def _reads(calibration: Calibration, cases: Sequence[PassCase]) -> list[frozenset[str]]:
    """Which constants each case reads."""
    spy = _Seen.model_construct(constants=calibration.constants, ranges=calibration.ranges)
    found = []
    for case in cases:
        SEEN.clear()
        pass_answer(case, spy)
        found.append(frozenset(SEEN))
    return found


def _free(calibration: Calibration, name: str) -> bool:
    known = calibration.constants[name]
    return name.startswith(PREFIX) and known.low is not None and known.high is not None and "set, not fitted" not in known.basis


def _distinct(cases: Sequence[PassCase]) -> tuple[NDArray[np.int64], tuple[PassCase, ...]]:
    known: dict[tuple[object, ...], int] = {}
    places: list[int] = []
    alone: list[PassCase] = []
    for case in cases:
        words = (
            case.model.id,
            case.gpu.id,
            case.gpu.tdp_w,
            case.way.compute_format,
            case.runtime,
            case.said,
            case.row.metric,
            case.row.gpus,
        )
        if words not in known:
            known[words] = len(alone)
            alone.append(case)
        places.append(known[words])
    return np.array(places), tuple(alone)


def _weights(cases: Sequence[PassCase]) -> Floats:
    """Rows that say the same thing again count a little less."""
    names = [
        (case.row.source_table, case.model.id, case.gpu.id, case.way.compute_format, case.runtime, case.said.scenario)
        for case in cases
    ]
    counts = Counter(names)
    return np.array([counts[name] ** -REPEATED for name in names])


def _parent(name: str, names: Sequence[str]) -> int | None:
    """The next more general constant that is fitted too."""
    parts = name.split(".")
    for end in range(len(parts) - 1, 1, -1):
        general = ".".join(parts[:end])
        if general in names:
            return names.index(general)
    return None


def _told(problem: Problem, values: Floats) -> str:
    return _errors(problem, problem.logs(values))


def _errors(problem: Problem, logs: Floats) -> str:
    tasks = np.array([case.row.task for case in problem.cases])
    every = {"all": np.ones(len(tasks), dtype=bool)} | {task: tasks == task for task in sorted(set(tasks))}
    return "  ".join(f"{name} {100 * np.abs(np.exp(logs[mask]) - 1).mean():.1f} %" for name, mask in every.items())


def _write(problem: Problem, values: Floats, made: Mapping[str, RangeFactor]) -> None:
    path = assets.catalogs() / FILE
    content: dict[str, Any] = json.loads(path.read_bytes())
    sources = ", ".join(sorted({case.row.source_table for case in problem.cases}))
    for name, value in zip(problem.names, values, strict=True):
        content["constants"][name] |= {
            "value": float(f"{np.exp(value):.4g}"), "rows": problem.rows[name],
            "basis": f"fitted by make fit on rows of {sources}",
        }  # fmt: skip
    wide = content["ranges"].get("pass_extrapolated")
    content["ranges"] = {name: factor.model_dump() for name, factor in made.items()} | {"pass_extrapolated": wide}
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
