"""A drawing on the screen: follows its width, says what lies under the pointer, is copied and saved."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QGuiApplication, QHelpEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gpuplanner.palette import LIGHT, Theme
from gpuplanner.report.drawing.shapes import Drawing
from gpuplanner.report.pdf.drawing import paint

Maker = Callable[[float, float], Drawing]


class DrawingView(QWidget):
    """Draws what ``make`` gives for its width and height."""

    def __init__(self, parent: QWidget | None = None, *, fits: bool = False) -> None:
        """An empty view.

        Args:
            parent: owns it.
            fits: the drawing follows the height too; else the view is as tall as the drawing.
        """
        super().__init__(parent)
        self._make: Maker | None = None
        self._fits = fits
        self._theme = LIGHT
        self.drawing = Drawing(0, 0)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored if fits else QSizePolicy.Policy.Fixed)

    def set_maker(self, make: Maker) -> None:
        """Draw something else."""
        self._make = make
        self.redraw()

    def redraw(self) -> None:
        """Draw anew at the present size."""
        if self._make is None or self.width() < 20:
            return
        self.drawing = self._make(float(self.width()), float(self.height()))
        self.setAccessibleDescription(self.drawing.spoken)
        if not self._fits and self.height() != round(self.drawing.height):
            self.setFixedHeight(max(1, round(self.drawing.height)))
        self.update()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """As the drawing is."""
        return QSize(200, max(1, round(self.drawing.height)))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """All shapes."""
        with QPainter(self) as painter:
            paint(painter, self.drawing, self._theme, self.font())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follow the width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width() or self._fits:
            self.redraw()

    def event(self, event: QEvent) -> bool:
        """What lies under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            said = self.drawing.said_at(event.pos().x(), event.pos().y())
            if said:
                QToolTip.showText(event.globalPos(), said, self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)


def picture(drawing: Drawing, theme: Theme, view: QWidget, scale: float = 2.0) -> QPixmap:
    """The drawing as a picture, finer than the screen."""
    pixmap = QPixmap(round(drawing.width * scale), round(drawing.height * scale))
    pixmap.fill(Qt.GlobalColor.white if not theme.dark else Qt.GlobalColor.black)
    with QPainter(pixmap) as painter:
        painter.scale(scale, scale)
        paint(painter, drawing, theme, view.font())
    return pixmap


def to_clipboard(drawing: Drawing, theme: Theme, view: QWidget) -> None:
    """Put the drawing on the clipboard as a picture."""
    QGuiApplication.clipboard().setPixmap(picture(drawing, theme, view))
