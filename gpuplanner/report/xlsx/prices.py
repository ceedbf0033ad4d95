"""The sheet of prices: number, price, discount and tax are inputs, all else follows by formula."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gpuplanner.palette import LIGHT
from gpuplanner.report.content import Line, QuoteContent
from gpuplanner.report.totals import Totals, amount, listed_amount, totals
from gpuplanner.report.words import Words
from gpuplanner.report.xlsx.page import MONEY, PERCENT, THIN, Book, Page

_WIDTHS: Final = (5, 34, 44, 9, 16, 10, 10, 9, 17, 17, 15)
_INPUT: Final = {"bg_color": LIGHT.accent_ground, "font_color": LIGHT.accent, "bottom": THIN, "locked": False}
_COUNT, _PRICE, _DISCOUNT, _TAX, _COUNTED, _LISTED, _NET, _TAXED = range(3, 11)


@dataclass(frozen=True, slots=True)
class Sums:
    """Where the sums stand, as references from other sheets."""

    gross: str
    value: Totals


def write(book: Book, content: QuoteContent, words: Words) -> Sums:
    """Write the sheet; inputs are blue on a light ground."""
    page = book.sheet("report.sheet.prices", _WIDTHS)
    book.title(page, words.configuration.heading, f"{words.configuration.aside} · {book.say('report.sheet.inputs')}")
    keys = ("count", "unit_price", "discount", "tax", "counted", "listed", "amount", "tax_amount")
    titles = ["", *(book.say(f"report.column.{key}") for key in ("name", "specification", *keys))]
    book.heads(page, titles, [False] * 3 + [True] * 8)
    first = page.row + 1  # as Excel counts
    last = first + len(content.lines) - 1
    seen: set[float] = set()
    for number, (line, shown) in enumerate(zip(content.lines, words.configuration.rows, strict=True), 1):
        book.text(page, page.row, 0, str(number), font_color=LIGHT.quiet, bottom=THIN)
        book.text(page, page.row, 1, shown[1].text, text_wrap=True, bottom=THIN)
        book.text(page, page.row, 2, "\n".join(filter(None, (shown[2].text, shown[1].below))), text_wrap=True, bottom=THIN)
        _inputs(book, page, line)
        _results(book, page, line, content, first, last, fresh=line.tax not in seen)
        if not line.optional and amount(line) is not None:
            seen.add(line.tax)
        page.row += 1
    page.sheet.freeze_panes(first - 1, 2)
    return _sums(book, page, content, words, first, last)


def _inputs(book: Book, page: Page, line: Line) -> None:
    sheet, row = page.sheet, page.row
    sheet.write_number(row, _COUNT, line.count, book.look(**_INPUT, num_format="0"))
    if line.unit_price is None:
        sheet.write_blank(row, _PRICE, None, book.look(**_INPUT, num_format=MONEY))
    else:
        sheet.write_number(row, _PRICE, line.unit_price, book.look(**_INPUT, num_format=MONEY))
    sheet.write_number(row, _DISCOUNT, line.discount, book.look(**_INPUT, num_format=PERCENT))
    sheet.write_number(row, _TAX, line.tax, book.look(**_INPUT, num_format=PERCENT))
    sheet.write_number(row, _COUNTED, 0 if line.optional else 1, book.look(**_INPUT, num_format="0"))


def _results(book: Book, page: Page, line: Line, content: QuoteContent, first: int, last: int, *, fresh: bool) -> None:
    """List price, net amount, and the tax at this line's rate where the rate stands for the first time."""
    row, look = page.row + 1, book.look(num_format=MONEY, bottom=THIN)
    listed, net = listed_amount(line), amount(line)
    tax = 0.0
    if fresh and not line.optional and net is not None:
        tax = next((one.tax for one in totals(content.lines).taxes if one.rate == line.tax), 0.0)
    counted = f'COUNTIFS(H${first}:H{row},1,E${first}:E{row},"<>",G${first}:G{row},G{row})'
    base = f"SUMIFS(J${first}:J${last},G${first}:G${last},G{row},H${first}:H${last},1)"
    write = page.sheet.write_formula
    write(page.row, _LISTED, f'=IF(E{row}="","",ROUND(D{row}*E{row},2))', look, "" if listed is None else listed)
    write(page.row, _NET, f'=IF(E{row}="","",ROUND(D{row}*E{row}*(1-F{row}),2))', look, "" if net is None else net)
    write(page.row, _TAXED, f'=IF(AND(H{row}=1,E{row}<>"",{counted}=1),ROUND({base}*G{row},2),0)', look, tax)


def _sums(book: Book, page: Page, content: QuoteContent, words: Words, first: int, last: int) -> Sums:
    value = totals(content.lines)
    unpriced = sum(line.unit_price is None and not line.optional for line in content.lines)
    rows = {"listed": (f"=SUMIFS(I{first}:I{last},H{first}:H{last},1)", value.listed)}
    net = f"SUMIFS(J{first}:J{last},H{first}:H{last},1)"
    top = page.row + 2
    rows["discount"] = (f"=J{top + 2}-J{top}", -value.discount)
    rows["net"] = (f"={net}", value.net)
    rows["tax"] = (f"=SUM(K{first}:K{last})", sum(one.tax for one in value.taxes))
    rows["gross"] = (f"=J{top + 2}+J{top + 3}", value.gross)
    rows["unpriced"] = (f'=SUMPRODUCT((E{first}:E{last}="")*(H{first}:H{last}=1))', unpriced)
    page.row += 1
    for key, (formula, shown) in rows.items():
        strong = key == "gross"
        label = words.sums[-1].label if strong else book.say(f"report.sum.{key}")
        border = {"top": 1} if strong else {}
        book.text(page, page.row, 8, label, bold=strong, **border)
        whole = key == "unpriced"
        look = book.look(num_format="0" if whole else MONEY, bold=strong, **border)
        page.sheet.write_formula(page.row, _NET, formula, look, shown if shown is not None else 0)
        page.row += 1
    gross = f"'{page.name}'!$J${top + 4}"
    page.row += 1
    for line in (words.sums[-1].aside, *words.sums_aside):
        book.text(page, page.row, 1, line, font_color=LIGHT.quiet)
        page.row += 1
    return Sums(gross, value)
