"""The workloads of an estate's quote in one language: a row each, then each in full, and what lies on which GPU."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from gpuplanner.codes import code_text
from gpuplanner.engine.result import Status
from gpuplanner.format import format_bytes, format_figure, format_number
from gpuplanner.report.content import Figure, Placement, QuoteContent, Work
from gpuplanner.report.drawing.memory import memory_drawing
from gpuplanner.report.drawing.placement import placement_drawing
from gpuplanner.report.figure_keys import TIMES
from gpuplanner.report.figures_worded import MARKS, NOTHING, STATES, label, memory_bar, performance_table, target
from gpuplanner.report.words import Cell, Column, Picture, Section, Table
from gpuplanner.texts import spoken_in, text_in

_WIDTH: Final = 760.0  # of the drawings
_A_PAGE, _DRAWN = 12, 60  # kinds of servers of a page, and of all that is drawn
_RATES: Final = ("throughput", "item_rate", "tokens_per_second", "samples_per_second", "request_rate")
_COLUMNS: Final = (
    ("report.column.work", 2.6, False),
    ("report.column.load", 2.7, False),
    ("report.short.gpus", 0.9, True),
    ("report.column.time", 2.3, True),
    ("report.short.throughput", 1.6, True),
    ("report.column.part_of_purchase", 1.3, True),
)


def works_table(content: QuoteContent, lang: str) -> Table:
    """A row a workload: load, GPUs, the time that is nearest to its target, throughput, its part of the purchase."""
    columns = tuple(Column(text_in(lang, title), share, right) for title, share, right in _COLUMNS)
    rows = tuple(_row(work, content.currency, lang) for work in content.works)
    aside = text_in(lang, "report.estate.works.aside")
    return Table(text_in(lang, "report.heading.works_performance"), columns, rows, aside)


def _row(work: Work, currency: str, lang: str) -> tuple[Cell, ...]:
    below = text_in(lang, "report.comma").join(part for part in (work.model, work.gpu) if part)
    name = Cell(f"{work.letter}  {work.name}", mark=STATES[work.status], below=below)
    asked = [code_text(code, lang) for code in (work.lengths, work.hours)]
    load = Cell(code_text(work.load, lang), below=text_in(lang, "report.semicolon").join(asked))
    if work.status is Status.IMPOSSIBLE:
        reason = text_in(lang, "report.semicolon").join(code_text(reason, lang) for reason in work.reasons)
        return name, Cell(load.text, below=reason), *(Cell(NOTHING),) * 4
    cost = NOTHING if work.cost is None else str(format_figure(work.cost, lang, currency=currency))
    return name, load, Cell(_gpus(work, lang)), _time(work, lang), Cell(_rate(work, lang)), Cell(cost)


def _gpus(work: Work, lang: str) -> str:
    return format_number(work.gpus, lang, 3)


def _time(work: Work, lang: str) -> Cell:
    figure = tightest(work)
    if figure is None:
        return Cell(NOTHING)
    name = label(figure, work.percentile, lang)
    held = f"{name} ≤ {target(figure, lang)}" if figure.target is not None else name
    return Cell(str(format_figure(figure.quantity, lang)), True, mark=MARKS[figure.verdict], below=held)


def tightest(work: Work) -> Figure | None:
    """The time that is nearest to its target; the first time where none has one."""
    timed = [figure for figure in work.performance if figure.key in TIMES and figure.quantity.value is not None]
    held = [figure for figure in timed if figure.target]
    if held:
        return max(held, key=lambda figure: (figure.quantity.value or 0.0) / (figure.target or 1.0))
    return next(iter(timed), None)


def _rate(work: Work, lang: str) -> str:
    made = (figure for key in _RATES for figure in work.performance if figure.key == key)
    figure = next((figure for figure in made if figure.quantity.value is not None), None)
    return NOTHING if figure is None else str(format_figure(figure.quantity, lang))


def works_section(content: QuoteContent, lang: str) -> Section:
    """What lies where, then each workload: how fast it is, how it is deployed, what fills its memory."""
    parts: list[Table | Picture | str] = []
    if content.placement is not None and content.placement.runs:
        parts += _placement(content.placement, lang)
    for work in content.works:
        parts += _one(work, lang)
    return Section("works", text_in(lang, "report.heading.each_work"), tuple(parts))


def _placement(placement: Placement, lang: str) -> list[Picture]:
    """What lies where, in drawings that a page holds."""
    hint = text_in(lang, "estate.placement.hint", unit="GB")
    runs = placement.runs[:_DRAWN]
    made = []
    for start in range(0, len(runs), _A_PAGE):
        part = replace(placement, runs=runs[start : start + _A_PAGE])
        with spoken_in(lang):
            made.append(Picture(text_in(lang, "estate.placement"), hint, placement_drawing(part, _WIDTH)))
    return made


def _one(work: Work, lang: str) -> list[Table | Picture | str]:
    title = f"{work.letter}  {work.name}"
    state = f"{STATES[work.status].sign} {code_text(work.state, lang)}".strip()
    if work.status is Status.IMPOSSIBLE:
        reasons = text_in(lang, "report.semicolon").join(code_text(reason, lang) for reason in work.reasons)
        return [f"{title}{text_in(lang, 'report.colon')}{state}. {reasons}"]
    load = text_in(lang, "report.comma").join(code_text(code, lang) for code in (work.load, work.lengths, work.hours))
    made: list[Table | Picture | str] = []
    if work.performance:
        made.append(performance_table(work.performance, work.percentile, lang, f"{load} · {state}", heading=title))
    made.append(_settings(work, title, lang))
    if work.memory is not None:
        bar = memory_bar(work.memory, work.gpu, lang, f"{title} · {text_in(lang, 'report.heading.memory')}")
        made.append(Picture(bar.heading, f"{bar.aside} · {bar.limit_text}", memory_drawing(bar, _WIDTH)))
    return [*made, *(code_text(code, lang) for code in work.assumptions)]


def _settings(work: Work, title: str, lang: str) -> Table:
    """How it is deployed, and what its memory is made of, as labels with values."""
    columns = (Column(text_in(lang, "report.column.item"), 1.2), Column(text_in(lang, "report.column.value"), 4))
    rows = [(text_in(lang, row.label, **row.params), code_text(row.value, lang)) for row in work.deployment]
    if work.memory is not None:
        bar = memory_bar(work.memory, work.gpu, lang)
        filled = text_in(lang, "report.comma").join(f"{part.label} {part.text}" for part in bar.segments if part.part != "free")
        rows.append((text_in(lang, "report.heading.memory"), filled))
        rows.append((text_in(lang, "report.part.free"), str(format_bytes(_free(work), "GB", lang))))
    heading = f"{title} · {text_in(lang, 'report.heading.deployment')}"
    return Table(heading, columns, tuple((Cell(name, quiet=True), Cell(value)) for name, value in rows))


def _free(work: Work) -> float:
    memory = work.memory
    return max(0.0, memory.usable_bytes - memory.need_bytes) if memory is not None else 0.0
