"""``python -m gpuplanner.evidence.fit_training_speed``: constants of training speed from the measurements beside the catalogue.

A tool for developers. Gauss–Newton on the logarithms of predicted over measured, far ones weighing less, each constant held to
its bounds and drawn to where it started and to its kin; sources weigh by the root of their rows. Constants and ranges are
written to ``calibration/training_speed.json`` with the rows they stand on; then each model, GPU and source is left out in turn.
Run twice, it writes the same.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gpuplanner import assets
from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.evidence.fit_constants import with_constants
from gpuplanner.evidence.fit_ranges import Residual, held_out_share, ranges
from gpuplanner.evidence.predict import own_measurements
from gpuplanner.evidence.rows import read_measurements
from gpuplanner.evidence.training_cases import Case, Cases
from gpuplanner.evidence.training_speed_priors import PRIORS, kinship
from gpuplanner.evidence.training_speed_rows import TrainingSpeeds

Floats = NDArray[np.float64]
FILE: Final = "calibration/training_speed.json"
FIGURE: Final = "training_speed"
WIDE: Final = "training_speed_extrapolated"  # set, for families without measurements
STEPS: Final = 10
FOLD_STEPS: Final = 8
FAR: Final = 0.15  # a residual (in logarithms) from which on it weighs less
NUDGE: Final = 1e-3
FARTHEST: Final = 0.5  # in one step
ROUNDS: Final = 6
TOUCHED: Final = 1e-7
LEAVE_OUT: Final[Mapping[str, Callable[[Case], str]]] = {
    "model": lambda case: case.model,
    "gpu": lambda case: case.gpu.id,
    "source": lambda case: case.row.source_table,
}


class Problem:
    """Cases, and the constants that are fitted on them."""

    def __init__(self, catalog: Catalog, cases: Sequence[Case]) -> None:
        self.catalog, self.speeds = catalog, TrainingSpeeds(catalog, cases)
        self.names = list(PRIORS)
        self.start = np.log([prior.start for prior in PRIORS.values()])
        self.low = np.log([prior.low for prior in PRIORS.values()])
        self.high = np.log([prior.high for prior in PRIORS.values()])
        self.pull = np.linalg.inv(kinship(self.names)) / 2.0
        counts = Counter(case.row.source_table for case in cases)
        self.weights = np.array([0.0 if case.guessed else counts[case.row.source_table] ** -0.5 for case in cases])
        self.weights /= self.weights.mean()

    def catalog_with(self, logs: Floats) -> Catalog:
        """The facts with these constants."""
        return with_constants(self.catalog, dict(zip(self.names, np.exp(logs).tolist(), strict=True)))

    def residuals(self, logs: Floats) -> Floats:
        """Logarithm of predicted over measured; of times the other way round, so that more is always too fast."""
        predicted = self.speeds(self.catalog_with(logs))
        logs_off = np.log(predicted / self.speeds.measured)
        off: Floats = np.where(self.speeds.time, -logs_off, logs_off)
        return off

    def slopes(self, logs: Floats, at: Floats) -> Floats:
        """How residuals move with each constant."""
        columns = []
        for place in range(len(logs)):
            moved = logs.copy()
            moved[place] += NUDGE
            columns.append((self.residuals(moved) - at) / NUDGE)
        return np.array(columns).T

    def fit(self, rows: NDArray[np.bool_], begin: Floats, steps: int) -> Floats:
        """The constants that suit some rows best."""
        logs = begin.copy()
        for _ in range(steps):
            at = self.residuals(logs)
            logs = self._stepped(rows, logs, at, self.slopes(logs, at))
        return logs

    def solved(self, rows: NDArray[np.bool_], logs: Floats, at: Floats, slopes: Floats) -> Floats:
        """The same near constants whose residuals and slopes are known."""
        moved = logs
        for _ in range(FOLD_STEPS):
            moved = self._stepped(rows, moved, at + slopes @ (moved - logs), slopes)
        return moved

    def _stepped(self, rows: NDArray[np.bool_], logs: Floats, at: Floats, slopes: Floats) -> Floats:
        weights = self.weights * rows / np.maximum(FAR, np.abs(at))
        matrix = slopes.T @ (weights[:, None] * slopes) + self.pull
        wanted = -(slopes.T @ (weights * at)) - self.pull @ (logs - self.start)
        free, step = np.ones(len(logs), dtype=bool), np.zeros(len(logs))
        low, high = np.maximum(self.low - logs, -FARTHEST), np.minimum(self.high - logs, FARTHEST)
        for _ in range(ROUNDS):  # what meets its bound stays there, and the others go on without it
            rest = wanted[free] - matrix[np.ix_(free, ~free)] @ step[~free]
            step[free] = np.linalg.solve(matrix[np.ix_(free, free)], rest)
            over = free & ((step < low) | (step > high))
            if not over.any():
                break
            step = np.clip(step, low, high)
            free &= ~over
        moved: Floats = np.clip(logs + step, self.low, self.high)
        return moved


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, report, write."""
    parser = argparse.ArgumentParser(description="fit the constants of training speed")
    parser.add_argument("--dry-run", action="store_true", help="write nothing")
    parser.add_argument("--quick", action="store_true", help="leave nothing out; keep the ranges")
    options = parser.parse_args(arguments)
    catalog = load_catalog(user_dir=Path("/nonexistent"))
    path = Path(assets.catalogs()) / FILE
    known = json.loads(path.read_text(encoding="utf-8"))
    make = Cases(catalog)
    found = [make(row) for row in read_measurements(own_measurements()).rows]
    cases = [item for item in found if isinstance(item, Case)]
    problem = Problem(catalog, cases)
    every = np.ones(len(cases), dtype=bool)
    _say(f"before {_told(problem.residuals(problem.start))}")
    logs = problem.fit(every, problem.start, STEPS)
    off = problem.residuals(logs)
    _say(f"after  {_told(off)}")
    slopes = problem.slopes(logs, off)
    for place, name in enumerate(problem.names):
        rows = [case for case, touched in zip(cases, np.abs(slopes[:, place]) > TOUCHED, strict=True) if touched]
        entry = known["constants"][name]
        prior = PRIORS[name]
        entry |= {"value": float(f"{np.exp(logs[place]):.6g}"), "low": prior.low, "high": prior.high, "rows": len(rows)}
        entry["basis"] = f"{entry['basis'].split(' | ')[0]} | {_sources(rows)}"
        _say(f"{name:45} {entry['value']:12.6g} {len(rows):5d}")
    if not options.quick:
        held = {name: _held_out(problem, cases, key, logs, slopes) for name, key in LEAVE_OUT.items()}
        for name, residuals in held.items():
            _say(f"each {name} left out: {_told(residuals)}")
        known["ranges"] = _ranges(cases, (held["model"], held["gpu"])) | {WIDE: known["ranges"][WIDE]}
    if not options.dry_run:
        path.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


def _held_out(problem: Problem, cases: Sequence[Case], key: Callable[[Case], str], logs: Floats, slopes: Floats) -> Floats:
    """Residuals of constants fitted without the row's own group, each group by itself.

    Constants move little then: the fit is solved with the slopes at the fit over all rows, the residuals are computed anew.
    """
    keys, at = [key(case) for case in cases], problem.residuals(logs)
    out = np.zeros(len(cases))
    for group in sorted(set(keys)):
        inside = np.array([name == group for name in keys])
        found = problem.solved(~inside, logs, at, slopes)
        out[inside] = problem.residuals(found)[inside]
    return out


def _ranges(cases: Sequence[Case], every: Sequence[Floats]) -> dict[str, dict[str, float | int]]:
    """Measured over predicted rate, with the row's own model left out, and its own GPU: both are what is new elsewhere."""
    residuals = [
        Residual((FIGURE, case.kind, case.software), case.model, float(np.exp(-value)))
        for off in every
        for case, value in zip(cases, off, strict=True)
    ]
    for figure, share in held_out_share(residuals).items():
        _say(f"inside the range, own model left out: {figure or 'all':15} {100 * share:5.1f} %")
    made = ranges(residuals)
    return {name: factor.model_dump() | {"rows": factor.rows // len(every)} for name, factor in made.items()}


def _told(off: Floats) -> str:
    far = np.abs(np.exp(off) - 1)
    return f"MAPE {100 * far.mean():.1f} %, median {100 * np.median(far):.1f} %, P90 {100 * np.percentile(far, 90):.1f} %"


def _sources(rows: Sequence[Case]) -> str:
    counts: defaultdict[str, int] = defaultdict(int)
    for case in rows:
        counts[case.row.source_table] += 1
    return ", ".join(f"{name} ({counts[name]})" for name in sorted(counts))


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
