"""Initials of Chinese words, as people type them to find something: 青禾制药 is "qhzy"."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from typing import Final

# The 3,755 commonest characters stand in GB 2312 in the order of their pinyin; where each initial begins (rows 16 to 55).
_STARTS: Final = (
    ("a", 0xB0A1), ("b", 0xB0C5), ("c", 0xB2C1), ("d", 0xB4EE), ("e", 0xB6EA), ("f", 0xB7A2), ("g", 0xB8C1), ("h", 0xB9FE),
    ("j", 0xBBF7), ("k", 0xBFA6), ("l", 0xC0AC), ("m", 0xC2E8), ("n", 0xC4C3), ("o", 0xC5B6), ("p", 0xC5BE), ("q", 0xC6DA),
    ("r", 0xC8BB), ("s", 0xC8F6), ("t", 0xCBFA), ("w", 0xCDDA), ("x", 0xCEF4), ("y", 0xD1B9), ("z", 0xD4D1),
)  # fmt: skip
#: Characters that are read otherwise in common words than they are filed.
_WORDS: Final = {
    "银行": "yh",
    "分行": "fh",
    "支行": "zh",
    "行业": "hy",
    "重庆": "cq",
    "长城": "cc",
    "长江": "cj",
    "长春": "cc",
    "长沙": "cs",
    "音乐": "yy",
}
_PLACES: Final = tuple(place for _, place in _STARTS)
_END: Final = 0xD7F9


def initials(text: str) -> str:
    """The initials of the Chinese characters in a text, other letters and digits as they are; empty when it has no Chinese."""
    if text.isascii():
        return ""
    for word, spelled in _WORDS.items():
        text = text.replace(word, spelled)
    return "".join(map(_initial, text))


@lru_cache(maxsize=8192)
def _initial(char: str) -> str:
    if char.isascii():
        return char.casefold() if char.isalnum() else ""
    try:
        place = int.from_bytes(char.encode("gb2312"), "big")
    except UnicodeEncodeError:
        return ""
    return _STARTS[bisect_right(_PLACES, place) - 1][0] if _PLACES[0] <= place <= _END else ""
