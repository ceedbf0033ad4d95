"""A few lines of a name, a quiet remark and a value, with a rule below each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gpuplanner.palette import LIGHT, Theme

_AIR: Final = 9
_GAP: Final = 8


@dataclass(frozen=True, slots=True)
class Line:
    """``glyph`` and ``ink`` (a colour of the theme) tell a state; ``value`` is bold at the right, ``quiet`` before it."""

    name: str
    value: str = ""
    quiet: str = ""
    glyph: str = ""
    ink: str = "text"

    @property
    def spoken(self) -> str:
        """The line for a screen reader."""
        return ", ".join(part for part in (f"{self.glyph} {self.name}".strip(), self.value, self.quiet) if part)


class Lines(QWidget):
    """Painted lines; where they can be opened, click or Enter does.

    Signals:
        opened: the place of a line.
    """

    opened = Signal(int)

    def __init__(self, parent: QWidget | None = None, *, opens: bool = False) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._opens = opens
        self._current = 0
        self.lines: tuple[Line, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        if opens:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Show these."""
        self.lines = tuple(lines)
        self._current = 0
        self.setAccessibleName("; ".join(line.spoken for line in self.lines))
        self.setVisible(bool(self.lines))
        self.updateGeometry()
        self.update()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """All lines."""
        return QSize(220, len(self.lines) * self._step())

    def minimumSizeHint(self) -> QSize:
        """As high as all lines."""
        return QSize(120, len(self.lines) * self._step())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Every line."""
        step, bold = self._step(), QFont(self.font())
        bold.setBold(True)
        with QPainter(self) as painter:
            for place, line in enumerate(self.lines):
                rect = QRect(0, place * step, self.width(), step)
                if self._opens and self.hasFocus() and place == self._current:
                    painter.fillRect(rect, QColor(self._theme.accent_ground))
                painter.fillRect(0, rect.bottom(), self.width(), 1, QColor(self._theme.line))
                self._paint(painter, rect, line, bold)

    def _paint(self, painter: QPainter, rect: QRect, line: Line, bold: QFont) -> None:
        theme, left = self._theme, rect.left()
        strong, plain = QFontMetrics(bold), QFontMetrics(self.font())
        room = rect.width()
        value = strong.elidedText(line.value, Qt.TextElideMode.ElideRight, round(room * 0.6))
        right = strong.horizontalAdvance(value)
        if line.glyph:
            self._write(painter, QRect(left, rect.top(), 16, rect.height()), line.glyph, bold, line.ink)
            left += 16
        name = plain.elidedText(line.name, Qt.TextElideMode.ElideRight, max(20, room - left - right - _GAP))
        self._write(painter, QRect(left, rect.top(), room, rect.height()), name, self.font(), "text")
        self._write(painter, rect, value, bold, "text" if line.glyph else line.ink, right=True)
        free = room - left - plain.horizontalAdvance(name) - right - 2 * _GAP
        quiet = plain.elidedText(line.quiet, Qt.TextElideMode.ElideRight, free) if free > 30 else ""
        if quiet:
            self._write(painter, rect.adjusted(0, 0, -(right + _GAP if right else 0), 0), quiet, self.font(), "quiet", right=True)
        painter.setPen(QColor(theme.text))

    def _write(self, painter: QPainter, rect: QRect, words: str, font: QFont, ink: str, *, right: bool = False) -> None:
        painter.setFont(font)
        painter.setPen(QColor(getattr(self._theme, ink)))
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(rect, int(side | Qt.AlignmentFlag.AlignVCenter), words)

    def event(self, event: QEvent) -> bool:
        """What was cut stands in the tooltip."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            place = event.pos().y() // self._step()
            if 0 <= place < len(self.lines):
                QToolTip.showText(event.globalPos(), self.lines[place].spoken, self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click opens a line."""
        place = int(event.position().y()) // self._step()
        if self._opens and event.button() is Qt.MouseButton.LeftButton and 0 <= place < len(self.lines):
            self._current = place
            self.opened.emit(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down go from line to line, Enter opens."""
        ways = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if self._opens and event.key() in ways and 0 <= self._current + ways[Qt.Key(event.key())] < len(self.lines):
            self._current += ways[Qt.Key(event.key())]
            self.update()
        elif self._opens and self.lines and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit(self._current)
        else:
            super().keyPressEvent(event)

    def _step(self) -> int:
        return QFontMetrics(self.font()).height() + _AIR
