"""Text from outside (names, customers) made safe to print: one line, no controls, no marks that turn the writing direction."""

from __future__ import annotations

import unicodedata
from typing import Final

# Explicit direction marks, embeddings, overrides, isolates: they could make a price read backwards.
_TURNING: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_FORBIDDEN_IN_FILES: Final = frozenset('<>:"/\\|?*')
_RESERVED_ON_WINDOWS: Final = frozenset(
    ("con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10)))
)


def one_line(text: str) -> str:
    """The text with every run of white space and control characters as one blank."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    kept = "".join(" " if _breaks(char) else char for char in text if char not in _TURNING and not 0xD800 <= ord(char) <= 0xDFFF)
    # A no-break or thin space inside a number stays what it is.
    return " ".join(part for part in kept.split(" ") if part)


def _breaks(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Zl", "Zp", "Co", "Cn") or char in "\ufeff\u200b"


def file_stem(*parts: str, limit: int = 80) -> str:
    """A file name without ending that every system takes, from the parts that aren't empty, joined by underscores.

    Args:
        parts: as people wrote them.
        limit: longest result, in characters of at most four bytes.
    """
    cleaned = []
    for part in parts:
        kept = "".join("-" if char in _FORBIDDEN_IN_FILES else char for char in one_line(part))
        kept = "-".join(kept.split()).strip(".-")
        if kept:
            cleaned.append(kept[: limit // 2])
    stem = "_".join(cleaned)
    while len(stem.encode()) > 2 * limit:
        stem = stem[:-1]
    stem = stem.rstrip(".- ")
    return f"{stem}_" if stem.casefold() in _RESERVED_ON_WINDOWS else stem
