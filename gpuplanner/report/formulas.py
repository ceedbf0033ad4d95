"""The formulas of a quote as a table: in symbols, with the numbers put in, and from where."""

from __future__ import annotations

from typing import Final

from gpuplanner.engine.result import Explanation
from gpuplanner.format import THIN_SPACE, format_figure
from gpuplanner.report.content import QuoteContent, Topic
from gpuplanner.report.words import Cell, Column, Table
from gpuplanner.texts import text_in

_ROUNDING: Final = str.maketrans({"⌈": "ceil(", "⌉": ")", "⌊": "floor(", "⌋": ")"})
_NOTES: Final = {"weights": Topic.MODEL, "kv_cache": Topic.MODEL, "ttft": Topic.GPU, "tpot": Topic.GPU, "purchase": Topic.PRICE}


def formula_table(content: QuoteContent, lang: str) -> Table | None:
    """A row a formula; None when there is none to show."""
    found = [("", explanation) for explanation in content.formulas]
    found += [(work.letter, explanation) for work in content.works for explanation in work.formulas]
    if not found:
        return None
    columns = (
        Column(text_in(lang, "report.column.item"), 1.5),
        Column(text_in(lang, "report.column.formula"), 5.6),
        Column(text_in(lang, "report.column.result"), 1, right=True),
    )
    rows = tuple(_row(letter, explanation, content, lang) for letter, explanation in found)
    return Table(text_in(lang, "report.heading.formulas"), columns, rows)


def _legend(explanation: Explanation, lang: str) -> str:
    """What the symbols mean, and where the formula is from."""
    meanings = (f"{term.symbol} {text_in(lang, term.name)}" for term in explanation.terms)
    reference = text_in(lang, f"reference.{explanation.formula_id}")
    return text_in(lang, "report.formula.legend", meanings=text_in(lang, "report.comma").join(meanings), reference=reference)


def _plain(explanation: Explanation, lang: str) -> str:
    """Symbols and numbers, without the brackets of rounding up and down, which few fonts have."""
    numbers = explanation.numbers.replace(THIN_SPACE, ",") if lang == "zh" else explanation.numbers
    return f"{explanation.formula} = {numbers}".translate(_ROUNDING)


def _row(letter: str, explanation: Explanation, content: QuoteContent, lang: str) -> tuple[Cell, ...]:
    result = format_figure(explanation.result, lang, currency=content.currency)
    name = f"{letter}  {text_in(lang, f'report.formula.{explanation.key}')}".strip()
    note = 0 if letter else content.footnote_number(_NOTES.get(explanation.key))  # remarks of an estate are on several models
    return (
        Cell(name, note=note),
        Cell(_plain(explanation, lang), below=_legend(explanation, lang)),
        Cell(str(result)),
    )
