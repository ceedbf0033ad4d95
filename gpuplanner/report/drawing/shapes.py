"""What a drawing is made of: boxes, strokes and words, in pixels; colours are names of the palette."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import Literal

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle. ``fill`` and ``edge`` are colours of the theme, "" for none; ``said`` is what the pointer reads there."""

    x: float
    y: float
    width: float
    height: float
    fill: str = ""
    edge: str = ""
    radius: float = 0.0
    said: str = ""
    dashed: bool = False

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies within."""
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through points."""

    points: tuple[tuple[float, float], ...]
    colour: str = "quiet"
    width: float = 1.0
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text; ``y`` is its middle, ``room`` the width it may take, 0 for any."""

    x: float
    y: float
    text: str
    size: float = 12.0
    colour: str = "text"
    bold: bool = False
    anchor: Anchor = "start"
    room: float = 0.0


Shape = Box | Stroke | Words


@dataclass(frozen=True, slots=True)
class Drawing:
    """Shapes from the ground up. ``spoken`` says in words what is drawn."""

    width: float
    height: float
    shapes: tuple[Shape, ...] = ()
    spoken: str = ""

    def said_at(self, x: float, y: float) -> str:
        """What the topmost box under a point says."""
        boxes = (shape for shape in reversed(self.shapes) if isinstance(shape, Box) and shape.said)
        return next((box.said for box in boxes if box.holds(x, y)), "")


@dataclass(slots=True)
class Board:
    """Shapes being collected."""

    shapes: list[Shape] = field(default_factory=list)

    def box(
        self, x: float, y: float, width: float, height: float, fill: str = "", edge: str = "", *, radius: float = 0.0,
        said: str = "", dashed: bool = False,
    ) -> None:  # fmt: skip
        """A rectangle."""
        self.shapes.append(Box(x, y, width, height, fill, edge, radius, said, dashed))

    def line(self, *points: tuple[float, float], colour: str = "quiet", width: float = 1.0, dashed: bool = False) -> None:
        """A line through points."""
        self.shapes.append(Stroke(points, colour, width, dashed))

    def words(
        self, x: float, y: float, text: str, size: float = 12.0, colour: str = "text", *, bold: bool = False,
        anchor: Anchor = "start", room: float = 0.0,
    ) -> None:  # fmt: skip
        """A line of text."""
        if text:
            self.shapes.append(Words(x, y, text, size, colour, bold, anchor, room))

    def drawing(self, width: float, height: float, spoken: str = "") -> Drawing:
        """All of it."""
        return Drawing(width, height, tuple(self.shapes), spoken)


def moved(drawing: Drawing, x: float, y: float) -> tuple[Shape, ...]:
    """The shapes of a drawing, elsewhere."""
    out: list[Shape] = []
    for shape in drawing.shapes:
        if isinstance(shape, Box):
            edges = (shape.fill, shape.edge, shape.radius, shape.said, shape.dashed)
            out.append(Box(shape.x + x, shape.y + y, shape.width, shape.height, *edges))
        elif isinstance(shape, Stroke):
            points = tuple((at_x + x, at_y + y) for at_x, at_y in shape.points)
            out.append(Stroke(points, shape.colour, shape.width, shape.dashed))
        else:
            looks = (shape.size, shape.colour, shape.bold, shape.anchor, shape.room)
            out.append(Words(shape.x + x, shape.y + y, shape.text, *looks))
    return tuple(out)


def side_by_side(drawings: tuple[Drawing, ...], gap: float = 24.0) -> Drawing:
    """Several in a row, as one."""
    at, shapes = gap, list[Shape]()
    for drawing in drawings:
        shapes += moved(drawing, at, gap)
        at += drawing.width + gap
    high = max((drawing.height for drawing in drawings), default=0.0) + 2 * gap
    return Drawing(at, high, tuple(shapes), "\n".join(drawing.spoken for drawing in drawings))


def width_of(text: str, size: float) -> float:
    """About how wide a text is: signs of Chinese are as wide as they are high, others little more than half."""
    return sum(size if unicodedata.east_asian_width(char) in "WF" else 0.56 * size for char in text)


def elided(text: str, size: float, room: float) -> str:
    """As much of a text as has room, where its real width isn't known; all of it where ``room`` is 0."""
    if not room or width_of(text, size) <= room:
        return text
    kept = text
    while kept and width_of(kept, size) + size > room:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"
