"""Text from outside (names, customers) made safe to print: one line, no controls, no marks that turn the writing direction."""

from __future__ import annotations

import unicodedata
from typing import Final

# Explicit direction marks, embeddings, overrides, isolates: they could make a price read backwards.
_TURNING: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_FORBIDDEN_IN_FILES: Final = str.maketrans(dict.fromkeys('<>:"/\\|?*,;，；、', " "))
_PART_BYTES: Final = 54
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


def visible(text: str) -> str:
    """The text without controls and direction marks, its blanks as they are; for whole lines that are already laid out."""
    if text.isprintable():
        return text
    return "".join(char for char in text if char not in _TURNING and unicodedata.category(char) not in ("Cc", "Cs"))


def _breaks(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Zl", "Zp", "Co", "Cn") or char in "\ufeff\u200b"


def file_stem(*parts: str) -> str:
    """A file name without ending that every system takes, from the parts that aren't empty, joined by underscores.

    Each part keeps at most 54 bytes, so that three of them stay below the shortest limit in use (143 bytes).
    """
    cleaned = [_cut("-".join(one_line(part).translate(_FORBIDDEN_IN_FILES).split()), _PART_BYTES).strip(".-") for part in parts]
    stem = "_".join(part for part in cleaned if part)
    return f"{stem}_" if stem.casefold() in _RESERVED_ON_WINDOWS else stem


def _cut(text: str, limit: int) -> str:
    return text.encode()[:limit].decode(errors="ignore")
