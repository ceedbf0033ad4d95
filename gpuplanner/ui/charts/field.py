"""The field a plot stands on: axes and words around it, mouse, keys, tooltips and the accessible text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gpuplanner.palette import LIGHT, Theme
from gpuplanner.ui.charts.front import Front
from gpuplanner.ui.charts.labels import Writer
from gpuplanner.ui.charts.picture import Axis, Picture, Stop
from gpuplanner.ui.faults import guarded

if TYPE_CHECKING:
    from gpuplanner.ui.charts.pg import Plot

_NEAR: Final = 14.0  # pixels within which the pointer finds a point
_GAP: Final = 6
_EMPTY: Final = Picture(Axis("", 0, 1), Axis("", 0, 1))
_BY_KEYBOARD: Final = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)


class PlotField(QWidget):
    """Shows a :class:`Picture`. Arrow keys go from stop to stop; Enter or a click picks one that can be picked.

    Signals:
        picked: key of the stop that was clicked.
        current_changed: the stop under the pointer or the keyboard in words; empty when there is none.
        menu_wanted: the global position to open the context menu at.
    """

    picked = Signal(str)
    current_changed = Signal(str)
    menu_wanted = Signal(QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        """An empty field; pyqtgraph is loaded when it is first shown."""
        super().__init__(parent)
        self._theme = LIGHT
        self._writer: Writer | None = None
        self.picture: Picture | None = None
        self.plot: Plot | None = None
        self.current: int | None = None  # place among the stops
        self._area: QRectF | None = None  # worked out anew with each picture, size and font
        self._front = Front(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_picture(self, picture: Picture | None) -> None:
        """Show a picture, or nothing; the stop that is current stays by its key or its place."""
        kept = self.stop
        self.picture = picture
        if picture is None or kept is None:
            self.current = None
        else:
            places = [place for place, stop in enumerate(picture.stops) if stop.key and stop.key == kept.key]
            found = places[0] if places else self.current
            self.current = found if found is not None and found < len(picture.stops) else None
        self.setAccessibleDescription(picture.spoken() if picture else "")
        self._draw()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        self._draw()

    @property
    def stop(self) -> Stop | None:
        """The stop that the pointer or the keyboard is on."""
        if self.picture is None or self.current is None or self.current >= len(self.picture.stops):
            return None
        return self.picture.stops[self.current]

    def area(self) -> QRectF:
        """The inside of the axes, in pixels."""
        if self._area is None:
            self._area = self._inside()
        return self._area

    def _inside(self) -> QRectF:
        picture = self.picture or _EMPTY
        metrics = QFontMetricsF(self._small())
        left = max((metrics.horizontalAdvance(name) for _, name in picture.y.ticks), default=0.0) + _GAP + 2
        ends = metrics.horizontalAdvance(picture.x.ticks[-1][1]) / 2 if picture.x.ticks else 0.0
        top = metrics.height() * (1.55 if picture.y.title else 0.6)
        return QRectF(QRect(round(left), round(top), round(self.width() - left - max(ends, 4)), 1)).adjusted(
            0, 0, 0, self.height() - round(top) - round(metrics.height() * 2.2 + _GAP) - 1
        )

    def to_pixels(self, x: float, y: float) -> QPointF:
        """Where a point of the picture lies in this widget."""
        picture, area = self.picture or _EMPTY, self.area()
        return QPointF(area.left() + picture.x.share(x) * area.width(), area.bottom() - picture.y.share(y) * area.height())

    def stop_at(self, at: QPointF) -> int | None:
        """The place of the stop at a point of the widget."""
        if self.picture is None or not self.picture.stops:
            return None
        area = self.area().adjusted(-_NEAR, -_NEAR, _NEAR, _NEAR)
        if not area.contains(at):
            return None
        spots = [self.to_pixels(stop.x, stop.y) for stop in self.picture.stops]
        if self.picture.by_x:
            return min(range(len(spots)), key=lambda place: abs(spots[place].x() - at.x()))
        best = min(range(len(spots)), key=lambda place: (spots[place] - at).manhattanLength())
        return best if (spots[best] - at).manhattanLength() <= _NEAR else None

    def sizeHint(self) -> QSize:
        """A small chart."""
        return QSize(300, 150)

    def minimumSizeHint(self) -> QSize:
        """Room for axes and a little between them."""
        return QSize(150, 74)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The plot follows the size."""
        super().resizeEvent(event)
        self._draw()

    @guarded
    def showEvent(self, event: QShowEvent) -> None:
        """What was given while nobody looked is drawn now."""
        super().showEvent(event)
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        """Words follow the font."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._writer = None
            self._draw()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Axes and the numbers along them."""
        if self.picture is None:
            return
        area, small = self.area(), self._small()
        metrics = QFontMetricsF(small)
        with QPainter(self) as painter:
            painter.setFont(small)
            painter.setPen(QColor(self._theme.quiet))
            for at, name in self.picture.y.ticks:
                y = area.bottom() - self.picture.y.share(at) * area.height()
                box = QRectF(0, y - metrics.height() / 2, area.left() - _GAP, metrics.height())
                painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, name)
            self._paint_bottom(painter, area, metrics)
            painter.setPen(QPen(QColor(self._theme.quiet), 1))
            bottom = round(area.bottom()) + 0.5
            painter.drawLine(QPointF(area.left(), bottom), QPointF(area.right(), bottom))

    def _paint_bottom(self, painter: QPainter, area: QRectF, metrics: QFontMetricsF) -> None:
        assert self.picture is not None
        line, last = metrics.height(), -1e9
        for at, name in self.picture.x.ticks:
            x = area.left() + self.picture.x.share(at) * area.width()
            wide = metrics.horizontalAdvance(name)
            if x - wide / 2 < last + 4:
                continue
            last = x + wide / 2
            painter.drawText(QRectF(x - wide / 2 - 2, area.bottom() + 4, wide + 4, line), Qt.AlignmentFlag.AlignCenter, name)
            painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + 3))
        title = QRectF(0, area.bottom() + 4 + line, area.right(), line + 2)
        painter.drawText(title, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self.picture.x.title)
        if self.picture.y.title:
            painter.drawText(QRectF(0, 0, self.width(), line), Qt.AlignmentFlag.AlignLeft, self.picture.y.title)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click picks."""
        found = self.stop_at(event.position())
        if event.button() is Qt.MouseButton.LeftButton and found is not None:
            self._go(found)
            self._pick()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The pointer reads the chart."""
        found = self.stop_at(event.position())
        if found != self.current:
            self._go(found)
        can = self.stop is not None and bool(self.stop.key)
        self.setCursor(Qt.CursorShape.PointingHandCursor if can else Qt.CursorShape.ArrowCursor)

    def leaveEvent(self, event: QEvent) -> None:
        """What was read goes with the pointer."""
        super().leaveEvent(event)
        if not self.hasFocus():
            self._go(None)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Copying is up to the card."""
        self.menu_wanted.emit(event.globalPos())

    def event(self, event: QEvent) -> bool:
        """The tooltip of the stop under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            found = self.stop_at(QPointF(event.pos()))
            said = self.picture.stops[found].said if self.picture is not None and found is not None else ""
            QToolTip.showText(event.globalPos(), said, self)
            return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard starts at the first stop."""
        super().focusInEvent(event)
        if self.current is None and self.picture is not None and self.picture.stops and event.reason() in _BY_KEYBOARD:
            self._go(0)
        self._front.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The ring goes with the focus."""
        super().focusOutEvent(event)
        self._go(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move, Enter and Space pick."""
        key = Qt.Key(event.key())
        count = len(self.picture.stops) if self.picture is not None else 0
        here = -1 if self.current is None else self.current
        places = {
            Qt.Key.Key_Right: here + 1,
            Qt.Key.Key_Left: max(here, 1) - 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: count - 1,
        }
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.stop is not None:
            self._pick()
        elif key in places and count:
            self._go(min(places[key], count - 1))
        else:
            super().keyPressEvent(event)

    def _pick(self) -> None:
        if self.stop is not None and self.stop.key:
            self.picked.emit(self.stop.key)

    def _go(self, place: int | None) -> None:
        if place != self.current:
            self.current = place
            self.current_changed.emit(self.stop.said if self.stop else "")
        self._front.update()

    def _draw(self) -> None:
        """Lay out and draw, where somebody can see it."""
        self._area = None
        if not self.isVisible():
            return
        if self.plot is None:
            from gpuplanner.ui.charts.pg import Plot

            self.plot = Plot(self)
            self._front.raise_()
        if self._writer is None:
            self._writer = Writer(self._small())
        area = self.area()
        self.plot.setVisible(self.picture is not None and area.width() > 1 and area.height() > 1)
        self.plot.setGeometry(area.toRect())
        self._front.setGeometry(self.rect())
        if self.picture is not None and self.plot.isVisible():
            self.plot.draw(self.picture, self._theme)
        self._front.set_labels(self._writer, self.picture, area, self._theme)
        self.update()

    def _small(self) -> QFont:
        font = self.font()
        font.setPixelSize(max(10, round(self.fontInfo().pixelSize() * 0.9)))
        return font
