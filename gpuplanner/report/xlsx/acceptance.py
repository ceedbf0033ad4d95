"""The acceptance sheet: a place for each measured value, which then says whether it has passed."""

from __future__ import annotations

from typing import Final

from gpuplanner.engine.result import Unit
from gpuplanner.palette import LIGHT
from gpuplanner.report.content import Check, QuoteContent
from gpuplanner.report.words import Table, Words
from gpuplanner.report.xlsx.page import THIN, Book

#: Units that a measurement is written down in, and how many of ours they are.
_SCALES: Final = {
    Unit.SECONDS: ("ms", 1e-3),
    Unit.BYTES: ("MiB", 2**20),
    Unit.SHARE: ("%", 0.01),
    Unit.HOURS: ("h", 1),
    Unit.WATTS: ("W", 1),
    Unit.COUNT: ("", 1),
}


def write(book: Book, content: QuoteContent, words: Words) -> None:
    """Write the sheet."""
    section = next(section for section in words.sections if section.key == "acceptance")
    table = section.parts[0]
    assert isinstance(table, Table)
    page = book.sheet("report.sheet.acceptance", (5, 30, 70, 14, 16, 18, 8, 14, 16, 10))
    book.title(page, section.title, book.say("report.sheet.inputs"))
    titles = [column.title for column in table.columns]
    more = [book.say(f"report.column.{key}") for key in ("unit", "limit", "reading", "verdict")]
    book.heads(page, [*titles, *more], [False] * 3 + [True] * 3 + [False] + [True] * 3)
    for check, cells in zip(content.checks, table.rows, strict=True):
        row = page.row + 1
        for column, cell in enumerate(cells):
            shown = f"{cell.text}\n{cell.below}" if cell.below else cell.text
            align = "right" if table.columns[column].right else "left"
            book.text(page, page.row, column, shown, text_wrap=True, bottom=THIN, align=align)
        unit, scale = _scale(check)
        book.text(page, page.row, 6, unit, bottom=THIN, indent=1)
        page.sheet.write_number(page.row, 7, round(check.limit / scale, 6), book.look(num_format="#,##0.###", bottom=THIN))
        given = book.look(
            bg_color=LIGHT.accent_ground, font_color=LIGHT.accent, bottom=THIN, locked=False, num_format="#,##0.###"
        )
        page.sheet.write_blank(page.row, 8, None, given)
        sign = ">=" if check.above else "<="
        formula = f'=IF(I{row}="","",IF(I{row}{sign}H{row},"✓","×"))'
        page.sheet.write_formula(page.row, 9, formula, book.look(bottom=THIN, align="right"), "")
        page.row += 1
    page.row += 1
    for part in section.parts[1:]:
        if isinstance(part, str):
            book.text(page, page.row, 0, part)
            page.row += 1


def _scale(check: Check) -> tuple[str, float]:
    unit = check.expected.unit
    if unit is Unit.SECONDS and check.limit > 100:
        return "s", 1.0
    return _SCALES.get(unit, (unit.value, 1.0))
