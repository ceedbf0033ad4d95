"""The one module that knows pyqtgraph: the live plot under the memory chart.

Importing it costs about 0.2 s and 38 MB, so nothing imports it before a chart is on the screen.
"""

from __future__ import annotations

from typing import Final, TypeVar

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QGraphicsLineItem, QGraphicsRectItem, QGraphicsSimpleTextItem, QWidget

from gpuplanner.palette import Theme
from gpuplanner.ui.charts.bars import BAR_HEIGHT, FREE, PARTS, ROW_PITCH, TOP, Layout, Segment

TEXT_MARGIN: Final = 8
_Item = TypeVar("_Item", bound=QGraphicsItem)
OVERFLOW: Final = "overflow"
_GAP: Final = 1  # pixels between two parts; the ground shows through


class MemoryPlot(pg.GraphicsView):  # type: ignore[misc]
    """Draws a :class:`Layout`, one unit a pixel. Items are made once and reused; mouse and keys belong to the widget below."""

    def __init__(self, parent: QWidget) -> None:
        """An empty plot that lets all events through to ``parent``."""
        super().__init__(parent, useOpenGL=False, background=None)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._box = pg.ViewBox(enableMouse=False, enableMenu=False, invertY=True, defaultPadding=0)
        self._box.disableAutoRange()
        self.setCentralItem(self._box)
        self.ci = self._box
        self._bars = {part: self._add(pg.BarGraphItem(x0=[], x1=[], y0=[], y1=[], pen=None)) for part in (*PARTS, FREE)}
        self._overflow = self._add(pg.BarGraphItem(x0=[], x1=[], y0=[], y1=[], pen=None))
        self._focus = self._add(QGraphicsRectItem())
        self._lines: list[QGraphicsLineItem] = []
        self._labels: list[QGraphicsSimpleTextItem] = []
        self._theme: Theme | None = None
        self._drawn: dict[str, list[tuple[int, float, float]]] = {}  # only what changed is given to pyqtgraph anew
        self._size = (0, 0)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        self.setBackground(QColor(theme.panel))
        for part, item in self._bars.items():
            item.setOpts(brush=QColor(theme.memory(part)))
        self._overflow.setOpts(brush=QBrush(QColor(theme.bad), Qt.BrushStyle.BDiagPattern))
        self._focus.setPen(QPen(QColor(theme.text), 2))

    def draw(self, layout: Layout, labels: dict[Segment, tuple[str, ...]], font: QFont) -> None:
        """Show ``layout``.

        Args:
            layout: in pixels of this widget.
            labels: what may stand within a segment, the longest first; the first that fits is taken.
            font: of the labels.
        """
        size = width, height = max(1, self.width()), max(1, self.height())
        if size != self._size:
            self._size = size
            self._box.setRange(xRange=(0, width), yRange=(0, height), padding=0, update=True)
        for part, item in self._bars.items():
            self._set(part, item, [(piece.row, piece.left, piece.right) for piece in layout.segments if piece.part == part])
        self._set(OVERFLOW, self._overflow, list(layout.overflows))
        self._draw_lines(layout)
        self._draw_labels(labels, font)

    def focus(self, segment: Segment | None) -> None:
        """Draw the focus ring around ``segment``, or none."""
        self._focus.setVisible(segment is not None)
        if segment is not None:
            top = TOP + segment.row * ROW_PITCH
            self._focus.setRect(QRectF(segment.left + 1, top + 1, segment.right - segment.left - 3, BAR_HEIGHT - 2))

    def _set(self, name: str, item: pg.BarGraphItem, pieces: list[tuple[int, float, float]]) -> None:
        if pieces == self._drawn.get(name, []):
            return
        self._drawn[name] = pieces
        rows = np.array([row for row, _, _ in pieces], dtype=float)
        left = np.array([start for _, start, _ in pieces], dtype=float)
        right = np.array([max(start + 1, end - _GAP) for _, start, end in pieces], dtype=float)
        item.setOpts(x0=left, x1=right, y0=TOP + rows * ROW_PITCH, y1=TOP + rows * ROW_PITCH + BAR_HEIGHT)

    def _add(self, item: _Item) -> _Item:
        self._box.addItem(item, ignoreBounds=True)
        return item

    def _draw_lines(self, layout: Layout) -> None:
        assert self._theme is not None
        wanted = [(row, x, True) for row, x in layout.limits] + [(row, x, False) for row, x in layout.ends]
        while len(self._lines) < len(wanted):
            self._lines.append(self._add(QGraphicsLineItem()))
        for line, (row, x, dashed) in zip(self._lines, wanted, strict=False):
            pen = QPen(QColor(self._theme.text), 1 if dashed else 2)
            if dashed:
                pen.setDashPattern([3, 2])
            line.setPen(pen)
            top = TOP + row * ROW_PITCH
            line.setLine(x, top - TOP, x, top + BAR_HEIGHT + TOP)
        for place, line in enumerate(self._lines):
            line.setVisible(place < len(wanted))

    def _draw_labels(self, labels: dict[Segment, tuple[str, ...]], font: QFont) -> None:
        assert self._theme is not None
        metrics = QFontMetricsF(font)
        fitting = [(piece, _fitting(texts, piece.right - piece.left, metrics)) for piece, texts in labels.items()]
        wanted = [(piece, text) for piece, text in fitting if text]
        while len(self._labels) < len(wanted):
            self._labels.append(self._add(QGraphicsSimpleTextItem()))
        for item, (piece, text) in zip(self._labels, wanted, strict=False):
            item.setFont(font)
            item.setText(text)
            item.setBrush(QBrush(QColor(self._theme.on_memory(piece.part))))
            top = TOP + piece.row * ROW_PITCH + (BAR_HEIGHT - item.boundingRect().height()) / 2
            middle = (piece.left + piece.right - _GAP) / 2
            item.setPos(round(middle - metrics.horizontalAdvance(text) / 2), round(top))
        for place, item in enumerate(self._labels):
            item.setVisible(place < len(wanted))


def _fitting(texts: tuple[str, ...], width: float, metrics: QFontMetricsF) -> str:
    return next((text for text in texts if metrics.horizontalAdvance(text) + TEXT_MARGIN <= width), "")
