"""Paints a drawing of plain shapes: on a window, a picture or a page."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPageLayout, QPageSize, QPainter, QPdfWriter, QPen, QPolygonF

from gpuplanner.palette import LIGHT, Theme
from gpuplanner.report.drawing.shapes import Box, Drawing, Stroke, Words

_DPI = 96
_POINTS_PER_INCH = 72


def paint(painter: QPainter, drawing: Drawing, theme: Theme, font: QFont) -> None:
    """Draw all shapes.

    Args:
        painter: where (0, 0) is the drawing's corner, one unit a pixel.
        drawing: the shapes.
        theme: gives names of colours their values.
        font: the family; sizes are those of the words.
    """
    fonts: dict[tuple[float, bool], tuple[QFont, QFontMetricsF]] = {}
    for shape in drawing.shapes:
        if isinstance(shape, Box):
            _box(painter, shape, theme)
        elif isinstance(shape, Stroke):
            painter.setPen(_pen(getattr(theme, shape.colour), shape.width, shape.dashed))
            painter.drawPolyline(QPolygonF([QPointF(_crisp(x), _crisp(y)) for x, y in shape.points]))
        else:
            _words(painter, shape, theme, font, fonts)


def pdf_bytes(drawing: Drawing, title: str, font: QFont) -> bytes:
    """A drawing on a page of its own size, as the content of a PDF file."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(_DPI)
    size = QSizeF(drawing.width, drawing.height) * (_POINTS_PER_INCH / _DPI)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(size, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch),
            QPageLayout.Orientation.Portrait,
            QMarginsF(0, 0, 0, 0),
        )
    )
    writer.setTitle(title)
    painter = QPainter(writer)
    paint(painter, drawing, LIGHT, font)
    painter.end()
    return bytes(buffer.data().data())


def _box(painter: QPainter, box: Box, theme: Theme) -> None:
    if not box.fill and not box.edge:
        return
    if box.fill and not box.edge and not box.radius:
        painter.fillRect(QRectF(box.x, box.y, box.width, box.height), QColor(getattr(theme, box.fill)))
        return
    painter.setPen(_pen(getattr(theme, box.edge), 1.0, box.dashed) if box.edge else Qt.PenStyle.NoPen)
    painter.setBrush(QColor(getattr(theme, box.fill)) if box.fill else Qt.BrushStyle.NoBrush)
    rect = QRectF(_crisp(box.x), _crisp(box.y), round(box.width), round(box.height))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, box.radius > 0)
    painter.drawRoundedRect(rect, box.radius, box.radius)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _words(
    painter: QPainter, words: Words, theme: Theme, font: QFont, fonts: dict[tuple[float, bool], tuple[QFont, QFontMetricsF]]
) -> None:
    key = (words.size, words.bold)
    if key not in fonts:
        face = QFont(font)
        face.setPixelSize(max(7, round(words.size)))
        face.setBold(words.bold)
        fonts[key] = face, QFontMetricsF(face)
    face, metrics = fonts[key]
    said = metrics.elidedText(words.text, Qt.TextElideMode.ElideRight, words.room + 0.5) if words.room else words.text
    wide = metrics.horizontalAdvance(said)
    left = words.x - {"start": 0.0, "middle": wide / 2, "end": wide}[words.anchor]
    painter.setFont(face)
    painter.setPen(QColor(getattr(theme, words.colour)))
    painter.drawText(QPointF(left, words.y + (metrics.ascent() - metrics.descent()) / 2), said)


def _pen(colour: str, width: float, dashed: bool) -> QPen:
    pen = QPen(QColor(colour), width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if dashed:
        pen.setDashPattern([3, 3])
    return pen


def _crisp(at: float) -> float:
    """The middle of a pixel, so that a line of one pixel is one pixel."""
    return round(at - 0.5) + 0.5
