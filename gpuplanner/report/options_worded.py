"""The alternatives of a quote as a table in one language."""

from __future__ import annotations

from typing import Final

from gpuplanner.codes import code_text
from gpuplanner.engine.result import Quantity, Unit
from gpuplanner.format import format_figure, format_integer
from gpuplanner.report.content import Option, QuoteContent
from gpuplanner.report.figures_worded import NOTHING, STATES
from gpuplanner.report.options import TOTAL
from gpuplanner.report.words import Cell, Column, Table
from gpuplanner.texts import has, text_in

_TITLES: Final = {TOTAL: "report.column.total", "servers": "site.figure.servers", "power_load": "report.column.power"}


def options_table(content: QuoteContent, lang: str) -> Table | None:
    """A row a way, the offered one first; None where there is no other."""
    if not content.options:
        return None
    figures = [Column(text_in(lang, _TITLES.get(key, f"report.short.{key}")), 1.1, right=True) for key in content.option_keys]
    named = any(option.name for option in content.options)
    columns = (
        Column(text_in(lang, "report.column.way" if named else "report.column.option"), 2.6),
        Column(text_in(lang, "report.column.hardware"), 2.5),
        *figures,
        Column(text_in(lang, "report.column.difference"), 1.1, right=True),
    )
    rows = tuple(_row(option, content, lang) for option in content.options)
    aside = "report.options.aside" if not named else "report.options.aside.named"
    return Table(text_in(lang, "report.heading.options"), columns, rows, text_in(lang, aside))


def _row(option: Option, content: QuoteContent, lang: str) -> tuple[Cell, ...]:
    strong = option.offered
    more = NOTHING
    if not strong:
        quantity = Quantity("difference", option.difference, Unit.MONEY)
        more = str(format_figure(quantity, lang, currency=content.currency))
        more = f"+{more}" if (option.difference or 0) > 0 else more
    said = text_in(lang, option.name) if has(option.name) else option.name
    name = said or option.gpu_name
    hardware = [text for text in (code_text(code, lang) for code in (option.gpus, option.layout)) if text]
    return (
        Cell(
            text_in(lang, "report.option.offered", gpu=name) if strong else name,
            strong,
            mark=STATES[option.status],
            below=option.gpu_name if said and not content.works else "",
        ),
        Cell(text_in(lang, "report.comma").join(hardware)),
        *(Cell(_figure(figure, content, lang), strong) for figure in option.figures),
        Cell(more),
    )


def _figure(figure: Quantity | None, content: QuoteContent, lang: str) -> str:
    if figure is not None and figure.unit is Unit.COUNT and figure.value is not None:
        return format_integer(figure.value, lang)
    return str(format_figure(figure, lang, currency=content.currency))
