"""Files and folders that anybody may have made: regular files only, and nothing outside of what was chosen."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

from gpuplanner.disk import disk_error, reading, regular_size
from gpuplanner.errors import InputError, Message, shown

MAX_ENTRIES: Final = 20_000
_NAME_LIMIT: Final = 255
_FORBIDDEN: Final = frozenset("/\\:\0")


@dataclass(frozen=True, slots=True)
class Opened:
    """An open regular file and its size in bytes."""

    stream: BinaryIO
    size: int


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """A regular file, open for reading.

    Raises:
        DiskError: it can't be opened or read, or is a folder, a pipe or a device.
    """
    with reading(path):
        size = regular_size(path)
        with path.open("rb") as stream:
            yield Opened(stream, size)


def refusal(path: Path, code: str, **params: object) -> InputError:
    """What is wrong with a file, as an error that names it; foreign words among the parameters are made printable."""
    clean = {name: shown(value, 80) if isinstance(value, str) else value for name, value in params.items()}
    return InputError("model.file.unread", file=str(path), reason=Message(code, clean))


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder whose files are named by other files in it; ``roots`` are the places where links may lead."""

    path: Path
    roots: tuple[Path, ...]

    @classmethod
    def at(cls, path: Path) -> Folder:
        """The folder that a person chose. A snapshot in a Hugging Face cache links to the blobs beside its parent."""
        absolute = path.absolute()
        roots = [_real(absolute)]
        if absolute.parent.name == "snapshots":
            roots.append(_real(absolute.parent.parent / "blobs"))
        return cls(path, tuple(roots))

    def member(self, name: str, named_by: Path | None = None) -> Path | None:
        """The path of a member; None when there is none.

        Raises:
            InputError: the name has parts of a path, or the member is a link that leads out of the folder.
        """
        if not name or len(name) > _NAME_LIMIT or name in {".", ".."} or not _FORBIDDEN.isdisjoint(name):
            raise refusal(named_by or self.path, "import.path_parts", name=name)
        path = self.path / name
        try:
            if not os.path.lexists(path):
                return None
            real = _real(path)
        except (OSError, ValueError):
            return None
        if not any(real.is_relative_to(root) for root in self.roots):
            raise refusal(path, "import.link_outside", folder=str(self.path))
        return path if path.exists() else None

    def folder(self, name: str, named_by: Path | None = None) -> Folder | None:
        """A folder in this one; None when there is none."""
        path = self.member(name, named_by)
        return Folder(path, self.roots) if path is not None and path.is_dir() else None

    def names(self, *suffixes: str) -> list[str]:
        """Names of files with one of the endings, sorted.

        Raises:
            DiskError: the folder can't be read.
        """
        try:
            with os.scandir(self.path) as entries:
                found = [entry.name for entry in islice(entries, MAX_ENTRIES) if entry.name.lower().endswith(suffixes)]
        except OSError as error:
            raise disk_error(error, self.path, "read") from error
        return sorted(name for name in found if not name.startswith("."))


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))
