"""The formulas of a quote as a table: in symbols, with the numbers put in, and from where."""

from __future__ import annotations

from gpuplanner.engine.result import Explanation
from gpuplanner.format import format_figure
from gpuplanner.report.content import QuoteContent, Topic
from gpuplanner.report.words import Cell, Column, Table
from gpuplanner.texts import text_in

_NOTES = {"weights": Topic.MODEL, "kv_cache": Topic.MODEL, "ttft": Topic.GPU, "tpot": Topic.GPU, "purchase": Topic.PRICE}


def formula_table(content: QuoteContent, lang: str) -> Table | None:
    """A row a formula; None when there is none to show."""
    if not content.formulas:
        return None
    columns = (
        Column(text_in(lang, "report.column.item"), 1.5),
        Column(text_in(lang, "report.column.formula"), 5.6),
        Column(text_in(lang, "report.column.result"), 1, right=True),
    )
    rows = tuple(_row(explanation, content, lang) for explanation in content.formulas)
    return Table(text_in(lang, "report.heading.formulas"), columns, rows)


def _row(explanation: Explanation, content: QuoteContent, lang: str) -> tuple[Cell, ...]:
    result = format_figure(explanation.result, lang, currency=content.currency)
    return (
        Cell(text_in(lang, f"report.formula.{explanation.key}"), note=content.footnote_number(_NOTES.get(explanation.key))),
        Cell(f"{explanation.formula} = {explanation.numbers}"),
        Cell(str(result)),
    )
