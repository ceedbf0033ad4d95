"""A table from a CSV or XLSX file, whatever it holds. Formulas are never evaluated: their cells say that there is one."""

from __future__ import annotations

import csv
import io
import itertools
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from gpuplanner.disk import read_bounded
from gpuplanner.errors import InputError, shown

MAX_BYTES: Final = 64 * 2**20
MAX_UNPACKED: Final = 512 * 2**20
MAX_ROWS: Final = 100_000
MAX_COLUMNS: Final = 200
FORMULA: Final = "\N{SYMBOL FOR SUBSTITUTE}="
"""What a cell holds that is worked out: anybody who needs its value has to save the list with values."""
_SPACE: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LETTERS: Final = re.compile(r"[A-Z]+")
Row = tuple[str, ...]
_BROKEN: Final = (
    zipfile.BadZipFile, ElementTree.ParseError, KeyError, ValueError, IndexError, NotImplementedError, RuntimeError, EOFError,
    LookupError, OSError, zlib.error,
)  # fmt: skip


def read_sheet(path: Path) -> list[Row]:
    """All rows of the first sheet, the head first; cells are stripped texts, rows without any are left out but counted.

    Raises:
        InputError: it can't be read, is no table, or has more than :data:`MAX_ROWS` rows.
    """
    content = read_bounded(path, MAX_BYTES)
    rows = _xlsx_rows(content, path) if content.startswith(b"PK") else _csv_rows(content, path)
    found = list(itertools.islice(rows, MAX_ROWS + 1))
    if len(found) > MAX_ROWS:
        raise InputError("prices.file.too_many_rows", file=str(path), row=MAX_ROWS + 1, limit=MAX_ROWS)
    if not any(any(row) for row in found):
        raise InputError("prices.file.empty", file=str(path))
    return found


def _csv_rows(content: bytes, path: Path) -> Iterator[Row]:
    if b"\0" in content[:4096] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError("prices.file.no_table", file=str(path))
    words = _decoded(content)
    head = words[:8192].splitlines()[:5]
    mark = max(",;\t|", key=lambda char: sum(line.count(char) for line in head))
    reader = csv.reader(io.StringIO(words, newline=""), delimiter=mark)
    place = 0
    try:
        for cells in reader:
            place += 1
            yield tuple(_csv_cell(cell) for cell in cells[:MAX_COLUMNS])
    except csv.Error as error:
        raise InputError("prices.file.broken_row", file=str(path), row=place + 1, reason=shown(str(error), 80)) from error


def _csv_cell(cell: str) -> str:
    """Spreadsheets take what begins with "=" for a formula, and so do we."""
    bare = cell.strip()
    return FORMULA if bare.startswith("=") else bare


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    for coding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(coding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _xlsx_rows(content: bytes, path: Path) -> Iterator[Row]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
                raise InputError("prices.file.too_large", file=str(path))
            names = archive.namelist()
            sheets = sorted((name for name in names if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name)), key=_number)
            if not sheets:
                raise InputError("prices.file.no_table", file=str(path))
            shared = _shared(archive) if "xl/sharedStrings.xml" in names else []
            yield from _sheet_rows(archive, sheets[0], shared)
    except _BROKEN as error:
        raise InputError("prices.file.no_table", file=str(path)) from error


def _number(name: str) -> int:
    return int(re.sub(r"\D", "", name) or 0)


def _shared(archive: zipfile.ZipFile) -> list[str]:
    with archive.open("xl/sharedStrings.xml") as stream:
        found = []
        for _, element in ElementTree.iterparse(stream):
            if element.tag == f"{_SPACE}si":
                found.append("".join(part.text or "" for part in element.iter(f"{_SPACE}t")))
                element.clear()
        return found


def _sheet_rows(archive: zipfile.ZipFile, name: str, shared: list[str]) -> Iterator[Row]:
    with archive.open(name) as stream:
        expected = 1
        for _, element in ElementTree.iterparse(stream):
            if element.tag != f"{_SPACE}row":
                continue
            number = int(element.get("r", expected))
            for _ in range(min(max(0, number - expected), MAX_ROWS)):  # rows that aren't written are empty
                yield ()
            expected = number + 1
            cells: dict[int, str] = {}
            for place, cell in enumerate(element.iter(f"{_SPACE}c")):
                column = _column(cell.get("r", ""), place)
                if column < MAX_COLUMNS:
                    cells[column] = _cell(cell, shared)
            yield tuple(cells.get(column, "") for column in range(max(cells, default=-1) + 1))
            element.clear()


def _column(reference: str, place: int) -> int:
    letters = _LETTERS.match(reference)
    if letters is None:
        return place
    number = 0
    for letter in letters[0]:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _cell(cell: ElementTree.Element, shared: list[str]) -> str:
    if cell.find(f"{_SPACE}f") is not None:
        return FORMULA
    if cell.get("t") == "inlineStr":
        return "".join(part.text or "" for part in cell.iter(f"{_SPACE}t")).strip()
    value = cell.find(f"{_SPACE}v")
    said = (value.text or "") if value is not None else ""
    return (shared[int(said)] if cell.get("t") == "s" and said else said).strip()
