"""A quote as an Excel workbook: inputs that may be changed, formulas that follow, and everything else as it is read."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Final

import xlsxwriter

from gpuplanner.report.content import QuoteContent
from gpuplanner.report.words import Paper, Words
from gpuplanner.report.xlsx import acceptance, life, prices, summary, tables
from gpuplanner.report.xlsx.page import Book

_SUMMARY: Final = (34, 46, 24, 20, 20, 20)


def quote_xlsx(content: QuoteContent, words: Words, paper: Paper = Paper.A4) -> bytes:
    """The workbook as bytes; the same quote gives the same bytes."""
    stream = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    }
    with xlsxwriter.Workbook(stream, options) as workbook:
        day = content.metadata.day
        workbook.set_properties(
            {
                "title": words.title,
                "comments": words.foot[1],
                "created": datetime(day.year, day.month, day.day, tzinfo=UTC),
            }
        )
        book = Book(workbook, words.lang, paper)
        first = book.sheet("report.sheet.summary", _SUMMARY)
        totals = prices.write(book, content, words)
        summary.write(book, first, content, words, totals)
        tables.performance(book, content, words)
        if words.memory is not None:
            tables.memory(book, words.memory)
        if any(section.key == "life" for section in words.sections):
            life.write(book, content, words, totals)
        tables.sections(book, words)
        if any(section.key == "acceptance" for section in words.sections):
            acceptance.write(book, content, words)
        tables.basis(book, words)
    return stream.getvalue()
