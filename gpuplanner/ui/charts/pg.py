"""The one module that knows pyqtgraph: the plots of the pages that are opened later than the first.

Importing it costs about 0.2 s and 38 MB, so nothing imports it before such a page is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsLineItem, QGraphicsPolygonItem, QGraphicsRectItem, QWidget

from gpuplanner.palette import Theme
from gpuplanner.ui.charts.picture import Axis, Line, Picture

Pixels = NDArray[np.float64]
_STYLES: Final = {"solid": Qt.PenStyle.SolidLine, "dash": Qt.PenStyle.DashLine, "dot": Qt.PenStyle.DotLine}
_BAND_ALPHA: Final = 60
_FAR: Final = 10_000.0  # pixels beyond which a curve is cut: it leaves the plot, and painters dislike infinity


class Plot(pg.GraphicsView):  # type: ignore[misc]
    """Draws the inside of a :class:`Picture`, one unit a pixel. Items are kept and reused; mouse and keys belong to the field."""

    def __init__(self, parent: QWidget) -> None:
        """An empty plot that lets all events through to ``parent``."""
        super().__init__(parent, useOpenGL=False, background=None)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._box = pg.ViewBox(enableMouse=False, enableMenu=False, invertY=True, defaultPadding=0)
        self._box.disableAutoRange()
        self.setCentralItem(self._box)
        self.ci = self._box
        self._pools: dict[type, list[Any]] = {}
        self._used: dict[type, int] = {}
        self._depth = 0
        self._size = (0, 0)

    def draw(self, picture: Picture, theme: Theme) -> None:
        """Show ``picture`` over the whole widget."""
        size = width, height = max(1, self.width()), max(1, self.height())
        if size != self._size:
            self._size = size
            self._box.setRange(xRange=(0, width), yRange=(0, height), padding=0, update=True)
        self.setBackground(QColor(theme.panel))
        self._used, self._depth = {}, 0
        self._grounds(picture, theme)
        self._lines(picture, theme)
        self._clouds(picture, theme)
        for kind, items in self._pools.items():
            for item in items[self._used.get(kind, 0) :]:
                item.setVisible(False)

    def _grounds(self, picture: Picture, theme: Theme) -> None:
        height = self._size[1]
        for zone in picture.zones:
            left, right = self._x(picture.x, (zone.left, zone.right))
            item = self._next(QGraphicsRectItem, QGraphicsRectItem)
            item.setRect(QRectF(left, 0, max(0.0, right - left), height))
            item.setBrush(QColor(getattr(theme, f"{zone.state}_ground")))
            item.setPen(QPen(Qt.PenStyle.NoPen))
        for at, _ in picture.y.ticks:
            self._line(0, round(self._y(picture.y, (at,))[0]), self._size[0], None, QPen(QColor(theme.line), 1))
        for bin_ in picture.bins:
            left, right = self._x(picture.x, (bin_.left, bin_.right))
            top, bottom = self._y(picture.y, (bin_.height, 0.0))
            item = self._next(QGraphicsRectItem, QGraphicsRectItem)
            item.setRect(QRectF(left, top, max(1.0, right - left - 1), bottom - top))
            item.setBrush(QColor(getattr(theme, bin_.colour)))
            item.setPen(QPen(Qt.PenStyle.NoPen))
        for band in picture.bands:
            xs = self._x(picture.x, band.xs)
            lows, highs = self._y(picture.y, band.lows), self._y(picture.y, band.highs)
            corners = [*zip(xs, highs, strict=True), *zip(xs[::-1], lows[::-1], strict=True)]
            shape = self._next(QGraphicsPolygonItem, QGraphicsPolygonItem)
            shape.setPolygon(QPolygonF([QPointF(x, y) for x, y in corners]))
            colour = QColor(getattr(theme, band.colour))
            colour.setAlpha(_BAND_ALPHA)
            shape.setBrush(QBrush(colour))
            shape.setPen(QPen(Qt.PenStyle.NoPen))

    def _lines(self, picture: Picture, theme: Theme) -> None:
        width, height = self._size
        for rule in picture.rules:
            pen = _pen(getattr(theme, rule.colour), rule.line, 1.0)
            if rule.horizontal:
                self._line(0, round(self._y(picture.y, (rule.value,))[0]), width, None, pen)
            else:
                self._line(round(self._x(picture.x, (rule.value,))[0]), round(height * (1 - rule.height)), None, height, pen)
        for curve in picture.curves:
            item = self._next(pg.PlotCurveItem, lambda: pg.PlotCurveItem(antialias=True))
            pen = _pen(getattr(theme, curve.colour), curve.line, curve.width)
            item.setData(x=self._x(picture.x, curve.xs), y=self._y(picture.y, curve.ys), pen=pen, connect="finite")

    def _clouds(self, picture: Picture, theme: Theme) -> None:
        for cloud in picture.clouds:
            item = self._next(pg.ScatterPlotItem, lambda: pg.ScatterPlotItem(pxMode=True, antialias=True))
            xs, ys = self._x(picture.x, cloud.xs), self._y(picture.y, cloud.ys)
            colour = QColor(getattr(theme, cloud.colour))
            item.setData(x=xs, y=ys, size=3, pen=None, brush=QBrush(colour), symbol="o")

    def _line(self, left: float, top: float, right: float | None, bottom: float | None, pen: QPen) -> None:
        item = self._next(QGraphicsLineItem, QGraphicsLineItem)
        item.setLine(left, top, left if right is None else right, top if bottom is None else bottom)
        item.setPen(pen)

    def _next(self, kind: type, make: Callable[[], Any]) -> Any:
        """The next item of its kind that isn't in use; in front of all before it."""
        pool = self._pools.setdefault(kind, [])
        place = self._used.get(kind, 0)
        if place == len(pool):
            item = make()
            self._box.addItem(item, ignoreBounds=True)
            pool.append(item)
        self._used[kind] = place + 1
        self._depth += 1
        pool[place].setZValue(self._depth)
        pool[place].setVisible(True)
        return pool[place]

    def _x(self, axis: Axis, values: Sequence[float]) -> Pixels:
        return np.clip(_shares(axis, values) * self._size[0], -_FAR, _FAR)

    def _y(self, axis: Axis, values: Sequence[float]) -> Pixels:
        return np.clip((1.0 - _shares(axis, values)) * self._size[1], -_FAR, _FAR)


def _shares(axis: Axis, values: Sequence[float]) -> Pixels:
    given = np.asarray(values, dtype=float)
    low, high = axis.low, axis.high
    if axis.log:
        given, low, high = np.log10(np.maximum(given, 1e-300)), np.log10(low), np.log10(high)
    return np.asarray((given - low) / (high - low if high > low else 1.0), dtype=float)


def _pen(colour: str, line: Line, width: float) -> QPen:
    pen = QPen(QColor(colour), width)
    pen.setCosmetic(True)
    pen.setStyle(_STYLES[line])
    return pen
