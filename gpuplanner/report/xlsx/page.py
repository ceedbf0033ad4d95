"""Sheets of a workbook with a place to write at, and the formats they share."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from gpuplanner.palette import LIGHT
from gpuplanner.report.words import Paper, Table
from gpuplanner.texts import text_in

_FONTS: Final = {"en": "Calibri", "zh": "Microsoft YaHei"}
_PAPERS: Final = {Paper.A4: 9, Paper.LETTER: 1}
_LONGEST: Final = 32_000  # what a cell holds
THIN: Final = 4
"""A quiet line."""
_USUAL_SIZE, _USUAL_HEIGHT, _USUAL_WIDTH, _LEADING = 10.0, 15.0, 8.43, 1.35
MONEY: Final = "#,##0.00"
PERCENT: Final = "0.##%"


@dataclass
class Page:
    """A sheet and the row that comes next."""

    sheet: Worksheet
    name: str
    widths: Sequence[float] = ()
    row: int = 0
    heights: dict[int, float] = field(default_factory=dict)

    def make_room(self, row: int, column: int, text: str, size: float, *, wraps: bool) -> None:
        """Make a row as high as a text in it needs: not every program does so by itself."""
        lines = text.split("\n") if wraps else [text]
        width = self.widths[column] if column < len(self.widths) else _USUAL_WIDTH
        count = sum(max(1, math.ceil(_width(line) * size / _USUAL_SIZE / width)) for line in lines) if wraps else 1
        height = count * size * _LEADING + 3
        if height > self.heights.get(row, _USUAL_HEIGHT):
            self.heights[row] = height
            self.sheet.set_row(row, height)


class Book:
    """The workbook, its language and formats."""

    def __init__(self, workbook: Workbook, lang: str, paper: Paper = Paper.A4) -> None:
        self.workbook = workbook
        self.lang = lang
        self.paper = paper
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def say(self, key: str, **params: object) -> str:
        """A text in the workbook's language."""
        return text_in(self.lang, key, **params)

    def sheet(self, key: str, widths: Sequence[float] = (), *, landscape: bool = True) -> Page:
        """A new sheet that prints as wide as the page."""
        name = self.say(key)
        made = self.workbook.add_worksheet(name)
        made.hide_gridlines(2)
        made.set_paper(_PAPERS[self.paper])
        if landscape:
            made.set_landscape()
        made.fit_to_pages(1, 0)
        for column, width in enumerate(widths):
            made.set_column(column, column, width)
        return Page(made, name, widths)

    def look(self, **properties: Any) -> Format:
        """A cell format; equal ones are shared."""
        if properties.get("bottom") == THIN:
            properties |= {"bottom": 1, "bottom_color": LIGHT.line}
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            usual = {"font_name": _FONTS[self.lang], "font_size": 10, "valign": "vcenter", "font_color": LIGHT.text}
            self._formats[key] = self.workbook.add_format(usual | properties)
        return self._formats[key]

    def title(self, page: Page, text: str, aside: str = "") -> None:
        """A heading with something quieter under it."""
        self.text(page, page.row, 0, text, bold=True, font_size=15)
        page.row += 1
        if aside:
            self.text(page, page.row, 0, aside, font_color=LIGHT.quiet)
            page.row += 1
        page.row += 1

    def text(self, page: Page, row: int, column: int, text: str, **properties: Any) -> None:
        """A text, never taken for a formula, a number or an address."""
        page.make_room(row, column, text, properties.get("font_size", _USUAL_SIZE), wraps=properties.get("text_wrap", False))
        page.sheet.write_string(row, column, text[:_LONGEST], self.look(**properties))

    def heads(self, page: Page, titles: Sequence[str], right: Sequence[bool] = ()) -> None:
        """Column titles."""
        for column, title in enumerate(titles):
            to_right = column < len(right) and right[column]
            place = {"align": "right"} if to_right else {"align": "left", "indent": int(column > 0)}
            self.text(page, page.row, column, title, bold=True, font_color=LIGHT.quiet, top=1, bottom=1, text_wrap=True, **place)
        page.row += 1

    def table(self, page: Page, table: Table) -> None:
        """A table as it is read, with its heading."""
        self.text(page, page.row, 0, table.heading, bold=True, font_size=12)
        if table.aside:
            self.text(page, page.row, 1, table.aside, font_color=LIGHT.quiet)
        page.row += 1
        self.heads(page, [column.title for column in table.columns], [column.right for column in table.columns])
        for cells in table.rows:
            for column, (cell, about) in enumerate(zip(cells, table.columns, strict=True)):
                shown = f"{cell.mark.sign} {cell.text}".strip() + (f"\n{cell.below}" if cell.below else "")
                look: Mapping[str, Any] = {"align": "right"} if about.right else {"align": "left", "indent": int(column > 0)}
                self.text(page, page.row, column, shown, text_wrap=True, bold=cell.strong, bottom=THIN, **look)
            page.row += 1
        page.row += 1


def _width(text: str) -> float:
    """The width of a line in columns' units: Chinese signs take nearly two."""
    return sum(1.9 if unicodedata.east_asian_width(char) in "WF" else 1.05 for char in text)
