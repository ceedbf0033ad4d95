"""A drawing as an enhanced metafile (EMF): vectors that Word and LibreOffice draw, text that stays text ([MS-EMF])."""

from __future__ import annotations

import struct
from typing import Final

from gpuplanner.palette import LIGHT, Theme
from gpuplanner.report.drawing.shapes import Box, Drawing, Shape, Stroke, Words, elided

_FINE: Final = 16  # logical units a pixel
_DEVICE: Final = (1920, 1080)  # pixels of the device that sizes refer to, 96 a inch
_MM: Final = (508, 286)
_HUNDREDTHS_A_PIXEL: Final = 2540 / 96
_NULL_BRUSH, _NULL_PEN = 0x80000005, 0x80000008
_DASHED: Final = 1
_ALIGN: Final = {"start": 24, "end": 24 | 2, "middle": 24 | 6}  # on the baseline
_MIDDLE: Final = 0.35  # of the size: from the middle of a line down to its baseline
_WIDE: Final = 0x2E80  # signs of East Asia begin here
_FACES: Final = ("Segoe UI", "Microsoft YaHei")
_NORMAL, _BOLD = 400, 700


def emf(drawing: Drawing, theme: Theme = LIGHT) -> bytes:
    """The file's content; the same drawing gives the same bytes."""
    board = _Board(theme)
    width, height = round(drawing.width), round(drawing.height)
    board.add(17, struct.pack("<I", 8))  # map mode: anisotropic
    board.add(10, struct.pack("<ii", 0, 0))  # window's and viewport's origins and extents
    board.add(9, struct.pack("<ii", width * _FINE, height * _FINE))
    board.add(12, struct.pack("<ii", 0, 0))
    board.add(11, struct.pack("<ii", width, height))
    board.add(18, struct.pack("<I", 1))  # text on a transparent ground
    for shape in drawing.shapes:
        board.draw(shape)
    board.add(14, struct.pack("<III", 0, 0x10, 20))
    return _header(board, width, height) + b"".join(board.records)


def _header(board: _Board, width: int, height: int) -> bytes:
    size = 108
    frame = (0, 0, round(width * _HUNDREDTHS_A_PIXEL), round(height * _HUNDREDTHS_A_PIXEL))
    whole = size + sum(map(len, board.records))
    return struct.pack(
        "<II4i4iIIIIHHIIIIIIIIIIII",
        1, size, 0, 0, width - 1, height - 1, *frame, 0x464D4520, 0x10000, whole, len(board.records) + 1, board.handles + 1, 0,
        0, 0, 0, *_DEVICE, *_MM, 0, 0, 0, _MM[0] * 1000, _MM[1] * 1000,
    )  # fmt: skip


class _Board:
    """Records being collected; pens, brushes and fonts are made when they are first used."""

    def __init__(self, theme: Theme) -> None:
        self.records: list[bytes] = []
        self._theme = theme
        self._made: dict[tuple[object, ...], int] = {}
        self._set: dict[str, int] = {}

    @property
    def handles(self) -> int:
        """How many objects were made."""
        return len(self._made)

    def add(self, kind: int, data: bytes) -> None:
        """A record."""
        self.records.append(struct.pack("<II", kind, 8 + len(data)) + data)

    def draw(self, shape: Shape) -> None:
        """The records of a shape."""
        if isinstance(shape, Box):
            self._box(shape)
        elif isinstance(shape, Stroke):
            self._stroke(shape)
        else:
            self._words(shape)

    def _box(self, box: Box) -> None:
        if not box.fill and not box.edge:
            return
        self._select("pen", self._pen(box.edge, 1.0, dashed=box.dashed) if box.edge else _NULL_PEN)
        self._select("brush", self._brush(box.fill) if box.fill else _NULL_BRUSH)
        right, bottom = box.x + box.width, box.y + box.height
        bounds = struct.pack("<4i", *(round(at * _FINE) for at in (box.x, box.y, right, bottom)))
        if box.radius:
            self.add(44, bounds + struct.pack("<ii", *(round(2 * box.radius * _FINE),) * 2))
        else:
            self.add(43, bounds)

    def _stroke(self, stroke: Stroke) -> None:
        self._select("pen", self._pen(stroke.colour, stroke.width, dashed=stroke.dashed))
        points = [round(at * _FINE) for point in stroke.points for at in point]
        across, down = points[::2], points[1::2]
        bounds = (min(across), min(down), max(across), max(down))
        self.add(4, struct.pack(f"<4iI{len(points)}i", *bounds, len(stroke.points), *points))

    def _words(self, words: Words) -> None:
        said = elided(words.text, words.size, words.room)
        self._select("font", self._font(words.size, bold=words.bold, wide=any(ord(char) >= _WIDE for char in said)))
        self._once("align", 22, _ALIGN[words.anchor])
        self._once("colour", 24, _colour(self._theme, words.colour))
        text = said.encode("utf-16-le")
        at = (round(words.x * _FINE), round((words.y + _MIDDLE * words.size) * _FINE))
        head = struct.pack("<4iIff", 0, 0, -1, -1, 1, 1.0, 1.0)
        place = struct.pack("<iiIII4iI", *at, len(text) // 2, 76, 0, 0, 0, -1, -1, 0)
        self.add(84, head + place + text + b"\0" * (-len(text) % 4))

    def _once(self, name: str, kind: int, value: int) -> None:
        if self._set.get(name) != value:
            self._set[name] = value
            self.add(kind, struct.pack("<I", value))

    def _select(self, name: str, handle: int) -> None:
        self._once(name, 37, handle)

    def _object(self, key: tuple[object, ...], kind: int, data: bytes) -> int:
        if key not in self._made:
            self._made[key] = len(self._made) + 1
            self.add(kind, struct.pack("<I", self._made[key]) + data)
        return self._made[key]

    def _pen(self, name: str, width: float, *, dashed: bool) -> int:
        style = _DASHED if dashed else 0
        across = 1 if dashed else round(width * _FINE)  # a dashed pen of this kind is one device unit wide
        colour = _colour(self._theme, name)
        return self._object(("pen", name, width, dashed), 38, struct.pack("<IiiI", style, across, 0, colour))

    def _brush(self, name: str) -> int:
        return self._object(("brush", name), 39, struct.pack("<III", 0, _colour(self._theme, name), 0))

    def _font(self, size: float, *, bold: bool, wide: bool) -> int:
        weight = _BOLD if bold else _NORMAL
        face = _FACES[wide].encode("utf-16-le").ljust(64, b"\0")
        looks = struct.pack("<5i8B", -round(size * _FINE), 0, 0, 0, weight, 0, 0, 0, 1, 0, 0, 0, 0) + face
        return self._object(("font", size, bold, wide), 82, looks + bytes(320 - len(looks)))


def _colour(theme: Theme, name: str) -> int:
    """A colour of the theme as the format has it: blue, green, red from the top."""
    red, green, blue = bytes.fromhex(str(getattr(theme, name)).lstrip("#"))
    return red | green << 8 | blue << 16
