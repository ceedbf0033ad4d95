"""The memory of a GPU, part by part, for the chosen GPU and the next best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from gpuplanner.engine.result import Estimate, Moment
from gpuplanner.format import format_bytes, format_integer, format_number, format_share
from gpuplanner.palette import Theme
from gpuplanner.report.names import gpu_name, shortened
from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import text
from gpuplanner.ui.bold import embolden
from gpuplanner.ui.charts.bars import FREE, PARTS, Bar, Segment, bar_of, shown_gpus
from gpuplanner.ui.charts.canvas import BarCanvas
from gpuplanner.ui.charts.column import Entry, TextColumn
from gpuplanner.ui.charts.copied import CopiedCard
from gpuplanner.ui.charts.course import StepRow
from gpuplanner.ui.charts.legend import LIMIT, OVERFLOW, Legend
from gpuplanner.units import GB, GIB

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog

_NAME_WIDTH: Final = 165
_TOTAL_WIDTH: Final = 130


class MemoryChart(CopiedCard):
    """Stacked bars on one scale, in the unit the user chose; a part opens how it is computed.

    Signals:
        part_clicked: GPU id and part ("weights", "kv_cache", …, "free").
    """

    part_clicked = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """An empty chart."""
        super().__init__(parent)
        self._given: tuple[Estimate, Scenario, Catalog] | None = None
        self._selected: tuple[str, ...] = ()
        self._byte_unit = "GB"
        self.bars: tuple[Bar, ...] = ()
        self.title = QLabel(self)
        embolden(self.title)
        self.hint = QLabel(self)
        self.hint.setProperty("quiet", True)
        self.names = TextColumn(Qt.AlignmentFlag.AlignLeft, _NAME_WIDTH, self)
        self.canvas = BarCanvas(self.sentence, self.labels, self)
        self.totals = TextColumn(Qt.AlignmentFlag.AlignRight, _TOTAL_WIDTH, self)
        self.legend = Legend(self)
        self.step = StepRow(self._moment_sentence, self)
        self.step.timeline.opened.connect(self._open_step)
        self.step.timeline.current_changed.connect(self._tell_part)
        self.canvas.opened.connect(self.part_clicked)
        self.canvas.current_changed.connect(self._tell_part)
        self.canvas.menu_wanted.connect(self.open_menu)
        self._lay_out()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.retranslate()

    def set_estimate(self, estimate: Estimate, scenario: Scenario, catalog: Catalog) -> None:
        """Show the memory of the chosen GPU and the next best, or of the selected ones."""
        self._given = (estimate, scenario, catalog)
        gpus = shown_gpus(estimate, self._selected)
        plans = [plan for gpu in gpus if (plan := estimate.plan(gpu)) is not None]
        self.bars = tuple(bar for plan in plans if (bar := bar_of(plan)) is not None)
        self.names.set_entries([self._name(bar) for bar in self.bars])
        self.totals.set_entries([self._total(bar) for bar in self.bars])
        self.legend.set_entries(self._legend())
        self.canvas.set_bars(self.bars)
        self.canvas.setAccessibleDescription(self.spoken())
        chosen = estimate.plan(self.bars[0].gpu_id) if self.bars else None
        self.step.set_plan(chosen, self._number, self._byte_unit)
        self.setVisible(bool(self.bars))

    def show_gpus(self, gpu_ids: Sequence[str]) -> None:
        """Show these beside the chosen GPU; none for the next best."""
        self._selected = tuple(gpu_ids)
        if self._given is not None:
            self.set_estimate(*self._given)

    def set_byte_unit(self, unit: str) -> None:
        """Show "GB" or "GiB"."""
        self._byte_unit = unit
        self.retranslate()

    def retranslate(self) -> None:
        """Say everything again, in the current language."""
        super().retranslate()
        self.title.setText(text("results.chart.title"))
        self._tell_part("")
        self.canvas.setAccessibleName(text("results.chart.title"))
        if self._given is not None:
            self.set_estimate(*self._given)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        for part in (self.names, self.canvas, self.totals, self.legend, self.step):
            part.apply_theme(theme)

    def sentence(self, segment: Segment) -> str:
        """A part in words."""
        bar = next(bar for bar in self.bars if bar.gpu_id == segment.gpu_id)
        size, share = format_bytes(segment.size_bytes, self._byte_unit), format_share(segment.size_bytes / bar.usable_bytes)
        part = self._part(segment.part)
        return text("results.chart.segment", gpu=self._gpu(segment.gpu_id), part=part, size=size, share=share)

    def labels(self, segment: Segment) -> tuple[str, ...]:
        """What may stand inside a part, the longest first."""
        if segment.part == FREE:
            return ()
        number = self._number(segment.size_bytes)
        return (f"{self._part(segment.part)} {number}", number)

    def spoken(self) -> str:
        """All numbers of the chart as text."""
        return "\n".join(self._spoken(bar) for bar in self.bars)

    def data_tsv(self) -> str:
        """The chart as a table with tabs: one line a GPU, bytes as plain numbers."""
        used = {part for bar in self.bars for part, _ in bar.parts}
        shown = [part for part in PARTS if part in used]
        names = [self._part(part) for part in shown]
        head = [text("results.column.gpu"), *names, *(text(f"results.chart.{name}") for name in ("need", "limit", "usable"))]
        rows = [head]
        for bar in self.bars:
            sizes = dict(bar.parts)
            values = [*(sizes.get(part, 0) for part in shown), bar.need_bytes, bar.limit_bytes, bar.usable_bytes]
            rows.append([self._gpu(bar.gpu_id), *(f"{round(value)}" for value in values)])
        rows += self._course_rows(shown)
        return "\n".join("\t".join(row) for row in rows) + "\n"

    def _course_rows(self, shown: Sequence[str]) -> list[list[str]]:
        """The moments of the step below the GPUs, in the same columns."""
        rows = []
        for span in self.step.timeline.drawn.spans if self._trains else ():
            sizes = {part.value: size for part, size in span.moment.parts.items()}
            name = f"{text('results.timeline.title')}: {text(f'results.timeline.{span.moment.name}')}"
            values = [*(sizes.get(part, 0.0) for part in shown), span.moment.need_bytes]
            rows.append([name, *(f"{round(value)}" for value in values)])
        return rows

    def _tell_part(self, said: str) -> None:
        self.hint.setText(said or text("results.chart.hint", unit=self._byte_unit))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.hint)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        for column, widget in enumerate((self.names, self.canvas, self.totals)):
            grid.addWidget(widget, 0, column)
        grid.addWidget(self.legend, 1, 0, 1, 3)
        self.step.place(grid, 2)
        grid.setColumnStretch(1, 1)
        stack = QVBoxLayout(self)
        stack.setContentsMargins(13, 9, 13, 9)
        stack.setSpacing(7)
        stack.addLayout(head)
        stack.addLayout(grid)

    def _name(self, bar: Bar) -> Entry:
        assert self._given is not None
        estimate = self._given[0]
        plan = estimate.plan(bar.gpu_id)
        count = f"{format_integer(plan.gpus)} × " if plan and plan.gpus else ""
        return Entry(f"{count}{shortened(self._gpu(bar.gpu_id))}", bold=bar.gpu_id == estimate.chosen)

    def _total(self, bar: Bar) -> Entry:
        glyph = "✕ " if bar.over else ""
        return Entry(glyph + self._number(bar.need_bytes), f" / {self._number(bar.usable_bytes)}", bold=True, bad=bar.over)

    def _legend(self) -> tuple[tuple[str, str], ...]:
        used = {part for bar in self.bars for part, _ in bar.segments()}
        entries = [(part, self._part(part)) for part in (*PARTS, FREE) if part in used]
        shares = {format_share(round(bar.limit_bytes / bar.usable_bytes, 2)).number for bar in self.bars if bar.usable_bytes}
        share = f" {shares.pop()}\N{THIN SPACE}%" if len(shares) == 1 else ""
        entries.append((LIMIT, text("results.training.limit_line" if self._trains else "results.chart.limit_line") + share))
        if any(bar.need_bytes > bar.usable_bytes for bar in self.bars):
            entries.append((OVERFLOW, text("results.chart.overflow")))
        return tuple(entries)

    def _spoken(self, bar: Bar) -> str:
        parts = ", ".join(f"{self._part(part)} {self._number(size)}" for part, size in bar.segments())
        total = text(
            "results.chart.spoken", need=self._number(bar.need_bytes), usable=self._number(bar.usable_bytes), unit=self._byte_unit
        )
        return f"{self._gpu(bar.gpu_id)}: {parts}; {total}"

    @property
    def _trains(self) -> bool:
        return self._given is not None and self._given[1].workload.kind.trains

    def _part(self, part: str) -> str:
        """What a part is called; training has no serving engine."""
        return text("results.training.part.engine" if part == "engine" and self._trains else f"results.part.{part}")

    def _moment_sentence(self, moment: Moment) -> str:
        parts = ", ".join(f"{self._part(part.value)} {self._number(size)}" for part, size in moment.parts.items() if size)
        need = f"{self._number(moment.need_bytes)} {self._byte_unit}"
        return text("results.timeline.spoken", moment=text(f"results.timeline.{moment.name}"), need=need, parts=parts)

    def _open_step(self) -> None:
        if self.bars:
            self.part_clicked.emit(self.bars[0].gpu_id, "memory_per_gpu")

    def _number(self, size: float) -> str:
        """In GB or GiB always, so that all numbers of the chart compare."""
        return format_number(size / (GIB if self._byte_unit == "GiB" else GB))

    def _gpu(self, gpu_id: str) -> str:
        assert self._given is not None
        return gpu_name(gpu_id, self._given[2])
