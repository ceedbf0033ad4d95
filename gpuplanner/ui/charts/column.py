"""Texts beside the bars: names at the left, totals at the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gpuplanner.palette import LIGHT, Theme
from gpuplanner.ui.charts.bars import BAR_HEIGHT, ROW_PITCH, TOP

_STEP: Final = 24


@dataclass(frozen=True, slots=True)
class Entry:
    """A text of one row: ``first`` may be bold, ``rest`` follows in the quiet colour."""

    first: str
    rest: str = ""
    bold: bool = False
    bad: bool = False


class TextColumn(QWidget):
    """One text a bar, cut where it is too long."""

    def __init__(self, alignment: Qt.AlignmentFlag, widest: int, parent: QWidget | None = None) -> None:
        """An empty column; texts beyond ``widest`` pixels are cut."""
        super().__init__(parent)
        self._alignment = alignment
        self._widest = widest
        self._wanted = 0
        self._theme = LIGHT
        self.entries: tuple[Entry, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_entries(self, entries: Sequence[Entry]) -> None:
        """Show these."""
        self.entries = tuple(entries)
        wanted = max((self._width(entry) for entry in entries), default=0)
        self._wanted = max(self._wanted, -(-wanted // _STEP) * _STEP)  # it only grows: bars must not jump for a digit
        size = QSize(min(self._widest, self._wanted), max(1, len(entries)) * ROW_PITCH - (ROW_PITCH - BAR_HEIGHT) + 2 * TOP)
        if size != self.size():
            self.setFixedSize(size)
        self.update()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        self.update()

    def event(self, event: QEvent) -> bool:
        """A cut text stands in the tooltip."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            row = (event.pos().y() - TOP) // ROW_PITCH
            entry = self.entries[row] if 0 <= row < len(self.entries) else None
            cut = entry is not None and self._width(entry) > self.width()
            QToolTip.showText(event.globalPos(), entry.first + entry.rest if cut and entry else "", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """One line a bar."""
        with QPainter(self) as painter:
            for row, entry in enumerate(self.entries):
                self._paint(painter, entry, QRect(0, TOP + row * ROW_PITCH, self.width(), BAR_HEIGHT))

    def _paint(self, painter: QPainter, entry: Entry, box: QRect) -> None:
        font, plain = self._font(entry), self.font()
        rest_width = QFontMetrics(plain).horizontalAdvance(entry.rest)
        metrics = QFontMetrics(font)
        first = metrics.elidedText(entry.first, Qt.TextElideMode.ElideRight, box.width() - rest_width)
        wide = metrics.horizontalAdvance(first) + rest_width
        x = box.right() + 1 - wide if self._alignment is Qt.AlignmentFlag.AlignRight else box.left()
        base = round(box.top() + (box.height() + metrics.ascent() - metrics.descent()) / 2)
        painter.setFont(font)
        painter.setPen(QColor(self._theme.bad if entry.bad else self._theme.text))
        painter.drawText(x, base, first)
        painter.setFont(plain)
        painter.setPen(QColor(self._theme.bad if entry.bad else self._theme.quiet))
        painter.drawText(x + wide - rest_width, base, entry.rest)

    def _font(self, entry: Entry) -> QFont:
        font = QFont(self.font())
        font.setBold(entry.bold)
        return font

    def _width(self, entry: Entry) -> int:
        return (
            QFontMetrics(self._font(entry)).horizontalAdvance(entry.first)
            + QFontMetrics(self.font()).horizontalAdvance(entry.rest)
            + 2
        )
