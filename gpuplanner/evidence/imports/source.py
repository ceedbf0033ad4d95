"""A benchmark file as text or JSON: bounded, and whatever a tool may have left in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from gpuplanner.disk import read_bounded
from gpuplanner.errors import InputError, shown
from gpuplanner.evidence.imports.run import RecordError

MAX_FILE_BYTES: Final = 64 * 2**20
MAX_RECORDS: Final = 5_000
MAX_DEPTH: Final = 24
_ARCHIVES: Final = (b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"\xfd7zXZ")


@dataclass(frozen=True)
class Source:
    """The content of a file.

    ``name`` is what sentences call it.
    """

    name: str
    text: str

    @cached_property
    def is_json(self) -> bool:
        """Whether it is meant as JSON or JSON lines."""
        return self.text.lstrip()[:1] in {"{", "["}

    def records(self) -> Iterator[tuple[str, Mapping[str, Any] | RecordError]]:
        """Objects of a JSON file with their places: the one there is, those of a list, or one a line.

        Raises:
            InputError: when it isn't JSON.
        """
        values = _lines(self) if _is_lines(self.text) else _whole(self)
        for number, (place, value) in enumerate(values):
            if number >= MAX_RECORDS:
                raise InputError("benchmark.file.many", file=self.name, limit=MAX_RECORDS)
            if isinstance(value, RecordError | Mapping):
                yield place, value
            else:
                yield place, RecordError("benchmark.record.no_object")


def read_source(path: Path) -> Source:
    """The text of a file.

    Raises:
        InputError: when it can't be read, is too large, empty, an archive or no text.
    """
    raw = read_bounded(path, MAX_FILE_BYTES)
    name = shown(path.name, 200)
    if raw.startswith(_ARCHIVES):
        raise InputError("benchmark.file.archive", file=name)
    try:
        coding = "utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"  # PowerShell redirects in UTF-16
        text = raw.decode(coding)
    except UnicodeDecodeError as error:
        raise InputError("benchmark.file.no_text", file=name) from error
    if "\0" in text:
        raise InputError("benchmark.file.no_text", file=name)
    if not text.strip():
        raise InputError("benchmark.file.empty", file=name)
    return Source(name, text)


def _is_lines(text: str) -> bool:
    """Whether each line is an object of its own; one such line reads the same either way."""
    first, _, rest = text.lstrip().partition("\n")
    return first.rstrip().endswith("}") and bool(rest.strip()) and rest.lstrip()[:1] == "{"


def _whole(source: Source) -> Iterator[tuple[str, Any]]:
    try:
        value = json.loads(source.text)
    except json.JSONDecodeError as error:
        code = "benchmark.file.truncated" if error.pos >= len(source.text.rstrip()) - 1 else "benchmark.file.json"
        raise InputError(code, file=source.name, line=error.lineno, column=error.colno) from error
    except (RecursionError, ValueError) as error:  # too deep, or a number of thousands of digits
        raise InputError("benchmark.file.json", file=source.name, line=1, column=1) from error
    if not isinstance(value, list):
        yield "", value
        return
    yield from ((str(number), item) for number, item in enumerate(value, 1))


def _lines(source: Source) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(source.text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield str(number), json.loads(line)
        except (ValueError, RecursionError):
            yield str(number), RecordError("benchmark.record.json")


def found(value: Any, *names: str) -> Any:
    """The first of some fields anywhere in nested objects, the outermost first; None where there is none."""
    layer: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        objects = [item for item in layer if isinstance(item, Mapping)]
        for name in names:
            for item in objects:
                if item.get(name) not in (None, "", [], {}):
                    return item[name]
        inner = [child for item in objects for child in list(item.values())[:200]]
        layer = [deep for child in inner for deep in (child[:8] if isinstance(child, list) else [child])]
        if not layer:
            break
    return None


def inside(value: Any, *path: str) -> Any:
    """What lies at a path of nested objects; None where something is missing."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
