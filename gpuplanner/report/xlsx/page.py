"""Sheets of a workbook with a place to write at, and the formats they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
MONEY: Final = "#,##0.00"
PERCENT: Final = "0.##%"


@dataclass
class Page:
    """A sheet and the row that comes next."""

    sheet: Worksheet
    name: str
    row: int = 0


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
        return Page(made, name)

    def look(self, **properties: Any) -> Format:
        """A cell format; equal ones are shared."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            usual = {"font_name": _FONTS[self.lang], "font_size": 10, "valign": "top", "font_color": LIGHT.text}
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
        page.sheet.write_string(row, column, text[:_LONGEST], self.look(**properties))

    def heads(self, page: Page, titles: Sequence[str], right: Sequence[bool] = ()) -> None:
        """Column titles."""
        for column, title in enumerate(titles):
            align = "right" if column < len(right) and right[column] else "left"
            self.text(
                page, page.row, column, title, bold=True, font_color=LIGHT.quiet, top=1, bottom=1, align=align, text_wrap=True
            )
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
                look: Mapping[str, Any] = {"align": "right"} if about.right else {"align": "left"}
                self.text(page, page.row, column, shown, text_wrap=True, bold=cell.strong, bottom=4, **look)
            page.row += 1
        page.row += 1
