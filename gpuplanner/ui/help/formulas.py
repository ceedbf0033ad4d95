"""A page for each formula, written from the formula itself: text, symbols, units, source. No Qt."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from html import escape

from gpuplanner.engine.formula import Formula
from gpuplanner.engine.formulas import all_formulas
from gpuplanner.texts import text
from gpuplanner.ui.help import terms
from gpuplanner.ui.help.page import HelpPage, bullets, heading, link, paragraph, part, table
from gpuplanner.ui.help.titles import formula_title, title_of
from gpuplanner.ui.why import markup


def pages() -> Iterator[HelpPage]:
    """Every formula of the engine, in the current language."""
    for formula in all_formulas():
        words = [formula.id, formula.text, text(f"reference.{formula.id}")]
        words += [text(symbol.name) for symbol in formula.symbols.values()]
        yield HelpPage(f"formula.{formula.id}", formula_title(formula.id), " ".join(words), partial(_body, formula))


def _body(formula: Formula) -> str:
    written = f"{markup.symbol(formula.result)} = {markup.formula(formula.text)}"
    rows = [(markup.symbol(formula.result), escape(formula_title(formula.id)), escape(_unit(formula.unit.value)))]
    rows += [
        (markup.symbol(symbol.symbol), escape(text(symbol.name)), escape(_unit(symbol.unit.value)))
        for symbol in formula.symbols.values()
    ]
    page = f"formula.{formula.id}"
    related = bullets(link(other, title_of(other)) for other in terms.about(page))
    return (
        heading(formula_title(formula.id))
        + f'<p style="margin:4px 0 10px 0; font-size:large">{written}</p>'
        + table(rows)
        + part("help.source", paragraph(text(f"reference.{formula.id}")))
        + part("help.see", related)
        + paragraph(text("help.formula.checked"))
    )


def _unit(unit: str) -> str:
    return "" if unit == "1" else unit
