"""The rows of the comparison's table. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gpuplanner.engine.result import Status
from gpuplanner.report.comparison import Cell, Comparison, FigureRow, InputRow
from gpuplanner.report.drawing.compared import drawn, one_currency
from gpuplanner.texts import text
from gpuplanner.ui.charts.bars import Bar, bar_of, scale_bytes

_AS_GOOD: Final = 0.005


@dataclass(frozen=True, slots=True)
class SectionRow:
    """A heading that folds; ``about`` stands quietly beside it."""

    key: str
    title: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class MemoryRow:
    """The memory of each side's GPU, on one scale of ``top`` bytes."""

    name: str
    bars: tuple[Bar | None, ...]
    top: float


@dataclass(frozen=True, slots=True)
class BarRow:
    """A figure of each side drawn on one scale that ends at ``top``."""

    name: str
    key: str
    cells: tuple[Cell, ...]
    top: float


@dataclass(frozen=True, slots=True)
class SameRow:
    """An input that all sides share."""

    name: str
    value: str


TableRow = SectionRow | InputRow | SameRow | FigureRow | MemoryRow | BarRow


def table_rows(found: Comparison, folded: frozenset[str]) -> list[TableRow]:
    """The rows to show; those of folded sections left out."""
    rows: list[TableRow] = [SectionRow("inputs", text("compare.inputs", count=len(found.inputs)))]
    if "inputs" not in folded:
        rows += found.inputs
    plain = {
        text("form.automatic"),
        text("input.none"),
        text("choice.library.archived.true"),
        text("choice.library.archived.false"),
    }
    about = " · ".join(f"{name}: {value.lower()}" if value in plain else value for name, value in found.same)
    rows.append(SectionRow("same", text("compare.same.count", count=len(found.same)), about))
    if "same" not in folded:
        rows += [SameRow(name, value) for name, value in found.same]
    rows.append(SectionRow("answers", text("compare.answers"), text("compare.answers.about")))
    if "answers" not in folded:
        rows += found.figures
    rows.append(SectionRow("drawn", text("compare.drawn"), text("compare.drawn.about")))
    if "drawn" not in folded:
        rows += _drawn(found)
    return rows


def _drawn(found: Comparison) -> list[TableRow]:
    plans = [side.plan for side in found.sides]
    bars = tuple(bar_of(plan) if plan is not None else None for plan in plans)
    rows: list[TableRow] = []
    if any(bars):
        rows.append(MemoryRow(text("compare.memory"), bars, scale_bytes([bar for bar in bars if bar is not None])))
    return [*rows, *(BarRow(one.row.name, one.row.key, one.row.cells, one.top) for one in drawn(found))]


def summary(found: Comparison) -> str:
    """Which side is the cheapest and which the fastest, and which miss their targets."""
    said = []
    for key, word, more in (("tco", "cheapest", False), ("ttft", "fastest", False), ("throughput", "most", True)):
        row = next((row for row in found.figures if row.key == key), None)
        if row is None or not one_currency(found, row):
            continue
        values = [cell.value for cell in row.cells]
        known = [value for value in values if value is not None]
        best = _unique(values, more=more) if len(known) == len(values) and len(known) > 1 else None
        if best is not None:
            said.append(text(f"compare.{word}", name=found.sides[best].title))
    missed = [side.title for side in found.sides if side.plan is None or side.plan.status in (Status.MISSES, Status.IMPOSSIBLE)]
    if missed:
        said.append(text("compare.missed", names=text("list.comma").join(missed)))
    return text("compare.summary.separator").join(said)


def _unique(values: list[float | None], *, more: bool) -> int | None:
    """The place of the best value; None where another one is as good."""
    order = sorted((value or 0.0, place) for place, value in enumerate(values))
    if more:
        order.reverse()
    (best, place), (second, _) = order[:2]
    return place if abs(second - best) > _AS_GOOD * max(abs(best), abs(second)) else None
