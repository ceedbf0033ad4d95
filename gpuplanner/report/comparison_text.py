"""A comparison as text: tabs or commas for spreadsheets, or Markdown."""

from __future__ import annotations

import csv
import io
from typing import Final

from gpuplanner.report.comparison import Comparison
from gpuplanner.texts import text

FORMATS: Final = ("csv", "tsv", "md")


def as_rows(found: Comparison) -> list[list[str]]:
    """Head, inputs that differ, figures with their ranges and differences, inputs that are the same."""
    titles = [
        f"{side.title} ({text('compare.baseline')})" if place == found.baseline else side.title
        for place, side in enumerate(found.sides)
    ]
    rows = [["", *titles], [text("compare.inputs.head")]]
    rows += [[row.name, *row.cells] for row in found.inputs]
    rows.append([text("compare.answers")])
    for figure in found.figures:
        rows.append([figure.name, *(str(cell.shown) for cell in figure.cells)])
        if any(cell.shown.range_text for cell in figure.cells):
            rows.append([text("compare.range", name=figure.name), *(cell.shown.range_text for cell in figure.cells)])
        if any(cell.change for cell in figure.cells):
            rows.append([text("compare.difference", name=figure.name), *(cell.change for cell in figure.cells)])
    rows.append([text("compare.same.head")])
    rows += [[name, *([value] * len(found.sides))] for name, value in found.same]
    return rows


def as_text(found: Comparison, form: str) -> str:
    """The comparison as "tsv", "csv" or "md"."""
    rows = as_rows(found)
    if form == "md":
        return _markdown(rows, len(found.sides))
    if form == "tsv":
        return "".join("\t".join(map(_plain, row)) + "\n" for row in rows)
    made = io.StringIO()
    csv.writer(made, lineterminator="\n").writerows([_plain(cell) for cell in row] for row in rows)
    return made.getvalue()


def _plain(cell: str) -> str:
    """A cell may not break the table, nor be taken for a formula by a spreadsheet."""
    flat = " ".join(cell.split())
    return f"'{flat}" if flat[:1] in ("=", "+", "-", "@") and not flat[1:2].isdigit() else flat


def _markdown(rows: list[list[str]], sides: int) -> str:
    lines = []
    for place, row in enumerate(rows):
        whole = row + [""] * (sides + 1 - len(row))
        cells = [_escaped(cell) for cell in whole]
        if len(row) == 1 and sides:
            cells[0] = f"**{cells[0]}**"
        lines.append(f"| {' | '.join(cells)} |")
        if place == 0:
            lines.append(f"|{' --- |' * (sides + 1)}")
    return "\n".join(lines) + "\n"


def _escaped(cell: str) -> str:
    flat = " ".join(cell.split())
    for sign in ("\\", "|", "<", ">", "*", "_", "`", "[", "]", "#"):
        flat = flat.replace(sign, f"\\{sign}" if sign not in "<>" else {"<": "&lt;", ">": "&gt;"}[sign])
    return flat
