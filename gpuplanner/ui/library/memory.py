"""The memory of a scenario's GPU in the details: its bar, its legend, how much of it is used."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gpuplanner.engine.result import Plan
from gpuplanner.format import format_bytes, format_number, format_share
from gpuplanner.palette import Theme
from gpuplanner.texts import text
from gpuplanner.ui.charts.bars import FREE, Segment, bar_of
from gpuplanner.ui.charts.canvas import BarCanvas
from gpuplanner.ui.charts.legend import LIMIT, Legend
from gpuplanner.units import GB, GIB


class MemoryView(QWidget):
    """Shows nothing where the plan has no memory."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._byte_unit = "GB"
        self.head, self.used = QLabel(self), QLabel(self)
        self.head.setProperty("heading", True)
        self.used.setProperty("quiet", True)
        self.used.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.canvas = BarCanvas(self._part_sentence, self._part_labels, self)
        self.legend = Legend(self)
        top = QHBoxLayout()
        top.addWidget(self.head)
        top.addWidget(self.used, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(6)
        column.addLayout(top)
        column.addWidget(self.canvas)
        column.addWidget(self.legend)

    def show_plan(self, plan: Plan | None, byte_unit: str) -> None:
        """Show the memory of a plan."""
        self._byte_unit = byte_unit
        bar = bar_of(plan) if plan is not None else None
        self.setVisible(bar is not None)
        if bar is None:
            return
        self.canvas.set_bars((bar,))
        need, usable = self._number(bar.need_bytes), str(format_bytes(bar.usable_bytes, byte_unit))
        share = str(format_share(bar.need_bytes / bar.usable_bytes)) if bar.usable_bytes else ""
        self.used.setText(text("library.memory", need=need, usable=usable, share=share))
        entries = [(part, f"{text(f'results.part.{part}')} {self._number(size)}") for part, size in bar.parts]
        limit = format_share(round(bar.limit_bytes / bar.usable_bytes, 2)) if bar.usable_bytes else ""
        self.legend.set_entries((*entries, (LIMIT, f"{text('results.chart.limit_line')} {limit}")))

    def retranslate(self) -> None:
        """Follow a change of language."""
        self.head.setText(text("library.head.memory"))
        self.canvas.setAccessibleName(text("library.head.memory"))

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self.canvas.apply_theme(theme)
        self.legend.apply_theme(theme)

    def _part_sentence(self, segment: Segment) -> str:
        name = text(f"results.part.{segment.part}")
        return f"{name}: {format_bytes(segment.size_bytes, self._byte_unit)}"

    def _part_labels(self, segment: Segment) -> tuple[str, ...]:
        if segment.part == FREE:
            return ()
        number = self._number(segment.size_bytes)
        return (f"{text(f'results.part.{segment.part}')} {number}", number)

    def _number(self, size: float) -> str:
        return format_number(size / (GIB if self._byte_unit == "GiB" else GB))
