"""Columns of text for a terminal, where a Chinese character is two places wide and an accent none."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final

from gpuplanner.report.plain import one_line

_WIDE: Final = frozenset("WF")
_NO_WIDTH: Final = frozenset(("Mn", "Me", "Cf"))
_GAP: Final = "  "


def width(text: str) -> int:
    """How many places a text takes in a terminal."""
    if text.isascii():
        return len(text)
    return sum(_char_width(char) for char in text)


def _char_width(char: str) -> int:
    if unicodedata.category(char) in _NO_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(char) in _WIDE else 1


def pad(text: str, places: int, right: bool = False) -> str:
    """The text filled up with blanks to ``places``; at its left when ``right`` is set."""
    blank = " " * max(0, places - width(text))
    return blank + text if right else text + blank


def cut(text: str, places: int) -> str:
    """The text, shortened with an ellipsis where it is wider than ``places``."""
    if width(text) <= places:
        return text
    taken = ""
    left = max(0, places - 1)
    for char in text:
        left -= _char_width(char)
        if left < 0:
            break
        taken += char
    return f"{taken}…"


def table(rows: Sequence[Sequence[str]], right: Sequence[bool], limit: int | None = None) -> list[str]:
    """Lines with the columns of ``rows`` under one another.

    Args:
        rows: equal-height rows; a row with fewer columns than ``right`` spans the rest with its last one.
        right: which columns stand at their right edge.
        limit: longest line, in places; None for no limit.
    """
    clean = [[one_line(text) for text in row] for row in rows]
    full = [row for row in clean if len(row) == len(right)]
    spans = [row[:-1] for row in clean if len(row) < len(right)]
    places = [max((width(row[at]) for row in (*full, *spans) if at < len(row)), default=0) for at in range(len(right))]
    lines = []
    for row in clean:
        ends = len(row) < len(right)
        texts = [text if ends and at == len(row) - 1 else pad(text, places[at], right[at]) for at, text in enumerate(row)]
        line = _GAP.join(texts).rstrip()
        lines.append(cut(line, limit) if limit else line)
    return lines
