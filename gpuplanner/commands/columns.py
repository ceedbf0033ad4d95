"""Columns for the terminal; Chinese characters take two places."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

_GAP = "  "


def width(text: str) -> int:
    """Places a text takes in a terminal."""
    return sum(0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def columns(heads: Sequence[str], body: Sequence[Sequence[str]], right: frozenset[int] = frozenset()) -> str:
    """A table: heads above, each column as wide as its widest cell; ``right`` are the columns set to the right."""
    table = [list(heads), *map(list, body)]
    widths = [max(width(cell) for cell in column) for column in zip(*table, strict=True)]
    lines = (
        _GAP.join(_padded(cell, wide, index in right) for index, (cell, wide) in enumerate(zip(row, widths, strict=True)))
        for row in table
    )
    return "\n".join(line.rstrip() for line in lines)


def rows(lines: Sequence[tuple[str, str]]) -> str:
    """Labels and values below one another; a label that repeats is written once."""
    wide = max((width(label) for label, _ in lines), default=0)
    written = []
    for index, (label, value) in enumerate(lines):
        again = index > 0 and lines[index - 1][0] == label
        written.append(f"{_padded('' if again else label, wide, False)}{_GAP}{value}".rstrip())
    return "\n".join(written)


def _padded(text: str, wide: int, right: bool) -> str:
    space = " " * (wide - width(text))
    return space + text if right else text + space
