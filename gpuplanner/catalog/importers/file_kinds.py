"""What a file is, by how it begins; its name is asked only where the content leaves it open."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from gpuplanner.catalog.importers import safetensors
from gpuplanner.catalog.importers.bounded import opened, refusal

FileKind = Literal["gguf", "safetensors", "json"]

_START: Final = 512
_PICKLE_NAMES: Final = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
_ARCHIVES: Final = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"\xfd7zXZ", b"BZh", b"\x28\xb5\x2f\xfd")
_OLD_GGML: Final = (b"lmgg", b"fmgg", b"tjgg", b"algg", b"ggml", b"ggmf", b"ggjt", b"ggla")
_OTHERS: Final = ((b"\x89HDF", "import.hdf5"), (b"FUGG", "import.byte_order"))
_BY_NAME: Final[dict[str, FileKind]] = {".gguf": "gguf", ".safetensors": "safetensors"}


def kind_of(path: Path) -> FileKind:
    """What kind of file it is.

    Raises:
        InputError: it can't be read, or is something that isn't imported: a pickle, an archive, an older format.
    """
    with opened(path) as file:
        start, size = file.stream.read(_START), file.size
    suffix = path.suffix.lower()
    if start.startswith(b"GGUF"):
        return "gguf"
    if safetensors.looks_like(start) or safetensors.looks_swapped(start, size):
        return "safetensors"
    _refuse(path, start, suffix)
    return _BY_NAME.get(suffix, "json")


def _refuse(path: Path, start: bytes, suffix: str) -> None:
    is_archive = start.startswith(_ARCHIVES) or start[257:262] == b"ustar"
    if _is_pickle(start) or (suffix in _PICKLE_NAMES and not start.lstrip().startswith(b"{")) or b"data.pkl" in start:
        raise refusal(path, "import.pickle")
    if is_archive:
        raise refusal(path, "import.archive")
    if start.startswith(_OLD_GGML):
        raise refusal(path, "import.old_ggml")
    for magic, code in _OTHERS:
        if start.startswith(magic):
            raise refusal(path, code)
    if suffix == ".onnx" or start[4:8] == b"TFL3":
        raise refusal(path, "import.onnx")


def _is_pickle(start: bytes) -> bool:
    """Protocols 2 to 5 begin with their number; what follows in a checkpoint is a frame, a mark or an object."""
    return len(start) > 2 and start[0] == 0x80 and start[1] in range(2, 6)
