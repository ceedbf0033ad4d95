"""A page under a headline with pills and a strip of figures."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from gpuplanner.palette import LIGHT, Theme
from gpuplanner.ui.bold import headline
from gpuplanner.ui.follower import Follower
from gpuplanner.ui.results.flow import FlowLayout
from gpuplanner.ui.results.pill import Pill
from gpuplanner.ui.results.pills import show_pills
from gpuplanner.ui.results.sentence import PillText
from gpuplanner.ui.results.strip import FigureStrip


class HeadedPage(Follower, QWidget):
    """What the pages What-if and Estate have in common; each lays the head's parts out itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self.headline = QLabel(self)
        self.pills: list[Pill] = []
        self.strip = FigureStrip(self)
        self._flow = FlowLayout(gap=8)

    def show_pills(self, wanted: Sequence[PillText]) -> None:
        """Say these behind the headline."""
        show_pills(self.pills, wanted, self._theme, self._flow, self)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        self.strip.apply_theme(theme)
        for pill in self.pills:
            pill.apply_theme(theme)

    def dress_head(self) -> None:
        """Put the headline before the pills, in its type."""
        headline(self.headline, self, 1.2)
        self.headline.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._flow.addWidget(self.headline)
