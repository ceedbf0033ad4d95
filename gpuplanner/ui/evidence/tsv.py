"""The score as text with tabs, for spreadsheets: raw numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from gpuplanner.evidence.predict import Prediction
from gpuplanner.texts import text
from gpuplanner.ui.evidence.model import COLUMNS, Line, ScoreModel

_FIGURES: Final = ("rows", "done", "median", "mape", "p90", "bias", "inside")
_ROW_HEAD: Final = ("label", "engine", "measured", "estimated", "unit", "error", "low", "high", "source", "date", "reason")


def groups_tsv(model: ScoreModel, opened: Iterable[Line]) -> str:
    """The groups as they are listed, then the rows of the opened ones."""
    first = text(f"evidence.view.{model.view}")
    lines = [[first, *(text(f"evidence.column.{column}") for column in COLUMNS[1:-1])]]
    for line in model.lines:
        lines.append([line.label, *(_number(getattr(line.group.score, figure)) for figure in _FIGURES)])
    for line in opened:
        if line.rows is not None:
            lines += [[], [line.label], [text(f"evidence.row.{name}") for name in _ROW_HEAD]]
            lines += [_row(item, model) for item in line.rows]
    return "".join("\t".join(map(_plain, cells)).rstrip("\t") + "\n" for cells in lines)


def _row(item: Prediction, model: ScoreModel) -> list[str]:
    said, row = model.words_of(item), item.row
    engine = " ".join(filter(None, (row.framework, row.version)))
    figures = (item.error, item.low, item.high)
    values = (_number(row.value), _number(item.value), row.unit, *map(_number, figures))
    return [said.label, engine, *values, row.source, row.date, said.reason]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.7g}"


def _plain(words: str) -> str:
    """A cell may not break the table, nor be taken for a formula by a spreadsheet."""
    flat = " ".join(words.split())
    return f"'{flat}" if flat[:1] in ("=", "+", "-", "@") and not flat[1:2].isdigit() else flat
