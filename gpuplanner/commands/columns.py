"""Columns for the terminal; Chinese characters take two places, accents none."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final

_GAP: Final = "  "
_NO_WIDTH: Final = frozenset(("Mn", "Me", "Cf"))


def width(text: str) -> int:
    """Places a text takes in a terminal."""
    return len(text) if text.isascii() else sum(_char_width(char) for char in text)


def columns(heads: Sequence[str], body: Sequence[Sequence[str]], right: frozenset[int] = frozenset()) -> str:
    """A table: heads above, each column as wide as its widest cell; ``right`` are the columns set to the right.

    A row with fewer cells than heads runs on over the rest of the line with its last one.
    """
    table = [list(heads), *map(list, body)]
    widths = [max((width(row[at]) for row in table if _in_column(row, at, len(heads))), default=0) for at in range(len(heads))]
    return "\n".join(_line(row, widths, right) for row in table)


def rows(lines: Sequence[tuple[str, str]]) -> str:
    """Labels and values below one another; a label that repeats is written once."""
    wide = max((width(label) for label, _ in lines), default=0)
    written = []
    for index, (label, value) in enumerate(lines):
        again = index > 0 and lines[index - 1][0] == label
        written.append(f"{_padded('' if again else label, wide, False)}{_GAP}{value}".rstrip())
    return "\n".join(written)


def cut(text: str, places: int) -> str:
    """The text, shortened with an ellipsis where it is wider than ``places``."""
    if width(text) <= places:
        return text
    kept = ""
    left = places - 1
    for char in text:
        left -= _char_width(char)
        if left < 0:
            break
        kept += char
    return f"{kept}…"


def _char_width(char: str) -> int:
    if unicodedata.category(char) in _NO_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _in_column(row: Sequence[str], at: int, count: int) -> bool:
    """Whether the row has a cell of its own there, not one that runs on."""
    return at < len(row) - (len(row) < count)


def _line(row: Sequence[str], widths: Sequence[int], right: frozenset[int]) -> str:
    cells = [_padded(cell, widths[at], at in right) if _in_column(row, at, len(widths)) else cell for at, cell in enumerate(row)]
    return _GAP.join(cells).rstrip()


def _padded(text: str, wide: int, right: bool) -> str:
    space = " " * (wide - width(text))
    return space + text if right else text + space
