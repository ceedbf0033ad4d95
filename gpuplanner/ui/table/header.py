"""The head of the table: titles that end where their numbers end, a small arrow in the margin of the sorted one."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPolygonF
from PySide6.QtWidgets import QHeaderView, QWidget

from gpuplanner.palette import LIGHT, Theme
from gpuplanner.ui.table.columns import COLUMNS

MARGIN: Final = 6
_ARROW: Final = 6
_HEIGHT: Final = 28


class GpuHeader(QHeaderView):
    """A movable, clickable head. It paints itself: a styled section costs ten times as much, at every keystroke."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """A horizontal head."""
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = LIGHT
        self._letters: tuple[QFont, QFontMetrics] | None = None
        self.setSectionsMovable(True)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(24)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setFixedHeight(_HEIGHT)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        self.viewport().update()

    def changeEvent(self, event: QEvent) -> None:
        """Titles grow with the text size."""
        self._letters = None
        super().changeEvent(event)

    def paintSection(self, painter: QPainter, rect: QRect, logical_index: int) -> None:
        """Ground, line, title, arrow."""
        column = COLUMNS[logical_index]
        painter.fillRect(rect, QColor(self._theme.panel))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, QColor(self._theme.line))
        font, metrics = self._lettering()
        room = rect.width() - 2 * MARGIN
        words = metrics.elidedText(
            str(self.model().headerData(logical_index, self.orientation())), Qt.TextElideMode.ElideRight, room
        )
        x = rect.right() + 1 - MARGIN - metrics.horizontalAdvance(words) if column.right else rect.left() + MARGIN
        painter.setFont(font)
        painter.setPen(QColor(self._theme.quiet))
        painter.drawText(x, rect.top() + (rect.height() + metrics.ascent() - metrics.descent()) // 2, words)
        if logical_index == self.sortIndicatorSection():
            after = rect.right() if column.right else x + metrics.horizontalAdvance(words) + _ARROW + (3 if words else 0)
            self._arrow(painter, after, rect.center().y())

    def _lettering(self) -> tuple[QFont, QFontMetrics]:
        if self._letters is None:
            font = QFont(self.font())
            font.setPixelSize(max(10, round(self.fontInfo().pixelSize() * 0.92)))
            font.setBold(True)
            self._letters = font, QFontMetrics(font)
        return self._letters

    def _arrow(self, painter: QPainter, right: int, middle: int) -> None:
        up = self.sortIndicatorOrder() is Qt.SortOrder.AscendingOrder
        base, tip = (middle + 3, middle - 1) if up else (middle - 1, middle + 3)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.accent))
        painter.drawPolygon(QPolygonF([QPointF(right - _ARROW, base), QPointF(right, base), QPointF(right - _ARROW / 2, tip)]))
        painter.restore()
