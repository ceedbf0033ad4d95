"""The sheets that are read only: performance, memory with its chart, room, assumptions, formulas and sources."""

from __future__ import annotations

from gpuplanner.palette import LIGHT
from gpuplanner.report.content import QuoteContent
from gpuplanner.report.words import MemoryBar, Table, Words
from gpuplanner.report.xlsx.page import THIN, Book, Page


def performance(book: Book, content: QuoteContent, words: Words) -> None:
    """Figures with ranges; their bare numbers beside, in the engine's units."""
    page = book.sheet("report.sheet.performance", (40, 44, 18, 24, 24, 18) if content.works else (40, 18, 24, 18, 44))
    book.table(page, words.performance)
    page.row += 1
    titles = [book.say(f"report.column.{key}") for key in ("figure", "value", "low", "high", "unit")]
    book.heads(page, titles, [False, True, True, True, False])
    listed = [("", figure) for figure in content.performance]
    listed += [(work.letter, figure) for work in content.works for figure in work.performance]
    for letter, figure in listed:
        quantity = figure.quantity
        name = book.say(figure.name or f"report.figure.{quantity.key}")
        book.text(page, page.row, 0, f"{letter}  {name}".strip(), bottom=THIN)
        for column, value in enumerate((quantity.value, quantity.low, quantity.high), 1):
            if value is not None:
                page.sheet.write_number(page.row, column, value, book.look(num_format="0.######", bottom=THIN))
        book.text(page, page.row, 4, quantity.unit.value, bottom=THIN, indent=1)
        page.row += 1


def memory(book: Book, bar: MemoryBar) -> None:
    """The parts of a GPU's memory and their chart."""
    page = book.sheet("report.sheet.memory", (34, 16, 12))
    book.title(page, bar.heading, f"{bar.aside} · {bar.limit_text}")
    book.heads(page, [book.say("report.column.item"), "GB", "%"], [False, True, True])
    first = page.row
    for segment in bar.segments:
        book.text(page, page.row, 0, segment.label, bottom=THIN)
        page.sheet.write_number(page.row, 1, segment.size / 1e9, book.look(num_format="0.00", bottom=THIN))
        share = f"=B{page.row + 1}/SUM(B${first + 1}:B${first + len(bar.segments)})"
        page.sheet.write_formula(page.row, 2, share, book.look(num_format="0.0%", bottom=THIN), segment.size / bar.total)
        page.row += 1
    chart = book.workbook.add_chart({"type": "bar", "subtype": "stacked"})
    for place, segment in enumerate(bar.segments):
        at = first + place
        chart.add_series(
            {
                "name": [page.name, at, 0],
                "values": [page.name, at, 1, at, 1],
                "fill": {"color": LIGHT.memory(segment.part)},
                "gap": 40,
            }
        )
    chart.set_title({"none": True})
    chart.set_legend({"position": "bottom"})
    chart.set_y_axis({"visible": False})
    chart.set_x_axis({"min": 0, "max": bar.total / 1e9, "num_format": "0", "name": "GB"})
    chart.set_size({"width": 900, "height": 220})
    page.sheet.insert_chart(page.row + 1, 0, chart)


def sections(book: Book, words: Words) -> None:
    """The room; cost and acceptance have sheets of their own."""
    for section in words.sections:
        if section.key in ("life", "acceptance", "terms"):
            continue
        page = book.sheet(f"report.sheet.{section.key}", (30, 52, 30, 18, 18))
        book.title(page, section.title)
        for part in section.parts:
            if isinstance(part, Table):
                book.table(page, part)
            elif isinstance(part, str):
                _line(book, page, part)


def basis(book: Book, words: Words) -> None:
    """What it rests on: assumptions, formulas, sources, terms."""
    page = book.sheet("report.sheet.basis", (30, 110, 18))
    book.title(page, words.assumptions_heading)
    for line in words.assumptions:
        _line(book, page, line)
    page.row += 1
    if words.formulas:
        book.table(page, words.formulas)
    for number, note in enumerate(words.footnotes, 1):
        _line(book, page, f"{number}  {note}")
    terms = next((section for section in words.sections if section.key == "terms"), None)
    if terms is not None:
        page.row += 1
        book.title(page, terms.title)
        for part in terms.parts:
            if isinstance(part, str):
                _line(book, page, part)


def _line(book: Book, page: Page, text: str) -> None:
    book.text(page, page.row, 0, text)
    page.row += 1
