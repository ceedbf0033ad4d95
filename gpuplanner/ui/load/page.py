"""The page "What-if": how the present plan behaves under load, what else there is, and what any change would do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from gpuplanner.palette import LIGHT, Theme
from gpuplanner.texts import text
from gpuplanner.ui.load import summary
from gpuplanner.ui.load.distribution_card import DistributionCard
from gpuplanner.ui.load.given import Given, given
from gpuplanner.ui.load.latency_card import LatencyCard
from gpuplanner.ui.results.flow import FlowLayout
from gpuplanner.ui.results.pill import Pill
from gpuplanner.ui.results.strip import FigureStrip
from gpuplanner.ui.session import Session

if TYPE_CHECKING:
    from gpuplanner.ui.load.live import LiveCard

GAP: Final = 10


class LoadPage(QWidget):
    """Follows every answer of a session while it is seen; computes nothing while it isn't.

    Signals:
        figure_wanted: GPU id and key of a figure that shall be explained.
    """

    figure_wanted = Signal(str, str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._theme = LIGHT
        self._stale = True
        self.given: Given | None = None
        self.headline = QLabel(self)
        self.pills: list[Pill] = []
        self.strip = FigureStrip(self)
        self.latency = LatencyCard(self)
        self.distribution = DistributionCard(self)
        self.cards: tuple[LiveCard, ...] = (self.latency, self.distribution)
        self._flow = FlowLayout(gap=8)
        self._lay_out()
        self.strip.clicked.connect(self._figure_clicked)
        self.latency.percentile_wanted.connect(self._set_percentile)
        self.latency.figures.edited.connect(self.distribution.set_figure)
        session.estimate_ready.connect(self._answered)

    def showEvent(self, event: QShowEvent) -> None:
        """What was answered while nobody looked is shown now."""
        super().showEvent(event)
        if self._stale:
            self.renew()

    def renew(self) -> None:
        """Show the session's last answer."""
        session = self._session
        if session.estimate is None or session.catalog is None:
            return
        self._stale = False
        self.given = given(session.scenario, session.catalog, session.estimate)
        self._show_head(self.given)
        for card in self.cards:
            card.set_given(self.given)

    def stop(self) -> None:
        """Stop what runs beside the window."""
        for card in self.cards:
            card.stop()

    def retranslate(self) -> None:
        """Say everything again, in the current language."""
        self._flow.forget()
        for card in self.cards:
            card.reword()
        if self.given is not None:
            self._show_head(self.given)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        self.strip.apply_theme(theme)
        for pill in self.pills:
            pill.apply_theme(theme)
        for card in self.cards:
            card.apply_theme(theme)

    def _show_head(self, now: Given) -> None:
        self.headline.setText(summary.sentence(now) or text("load.no_plan"))
        wanted = summary.states(now)
        while len(self.pills) < len(wanted):
            pill = Pill(wanted[len(self.pills)], self._theme, self)
            self._flow.addWidget(pill)
            self.pills.append(pill)
        for place, pill in enumerate(self.pills):
            if place < len(wanted) and pill.said != wanted[place]:
                pill.set_text(wanted[place])
            pill.setVisible(place < len(wanted))
        shown = summary.figures(now)
        self.strip.setVisible(bool(shown))
        if shown:
            self.strip.set_figures(shown)

    def _answered(self, _estimate: object) -> None:
        self._stale = True
        if self.isVisible():
            self.renew()

    def _set_percentile(self, share: object) -> None:
        self._session.set("targets.percentile", share, merges=False)

    def _figure_clicked(self, key: str) -> None:
        if self.given is not None and self.given.plan is not None and key in self.given.plan.figures:
            self.figure_wanted.emit(self.given.plan.gpu_id, key)

    def _lay_out(self) -> None:
        bold = self.headline.font()
        bold.setBold(True)
        bold.setPixelSize(round(self.fontInfo().pixelSize() * 1.2))
        self.headline.setFont(bold)
        self.headline.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._flow.addWidget(self.headline)
        self.strip.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, GAP, 14, 12)
        column.setSpacing(GAP)
        column.addLayout(self._flow)
        column.addWidget(self.strip)
        grid = QGridLayout()
        grid.setSpacing(GAP)
        grid.addWidget(self.latency, 0, 0, 1, 2)
        grid.addWidget(self.distribution, 1, 1)
        grid.setRowStretch(0, 10)
        grid.setRowStretch(1, 11)
        column.addLayout(grid, 1)
