"""Copies of unsaved work, so that a crash loses two seconds at most.

Every open document writes its copy to ``recovery/<uuid>.json``, and holds a system lock on ``<uuid>.lock`` as long as its
process lives; the system frees it however the process ends. A copy whose lock is free is an orphan, to be offered at the
next start.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from gpuplanner.disk import disk_error, read_bounded, write_atomically
from gpuplanner.errors import InputError
from gpuplanner.paths import user_state_dir
from gpuplanner.scenario.document import Scenario
from gpuplanner.scenario.files import document_bytes, read_document
from gpuplanner.scenario.jsontext import read_json

_FORMAT: Final = "gpuplan-recovery"
_LOCK_OFFSET: Final = 1 << 30  # Windows forbids others to read what is locked, so lock where nothing is


def recovery_dir() -> Path:
    """Where the copies lie; the folder may not exist."""
    return user_state_dir() / "recovery"


class RecoveryCopy:
    """The copy of one open document. Nothing is on disk before the first write, nor after :meth:`discard`."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or recovery_dir()
        self._key = uuid.uuid4().hex
        self._lock: IO[bytes] | None = None

    @property
    def file(self) -> Path:
        """Where the copy lies or would lie."""
        return self._folder / f"{self._key}.json"

    def write(self, scenario: Scenario, path: Path | None, catalog_digest: str = "") -> None:
        """Keep this state; the former copy is replaced as a whole.

        Args:
            scenario: as it stands, unsaved.
            path: the document's file; None when it never had one.
            catalog_digest: of the catalogue in use.

        Raises:
            DiskError: when it can't be written; the former copy is then still there.
        """
        if self._lock is None:
            self._lock = _locked(self._folder, self._key)
        envelope = {
            "format": _FORMAT,
            "path": None if path is None else str(path),
            "time": datetime.now(UTC).isoformat(timespec="seconds"),
            "document": document_bytes(scenario, catalog_digest).decode(),
        }
        # between two keystrokes: a disk that takes its time would be felt, and what a crash leaves is there without it
        write_atomically(self.file, json.dumps(envelope, ensure_ascii=True).encode(), durable=False)

    def discard(self) -> None:
        """Remove the copy, as the document was saved, reverted or closed; a later write makes a new one."""
        _remove(self.file)
        if self._lock is not None:
            self._lock.close()
            self._lock = None
            _remove(self.file.with_suffix(".lock"))


@dataclass(frozen=True, slots=True)
class Orphan:
    """A copy that a process left behind.

    Attributes:
        file: the copy.
        scenario: the work as it was.
        path: the file it belongs to; None when it was never saved.
        time: when the copy was written, in UTC.
        catalog_digest: of the catalogue that was in use.
    """

    file: Path
    scenario: Scenario
    path: Path | None
    time: datetime
    catalog_digest: str

    @property
    def name(self) -> str:
        """What to call it: the file's name, else the scenario's; empty when it has neither."""
        return self.path.name if self.path is not None else self.scenario.name

    def discard(self) -> None:
        """Remove the copy: it was restored (and copied anew by its document), or isn't wanted."""
        _remove(self.file)
        _remove(self.file.with_suffix(".lock"))


def orphans(folder: Path | None = None) -> tuple[Orphan, ...]:
    """What crashed processes left, newest first. Copies of running processes and damaged ones are left alone."""
    place = folder or recovery_dir()
    try:
        files = sorted(place.glob("*.json"))
    except OSError:
        return ()
    found = (_orphan(file) for file in files if not _is_held(file.with_suffix(".lock")))
    return tuple(sorted((orphan for orphan in found if orphan), key=lambda orphan: orphan.time, reverse=True))


def _orphan(file: Path) -> Orphan | None:
    try:
        envelope = read_json(read_bounded(file, 64 * 2**20), str(file))
        if not isinstance(envelope, dict) or envelope.get("format") != _FORMAT:
            return None
        content = read_document(envelope["document"].encode(), str(file))
        path = envelope["path"]
        time = datetime.fromisoformat(envelope["time"])
        return Orphan(
            file,
            content.scenario,
            None if path is None else Path(path),
            time if time.tzinfo else time.replace(tzinfo=UTC),
            content.catalog_digest,
        )
    except (InputError, KeyError, TypeError, ValueError, AttributeError):
        return None  # damaged; nothing of it can be offered


def _locked(folder: Path, key: str) -> IO[bytes]:
    path = folder / f"{key}.lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stream = path.open("ab")
    except OSError as error:
        raise disk_error(error, path, "write") from error
    with contextlib.suppress(OSError):  # a file system without locks: the copy is offered rather too often than never
        _lock(stream)
    return stream


def _is_held(lock: Path) -> bool:
    """Whether a living process holds a lock."""
    try:
        with lock.open("rb+") as stream:
            _lock(stream)
    except (BlockingIOError, PermissionError):
        return True
    except OSError:  # there is none, or it can't be asked
        return False
    return False


if sys.platform == "win32":
    import msvcrt

    def _lock(stream: IO[bytes]) -> None:
        stream.seek(_LOCK_OFFSET)
        msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(stream: IO[bytes]) -> None:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _remove(file: Path) -> None:
    with contextlib.suppress(OSError):
        os.unlink(file)  # noqa: PTH108 - suppressing all, a missing file too
