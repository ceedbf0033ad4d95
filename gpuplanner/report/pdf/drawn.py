"""A drawing of shapes on a page of a PDF, in vectors and with text that can be searched."""

from __future__ import annotations

from itertools import pairwise

from gpuplanner.palette import LIGHT
from gpuplanner.report.drawing.shapes import Anchor, Box, Drawing, Stroke, Words
from gpuplanner.report.pdf.sheet import INNER, MARGIN, Sheet, Style, block

_LEADING = 1.4
_FAR = 4000.0


def draw(sheet: Sheet, drawing: Drawing) -> None:
    """Put it over the width of the page and move the sheet down."""
    scale = INNER / drawing.width
    sheet.need(drawing.height * scale)
    top = sheet.y
    for shape in drawing.shapes:
        if isinstance(shape, Box):
            _box(sheet, shape, top, scale)
        elif isinstance(shape, Stroke):
            _stroke(sheet, shape, top, scale)
        else:
            _words(sheet, shape, top, scale)
    sheet.y = top + drawing.height * scale


def _box(sheet: Sheet, box: Box, top: float, scale: float) -> None:
    x, y, width, height = MARGIN + box.x * scale, top + box.y * scale, box.width * scale, box.height * scale
    if box.fill:
        sheet.box(x, y, width, height, str(getattr(LIGHT, box.fill)))
    if not box.edge:
        return
    corners = ((x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y))
    for (x1, y1), (x2, y2) in pairwise(corners):
        sheet.line(x1, y1, x2, y2, str(getattr(LIGHT, box.edge)), 1.0, dashed=box.dashed)


def _stroke(sheet: Sheet, stroke: Stroke, top: float, scale: float) -> None:
    colour = str(getattr(LIGHT, stroke.colour))
    for (x1, y1), (x2, y2) in pairwise(stroke.points):
        ends = (MARGIN + x1 * scale, top + y1 * scale, MARGIN + x2 * scale, top + y2 * scale)
        sheet.line(*ends, colour, stroke.width * scale, dashed=stroke.dashed)


def _words(sheet: Sheet, words: Words, top: float, scale: float) -> None:
    style = Style(words.size * scale, words.bold, str(getattr(LIGHT, words.colour)))
    room = words.room * scale or _FAR
    laid = block(_fitting(words.text, room, style), _FAR, style, leading=_LEADING)
    x = MARGIN + words.x * scale - laid.natural_width * _SHIFT[words.anchor]
    sheet.place(laid, x, top + words.y * scale - laid.height / 2)


_SHIFT: dict[Anchor, float] = {"start": 0.0, "middle": 0.5, "end": 1.0}


def _fitting(text: str, room: float, style: Style) -> str:
    """As much of a text as there is room for."""
    if block(text, _FAR, style).natural_width <= room:
        return text
    kept = text
    while kept and block(f"{kept}…", _FAR, style).natural_width > room:
        kept = kept[:-1]
    return f"{kept}…" if kept else ""
