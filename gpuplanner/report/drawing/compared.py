"""Figures of several scenarios as bars, each figure on a scale of its own: range as a whisker, target as a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gpuplanner.engine.result import Unit
from gpuplanner.report.comparison import Cell, Comparison, FigureRow
from gpuplanner.report.drawing.shapes import Board, Drawing

DRAWN: Final = (
    "ttft", "tpot", "e2e", "batch_time", "training_time", "throughput", "item_rate", "purchase_total", "tco", "purchase",
    "cost_per_million", "run_cost",
)  # fmt: skip
"""Figures that are drawn, the first of those that there are."""
MOST_DRAWN: Final = 6
_NAMES, _VALUES = 190.0, 170.0  # left and right of the bars
_LINE, _BAR, _HEAD, _GAP = 17.0, 9.0, 19.0, 10.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure on a scale that ends at ``top``."""

    row: FigureRow
    top: float


def drawn(found: Comparison) -> list[Drawn]:
    """What can be drawn on one scale: money only where all have the same."""
    by_key = {row.key: row for row in found.figures}
    rows = [by_key[key] for key in DRAWN if key in by_key and one_currency(found, by_key[key])]
    made = [Drawn(row, top) for row in rows if (top := _top(row)) > 0]
    return made[:MOST_DRAWN]


def one_currency(found: Comparison, row: FigureRow) -> bool:
    """Whether a figure of all sides can be held against one another."""
    money = any(cell.quantity is not None and cell.quantity.unit is Unit.MONEY for cell in row.cells)
    return not money or len({side.scenario.money.currency for side in found.sides}) == 1


def _top(row: FigureRow) -> float:
    """The end of the scale; a range that reaches far beyond all values is cut."""
    ends = [max(cell.value or 0.0, _high(cell), cell.limit or 0.0) for cell in row.cells]
    values = [max(cell.value or 0.0, cell.limit or 0.0) for cell in row.cells]
    return min(max(ends), 2.0 * max(values)) if values else 0.0


def _high(cell: Cell) -> float:
    return (cell.quantity.high or 0.0) if cell.quantity is not None else 0.0


def compared_drawing(found: Comparison, figures: Sequence[Drawn], width: float) -> Drawing:
    """The figures under one another, a bar a side.

    Args:
        found: the comparison.
        figures: of :func:`drawn`.
        width: of the drawing. [px]
    """
    board, y, said = Board(), 0.0, []
    for figure in figures:
        board.words(0, y + 8, figure.row.name, 12, bold=True)
        y += _HEAD
        for side, cell in zip(found.sides, figure.row.cells, strict=True):
            board.words(0, y + _LINE / 2, side.title, 10.5, room=_NAMES - 10)
            _bar(board, cell, figure.top, y, width)
            said.append(f"{figure.row.name}, {side.title}: {cell.shown}")
            y += _LINE
        y += _GAP
    return board.drawing(width, max(y, 1.0), "\n".join(said))


def _bar(board: Board, cell: Cell, top: float, y: float, width: float) -> None:
    across = width - _NAMES - _VALUES
    scale, middle = across / top, y + _LINE / 2
    board.box(_NAMES, middle - _BAR / 2, across, _BAR, "free")
    if cell.value is not None:
        board.box(_NAMES, middle - _BAR / 2, max(1.0, min(across, cell.value * scale)), _BAR, "chart_own")
    if cell.quantity is not None and cell.quantity.low is not None and cell.quantity.high is not None:
        low, high = (_NAMES + min(across, end * scale) for end in (cell.quantity.low, cell.quantity.high))
        board.line((low, middle), (high, middle), colour="text")
    if cell.limit:
        at = _NAMES + cell.limit * scale
        board.line((at, y + 1), (at, y + _LINE - 1), colour="text", width=2)
    text = f"{cell.shown}  {cell.change}".rstrip()
    board.words(width, middle, text, 10.5, bold=not cell.change, anchor="end", room=_VALUES - 8)
