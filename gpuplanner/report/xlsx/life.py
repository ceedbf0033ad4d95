"""The cost over the life: the purchase comes from the sheet of prices, years and yearly amounts are inputs."""

from __future__ import annotations

from typing import Final

from gpuplanner.codes import code_text
from gpuplanner.palette import LIGHT
from gpuplanner.report.content import LifeCost, QuoteContent
from gpuplanner.report.words import Table, Words
from gpuplanner.report.xlsx.page import MONEY, PERCENT, THIN, Book, Page
from gpuplanner.report.xlsx.prices import Sums

#: What a person may change.
_GIVEN: Final = {"bg_color": LIGHT.accent_ground, "font_color": LIGHT.accent, "locked": False}


def write(book: Book, content: QuoteContent, words: Words, totals: Sums) -> None:
    """Write the sheet."""
    life = content.life
    assert life is not None
    section = next(section for section in words.sections if section.key == "life")
    page = book.sheet("report.sheet.life", (40, 34, 18, 18, 18))
    book.title(page, section.title, book.say("report.sheet.inputs"))
    for key, value, form in (("lifetime_years", life.years, "0.##"), ("residual", life.residual, PERCENT)):
        book.text(page, page.row, 0, book.say(f"field.money.{key}"))
        page.sheet.write_number(page.row, 2, value, book.look(**_GIVEN, num_format=form))
        page.row += 1
    years, residual = f"$C${page.row - 1}", f"$C${page.row}"
    page.row += 1
    listed = section.parts[0]
    assert isinstance(listed, Table)
    over = book.say("report.column.over_life")
    book.heads(page, [*(column.title for column in listed.columns[:4]), over], [column.right for column in listed.columns])
    first = page.row + 1
    money = book.look(num_format=MONEY, bottom=THIN)
    paid = totals.value.gross or 0.0
    book.text(page, page.row, 0, book.say("report.life.purchase"), bottom=THIN)
    book.text(page, page.row, 1, words.sums[-1].aside, font_color=LIGHT.quiet, bottom=THIN)
    page.sheet.write_formula(page.row, 2, f"={totals.gross}", money, paid)
    page.sheet.write_formula(page.row, 4, f"=C{first}", money, paid)
    page.row += 1
    whole = _write_yearly(book, page, life, years, paid)
    strong = book.look(num_format=MONEY, bold=True, top=1)
    book.text(page, page.row, 0, book.say("report.life.residual"), bottom=THIN)
    page.sheet.write_formula(page.row, 4, f"=-C{first}*{residual}", money, -paid * life.residual)
    page.row += 1
    book.text(page, page.row, 0, section.title, bold=True, top=1)
    page.sheet.write_formula(page.row, 4, f"=SUM(E{first}:E{page.row})", strong, whole - paid * life.residual)
    page.row += 3
    for part in section.parts[1:]:
        if isinstance(part, Table):
            book.table(page, part)


def _write_yearly(book: Book, page: Page, life: LifeCost, years: str, paid: float) -> float:
    """Write a row for each yearly amount, times the years in the cell ``years``: ``paid`` and all of them together."""
    money, whole = book.look(num_format=MONEY, bottom=THIN), paid
    for cost in life.costs:
        if not cost.yearly:
            continue
        row, amount = page.row + 1, round(cost.amount.value or 0.0, 2)
        book.text(page, page.row, 0, code_text(cost.name, book.lang), bottom=THIN)
        book.text(page, page.row, 1, "; ".join(code_text(detail, book.lang) for detail in cost.detail), bottom=THIN)
        page.sheet.write_number(page.row, 3, amount, book.look(**_GIVEN, num_format=MONEY, bottom=THIN))
        page.sheet.write_formula(page.row, 4, f"=D{row}*{years}", money, amount * life.years)
        whole += amount * life.years
        page.row += 1
    return whole
