"""Figures of a quote in one language: what they are called, the table of performance, the memory of a GPU."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from gpuplanner.engine.result import Memory, MemoryPart, Quantity, Status
from gpuplanner.format import format_bytes, format_figure, format_share
from gpuplanner.report.content import Figure, Verdict
from gpuplanner.report.limits import AT_PERCENTILE
from gpuplanner.report.training import part_key
from gpuplanner.report.words import Cell, Column, Mark, MemoryBar, Segment, Table
from gpuplanner.texts import text_in

NOTHING: Final = "—"
MARKS: Final = {
    Verdict.MEETS: Mark.GOOD,
    Verdict.EXPECTED: Mark.EXPECTED,
    Verdict.MISSES: Mark.CAUTION,
    Verdict.NONE: Mark.NONE,
}
STATES: Final = {
    Status.MEETS: Mark.GOOD,
    Status.EXPECTED: Mark.EXPECTED,
    Status.MISSES: Mark.CAUTION,
    Status.IMPOSSIBLE: Mark.BAD,
}
_COLUMNS: Final = (
    ("report.column.figure", 2.2, False),
    ("report.column.expected", 1.3, True),
    ("report.column.range", 1.5, True),
    ("report.column.target", 1.1, True),
    ("report.column.verdict", 3.0, False),
)


def state_mark(status: Status) -> Mark:
    """The sign that a plan's status is shown with."""
    return STATES[status]


def label(figure: Figure, percentile: float, lang: str) -> str:
    """What a figure is called, with its percentile where it has one."""
    name = text_in(lang, figure.name or f"report.figure.{figure.key}")
    if figure.key not in AT_PERCENTILE:
        return name
    return text_in(lang, "report.at_percentile", name=name, percentile=f"{percentile * 100:g}")


def target(figure: Figure, lang: str) -> str:
    """A figure's target with its unit."""
    return str(format_figure(Quantity(figure.key, figure.target, figure.quantity.unit), lang))


def performance_table(
    figures: Sequence[Figure], percentile: float, lang: str, aside: str, *, heading: str = "", range_note: int = 0
) -> Table:
    """Each figure with its range, its target and how it stands to that.

    Args:
        figures: in their order.
        percentile: at which times hold.
        lang: "en" or "zh".
        aside: the load that they hold for.
        heading: instead of the usual one.
        range_note: the number of the footnote on ranges.
    """
    columns = tuple(Column(text_in(lang, title), share, right) for title, share, right in _COLUMNS)
    rows = tuple(_row(figure, percentile, lang, range_note) for figure in figures)
    return Table(heading or text_in(lang, "report.heading.performance"), columns, rows, aside)


def _row(figure: Figure, percentile: float, lang: str, range_note: int) -> tuple[Cell, ...]:
    shown = format_figure(figure.quantity, lang)
    return (
        Cell(label(figure, percentile, lang), note=range_note if figure.verdict is not Verdict.NONE else 0),
        Cell(str(shown), strong=True),
        Cell(f"{shown.range_text} {shown.unit}".strip() if shown.range_text else NOTHING),
        Cell(f"≤ {target(figure, lang)}" if figure.target is not None else NOTHING),
        Cell(_verdict(figure, lang), mark=MARKS[figure.verdict]),
    )


def _verdict(figure: Figure, lang: str) -> str:
    if figure.verdict is Verdict.NONE or figure.target is None:
        return NOTHING
    over = figure.quantity.value if figure.verdict is Verdict.MISSES else figure.quantity.high
    beyond = Quantity(figure.key, (over or 0.0) - figure.target, figure.quantity.unit)
    return text_in(lang, f"report.verdict.{figure.verdict.value}", beyond=str(format_figure(beyond, lang)))


def memory_bar(memory: Memory, gpu: str, lang: str, heading: str = "") -> MemoryBar:
    """The parts of one GPU's memory, and what the engine lets itself use of it."""
    sizes = [(part.value, memory.parts.get(part, 0.0)) for part in MemoryPart]
    sizes.append(("free", max(0.0, memory.usable_bytes - memory.need_bytes)))
    segments = tuple(
        Segment(part, text_in(lang, _part_key(part, memory)), size, str(format_bytes(size, "GB", lang)))
        for part, size in sizes
        if size > 0
    )
    limit = format_bytes(memory.limit_bytes, "GB", lang)
    share = format_share(memory.limit_bytes / memory.usable_bytes, lang)
    used = format_bytes(memory.need_bytes, "GB", lang)
    usable = format_bytes(memory.usable_bytes, "GB", lang)
    of = format_share(memory.need_bytes / memory.usable_bytes, lang)
    limited = "report.memory.limit.training" if memory.moments else "report.memory.limit"
    return MemoryBar(
        heading=heading or text_in(lang, "report.heading.memory"),
        aside=text_in(lang, "report.memory.aside", gpu=gpu, used=used, usable=usable, share=of),
        segments=segments,
        total=max(memory.usable_bytes, memory.need_bytes),
        limit=memory.limit_bytes,
        limit_text=text_in(lang, limited, share=share, limit=limit),
    )


def _part_key(part: str, memory: Memory) -> str:
    return "report.part.free" if part == "free" else part_key(MemoryPart(part), memory)
