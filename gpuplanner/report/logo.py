"""A company's logo: a small PNG or JPEG picture, checked by its head before anything decodes it."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

from gpuplanner.disk import read_bounded
from gpuplanner.errors import InputError

_LIMIT: Final = 2 * 2**20
_SIDE: Final = 4096
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8\xff"
_FRAMES: Final = frozenset((*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)))


def read_logo(path: Path) -> bytes:
    """The bytes of a picture that is safe to decode.

    Raises:
        InputError: when it can't be read, isn't a PNG or JPEG picture, or is too large.
    """
    data = read_bounded(path, _LIMIT)
    if not ending(data):
        raise InputError("report.logo.no_picture", file=str(path))
    across, down = size(data)
    if not (0 < across <= _SIDE and 0 < down <= _SIDE):
        if not across or not down:
            raise InputError("report.logo.no_picture", file=str(path))
        raise InputError("report.logo.large", file=str(path), width=across, height=down, limit=_SIDE)
    return data


def ending(data: bytes) -> str:
    """Which kind of picture it is: "png", "jpeg", or "" for anything else."""
    return "png" if data.startswith(_PNG) else "jpeg" if data.startswith(_JPEG) else ""


def size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels as the head says; zeros where it doesn't."""
    if data.startswith(_PNG):
        whole = len(data) >= 33 and data[12:16] == b"IHDR"
        return struct.unpack(">II", data[16:24]) if whole else (0, 0)
    place = 2
    while place + 9 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if marker in _FRAMES:
            down, across = struct.unpack(">HH", data[place + 5 : place + 9])
            return across, down
        length = int.from_bytes(data[place + 2 : place + 4], "big")
        place += 2 + max(2, length)
    return 0, 0
