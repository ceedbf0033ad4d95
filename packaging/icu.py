"""Cut Qt's ICU data (32 MB) down to what the program meets: Chinese, English and the root; a tenth is left.

The library holds one table of named items ("common data", ICU's ucmndata.h): a header, the number of items, their names'
and contents' offsets, and the contents. The items that stay are written into a new library with the same symbol.
"""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

_MAGIC = b"\xda\x27"
_FORMAT = b"CmnD"
_ALIGN = 16
_DROPPED_FOLDERS = ("brkitr", "curr", "lang", "rbnf", "region", "translit", "unit", "zone")
_LOCALE = re.compile(r"(?P<language>[a-z]{2,3})(_[A-Za-z0-9_]+)?\.res")
_KEPT_CONVERTERS = re.compile(r"(gb18030|ibm-1383_P110-1999|ibm-5348_P100-1997|ibm-367_P100-1995)\.cnv", re.IGNORECASE)
_KEPT_LANGUAGES = ("en", "zh")


def keep(name: str) -> bool:
    """Whether an item stays, by its name without the package ("coll/zh.res")."""
    folder, _, file = name.rpartition("/")
    if folder in _DROPPED_FOLDERS:
        return False
    if file.endswith(".cnv"):
        return _KEPT_CONVERTERS.fullmatch(file) is not None
    locale = _LOCALE.fullmatch(file)
    return locale is None or locale["language"] in _KEPT_LANGUAGES or not _is_language(locale["language"], folder)


def _is_language(word: str, folder: str) -> bool:
    """Two or three letters name a language everywhere but in the names of general tables, which are longer."""
    return folder in ("", "coll") and len(word) <= 3


def cut(data: bytes) -> bytes:
    """The table with the items that stay.

    Raises:
        ValueError: it isn't one.
    """
    size = struct.unpack_from("<H", data)[0]
    if data[2:4] != _MAGIC or data[12:16] != _FORMAT:
        raise ValueError("no ICU common data")
    count = struct.unpack_from("<I", data, size)[0]
    items = []
    for number in range(count):
        name_at, start = struct.unpack_from("<II", data, size + 4 + 8 * number)
        end = struct.unpack_from("<I", data, size + 4 + 8 * (number + 1) + 4)[0] if number + 1 < count else len(data) - size
        name = data[size + name_at : data.index(b"\0", size + name_at)].decode()
        items.append((name, data[size + start : size + end]))
    return _table(data[:size], [(name, content) for name, content in items if keep(name.partition("/")[2])])


def _table(header: bytes, items: list[tuple[str, bytes]]) -> bytes:
    names_at = 4 + 8 * len(items)
    names = b"".join(name.encode() + b"\0" for name, _ in items)
    start = -(-(names_at + len(names)) // _ALIGN) * _ALIGN
    entries, contents, name_at = [], [], names_at
    place = start
    for name, content in items:
        entries.append(struct.pack("<II", name_at, place))
        padded = content + b"\0" * (-len(content) % _ALIGN)
        contents.append(padded)
        place += len(padded)
        name_at += len(name.encode()) + 1
    head = struct.pack("<I", len(items)) + b"".join(entries) + names
    return header + head + b"\0" * (start - len(head)) + b"".join(contents)


def shrink(library: Path) -> int:
    """Replace the library by one with the cut table, where a compiler is at hand.

    Returns:
        Bytes saved; 0 when nothing was done.
    """
    compiler = shutil.which("cc")
    raw = library.read_bytes()
    found = raw.find(_FORMAT)
    if compiler is None or found < 12:
        return 0
    symbol = re.search(rb"icudt\d+_dat", raw)
    if symbol is None:
        return 0
    start = found - 12
    name = symbol[0].decode()
    with tempfile.TemporaryDirectory() as folder:
        data, source, built = (Path(folder) / part for part in ("cut.dat", "cut.S", "cut.so"))
        data.write_bytes(cut(raw[start:]))
        source.write_text(
            f'.section .rodata\n.balign 16\n.globl {name}\n.type {name}, %object\n{name}:\n.incbin "{data}"\n'
            f'.size {name}, .-{name}\n.section .note.GNU-stack,"",%progbits\n'
        )
        linked = ["-shared", "-nostdlib", f"-Wl,-soname,{library.name}", "-Wl,-z,noexecstack"]
        subprocess.run([compiler, *linked, "-o", str(built), str(source)], check=True)
        library.write_bytes(built.read_bytes())
    return len(raw) - library.stat().st_size
