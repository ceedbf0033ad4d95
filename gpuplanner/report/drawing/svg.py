"""A drawing as an SVG file: text stays text, lines stay lines."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from gpuplanner.palette import Theme
from gpuplanner.report.drawing.shapes import Box, Drawing, Shape, Stroke, Words

_FAMILY = "Inter, 'Noto Sans SC', 'Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC', sans-serif"


def svg(drawing: Drawing, theme: Theme) -> str:
    """The file's content."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{drawing.width:g}" height="{drawing.height:g}" '
        f'viewBox="0 0 {drawing.width:g} {drawing.height:g}" font-family={quoteattr(_FAMILY)}>'
    )
    ground = f'<rect width="100%" height="100%" fill="{theme.panel}"/>'
    about = f"<desc>{escape(drawing.spoken)}</desc>"
    return "\n".join((head, about, ground, *(_shape(shape, theme) for shape in drawing.shapes), "</svg>")) + "\n"


def _shape(shape: Shape, theme: Theme) -> str:
    if isinstance(shape, Box):
        return _box(shape, theme)
    if isinstance(shape, Stroke):
        points = " ".join(f"{x:g},{y:g}" for x, y in shape.points)
        dash = ' stroke-dasharray="3 3"' if shape.dashed else ""
        colour = getattr(theme, shape.colour)
        return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{shape.width:g}"{dash}/>'
    return _words(shape, theme)


def _box(box: Box, theme: Theme) -> str:
    fill = getattr(theme, box.fill) if box.fill else "none"
    edge = f' stroke="{getattr(theme, box.edge)}"' if box.edge else ""
    dash = ' stroke-dasharray="3 3"' if box.dashed else ""
    where = f'x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}" rx="{box.radius:g}"'
    said = f"<title>{escape(box.said)}</title>" if box.said else ""
    return f'<rect {where} fill="{fill}"{edge}{dash}>{said}</rect>'


def _words(words: Words, theme: Theme) -> str:
    weight = ' font-weight="bold"' if words.bold else ""
    looks = f'font-size="{words.size:g}" fill="{getattr(theme, words.colour)}" text-anchor="{words.anchor}"{weight}'
    return f'<text x="{words.x:g}" y="{words.y:g}" dominant-baseline="central" {looks}>{escape(words.text)}</text>'
