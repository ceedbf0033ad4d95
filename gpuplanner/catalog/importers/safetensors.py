"""The header of a safetensors file: eight bytes of length, then JSON with a type, a shape and two offsets for each tensor."""

from __future__ import annotations

import struct
from math import prod
from pathlib import Path
from typing import Final, TypeGuard

from pydantic_core import from_json

from gpuplanner.catalog.importers.bounded import opened, refusal
from gpuplanner.catalog.importers.tensors import Tensor
from gpuplanner.errors import shown

SUFFIX: Final = ".safetensors"
MAX_HEADER: Final = 32 * 2**20  # the format allows 100 MB; no model comes near
MAX_TENSORS: Final = 20_000
MAX_COMMAS: Final = 600_000
MAX_DIMS: Final = 16
MAX_ELEMENTS: Final = 10**14
BITS: Final = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8,
    "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "I16": 16, "U16": 16, "F16": 16, "BF16": 16,
    "I32": 32, "U32": 32, "F32": 32, "I64": 64, "U64": 64, "F64": 64, "C64": 64,
}  # fmt: skip
_LENGTH: Final = 8
_NAME_LIMIT: Final = 500
_LARGEST: Final = 2**62


_Placed = tuple[int, int, Tensor]  # begin, end, what


def looks_like(start: bytes) -> bool:
    """Whether a file that begins so is safetensors: a length that is allowed, then an object."""
    return len(start) > _LENGTH and start[_LENGTH : _LENGTH + 1] == b"{" and 2 <= _length(start) <= MAX_HEADER


def looks_swapped(start: bytes, size: int) -> bool:
    """Whether the length makes sense in the other byte order only, in a file of ``size`` bytes."""
    if len(start) <= _LENGTH or start[_LENGTH : _LENGTH + 1] != b"{" or _length(start) <= MAX_HEADER:
        return False
    return 2 <= int(struct.unpack(">Q", start[:_LENGTH])[0]) <= min(MAX_HEADER, size - _LENGTH)


def read_safetensors(path: Path) -> tuple[Tensor, ...]:
    """The tensors that a file lists. Its data isn't read, and may be missing as a whole.

    Raises:
        InputError: the header is no such header, or contradicts itself or the file's size.
    """
    with opened(path) as file:
        start = file.stream.read(_LENGTH + 1)
        if len(start) < _LENGTH + 1:
            raise refusal(path, "import.safetensors.short")
        if looks_swapped(start, file.size):
            raise refusal(path, "import.byte_order")
        length = _length(start)
        if MAX_HEADER < length <= file.size - _LENGTH:
            raise refusal(path, "import.long_header", limit_mb=MAX_HEADER // 2**20)
        if not 2 <= length <= file.size - _LENGTH:
            raise refusal(path, "import.safetensors.length", length=f"{length:,}", size=f"{file.size:,}")
        file.stream.seek(_LENGTH)
        header = file.stream.read(length)
        placed = _placed(path, _parsed(path, header))
    _check_data(path, placed, file.size - _LENGTH - length)
    return tuple(tensor for _, _, tensor in placed)


def _length(start: bytes) -> int:
    return int(struct.unpack("<Q", start[:_LENGTH])[0])


def _parsed(path: Path, header: bytes) -> dict[str, object]:
    # Counting is quick, parsing isn't.
    if header.count(b'"data_offsets"') > MAX_TENSORS or header.count(b",") > MAX_COMMAS:
        raise refusal(path, "import.too_many", limit=f"{MAX_TENSORS:,}")
    try:
        fields: object = from_json(header)
    except (ValueError, RecursionError) as error:
        raise refusal(path, "import.safetensors.not_json", problem=shown(str(error), 120)) from error
    if not isinstance(fields, dict):
        raise refusal(path, "import.safetensors.not_json", problem="–")
    if len(fields) > MAX_TENSORS:
        raise refusal(path, "import.too_many", limit=f"{MAX_TENSORS:,}")
    return fields


def _placed(path: Path, fields: dict[str, object]) -> list[_Placed]:
    placed = [_tensor(path, name, entry) for name, entry in fields.items() if name != "__metadata__"]
    if not placed:
        raise refusal(path, "import.no_tensors")
    placed.sort()
    at = 0
    for begin, end, tensor in placed:
        if begin != at:
            raise refusal(path, "import.overlap" if begin < at else "import.gap", tensor=tensor.name)
        at = end
    return placed


def _tensor(path: Path, name: str, entry: object) -> _Placed:
    if len(name) > _NAME_LIMIT or not isinstance(entry, dict):
        raise refusal(path, "import.tensor", tensor=name)
    dtype, shape, offsets = entry.get("dtype"), entry.get("shape"), entry.get("data_offsets")
    if not isinstance(dtype, str) or dtype not in BITS:
        raise refusal(path, "import.dtype", tensor=name, dtype=dtype[:30] if isinstance(dtype, str) else "–")
    if not _whole(shape, MAX_DIMS) or prod(shape) > MAX_ELEMENTS:
        raise refusal(path, "import.shape", tensor=name)
    if not _whole(offsets, 2) or len(offsets) != 2:
        raise refusal(path, "import.tensor", tensor=name)
    begin, end = offsets
    size = (prod(shape) * BITS[dtype] + 7) // 8
    if end - begin != size:
        raise refusal(path, "import.size", tensor=name, expected=f"{size:,}", found=f"{end - begin:,}")
    return begin, end, Tensor(name, dtype, tuple(shape), size)


def _whole(values: object, most: int) -> TypeGuard[list[int]]:
    """Whether it is a short list of whole numbers, none of them negative or beyond belief."""
    if type(values) is not list or len(values) > most:
        return False
    for value in values:  # noqa: SIM110 - half as fast with all()
        if type(value) is not int or not 0 <= value <= _LARGEST:
            return False
    return True


def _check_data(path: Path, placed: list[_Placed], held: int) -> None:
    """All of the data is there, or none of it: the header alone is welcome, half a download isn't."""
    needed = placed[-1][1]
    if held not in {0, needed}:
        code = "import.cut_short" if held < needed else "import.too_long"
        raise refusal(path, code, held=f"{held:,}", needed=f"{needed:,}")
