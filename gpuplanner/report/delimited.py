"""A quote as CSV: one row a value, for spreadsheets and scripts. No cell is taken for a formula."""

from __future__ import annotations

import csv
import io
from typing import Final

from gpuplanner.report.content import QuoteContent
from gpuplanner.report.totals import amount, listed_amount
from gpuplanner.report.words import Table, Words
from gpuplanner.texts import text_in

_STARTS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def safe(text: str) -> str:
    """A text that no spreadsheet runs: what would start a formula gets an apostrophe before it."""
    return f"'{text}" if text.lstrip().startswith(_STARTS_FORMULA) else text


def quote_csv(content: QuoteContent, words: Words) -> bytes:
    """The lines with bare numbers, then every other table as it is read. UTF-8 with the mark that spreadsheets look for."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")

    def row(*cells: str | float | None) -> None:
        writer.writerow(["" if cell is None else safe(cell) if isinstance(cell, str) else f"{cell!r}" for cell in cells])

    row(words.kind, words.title, words.subtitle)
    for label, value in (*words.parties[0], *words.parties[1], *words.deployment):
        row(label, value)
    row()
    titles = [column.title for column in words.configuration.columns[1:]]
    row("key", "no", *titles[:4], text_in(words.lang, "report.sum.listed"), *titles[4:])
    for line, shown in zip(content.lines, words.configuration.rows, strict=True):
        numbers = (float(line.count), line.unit_price, listed_amount(line), line.discount, amount(line), line.tax)
        row(line.key, shown[0].text, shown[1].text, shown[2].text, *numbers)
    for total in words.sums:
        row(total.key, "", total.label, total.aside, None, None, None, None, total.amount, None)
    for table in _tables(words):
        row()
        row(table.heading, table.aside)
        row(*(column.title for column in table.columns))
        for cells in table.rows:
            row(*(f"{cell.mark.sign} {cell.text}".strip() for cell in cells))
    row()
    for line_of_text in (*words.assumptions, *words.footnotes, *words.foot):
        row(line_of_text)
    return stream.getvalue().encode("utf-8-sig")


def _tables(words: Words) -> list[Table]:
    wide = (words.options, words.performance, *(part for section in words.sections for part in section.parts), words.formulas)
    return [table for table in wide if isinstance(table, Table)]
