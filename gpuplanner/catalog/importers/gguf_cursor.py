"""Reading a header front to back: numbers and strings, with the file read only as far as the header goes."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final, Literal

from gpuplanner.catalog.importers.bounded import Opened, refusal

MAX_HEADER: Final = 32 * 2**20
MAX_STRINGS: Final = 900_000
_FIRST_CHUNK: Final = 2**20
_LAYOUTS: Final = {f"{order}{code}": struct.Struct(f"{order}{code}") for order in "<>" for code in "bBhHiIqQfd?"}

Order = Literal["<", ">"]


class Cursor:
    """A place in a header. Whatever would lead beyond the file or the bounds is refused with the file's name."""

    def __init__(self, path: Path, file: Opened) -> None:
        self.path = path
        self.order: Order = "<"
        self.at = 0
        self.data = bytearray()
        self._file = file
        self._strings = 0

    def need(self, count: int) -> None:
        """Make sure that the next ``count`` bytes are read."""
        end = self.at + count
        if end <= len(self.data):
            return
        if end > self._file.size:
            raise refusal(self.path, "import.gguf.short")
        if end > MAX_HEADER:
            raise refusal(self.path, "import.long_header", limit_mb=MAX_HEADER // 2**20)
        wanted = min(max(end, 2 * len(self.data), _FIRST_CHUNK), self._file.size, MAX_HEADER)
        self.data += self._file.stream.read(wanted - len(self.data))
        if end > len(self.data):  # the file has shrunk since
            raise refusal(self.path, "import.gguf.short")

    def take(self, count: int) -> bytes:
        """The next bytes."""
        self.need(count)
        taken = bytes(self.data[self.at : self.at + count])
        self.at += count
        return taken

    def numbers(self, code: str, count: int = 1) -> tuple[int | float | bool, ...]:
        """The next numbers of a struct code."""
        layout = struct.Struct(f"{self.order}{count}{code}")
        self.need(layout.size)
        values: tuple[int | float | bool, ...] = layout.unpack_from(self.data, self.at)
        self.at += layout.size
        return values

    def whole(self, code: str) -> int:
        """The next whole number."""
        layout = _LAYOUTS[self.order + code]
        self.need(layout.size)
        value: int = layout.unpack_from(self.data, self.at)[0]
        self.at += layout.size
        return value

    def string(self, limit: int) -> str:
        """The next string, cut to ``limit`` bytes; what isn't UTF-8 is replaced."""
        length = self.whole("Q")
        self.need(length)
        kept = bytes(self.data[self.at : self.at + min(length, limit)])
        self.at += length
        return kept.decode("utf-8", "replace")

    def skip_strings(self, count: int) -> None:
        """Go past an array of strings, of which only the lengths are read."""
        self._strings += count
        if self._strings > MAX_STRINGS:
            raise refusal(self.path, "import.gguf.strings", limit=f"{MAX_STRINGS:,}")
        length_at = struct.Struct(f"{self.order}Q").unpack_from
        data, at = self.data, self.at
        for _ in range(count):
            try:
                at += 8 + length_at(data, at)[0]
            except (struct.error, OverflowError):  # beyond what is read so far
                self.at = at
                self.need(8)
                at += 8 + length_at(data, at)[0]
        self.at = at
        self.need(0)
