"""The memory of one GPU as a drawing: a bar of its parts, the engine's limit, a legend."""

from __future__ import annotations

from typing import Final

from gpuplanner.report.drawing.shapes import Board, Drawing, width_of
from gpuplanner.report.words import MemoryBar, Segment

_TOP, _BAR, _LEGEND = 6.0, 30.0, 18.0
_SIZE: Final = 11.0
_APART: Final = 22.0


def memory_drawing(bar: MemoryBar, width: float) -> Drawing:
    """The bar as wide as ``width`` pixels."""
    board = Board()
    scale = width / bar.total
    x = 0.0
    for segment in bar.segments:
        wide = segment.size * scale
        board.box(x, _TOP, max(0.5, wide - 1), _BAR, segment.part, said=f"{segment.label} {segment.text}")
        _inside(board, segment, x, wide, bar.limit * scale)
        x += wide
    limit = bar.limit * scale
    board.line((limit, _TOP - 5), (limit, _TOP + _BAR + 5), colour="text", dashed=True)
    high = _legend(board, bar, width)
    said = [f"{segment.label} {segment.text}" for segment in bar.segments]
    return board.drawing(width, high, "; ".join((*said, bar.limit_text)))


def _inside(board: Board, segment: Segment, x: float, wide: float, limit: float) -> None:
    """The longest of its texts that fits beside the limit's line."""
    if x < limit < x + wide:
        x, wide = (x, limit - x) if limit - x >= x + wide - limit else (limit, x + wide - limit)
    free = segment.part == "free"
    for text in (f"{segment.label} {segment.text}", segment.text):
        if width_of(text, _SIZE) + 10 <= wide:
            colour = "text" if free else f"on_{segment.part}"
            board.words(x + wide / 2, _TOP + _BAR / 2, text, _SIZE, colour, bold=not free, anchor="middle")
            return


def _legend(board: Board, bar: MemoryBar, width: float) -> float:
    """Each part with its size; tells where it ends."""
    x, y = 0.0, _TOP + _BAR + 20
    for segment in bar.segments:
        text = f"{segment.label} {segment.text}"
        wide = 15 + width_of(text, _SIZE)
        if x and x + wide > width:
            x, y = 0.0, y + _LEGEND
        board.box(x, y - 5, 10, 10, segment.part)
        board.words(x + 15, y, text, _SIZE)
        x += wide + _APART
    return y + _LEGEND / 2 + 2
