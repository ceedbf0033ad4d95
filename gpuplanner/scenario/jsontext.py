"""JSON from anywhere, read with bounds: size, depth, and no second meaning."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final, NoReturn

from gpuplanner.errors import InputError, shown

MAX_DEPTH: Final = 64
_MAX_DIGITS: Final = 400
_ARCHIVES: Final = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"\xfd7zXZ")
# possessive throughout: linear however the text is broken
_PIECES: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)


def read_json(data: bytes, file: str) -> Any:
    """The value that JSON text in UTF-8 stands for.

    Args:
        data: the bytes, of bounded length; a byte-order mark is fine.
        file: what sentences call it.

    Raises:
        InputError: when it isn't such text, is nested too deep, names a field twice,
            or holds NaN, an infinity or an endless number.
    """
    text = _decoded(data, file)
    if _depth(text) > MAX_DEPTH:
        raise InputError("error.file.deep", file=file, limit=MAX_DEPTH)
    reader = _Reader(file)
    try:
        value = json.loads(
            text,
            object_pairs_hook=reader.group,
            parse_float=reader.decimal,
            parse_int=reader.whole,
            parse_constant=reader.constant,
        )
    except json.JSONDecodeError as error:
        raise InputError("error.file.json", file=file, line=error.lineno, column=error.colno) from error
    if "\\ud" in text.lower() and not _is_unicode(value):
        raise InputError("error.file.unicode", file=file)
    return value


class _Reader:
    """Refuses what JSON readers usually let pass; ``file`` is for the sentence."""

    def __init__(self, file: str) -> None:
        self._file = file

    def group(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        fields = dict(pairs)
        if len(fields) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise InputError("error.file.duplicate", file=self._file, name=shown(twice))
        return fields

    def decimal(self, text: str) -> float:
        value = float(text)
        return value if math.isfinite(value) else self.constant(text)

    def whole(self, text: str) -> int:
        return int(text) if len(text) <= _MAX_DIGITS else self.constant(text)

    def constant(self, text: str) -> NoReturn:
        raise InputError("error.file.number", file=self._file, found=shown(text, 30))


def _is_unicode(value: object) -> bool:
    """Whether all texts are whole; half of a surrogate pair can't be written again."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _decoded(data: bytes, file: str) -> str:
    if data.startswith(_ARCHIVES):
        raise InputError("error.file.archive", file=file)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("error.file.not_utf8", file=file) from error
    if "\0" in text:
        raise InputError("error.file.not_utf8", file=file)
    if not text.strip():
        raise InputError("error.file.empty", file=file)
    return text


def _depth(text: str) -> int:
    """How deep groups and lists are nested; at least that, once it is past the limit."""
    if text.count("{") + text.count("[") <= MAX_DEPTH:
        return 0
    depth = deepest = 0
    for match in _PIECES.finditer(text):
        piece = match[0]
        if piece in "{[":
            depth += 1
            if (deepest := max(deepest, depth)) > MAX_DEPTH:
                break
        elif piece in "}]":
            depth -= 1
    return deepest
