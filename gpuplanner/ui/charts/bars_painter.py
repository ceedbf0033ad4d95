"""Draws the bars of the memory chart. Plain painting: it is on the screen before a plotting library would be loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPen

from gpuplanner.palette import Theme
from gpuplanner.ui.charts.bars import BAR_HEIGHT, ROW_PITCH, TOP, Layout, Segment

TEXT_MARGIN: Final = 8
_GAP: Final = 1  # pixels between two parts; the ground shows through
Labels = Mapping[Segment, tuple[str, ...]]


class BarPainter:
    """Keeps the measures of its font, since making them costs as much as writing in them."""

    def __init__(self, font: QFont) -> None:
        self._font = font
        self._metrics = QFontMetricsF(font)
        self._widths: dict[str, float] = {}

    def paint(self, painter: QPainter, layout: Layout, labels: Labels, theme: Theme, focus: Segment | None) -> None:
        """Draw everything.

        Args:
            painter: on the canvas, one unit a pixel.
            layout: where the bars lie.
            labels: what may stand within a segment, the longest first; the first that fits is taken.
            theme: the colours.
            focus: the segment that has the keyboard's ring.
        """
        for piece in layout.segments:
            painter.fillRect(_box(piece.row, piece.left, piece.right - _GAP), QColor(theme.memory(piece.part)))
        pattern = QBrush(QColor(theme.bad), Qt.BrushStyle.BDiagPattern)
        for row, left, right in layout.overflows:
            painter.fillRect(_box(row, left, right - _GAP), pattern)
        self._lines(painter, layout, theme)
        painter.setFont(self._font)
        for piece, texts in labels.items():
            self._label(painter, piece, texts, theme)
        if focus is not None:
            painter.setPen(QPen(QColor(theme.text), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            top = TOP + focus.row * ROW_PITCH
            painter.drawRect(QRectF(focus.left + 1, top + 1, focus.right - focus.left - 3, BAR_HEIGHT - 2))

    @staticmethod
    def _lines(painter: QPainter, layout: Layout, theme: Theme) -> None:
        """The engines' limits dashed, the ends of the cards full; both stand out of their bar."""
        for places, dashed in ((layout.limits, True), (layout.ends, False)):
            pen = QPen(QColor(theme.text), 1 if dashed else 2)
            if dashed:
                pen.setDashPattern([3, 2])
            painter.setPen(pen)
            for row, x in places:
                top = TOP + row * ROW_PITCH
                painter.drawLine(QLineF(x, top - TOP, x, top + BAR_HEIGHT + TOP))

    def _label(self, painter: QPainter, piece: Segment, texts: tuple[str, ...], theme: Theme) -> None:
        room = piece.right - piece.left - TEXT_MARGIN
        said = next((text for text in texts if self._width(text) <= room), "")
        if said:
            painter.setPen(QColor(theme.on_memory(piece.part)))
            painter.drawText(_box(piece.row, piece.left, piece.right - _GAP), Qt.AlignmentFlag.AlignCenter, said)

    def _width(self, text: str) -> float:
        found = self._widths.get(text)
        if found is None:
            if len(self._widths) > 500:
                self._widths.clear()
            found = self._widths[text] = self._metrics.horizontalAdvance(text)
        return found


def _box(row: int, left: float, right: float) -> QRectF:
    return QRectF(left, TOP + row * ROW_PITCH, max(1.0, right - left), BAR_HEIGHT)
