"""The header of a GGUF file, versions 2 and 3, in either byte order: metadata, and a name, a shape and a type for each tensor."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Final

from gpuplanner.catalog.importers.bounded import opened, refusal
from gpuplanner.catalog.importers.gguf_cursor import Cursor
from gpuplanner.catalog.importers.gguf_types import TYPES
from gpuplanner.catalog.importers.tensors import Tensor

MAGIC: Final = b"GGUF"
MAX_TENSORS: Final = 8_000
MAX_FIELDS: Final = 2_000
MAX_DIMS: Final = 4
MAX_ELEMENTS: Final = 10**14
_VERSIONS: Final = (2, 3)
_KEY_LIMIT: Final = 512
_VALUE_LIMIT: Final = 1000
_KEPT_ITEMS: Final = 1000
_ALIGNMENT: Final = 32
_MAX_ALIGNMENT: Final = 2**16
_STRING, _ARRAY, _BOOL = 8, 9, 7
_SCALARS: Final = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}

Scalar = int | float | bool | str


@dataclass(frozen=True, slots=True)
class Listed:
    """An array: how many items; the items themselves where they are numbers and few."""

    count: int
    items: tuple[int | float | bool, ...] | None = None


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """What a header says."""

    metadata: Mapping[str, Scalar | Listed]
    tensors: tuple[Tensor, ...]


def read_gguf(path: Path) -> GgufHeader:
    """The header of a file. Its data isn't read, and may be missing as a whole.

    Raises:
        InputError: it is no such header, or contradicts itself or the file's size.
    """
    with opened(path) as file:
        cursor = Cursor(path, file)
        if file.size < 24 or cursor.take(4) != MAGIC:
            raise refusal(path, "import.gguf.magic")
        _take_version(cursor)
        tensor_count, field_count = cursor.whole("Q"), cursor.whole("Q")
        if tensor_count > MAX_TENSORS or field_count > MAX_FIELDS:
            raise refusal(path, "import.too_many", limit=f"{MAX_TENSORS if tensor_count > MAX_TENSORS else MAX_FIELDS:,}")
        metadata = _metadata(cursor, field_count)
        placed = _tensors(cursor, tensor_count)
        size = file.size
    alignment = metadata.get("general.alignment", _ALIGNMENT)
    if type(alignment) is not int or not 1 <= alignment <= _MAX_ALIGNMENT or alignment & (alignment - 1):
        raise refusal(path, "import.gguf.field", field="general.alignment")
    _check_data(path, placed, alignment, cursor.at, size)
    return GgufHeader(metadata, tuple(tensor for tensor, _ in placed))


def _take_version(cursor: Cursor) -> None:
    """The version tells the byte order: the number makes sense in one of them only."""
    raw = cursor.take(4)
    little, big = struct.unpack("<I", raw)[0], struct.unpack(">I", raw)[0]
    if little not in _VERSIONS and big not in _VERSIONS:
        raise refusal(cursor.path, "import.gguf.version", version=min(little, big))
    cursor.order = "<" if little in _VERSIONS else ">"


def _metadata(cursor: Cursor, count: int) -> dict[str, Scalar | Listed]:
    metadata: dict[str, Scalar | Listed] = {}
    for _ in range(count):
        key = cursor.string(_KEY_LIMIT)
        if key in metadata:
            raise refusal(cursor.path, "import.gguf.field", field=key)
        kind = cursor.whole("I")
        if kind == _STRING:
            metadata[key] = cursor.string(_VALUE_LIMIT)
        elif kind == _ARRAY:
            metadata[key] = _array(cursor, key)
        elif kind in _SCALARS:
            metadata[key] = cursor.numbers(_SCALARS[kind])[0]
        else:
            raise refusal(cursor.path, "import.gguf.field", field=key)
    return metadata


def _array(cursor: Cursor, key: str) -> Listed:
    kind, count = cursor.whole("I"), cursor.whole("Q")
    if kind == _STRING:
        cursor.skip_strings(count)
        return Listed(count)
    if kind not in _SCALARS:  # arrays of arrays are allowed by the format and used by nobody
        raise refusal(cursor.path, "import.gguf.field", field=key)
    size = struct.calcsize(_SCALARS[kind]) * count
    if count <= _KEPT_ITEMS:
        return Listed(count, cursor.numbers(_SCALARS[kind], count))
    cursor.need(size)
    cursor.at += size
    return Listed(count)


def _tensors(cursor: Cursor, count: int) -> list[tuple[Tensor, int]]:
    if not count:
        raise refusal(cursor.path, "import.no_tensors")
    placed: list[tuple[Tensor, int]] = []
    names: set[str] = set()
    for _ in range(count):
        name = cursor.string(_KEY_LIMIT)
        dims = cursor.whole("I")
        if name in names or not 0 < dims <= MAX_DIMS:
            raise refusal(cursor.path, "import.twice" if name in names else "import.shape", tensor=name)
        names.add(name)
        shape = tuple(int(dim) for dim in reversed(cursor.numbers("Q", dims)))
        kind, offset = cursor.whole("I"), cursor.whole("Q")
        placed.append((_tensor(cursor.path, name, shape, kind), offset))
    return placed


def _tensor(path: Path, name: str, shape: tuple[int, ...], kind: int) -> Tensor:
    block = TYPES.get(kind)
    if block is None:
        raise refusal(path, "import.dtype", tensor=name, dtype=str(kind))
    elements = prod(shape)
    if not 0 < elements <= MAX_ELEMENTS or shape[-1] % block.elements:
        raise refusal(path, "import.shape", tensor=name)
    return Tensor(name, block.name, shape, elements // block.elements * block.size)


def _check_data(path: Path, placed: list[tuple[Tensor, int]], alignment: int, header: int, size: int) -> None:
    """Tensors follow one another, padded; and all of their data is there, or none of it."""
    start = -(-header // alignment) * alignment
    at = 0
    for tensor, offset in sorted(placed, key=lambda item: item[1]):
        if offset != at:
            raise refusal(path, "import.overlap" if offset < at else "import.gap", tensor=tensor.name)
        last = offset + tensor.size
        at = -(-last // alignment) * alignment
    # Some writers pad behind the last tensor, some don't.
    if size <= start or start + last <= size <= start + at + alignment:
        return
    code = "import.cut_short" if size < start + last else "import.too_long"
    raise refusal(path, code, held=f"{size - start:,}", needed=f"{last:,}")
