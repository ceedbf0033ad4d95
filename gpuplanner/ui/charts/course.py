"""The row of the memory chart that shows a training step: name at the left, course, peak at the right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from gpuplanner.engine.result import Moment, Plan
from gpuplanner.format import format_integer
from gpuplanner.palette import Theme
from gpuplanner.texts import text
from gpuplanner.ui.bold import embolden
from gpuplanner.ui.charts.steps import moments_of
from gpuplanner.ui.charts.timeline import Timeline

_QUIET: Final = "quiet"


class StepRow:
    """Three parts in a row of a grid that belongs to the chart; hidden where the plan doesn't train."""

    def __init__(self, sentence: Callable[[Moment], str], parent: QWidget) -> None:
        """A hidden row; ``sentence`` says a moment in words."""
        self._plan: Plan | None = None
        self.name, self.total = QWidget(parent), QWidget(parent)
        self.timeline = Timeline(sentence, parent)
        self._title, self._unit, self._count = (QLabel(self.name) for _ in range(3))
        self._peak, self._when = QLabel(self.total), QLabel(self.total)
        for label in (self._unit, self._count, self._when):
            label.setProperty(_QUIET, True)
        embolden(self._peak)
        _stack(self.name, Qt.AlignmentFlag.AlignLeft, self._title, self._unit, self._count)
        _stack(self.total, Qt.AlignmentFlag.AlignRight, self._peak, self._when)
        self._show(shown=False)

    def place(self, grid: QGridLayout, row: int) -> None:
        """Take a row of a grid."""
        for column, widget in enumerate((self.name, self.timeline, self.total)):
            grid.addWidget(widget, row, column)

    def set_plan(self, plan: Plan | None, number: Callable[[float], str], unit: str) -> None:
        """Show the step of a plan.

        Args:
            plan: the one that the answer is given for.
            number: writes bytes as the rest of the chart does.
            unit: "GB" or "GiB".
        """
        self._plan = plan
        moments = moments_of(plan)
        self._show(shown=bool(moments))
        if not moments or plan is None or plan.training is None:
            return
        self.timeline.set_moments(moments)
        self.timeline.setAccessibleName(text("results.timeline.title"))
        self._title.setText(text("results.timeline.title"))
        self._unit.setText(text("results.timeline.unit", unit=unit))
        count = plan.training.micro_batches
        self._count.setText(text("results.timeline.micro_batches", count=format_integer(count)))
        self._count.setVisible(count > 1)
        self._peak.setText(f"{number(max(moment.need_bytes for moment in moments))}{text('results.timeline.peak')}")
        self._when.setText(text("results.timeline.at", moment=text(f"results.timeline.{self.timeline.drawn.peak}")))

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self.timeline.apply_theme(theme)

    def _show(self, *, shown: bool) -> None:
        for widget in (self.name, self.timeline, self.total):
            widget.setVisible(shown)


def _stack(place: QWidget, side: Qt.AlignmentFlag, *labels: QLabel) -> None:
    column = QVBoxLayout(place)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(1)
    for label in labels:
        label.setAlignment(side)
        label.setTextFormat(Qt.TextFormat.PlainText)
        column.addWidget(label)
    column.addStretch(1)
