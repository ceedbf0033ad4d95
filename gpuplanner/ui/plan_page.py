"""The centre of the window: the answer, the memory chart, and the table of GPUs."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from gpuplanner.palette import Theme
from gpuplanner.ui.charts.memory import MemoryChart
from gpuplanner.ui.faults import guarded
from gpuplanner.ui.results.panel import AnswerPanel
from gpuplanner.ui.session import Session
from gpuplanner.ui.table.table import GpuTable


class PlanPage(QWidget):
    """Shows every estimate of a session.

    Signals:
        figure_wanted: GPU id and key of a figure that shall be explained.
    """

    figure_wanted = Signal(str, str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.answer = AnswerPanel(self)
        self.chart = MemoryChart(self)
        self.table = GpuTable(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 14, 12)
        layout.setSpacing(10)
        layout.addWidget(self.answer)
        layout.addWidget(self.chart)
        layout.addWidget(self.table, 1)
        self._views = (self.answer, self.chart, self.table)
        self._stale = False
        session.estimate_ready.connect(self._answered)
        self.answer.figure_clicked.connect(self._figure_clicked)
        self.chart.part_clicked.connect(self.figure_wanted)
        self.table.gpu_selected.connect(self._gpus_selected)

    @guarded
    def showEvent(self, event: QShowEvent) -> None:
        """What was answered while another page was shown is shown now."""
        super().showEvent(event)
        if self._stale:
            self.show_estimate()

    def _answered(self, _estimate: object) -> None:
        """Behind another page nothing is drawn."""
        pages = self.parentWidget()
        self._stale = isinstance(pages, QStackedWidget) and pages.currentWidget() is not self
        if not self._stale:
            self.show_estimate()

    def show_estimate(self) -> None:
        """Show the session's last estimate."""
        session = self._session
        self._stale = False
        if session.estimate is None or session.catalog is None:
            return
        for view in self._views:
            view.set_estimate(session.estimate, session.scenario, session.catalog)

    def retranslate(self) -> None:
        """Follow a change of language."""
        for view in self._views:
            view.retranslate()

    def apply_theme(self, theme: Theme) -> None:
        """Follow a change of theme."""
        for view in self._views:
            view.apply_theme(theme)

    def set_byte_unit(self, unit: str) -> None:
        """Show sizes in "GB" or "GiB"."""
        for view in self._views:
            view.set_byte_unit(unit)

    def _gpus_selected(self, gpu_ids: object) -> None:
        if isinstance(gpu_ids, list):
            self.chart.show_gpus(gpu_ids)

    def _figure_clicked(self, key: str) -> None:
        estimate = self._session.estimate
        if estimate is not None and estimate.chosen is not None:
            self.figure_wanted.emit(estimate.chosen, key)
