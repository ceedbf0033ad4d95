"""Pages as lists of drawing steps: laid out first, painted once the number of pages is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QTextCharFormat, QTextLayout, QTextOption

from gpuplanner.palette import LIGHT
from gpuplanner.report.pdf.fonts import font
from gpuplanner.report.plain import visible

# A page is thought of as 1240 x 1754 (A4 at 150 dots an inch) and written eight times finer.
WIDTH: Final = 1240
HEIGHT: Final = 1754
MARGIN: Final = 104
FINENESS: Final = 8
DOTS_PER_INCH: Final = 150 * FINENESS
INNER: Final = WIDTH - 2 * MARGIN
FOOT: Final = 1680
BOTTOM: Final = FOOT - 24

# From a line's middle to its baseline, in font sizes: half the height of a capital.
_BASELINE: Final = 0.36

Step = Callable[[QPainter], None]


class Align(Enum):
    """Where a text stands in its width."""

    LEFT = Qt.AlignmentFlag.AlignLeft
    RIGHT = Qt.AlignmentFlag.AlignRight
    CENTRE = Qt.AlignmentFlag.AlignHCenter


@dataclass(frozen=True, slots=True)
class Style:
    """How a text looks: size in page units, weight, colour."""

    size: float = 15
    bold: bool = False
    colour: str = LIGHT.text
    raised: bool = False


BODY: Final = Style()
STRONG: Final = Style(bold=True)
QUIET: Final = Style(colour=LIGHT.quiet)
SMALL: Final = Style(size=13, colour=LIGHT.quiet)
HEADING: Final = Style(size=19, bold=True)


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one style."""

    text: str
    style: Style = BODY


@dataclass(frozen=True, slots=True)
class Block:
    """A laid-out paragraph: its height, and the width of its longest line, in page units."""

    layout: QTextLayout
    height: float
    natural_width: float
    colour: str


def block(runs: Sequence[Run] | str, width: float, style: Style = BODY, align: Align = Align.LEFT, leading: float = 1.4) -> Block:
    """Lay a paragraph out.

    Args:
        runs: the text, in one or several styles; no markup is read out of it.
        width: page units; longer text is wrapped, inside a word if it must be.
        style: of the text when ``runs`` is a string, and of the line height.
        align: left, right or centred in ``width``.
        leading: line height as a multiple of the font size.
    """
    given = [Run(runs, style)] if isinstance(runs, str) else runs
    parts = [Run(visible(part.text), part.style) for part in given]
    layout = QTextLayout("".join(part.text for part in parts), font(style.size * FINENESS, style.bold))
    option = QTextOption(align.value)
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    option.setTextDirection(Qt.LayoutDirection.LeftToRight)
    layout.setTextOption(option)
    layout.setFormats(_formats(parts))
    height, natural = _break_lines(layout, width, style, leading)
    return Block(layout, height, natural, style.colour)


def _formats(parts: Sequence[Run]) -> list[QTextLayout.FormatRange]:
    ranges = []
    start = 0
    for part in parts:
        length = len(part.text.encode("utf-16-le")) // 2  # Qt counts UTF-16 units
        look = QTextCharFormat()
        look.setFont(font(part.style.size * FINENESS, part.style.bold))
        look.setForeground(QColor(part.style.colour))
        if part.style.raised:
            look.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignSuperScript)
        piece = QTextLayout.FormatRange()
        piece.start, piece.length, piece.format = start, length, look
        ranges.append(piece)
        start += length
    return ranges


def _break_lines(layout: QTextLayout, width: float, style: Style, leading: float) -> tuple[float, float]:
    """Lines of one height with the baseline at one place in each, whatever fonts stand in them."""
    line_height = style.size * leading
    baseline = line_height / 2 + style.size * _BASELINE
    height = natural = 0.0
    layout.beginLayout()
    line = layout.createLine()
    while line.isValid():
        line.setLineWidth(width * FINENESS)
        line.setPosition(QPointF(0, (height + baseline) * FINENESS - line.ascent()))
        natural = max(natural, line.naturalTextWidth() / FINENESS)
        height += line_height
        line = layout.createLine()
    layout.endLayout()
    return height, natural


@dataclass
class Sheet:
    """The pages so far, and where the next thing goes on the last one."""

    top: float = MARGIN
    pages: list[list[Step]] = field(default_factory=lambda: [[]])
    y: float = MARGIN

    def new_page(self) -> None:
        """Go on at the top of a fresh page."""
        self.pages.append([])
        self.y = self.top

    def need(self, height: float) -> bool:
        """Start a new page unless ``height`` is left on this one; tells whether it did."""
        if self.y + height <= BOTTOM or self.y <= self.top:
            return False
        self.new_page()
        return True

    def place(self, laid: Block, x: float, y: float) -> None:
        """Put a paragraph at a position of the current page."""

        def step(painter: QPainter) -> None:
            painter.setPen(QColor(laid.colour))
            laid.layout.draw(painter, QPointF(x * FINENESS, y * FINENESS))

        self.pages[-1].append(step)

    def line(
        self, x1: float, y1: float, x2: float, y2: float, colour: str = LIGHT.line, width: float = 1.3, dashed: bool = False
    ) -> None:
        """A straight line."""
        pen = QPen(QColor(colour), width * FINENESS)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if dashed:
            pen.setDashPattern([3.0, 2.5])

        def step(painter: QPainter) -> None:
            painter.setPen(pen)
            painter.drawLine(QPointF(x1 * FINENESS, y1 * FINENESS), QPointF(x2 * FINENESS, y2 * FINENESS))

        self.pages[-1].append(step)

    def image(self, picture: QImage, x: float, y: float, width: float, height: float) -> None:
        """A picture, stretched to a rectangle."""
        area = QRectF(x * FINENESS, y * FINENESS, width * FINENESS, height * FINENESS)
        self.pages[-1].append(lambda painter: painter.drawImage(area, picture))

    def box(self, x: float, y: float, width: float, height: float, fill: str) -> None:
        """A filled rectangle."""
        area = QRectF(x * FINENESS, y * FINENESS, width * FINENESS, height * FINENESS)
        self.pages[-1].append(lambda painter: painter.fillRect(area, QColor(fill)))
