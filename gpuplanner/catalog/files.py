"""Reading catalogue files, whatever they hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic_core import from_json

from gpuplanner.errors import InputError, shown

MAX_BYTES = 8 * 2**20
"""Our largest file is a tenth of this; parsed, a file takes up to twenty times its size in memory."""


def read_bytes(path: Path) -> bytes:
    """A file's content.

    Raises:
        InputError: when it is missing, not a file, larger than :data:`MAX_BYTES`, or can't be read.
    """
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise InputError("catalog.file.not_a_file", file=str(path))
        if size > MAX_BYTES:
            raise InputError("catalog.file.too_large", file=str(path), size_mb=round(size / 1e6), limit_mb=round(MAX_BYTES / 1e6))
        return path.read_bytes()
    except OSError as error:
        raise InputError("catalog.file.unreadable", file=str(path), reason=shown(error.strerror or str(error))) from error


def parse(content: bytes, path: Path) -> object:
    """The JSON value in a file's content.

    Raises:
        InputError: when it isn't JSON: broken, binary, nested too deep, NaN in it.
    """
    try:
        value: object = from_json(content.removeprefix(b"\xef\xbb\xbf"), allow_inf_nan=False)
    except (ValueError, RecursionError) as error:
        raise InputError("catalog.file.not_json", file=str(path), reason=shown(str(error), 120)) from error
    return value


def records_in(content: bytes, path: Path) -> list[dict[str, Any]]:
    """The records of a catalogue file: ``{"records": […]}``, a bare list, or one record.

    Raises:
        InputError: when the file holds something else.
    """
    value = parse(content, path)
    if isinstance(value, dict):
        value = value.get("records", [value])
    if not isinstance(value, list):
        raise InputError("catalog.file.no_records", file=str(path))
    for place, record in enumerate(value, start=1):
        if not isinstance(record, dict) or not isinstance(record.get("id"), str):
            raise InputError("catalog.record.no_id", file=str(path), place=place)
    return value
