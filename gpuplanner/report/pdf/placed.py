"""Drawings on the pages of a document."""

from __future__ import annotations

from PySide6.QtGui import QPainter

from gpuplanner.palette import LIGHT
from gpuplanner.report.drawing.shapes import Drawing
from gpuplanner.report.pdf.drawing import paint
from gpuplanner.report.pdf.fonts import font
from gpuplanner.report.pdf.parts import heading
from gpuplanner.report.pdf.sheet import BOTTOM, FINENESS, INNER, MARGIN, Sheet

_HEADING = 60.0  # room of a drawing's heading


def placed(sheet: Sheet, title: str, aside: str, drawing: Drawing) -> None:
    """A drawing over the width of the page, under its heading; smaller where it would be higher than a page."""
    scale = min(INNER / drawing.width, (BOTTOM - sheet.top - _HEADING) / drawing.height)
    high = drawing.height * scale
    heading(sheet, title, aside, keep=high)
    top = sheet.y

    def step(painter: QPainter) -> None:
        painter.save()
        painter.translate(MARGIN * FINENESS, top * FINENESS)
        painter.scale(scale * FINENESS, scale * FINENESS)
        paint(painter, drawing, LIGHT, font(12))
        painter.restore()

    sheet.pages[-1].append(step)
    sheet.y += high + 26
