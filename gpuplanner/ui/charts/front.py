"""What stands before a plot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gpuplanner.palette import LIGHT, Theme
from gpuplanner.ui.charts.labels import Label, Writer
from gpuplanner.ui.charts.picture import Picture, Stop

if TYPE_CHECKING:
    from gpuplanner.ui.charts.field import PlotField


class Front(QWidget):
    """What stands before the plot: its words, and the stop that is current."""

    def __init__(self, field: PlotField) -> None:
        super().__init__(field)
        self._field = field
        self._writer: Writer | None = None
        self._theme = LIGHT
        self.labels: tuple[Label, ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def set_labels(self, writer: Writer, picture: Picture | None, area: QRectF, theme: Theme) -> None:
        """Show the words of a picture whose axes enclose ``area``."""
        self._writer, self._theme = writer, theme
        self.labels = tuple(writer.labels(picture, area)) if picture is not None else ()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Dots, words and the current stop."""
        if self._writer is None:
            return
        with QPainter(self) as painter:
            self._paint_dots(painter)
            for label in self.labels:
                if label.ground:
                    ground = QColor(self._theme.panel)
                    ground.setAlpha(210)
                    painter.fillRect(label.box.adjusted(-2, 1, 1, -1), ground)
                painter.setFont(self._writer.bold if label.bold else self._writer.font)
                painter.setPen(QColor(getattr(self._theme, label.colour)))
                painter.drawText(label.box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, label.text)
            stop = self._field.stop
            if stop is not None:
                self._paint_stop(painter, stop)

    def _paint_dots(self, painter: QPainter) -> None:
        picture = self._field.picture
        if picture is None or not picture.dots:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for dot in picture.dots:
            at, colour = self._field.to_pixels(dot.x, dot.y), QColor(getattr(self._theme, dot.colour))
            painter.setPen(QPen(colour, 1.5))
            painter.setBrush(QColor(self._theme.panel) if dot.hollow else colour)
            painter.drawEllipse(at, dot.size / 2, dot.size / 2)
            if dot.ringed:
                painter.setPen(QPen(QColor(self._theme.text), 1.5))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(at, dot.size / 2 + 3.5, dot.size / 2 + 3.5)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_stop(self, painter: QPainter, stop: Stop) -> None:
        area, at = self._field.area(), self._field.to_pixels(stop.x, stop.y)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._field.picture is not None and self._field.picture.by_x:
            painter.setPen(QPen(QColor(self._theme.quiet), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(at.x(), area.top()), QPointF(at.x(), area.bottom()))
        if area.adjusted(-2, -2, 2, 2).contains(at):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self._theme.text), 2))
            painter.drawEllipse(at, 6, 6)
