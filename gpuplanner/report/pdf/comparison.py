"""A comparison of scenarios as PDF: differing inputs, answers with differences, bars, what is the same."""

from __future__ import annotations

from typing import Final

from gpuplanner.palette import LIGHT
from gpuplanner.report.comparison import Cell as Compared
from gpuplanner.report.comparison import Comparison
from gpuplanner.report.drawing.compared import compared_drawing, drawn
from gpuplanner.report.drawing.memory import memory_drawing
from gpuplanner.report.figures_worded import memory_bar
from gpuplanner.report.pdf import parts
from gpuplanner.report.pdf.placed import placed
from gpuplanner.report.pdf.sheet import FOOT, INNER, MARGIN, QUIET, Align, Sheet, Style, block
from gpuplanner.report.pdf.writer import ready, written
from gpuplanner.report.plain import one_line
from gpuplanner.report.words import Cell, Column, Mark, Table
from gpuplanner.texts import language, text

_WIDTH: Final = 760.0  # of the drawings
_SMALL: Final = 12.5
_NAMES: Final = 1.6  # the width of the first column in those of a side


def comparison_pdf(found: Comparison, foot: str, summary: str = "") -> bytes:
    """The pages in the current language.

    Args:
        found: the comparison.
        foot: stands below every page: facts and program.
        summary: which is the cheapest, the fastest.
    """
    ready()
    sheet = Sheet(y=MARGIN)
    title = text("compare.title", count=len(found.sides))
    parts.paragraph(sheet, title, Style(28, True))
    if summary:
        parts.paragraph(sheet, summary, QUIET)
    sheet.y += 18
    parts.table(sheet, _inputs(found), size=_SMALL)
    sheet.y += 26
    parts.table(sheet, _figures(found), size=_SMALL)
    sheet.y += 26
    parts.heading(sheet, text("compare.same.head"))
    parts.columns_of_text(sheet, tuple(f"{name}{text('report.colon')}{value}" for name, value in found.same), Style(_SMALL))
    sheet.y += 26
    figures = drawn(found)
    if figures:
        placed(sheet, text("compare.drawn"), text("compare.drawn.about"), compared_drawing(found, figures, _WIDTH))
    _memories(sheet, found)
    _feet(sheet, foot)
    return written(sheet, title, foot)


def _titles(found: Comparison) -> tuple[Column, ...]:
    """The sides, the baseline marked as such."""
    said = [
        f"{one_line(side.title)} ({text('compare.baseline')})" if place == found.baseline else one_line(side.title)
        for place, side in enumerate(found.sides)
    ]
    return Column("", _NAMES), *(Column(title, 1.0, right=True) for title in said)


def _inputs(found: Comparison) -> Table:
    rows = tuple(
        (
            Cell(row.name, quiet=True),
            *(Cell(one_line(cell), strong=apart) for cell, apart in zip(row.cells, row.apart, strict=True)),
        )
        for row in found.inputs
    )
    return Table(text("compare.inputs", count=len(found.inputs)), _titles(found), rows)


def _figures(found: Comparison) -> Table:
    rows = tuple((Cell(row.name, quiet=True), *(_figure(cell) for cell in row.cells)) for row in found.figures)
    return Table(text("compare.answers"), _titles(found), rows, text("compare.answers.about"))


def _figure(cell: Compared) -> Cell:
    mark = Mark.CAUTION if cell.misses else Mark.GOOD if cell.limit is not None and cell.value is not None else Mark.NONE
    below = " · ".join(part for part in (cell.change, cell.shown.range_text) if part)
    return Cell(str(cell.shown), strong=True, mark=mark, below=below)


def _memories(sheet: Sheet, found: Comparison) -> None:
    for side in found.sides:
        plan = side.plan
        if plan is not None and plan.memory is not None:
            bar = memory_bar(plan.memory, side.gpu, language(), one_line(side.title))
            placed(sheet, f"{text('compare.memory')} · {bar.heading}", bar.aside, memory_drawing(bar, _WIDTH))


def _feet(sheet: Sheet, foot: str) -> None:
    for number, page in enumerate(sheet.pages, 1):
        below = Sheet(pages=[page])
        below.line(MARGIN, FOOT, MARGIN + INNER, FOOT)
        small = Style(12, colour=LIGHT.quiet)
        below.place(block(foot, INNER * 0.75, small), MARGIN, FOOT + 10)
        place = text("report.foot.page", page=number, pages=len(sheet.pages))
        below.place(block(place, INNER * 0.25, small, Align.RIGHT), MARGIN + INNER * 0.75, FOOT + 10)
