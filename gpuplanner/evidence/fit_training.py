"""``python -m gpuplanner.evidence.fit_training``: the constants of training memory from the measurements beside the catalogue.

A tool for developers. Tensors follow from the model; what is fitted is what the allocator can't fill among those that come and
go, and the context. Both are looked for on a grid, sources weighed by the root of their rows, and written to
``calibration/training.json`` with the rows they stand on and how far they move when a source is left out. Run twice, it writes
the same.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gpuplanner import assets
from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.training.formulas import reserved_bytes
from gpuplanner.engine.training.timeline import MOMENTS
from gpuplanner.evidence.components import Answer
from gpuplanner.evidence.predict import own_measurements
from gpuplanner.evidence.rows import Row, read_measurements
from gpuplanner.evidence.training_rows import Counted, TrainingRuns, counted, lengths_vary, loads

FILE: Final = "calibration/training.json"
SHARES: Final = np.round(np.arange(0.0, 2.05, 0.05), 2)
FURTHER: Final = np.round(np.arange(0.0, 2.55, 0.05), 2)
UPDATES: Final = np.round(np.arange(0.0, 0.45, 0.05), 2)
CONTEXTS: Final = np.round(np.arange(0.2e9, 2.55e9, 0.1e9))
FAR: Final = 0.4  # a residual beyond this (in logarithms) is another configuration than was told, and counts as this much
FITTED: Final = (
    ("training.fragmentation", "share", "what the allocator can't fill among tensors that come and go"),
    ("training.fragmentation.optimizer", "share", "the same in the optimizer's step, whose copies are as large as the weights"),
    (
        "training.varying",
        "share",
        "a further share of the logits before 2025, where sequences of different lengths follow each other",
    ),
    ("training.loading.full", "share", "of the weights, what the allocator keeps from loading them where they are copied then"),
    ("training.loading.adapters", "share", "the same where the base isn't trained"),
    ("training.context_bytes", "B", "context and library handles, of rows that count the whole card"),
)
CENTRE: Final = (10, 90)
TRACED: Final = "train_peak_traced"
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Residuals:
    """Rows of one way of counting, in bytes of one GPU.

    What was measured, what lies there besides the step's tensors, and for each moment of a step (columns) tensors that stay and
    those that come and go, and the logits among these.
    """

    measured: Floats
    beside: Floats
    standing: Floats
    changing: Floats
    logits: Floats
    sources: tuple[str, ...]

    def without(self, source: str) -> Residuals:
        """All but one source's."""
        kept = np.array([name != source for name in self.sources])
        names = tuple(name for name in self.sources if name != source)
        return Residuals(
            self.measured[kept], self.beside[kept], self.standing[kept], self.changing[kept], self.logits[kept], names
        )

    def cost(self, share: float, update: float, context: float, loading: float = 0.0, varying: float = 0.0) -> float:
        """How far off these constants leave the rows."""
        shares = np.array([update if name == "optimizer" else share for name in MOMENTS])
        held = reserved_bytes(self.standing, self.changing, shares, context) + varying * self.logits
        predicted = loading * self.beside + held.max(axis=1)
        counts = Counter(self.sources)
        weights = np.array([counts[name] ** -0.5 for name in self.sources])
        far = np.minimum(np.abs(np.log(predicted / self.measured)), FAR)
        return float(far @ weights / weights.sum())


def best_shares(rows: Residuals) -> tuple[float, float]:
    """The shares the allocator can't fill, before and in the optimizer's step, for rows that count what it holds."""
    pairs = ((float(share), float(update)) for share in SHARES for update in UPDATES)
    return min(pairs, key=lambda pair: rows.cost(pair[0], pair[1], 0.0))


def best_varying(rows: Residuals, share: float, update: float) -> float:
    """The further share of the logits where lengths vary."""
    return float(min(FURTHER, key=lambda varying: rows.cost(share, update, 0.0, varying=float(varying))))


def best_loading(rows: Residuals, share: float, update: float) -> float:
    """How much of weights loaded twice the allocator keeps."""
    return float(min(SHARES, key=lambda loading: rows.cost(share, update, 0.0, float(loading))))


def best_context(rows: Residuals, share: float, update: float) -> float:
    """The context, for rows that count the whole card."""
    return float(min(CONTEXTS, key=lambda context: rows.cost(share, update, float(context))))


def gather(rows: Sequence[Row], runs: TrainingRuns, wanted: Callable[[Row], bool]) -> Residuals:
    """Rows that can be computed."""
    found = []
    for row in rows:
        memory = runs.memory(row) if wanted(row) else None
        if memory is not None:
            scale = row.gpus or 1 if row.scope == "sum_gpus" else 1
            course = [memory.course.get(name, (0.0, 0.0, 0.0)) for name in MOMENTS]
            again = memory.weights if loads(row) else 0.0
            found.append((row.value / scale, again, *zip(*course, strict=True), row.framework))
    columns = list(zip(*found, strict=True))
    measured, beside, standing, changing, logits = (np.array(column, dtype=float) for column in columns[:5])
    return Residuals(measured, beside, standing, changing, logits, tuple(columns[5]))


@dataclass(frozen=True, slots=True)
class Parts:
    """Rows by what they tell: of fixed and of varying lengths, the whole card, weights that are loaded twice."""

    fixed: Residuals
    varying: Residuals
    card: Residuals
    full: Residuals
    adapters: Residuals

    def of(self) -> tuple[Residuals, ...]:
        """The rows behind each constant, in the order of :data:`FITTED`."""
        return self.fixed, self.fixed, self.varying, self.full, self.adapters, self.card

    def without(self, source: str) -> Parts:
        """All but one source's; a part that stands on that source alone stays."""
        every = (self.fixed, self.varying, self.card, self.full, self.adapters)
        left = [part.without(source) for part in every]
        return Parts(*(part if part.sources else own for part, own in zip(left, every, strict=True)))


def parts_of(rows: Sequence[Row], runs: TrainingRuns) -> Parts:
    """Every row by what it tells."""

    def reserved(row: Row) -> bool:
        return counted(row) is Counted.RESERVED and loads(row) is None

    return Parts(
        gather(rows, runs, lambda row: reserved(row) and not lengths_vary(row)),
        gather(rows, runs, lambda row: reserved(row) and lengths_vary(row)),
        gather(rows, runs, lambda row: counted(row) is Counted.CARD),
        gather(rows, runs, lambda row: loads(row) == "full"),
        gather(rows, runs, lambda row: loads(row) == "adapters"),
    )


def main() -> int:
    """Fit, tell what leaving a source out does, write the file."""
    runs = TrainingRuns(load_catalog())
    every = read_measurements(own_measurements()).rows
    rows = [row for row in every if row.task == "train_peak"]
    parts = parts_of(rows, runs)
    of = parts.of()
    moved = [_fitted(parts), *_left_out(parts)]
    path = Path(assets.catalogs()) / FILE
    known = json.loads(path.read_text(encoding="utf-8"))
    for place, (name, unit, basis) in enumerate(FITTED):
        values = [found[place] for found in moved]
        known["constants"][name] = {
            "value": values[0],
            "unit": unit,
            "low": min(values),
            "high": max(values),
            "rows": len(of[place].measured),
            "basis": f"{basis}; {_named(of[place])}; low and high: with one source left out",
        }
    _write(path, known)
    known["ranges"] = _ranges(every)  # with the constants just written
    _write(path, known)
    return 0


def _fitted(parts: Parts) -> tuple[float, ...]:
    share, update = best_shares(parts.fixed)
    loading = (best_loading(part, share, update) for part in (parts.full, parts.adapters))
    return share, update, best_varying(parts.varying, share, update), *loading, best_context(parts.card, share, update)


def _left_out(parts: Parts) -> Iterator[tuple[float, ...]]:
    """The constants without each source in turn, told as a table."""
    names = ("fixed", "update", "varying", "full", "adapters", "context")
    sys.stdout.write(f"{'left out':45} {'rows':>5}" + "".join(f" {name:>8}" for name in names) + "\n")
    every = [name for part in parts.of()[1:] for name in part.sources]
    for source in sorted(set(every)):
        found = _fitted(parts.without(source))
        told = "".join(f" {value:8.2f}" for value in (*found[:-1], found[-1] / 1e9))
        sys.stdout.write(f"{source:45} {every.count(source):5d}{told}\n")
        yield found


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _named(part: Residuals) -> str:
    counts = Counter(part.sources)
    return ", ".join(f"{name} ({counts[name]})" for name in sorted(counts))


def _ranges(rows: Sequence[Row]) -> dict[str, dict[str, float | int]]:
    """Measured over predicted at the 10th and 90th percentile."""
    runs = TrainingRuns(load_catalog())
    found: dict[str, dict[str, float | int]] = {}
    for figure, task in (("training", "train_peak"), ("training_traced", TRACED)):
        answers = [(row.value, runs(row)) for row in rows if row.task == task]
        ratios = [measured / answer.value for measured, answer in answers if isinstance(answer, Answer) and answer.value]
        low, high = np.percentile(ratios, CENTRE)
        found[figure] = {"low": round(float(low), 3), "high": round(float(high), 3), "rows": len(ratios)}
    return found


if __name__ == "__main__":
    sys.exit(main())
