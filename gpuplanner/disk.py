"""Reading and writing the user's own small files: bounded, atomic, and with a sentence for whatever goes wrong."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from gpuplanner.errors import InputError

MAX_BYTES: Final = 8 * 2**20
_TEMPORARY: Final = re.compile(r"\.gpuplanner-[0-9a-f]{16}\.tmp")
_ABANDONED_S: Final = 3600.0  # writing takes milliseconds

_CODES: Final = {
    errno.ENOENT: "missing",
    errno.ENOTDIR: "missing",
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EROFS: "protected",
    errno.EACCES: "permission",
    errno.EPERM: "permission",
    errno.EISDIR: "folder",
    errno.ENAMETOOLONG: "long_name",
    errno.EFBIG: "full",
}


class DiskError(InputError):
    """A file or folder could not be read or written; the system's own error is the cause."""


def disk_error(error: OSError, path: Path, action: str) -> DiskError:
    """What an operating-system error means for a person.

    Args:
        error: as raised; full disk, missing folder and the like have a sentence of their own.
        path: the file that it is about.
        action: "read", "write" or "move".
    """
    kind = _CODES.get(error.errno or 0, "other")
    if kind == "missing" and action == "write":
        kind = "no_folder"
    reason = error.strerror or type(error).__name__
    return DiskError(f"error.disk.{action}.{kind}", file=str(path), folder=str(path.parent), reason=reason)


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Whatever keeps a file from being read comes out as a :class:`DiskError`."""
    try:
        yield
    except ValueError as error:  # a NUL in the path
        raise DiskError("error.disk.read.missing", file=str(path)) from error
    except OSError as error:
        raise disk_error(error, path, "read") from error


def regular_size(path: Path) -> int:
    """The size of a regular file. [B]

    Raises:
        DiskError: when it is a folder, a pipe or a device.
        OSError: when it can't be looked at.
    """
    info = path.stat()
    if stat.S_ISDIR(info.st_mode):
        raise DiskError("error.disk.read.folder", file=str(path))
    if not stat.S_ISREG(info.st_mode):  # a pipe or a device would block, or never end
        raise DiskError("error.disk.read.no_file", file=str(path))
    return info.st_size


def read_bounded(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The bytes of a regular file.

    Raises:
        DiskError: when it can't be read, isn't a file, or is larger than ``limit`` (it isn't read then).
    """
    with reading(path):
        size = regular_size(path)
        data = None
        if size <= limit:
            with path.open("rb") as stream:
                data = stream.read(limit + 1)  # it may have grown since
    if data is None or len(data) > limit:
        raise DiskError("error.disk.read.huge", file=str(path), size_mb=f"{size / 1e6:,.0f}", limit_mb=limit // 10**6)
    return data


def write_atomically(path: Path, data: bytes, *, backup: bool = False, durable: bool = True) -> None:
    """Replace a file as a whole or leave it as it was.

    Args:
        path: a link is followed, so that what it points to is replaced.
        data: the new content.
        backup: keep the former content as ``<name>.bak``, when it differs.
        durable: wait until the disk has it. Without, it survives the end of this process in any case, but not a power failure in
            the next seconds.

    Raises:
        DiskError: when anything fails; the former content is then still there and no temporary file is left.
    """
    temporary: list[Path] = []
    try:
        target = Path(os.path.realpath(path))
        fresh = _written(target, data, temporary, durable=durable)
        with contextlib.suppress(FileNotFoundError):
            fresh.chmod(stat.S_IMODE(target.stat().st_mode))
            if backup and not _holds(target, data):
                _back_up(target, temporary)
        os.replace(fresh, target)  # noqa: PTH105 - the call whose failure tests inject
    except ValueError as error:  # a NUL in the path
        raise DiskError("error.disk.write.no_folder", file=str(path), folder=str(path.parent)) from error
    except OSError as error:
        raise disk_error(error, path, "write") from error
    finally:
        for leftover in temporary:
            with contextlib.suppress(OSError):
                leftover.unlink(missing_ok=True)
    if durable:
        _sync_folder(target.parent)
    _sweep(target.parent)


def backup_path(path: Path) -> Path:
    """Where the former content of a file is kept."""
    return path.with_name(path.name + ".bak")


def _written(target: Path, data: bytes, temporary: list[Path], *, durable: bool) -> Path:
    fresh = _temporary_beside(target)
    with fresh.open("xb") as stream:
        temporary.append(fresh)
        stream.write(data)
        stream.flush()
        if durable:
            os.fsync(stream.fileno())
    return fresh


def _temporary_beside(target: Path) -> Path:
    return target.with_name(f".gpuplanner-{secrets.token_hex(8)}.tmp")


def _sweep(folder: Path) -> None:
    """Once for each folder, take away temporary files that a killed program left there: only ours, only old ones."""
    if folder in _swept:
        return
    _swept.add(folder)
    oldest = time.time() - _ABANDONED_S
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _TEMPORARY.fullmatch(entry.name):
                _take_away(entry, oldest)


def _take_away(entry: os.DirEntry[str], oldest: float) -> None:
    with contextlib.suppress(OSError):
        if entry.is_file(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_mtime < oldest:
            Path(entry.path).unlink()


_swept: set[Path] = set()


def _back_up(target: Path, temporary: list[Path]) -> None:
    copy = _temporary_beside(target)
    temporary.append(copy)
    shutil.copy2(target, copy)
    os.replace(copy, backup_path(target))  # noqa: PTH105 - as above


def _holds(target: Path, data: bytes) -> bool:
    return target.stat().st_size == len(data) and target.read_bytes() == data


def _sync_folder(folder: Path) -> None:
    """Make the new name durable; where the system can't, the content is whole all the same."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def make_folder(folder: Path) -> None:
    """Make a folder and those around it, where they aren't there.

    Raises:
        DiskError: when that can't be done.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise DiskError("error.disk.folder.no_folder", folder=str(folder), reason="") from error
    except OSError as error:
        raise DiskError("error.disk.folder.other", folder=str(folder), reason=error.strerror or "–") from error
