"""How well speed is met by constants that did not see a row's own model, GPU or source: the table beside the fitted errors."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gpuplanner import assets
from gpuplanner.disk import write_atomically
from gpuplanner.evidence.configuration import Configuration

FILE: Final = "calibration/left_out.json"
FITTED: Final = "none"
Floats = NDArray[np.float64]
NOTE: Final = (
    "Errors of speed rows by kind of work: with all rows in the fit (none left out), and with the rows of one model, one GPU "
    "or one source table at a time kept out of it. Shares. By make fit."
)


@dataclass(frozen=True, slots=True)
class Errors:
    """Mean and median absolute relative error of some rows."""

    rows: int
    mape: float
    median: float


def kind_of(item: Configuration) -> str:
    """The kind of work of a speed row; of serving under load what was measured."""
    task, metric = item.row.task, item.row.metric.partition("_")[0]
    return f"{task}.{metric}" if task == "llm_serving_at_concurrency" else task


def left_out_table(
    speed: Sequence[Configuration], fitted: Floats, held_out: Mapping[str, Floats]
) -> dict[str, dict[str, Errors]]:
    """Errors by kind of work and by what was left out.

    Args:
        speed: rows that were computed.
        fitted: predictions with all rows in the fit; not-a-number where there is none.
        held_out: predictions without a row's own group, by the name of what a group is.
    """
    measured = np.array([item.row.value for item in speed])
    kinds = np.array([kind_of(item) for item in speed])
    table: dict[str, dict[str, Errors]] = {}
    for kind in sorted(set(kinds.tolist())):
        for name, predicted in {FITTED: fitted, **held_out}.items():
            mask = (kinds == kind) & np.isfinite(predicted) & (measured > 0)
            if mask.any():
                sizes = np.abs(predicted[mask] / measured[mask] - 1.0)
                found = Errors(int(mask.sum()), round(float(sizes.mean()), 4), round(float(np.median(sizes)), 4))
                table.setdefault(kind, {})[name] = found
    return table


def write_left_out(table: Mapping[str, Mapping[str, Errors]], path: Path | None = None) -> None:
    """Keep the table beside the constants; what an earlier run left out and this one didn't stays."""
    target = path or assets.catalogs() / FILE
    held = json.loads(target.read_bytes())["errors"] if target.exists() else {}
    for kind, errors in table.items():
        own = held.setdefault(kind, {})
        own.update({name: {"rows": item.rows, "mape": item.mape, "median": item.median} for name, item in errors.items()})
    text = json.dumps({"note": NOTE, "errors": dict(sorted(held.items()))}, indent=1, ensure_ascii=False)
    write_atomically(target, (text + "\n").encode())
