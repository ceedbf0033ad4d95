"""The first sheet: who, what, and the figures; the total follows the sheet of prices."""

from __future__ import annotations

from gpuplanner.palette import LIGHT
from gpuplanner.report.content import QuoteContent
from gpuplanner.report.words import Words
from gpuplanner.report.xlsx.page import MONEY, THIN, Book, Page
from gpuplanner.report.xlsx.prices import Sums


def write(book: Book, page: Page, content: QuoteContent, words: Words, totals: Sums) -> None:
    """Write the sheet."""
    for line in words.seller:
        book.text(page, page.row, 0, line, font_color=LIGHT.quiet)
        page.row += 1
    book.title(page, words.title, f"{words.kind} · {words.subtitle}")
    for label, value in (*words.parties[0], *words.parties[1]):
        _pair(book, page, label, value)
    page.row += 1
    book.text(page, page.row, 0, words.conclusion_heading, bold=True, font_size=12)
    mark = f"{words.state_mark.sign} " if words.state_mark.sign else ""
    book.text(page, page.row + 1, 0, f"{words.conclusion}{words.conclusion_rest} {mark}{words.state}")
    page.row += 3
    currency = book.say(f"report.currency.{content.currency.lower()}")
    gross = words.sums[-1]
    book.text(page, page.row, 0, gross.label, bold=True, bottom=THIN)
    look = book.look(num_format=MONEY, bold=True, align="left", bottom=THIN)
    page.sheet.write_formula(page.row, 1, f"={totals.gross}", look, gross.amount or 0)
    book.text(page, page.row, 2, gross.aside or currency, font_color=LIGHT.quiet, bottom=THIN)
    page.row += 1
    for tile in words.tiles:
        if tile.label == gross.label or tile.label == book.say("report.total.plain"):
            continue
        _pair(book, page, tile.label, tile.value, f"{tile.mark.sign} {tile.below}".strip())
    page.row += 1
    book.text(page, page.row, 0, words.deployment_heading, bold=True, font_size=12)
    page.row += 1
    for label, value in words.deployment:
        _pair(book, page, label, value)
    page.row += 1
    if words.options:
        book.table(page, words.options)
    for line in words.foot:
        book.text(page, page.row, 0, line, font_color=LIGHT.quiet)
        page.row += 1


def _pair(book: Book, page: Page, label: str, value: str, aside: str = "") -> None:
    book.text(page, page.row, 0, label, font_color=LIGHT.quiet, bottom=THIN)
    book.text(page, page.row, 1, value, bottom=THIN)
    book.text(page, page.row, 2, aside, font_color=LIGHT.quiet, bottom=THIN)
    page.row += 1
