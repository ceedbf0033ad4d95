"""The six figures side by side."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from gpuplanner.palette import LIGHT, Theme
from gpuplanner.ui.results.figure import FigureButton
from gpuplanner.ui.results.figures import FigureText


class FigureStrip(QFrame):
    """Equal buttons with a line between them; arrow keys go from one to the next.

    Signals:
        clicked: the key of the figure whose button was pressed.
    """

    clicked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """An empty strip."""
        super().__init__(parent)
        self.setProperty("card", True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._theme = LIGHT
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(1, 1, 1, 1)
        self._row.setSpacing(0)
        self.buttons: list[FigureButton] = []

    def set_figures(self, shown: Sequence[FigureText]) -> None:
        """Show these; the buttons are kept."""
        while len(self.buttons) < len(shown):
            self._add(shown[len(self.buttons)])
        for button, figure in zip(self.buttons, shown, strict=True):
            button.set_figure(figure)

    def mark(self, key: str | None) -> None:
        """Show which figure is being explained."""
        for button in self.buttons:
            button.setChecked(button.shown.key == key)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        for button in self.buttons:
            button.apply_theme(theme)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """All buttons take the height that the width asks for."""
        super().resizeEvent(event)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right move between the figures."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        place = next((place for place, button in enumerate(self.buttons) if button.hasFocus()), None)
        if step is None or place is None:
            super().keyPressEvent(event)
            return
        self.buttons[(place + step) % len(self.buttons)].setFocus(Qt.FocusReason.TabFocusReason)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The lines between the figures."""
        super().paintEvent(event)
        with QPainter(self) as painter:
            painter.setPen(QColor(self._theme.line))
            for button in self.buttons[1:]:
                painter.drawLine(button.x() - 1, 1, button.x() - 1, self.height() - 2)

    def _add(self, figure: FigureText) -> None:
        button = FigureButton(figure, self)
        button.apply_theme(self._theme)
        button.clicked.connect(partial(self._pressed, button))
        if self.buttons:
            self._row.addSpacing(1)
        self._row.addWidget(button, 1)
        self.buttons.append(button)
        self._fit()

    def _fit(self) -> None:
        if self.buttons:
            width = max(1, self.width() // len(self.buttons) - 1)
            height, lines = self.buttons[0].height_at(width), self.buttons[0].lines_at(width)
            for button in self.buttons:
                button.lines = lines
                if button.height() != height:
                    button.setFixedHeight(height)

    def _pressed(self, button: FigureButton, _checked: bool = False) -> None:
        self.clicked.emit(button.shown.key)
