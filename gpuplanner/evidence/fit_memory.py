"""``python -m gpuplanner.evidence.fit_memory``: the constants of memory from the measurements beside the catalogue.

A tool for developers. Constants of encoders and diffusion are fitted and written to ``calibration/memory.json``. What the
engines' profiles hold is derived again from start-up logs and memory tables, one constant at a time, and written beside them with
the rows it stands on and how far it moves when a source (or, of a single source, a model) is left out. Run twice, it writes
the same.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares, minimize_scalar  # type: ignore[import-untyped]

from gpuplanner import assets
from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.evidence.components import Answer, Components
from gpuplanner.evidence.configuration import Configuration, Configurer
from gpuplanner.evidence.evaluate import Evaluator
from gpuplanner.evidence.fit_constants import SOFT, SOURCE_WEIGHT, with_constants
from gpuplanner.evidence.fit_knobs import KNOBS, Knob
from gpuplanner.evidence.fit_ranges import Residual, ranges
from gpuplanner.evidence.predict import figure_of, own_measurements
from gpuplanner.evidence.reasons import NotDone
from gpuplanner.evidence.rows import Row, read_measurements

FILE: Final = "calibration/memory.json"
FITTED: Final = (
    "component.context_bytes",
    "component.decoder_maps",
    "component.video_decoder_maps",
    "component.convolution_bytes",
    "component.reserved_share",
)
PEAKS: Final = frozenset({"encoder_peak", "diffusion_peak", "infer_peak"})
LEAST_ROWS: Final = 3
SPAN: Final = 1.2  # a profile's constant is looked for within e^±this of where it stands
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Found:
    """A derived value, the rows behind it, and the least and greatest it becomes with a group of them left out."""

    value: float
    rows: int
    files: tuple[str, ...]
    least: float
    most: float

    @property
    def basis(self) -> str:
        """Where it comes from, for the data file."""
        return f"fitted by make fit on {', '.join(self.files)}; {self.least:.4g} to {self.most:.4g} with a part left out"


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, report, write. Returns 0."""
    parser = argparse.ArgumentParser(description="derive the constants of memory from the rows in catalogs/measurements/memory")
    parser.add_argument("--dry-run", action="store_true", help="write nothing")
    options = parser.parse_args(arguments)
    catalog = load_catalog(user_dir=Path("/nonexistent"))
    rows = [row for row in read_measurements(own_measurements()).rows if row.table == "memory"]
    components = fit_components(catalog, rows)
    fitted = with_constants(catalog, {name: found.value for name, found in components.items()})
    derived = {knob.name: found for knob in KNOBS if (found := derive(catalog, rows, knob)) is not None}
    for name, found in {**components, **derived}.items():
        _say(f"{name:44} {found.value:12.5g}  {found.rows:4} rows  {found.least:.4g} – {found.most:.4g}")
    if not options.dry_run:
        _write(components, derived, residuals(fitted, rows))
    return 0


def fit_components(catalog: Catalog, rows: Sequence[Row]) -> dict[str, Found]:
    """Constants of encoders, speech and diffusion, all at once; then again without each file of measurements."""
    answered = [(row, found) for row in rows if row.task in PEAKS and isinstance(found := Components(catalog)(row), Answer)]
    own = [row for row, _ in answered if row.value > 0]
    whole = _least_squares(catalog, own)
    parts = [_least_squares(catalog, [row for row in own if row.file != name]) for name in sorted({row.file for row in own})]
    touched = {name: _touched(catalog, own, name) for name in FITTED}
    return {
        name: Found(
            _round(whole[name]), len(touched[name]), tuple(sorted({row.file for row in touched[name]})),
            min(part[name] for part in parts), max(part[name] for part in parts),
        )
        for name in FITTED
    }  # fmt: skip


def derive(catalog: Catalog, rows: Sequence[Row], knob: Knob) -> Found | None:
    """A profile's constant from the rows it has a say in; None when there are too few."""
    found = (Configurer(catalog)(row) for row in rows if row.task in knob.kinds and row.value > 0)
    ready = [item for item in found if isinstance(item, Configuration) and knob.concerns(item)]
    if len(ready) < LEAST_ROWS:
        return None
    sources = {item.row.source_table for item in ready}
    key: Callable[[Configuration], str] = (
        (lambda item: item.row.source_table) if len(sources) > 1 else lambda item: item.setup.model
    )
    value = _best(catalog, ready, knob)
    groups = sorted({key(item) for item in ready})
    kept = [[item for item in ready if key(item) != name] for name in groups]
    others = [_best(catalog, part, knob) for part in kept if len(part) >= LEAST_ROWS] or [value]
    return Found(_round(value), len(ready), tuple(sorted({item.row.file for item in ready})), min(others), max(others))


def residuals(catalog: Catalog, rows: Sequence[Row]) -> list[Residual]:
    """Measured over predicted of every row of a component."""
    component, out = Components(catalog), []
    for row in rows:
        found = component(row)
        if isinstance(found, Answer) and row.task != "fits" and row.value > 0 and found.value > 0:
            gpu = catalog.gpus.get(found.gpu)
            family = gpu.family if gpu is not None else "unknown"
            out.append(Residual((figure_of(row), family, "components"), found.model, row.value / found.value))
    return out


def _least_squares(catalog: Catalog, rows: Sequence[Row]) -> dict[str, float]:
    known = catalog.calibration.constants
    start = np.log([known[name].value for name in FITTED])
    low, high = (np.log([getattr(known[name], side) for name in FITTED]) for side in ("low", "high"))
    counts = {row.file: sum(other.file == row.file for other in rows) for row in rows}
    weights = np.array([counts[row.file] ** SOURCE_WEIGHT for row in rows])

    def errors(logs: Floats) -> Floats:
        values = dict(zip(FITTED, np.exp(logs).tolist(), strict=True))
        weighted: Floats = _errors(Components(with_constants(catalog, values)), rows) * weights
        return weighted

    found = least_squares(errors, start, bounds=(low, high), loss="soft_l1", f_scale=SOFT, diff_step=1e-3, max_nfev=40)
    return dict(zip(FITTED, np.exp(found.x).tolist(), strict=True))


def _errors(component: Components, rows: Sequence[Row]) -> Floats:
    answers = [component(row) for row in rows]
    return np.array(
        [np.log(found.value / row.value) if isinstance(found, Answer) else 0.0 for row, found in zip(rows, answers, strict=True)]
    )


def _touched(catalog: Catalog, rows: Sequence[Row], name: str) -> list[Row]:
    value = catalog.calibration.constants[name].value
    base, moved = (_errors(Components(with_constants(catalog, {name: value * factor})), rows) for factor in (1.0, 1.3))
    return [row for row, change in zip(rows, np.abs(moved - base), strict=True) if change > 1e-4]


def _best(catalog: Catalog, ready: Sequence[Configuration], knob: Knob) -> float:
    start = float(getattr(ready[0].setup.profile, knob.field))
    measured = np.array([item.row.value for item in ready])

    def loss(log: float) -> float:
        update: dict[str, Any] = {knob.field: start * float(np.exp(log))}
        changed = [
            replace(item, setup=replace(item.setup, profile=item.setup.profile.model_copy(update=update))) for item in ready
        ]
        answers = Evaluator(catalog, changed)()
        values = np.array([np.nan if isinstance(answer, NotDone) else answer for answer in answers])
        with np.errstate(divide="ignore", invalid="ignore"):
            errors = np.log(values / measured) / SOFT
        errors = errors[np.isfinite(errors)]
        return float(np.sum(np.sqrt(1 + errors**2) - 1))

    found = minimize_scalar(loss, bounds=(-SPAN, SPAN), method="bounded", options={"xatol": 1e-3})
    return start * float(np.exp(found.x))


def _write(components: Mapping[str, Found], derived: Mapping[str, Found], made: Sequence[Residual]) -> None:
    path = assets.catalogs() / FILE
    held = json.loads(path.read_bytes())
    constants = {name: entry for name, entry in held["constants"].items() if not name.startswith("memory.")}
    for name, found in components.items():
        constants[name] |= {"value": found.value, "rows": found.rows, "basis": found.basis}
    units = {knob.name: knob.unit for knob in KNOBS}
    for name, found in derived.items():
        constants[name] = {
            "value": found.value, "unit": units[name], "low": None, "high": None, "rows": found.rows, "basis": found.basis,
        }  # fmt: skip
    held |= {"constants": constants, "ranges": {name: factor.model_dump() for name, factor in sorted(ranges(made).items())}}
    path.write_text(json.dumps(held, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _round(value: float) -> float:
    return float(f"{value:.4g}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
