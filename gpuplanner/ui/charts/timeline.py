"""The memory of a training step over its course."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gpuplanner.engine.result import Moment
from gpuplanner.palette import LIGHT, Theme
from gpuplanner.texts import text
from gpuplanner.ui.charts.steps import Area, Course, Span, course

AREA_HEIGHT: Final = 46
_GAP: Final = 3


class Timeline(QWidget):
    """Stacked areas along one step. Arrow keys go from moment to moment, Enter or a click opens the memory they make up.

    Signals:
        opened: a click, or Enter.
        current_changed: the moment that the keyboard is on, in words; empty when it left.
    """

    opened = Signal()
    current_changed = Signal(str)

    def __init__(self, sentence: Callable[[Moment], str], parent: QWidget | None = None) -> None:
        """A timeline of nothing; ``sentence`` says a moment in words."""
        super().__init__(parent)
        self._sentence = sentence
        self._theme = LIGHT
        self._moments: tuple[Moment, ...] = ()
        self._current: int | None = None
        self.drawn = Course((), (), "")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_moments(self, moments: Sequence[Moment]) -> None:
        """Show these."""
        self._moments = tuple(moments)
        self.setAccessibleDescription("\n".join(self._sentence(moment) for moment in moments))
        self._redraw()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """The areas and a line of names."""
        return QSize(400, AREA_HEIGHT + _GAP + QFontMetrics(self._small()).height())

    def minimumSizeHint(self) -> QSize:
        """As high as it would be."""
        return QSize(120, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The course follows the width."""
        super().resizeEvent(event)
        self._redraw()

    def changeEvent(self, event: QEvent) -> None:
        """Names follow the font."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self.updateGeometry()

    def event(self, event: QEvent) -> bool:
        """The tooltip of the moment under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            found = self.drawn.at(event.pos().x())
            QToolTip.showText(event.globalPos(), self._sentence(found.moment) if found else "", self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click opens the memory that this makes up."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.opened.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right move, Enter and Space open."""
        key = Qt.Key(event.key())
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(key)
        if step is not None and self._moments:
            here = -1 if self._current is None else self._current
            self._go(min(max(here + step, 0), len(self._moments) - 1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard starts at the peak."""
        super().focusInEvent(event)
        names = [moment.name for moment in self._moments]
        if event.reason() is not Qt.FocusReason.MouseFocusReason and self.drawn.peak in names:
            self._go(names.index(self.drawn.peak))
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The ring goes with the focus."""
        super().focusOutEvent(event)
        self._current = None
        self.current_changed.emit("")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Areas, lines between the moments, their names."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            for area in self.drawn.areas:
                painter.setBrush(QColor(self._theme.memory(area.part)))
                painter.drawPolygon(_polygon(area))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            self._paint_lines(painter)
            painter.setFont(self._small())
            for span in self.drawn.spans:
                self._paint_name(painter, span)
            self._paint_focus(painter)

    def _paint_lines(self, painter: QPainter) -> None:
        pen = QPen(QColor(self._theme.text), 1)
        pen.setDashPattern([2, 2])
        painter.setPen(pen)
        for span in self.drawn.spans[1:]:
            painter.drawLine(QPointF(round(span.left), 0), QPointF(round(span.left), AREA_HEIGHT))

    def _paint_name(self, painter: QPainter, span: Span) -> None:
        painter.setPen(QColor(self._theme.text if span.moment.name == self.drawn.peak else self._theme.quiet))
        box = QRectF(span.left, AREA_HEIGHT + _GAP, span.right - span.left, self.height() - AREA_HEIGHT - _GAP)
        name = text(f"results.timeline.{span.moment.name}")
        shown = QFontMetrics(painter.font()).elidedText(name, Qt.TextElideMode.ElideRight, int(box.width()))
        painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, shown)

    def _paint_focus(self, painter: QPainter) -> None:
        if not self.hasFocus() or self._current is None or self._current >= len(self.drawn.spans):
            return
        span = self.drawn.spans[self._current]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(self._theme.text), 2))
        painter.drawRect(QRectF(span.left + 1, 1, span.right - span.left - 2, AREA_HEIGHT - 2))

    def _go(self, place: int) -> None:
        self._current = place
        self.current_changed.emit(self._sentence(self._moments[place]))
        self.update()

    def _redraw(self) -> None:
        self.drawn = course(self._moments, self.width(), AREA_HEIGHT)
        self.update()

    def _small(self) -> QFont:
        font = self.font()
        font.setPixelSize(max(10, round(self.fontInfo().pixelSize() * 0.88)))
        return font


def _polygon(area: Area) -> QPolygonF:
    corners = [*area.upper, *reversed(area.lower)]
    return QPolygonF([QPointF(x, y) for x, y in corners])
