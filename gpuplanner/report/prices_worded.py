"""The bill of materials and its sums in one language."""

from __future__ import annotations

from typing import Final

from gpuplanner.codes import code_text
from gpuplanner.format import format_money, format_number
from gpuplanner.report.content import Line, QuoteContent
from gpuplanner.report.totals import amount, totals
from gpuplanner.report.words import Cell, Column, SumRow, Table, Tile
from gpuplanner.texts import text_in

NOTHING: Final = "—"
_COLUMNS: Final = (
    ("report.column.name", 2.4, False),
    ("report.column.specification", 2.6, False),
    ("report.column.count", 0.75, True),
    ("report.column.unit_price", 1.7, True),
    ("report.column.discount", 0.7, True),
    ("report.column.amount", 1.8, True),
    ("report.column.tax", 0.65, True),
)


def money(value: float, lang: str) -> str:
    """An amount as in an invoice: grouped, two decimals."""
    shown = f"{abs(value):,.2f}"
    sign = "−" if value < 0 else ""
    return sign + (shown if lang == "zh" else shown.replace(",", "\u2009"))


def percent(share: float, lang: str) -> str:
    """A rate with as many decimals as it has: 13 %, 5.5 %."""
    return f"{format_number(round(share * 100, 6), lang, 6)}\u00a0%"


def configuration(content: QuoteContent, lang: str) -> Table:
    """Line by line: number, price, discount, amount, tax."""
    columns = tuple(Column(text_in(lang, title), share, right) for title, share, right in _COLUMNS)
    rows = tuple((Cell(str(number), quiet=True), *_line(line, content, lang)) for number, line in enumerate(content.lines, 1))
    aside = text_in(lang, f"report.money.{content.currency.lower()}")
    return Table(text_in(lang, "report.heading.configuration"), (Column("", 0.38), *columns), rows, aside)


def _line(line: Line, content: QuoteContent, lang: str) -> tuple[Cell, ...]:
    unknown = text_in(lang, "report.price_asked")
    least = "≥\u00a0" if line.at_least else ""
    net = amount(line)
    name = code_text(line.name, lang)
    return (
        Cell(
            text_in(lang, "report.line.optional", name=name) if line.optional else name,
            note=content.footnote_number(line.footnote),
            below=text_in(lang, "report.semicolon").join(code_text(why, lang) for why in line.why),
        ),
        Cell(code_text(line.specification, lang), quiet=True),
        Cell(counted(line, lang)),
        Cell(unknown if line.unit_price is None else least + money(line.unit_price, lang)),
        Cell(percent(line.discount, lang) if line.discount else NOTHING),
        Cell(unknown if net is None else least + money(net, lang)),
        Cell(percent(line.tax, lang) if line.tax else NOTHING, quiet=True),
    )


def counted(line: Line, lang: str) -> str:
    """The number with its measure word, where the language has one."""
    return text_in(lang, line.unit, n=line.count) if line.unit else str(line.count)


def sums(content: QuoteContent, lang: str) -> tuple[SumRow, ...]:
    """List price, discount, net, tax by rate, what is to be paid."""
    all_in = totals(content.lines)
    currency = text_in(lang, f"report.currency.{content.currency.lower()}")
    if all_in.gross is None or all_in.net is None or all_in.listed is None:
        unknown = text_in(lang, "report.price_asked")
        return (
            SumRow("gross", text_in(lang, "report.total"), text_in(lang, "report.total.unknown"), unknown, None, strong=True),
        )
    least = "≥\u00a0" if all_in.at_least else ""
    rows = []
    if all_in.discount:
        rows.append(_sum("listed", "", all_in.listed, least, lang))
        rows.append(_sum("discount", "", -all_in.discount, "", lang))
    if all_in.taxes:
        rows.append(_sum("net", "", all_in.net, least, lang))
    for one in all_in.taxes:
        aside = text_in(lang, "report.sum.tax.aside", rate=percent(one.rate, lang), base=money(one.base, lang))
        rows.append(_sum("tax", aside, one.tax, least, lang))
    label = text_in(lang, "report.total.taxed" if all_in.taxes else "report.total")
    aside = text_in(lang, "report.total.at_least", unit=currency) if all_in.at_least else currency
    return (*rows, SumRow("gross", label, aside, least + money(all_in.gross, lang), all_in.gross, strong=True))


def _sum(key: str, aside: str, value: float, least: str, lang: str) -> SumRow:
    return SumRow(key, text_in(lang, f"report.sum.{key}"), aside, least + money(value, lang), value)


def total_tile(content: QuoteContent, lang: str) -> Tile:
    """What is to be paid, as the first figure of the page."""
    all_in = totals(content.lines)
    label = text_in(lang, "report.total.taxed" if all_in.taxes else "report.total.plain")
    if all_in.gross is None or all_in.net is None:
        return Tile(label, text_in(lang, "report.price_asked"), text_in(lang, "report.tile.no_price"))
    below = []
    if all_in.discount:
        below.append(text_in(lang, "report.tile.after_discount", net=str(format_money(all_in.net, content.currency, lang))))
    tax = sum(one.tax for one in all_in.taxes)
    if tax:
        below.append(text_in(lang, "report.tile.tax", tax=str(format_money(tax, content.currency, lang))))
    if all_in.at_least:
        below.append(text_in(lang, "report.tile.open"))
    elif not below:
        below.append(text_in(lang, "report.tile.untaxed"))
    least = "≥\u2009" if all_in.at_least else ""
    return Tile(label, f"{least}{format_money(all_in.gross, content.currency, lang)}", " · ".join(below))
