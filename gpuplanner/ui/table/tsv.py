"""The table as text with tabs, for spreadsheets: raw numbers, units in the head."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gpuplanner.ui.table.column import Column
from gpuplanner.ui.table.row import Context, Row


def as_tsv(rows: Iterable[Row], columns: Sequence[Column], context: Context) -> str:
    """Head and rows; unknown cells are empty, and a GPU that cannot run carries its reason in a last column."""
    lines = [[*(column.copied_title(context) for column in columns), ""]]
    for row in rows:
        lines.append([*(_cell(row, column, context) for column in columns), row.reason(context)])
    return "".join("\t".join(map(_plain, line)).rstrip("\t") + "\n" for line in lines)


def _cell(row: Row, column: Column, context: Context) -> str:
    if column.key == "state":
        return column.shown(row, context)
    value = column.value(row, context)
    if value is None:
        return ""
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _plain(cell: str) -> str:
    """A cell may not break the table, nor be taken for a formula by a spreadsheet."""
    flat = " ".join(cell.split())
    return f"'{flat}" if flat[:1] in ("=", "+", "-", "@") and not flat[1:2].isdigit() else flat
