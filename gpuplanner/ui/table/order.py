"""In which order GPUs stand. Worked out by Python's sort: Qt's own breaks on integers from 2**31 on and on unknown values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gpuplanner.ui.table.column import Column
from gpuplanner.ui.table.row import Context, Row


def ordered(rows: Iterable[Row], column: Column, context: Context, *, descending: bool) -> list[Row]:
    """Rows by the value of a column; equals stand best first, unknown values last, both in either direction."""
    best_first = sorted(rows, key=_rank)
    known = [(column.value(row, context), row) for row in best_first]
    unknown = [row for value, row in known if value is None]
    placed = sorted(((value, row) for value, row in known if value is not None), key=_value, reverse=descending)
    return [row for _, row in placed] + unknown


def _rank(row: Row) -> int:
    return row.rank


def _value(pair: tuple[Any, Row]) -> Any:
    value = pair[0]
    return value.casefold() if isinstance(value, str) else value
