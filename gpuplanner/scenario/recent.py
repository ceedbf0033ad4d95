"""The files that were opened last."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from gpuplanner.disk import make_folder, read_bounded, write_atomically
from gpuplanner.errors import InputError
from gpuplanner.paths import user_state_dir
from gpuplanner.scenario.jsontext import read_json

LIMIT: Final = 10


def recent_files() -> tuple[Path, ...]:
    """Last opened first, ten at most, those that are gone included. A damaged list is an empty one."""
    try:
        listed = read_json(read_bounded(_file(), 2**20), str(_file()))
    except InputError:
        return ()
    if not isinstance(listed, list):
        return ()
    return tuple(Path(entry) for entry in listed if isinstance(entry, str) and entry and "\0" not in entry)[:LIMIT]


def remember(path: Path) -> tuple[Path, ...]:
    """Put a file at the top and return the list.

    Raises:
        DiskError: when the list can't be kept.
    """
    first = path.absolute()
    listed = (first, *(known for known in recent_files() if known != first))[:LIMIT]
    _write(listed)
    return listed


def forget(path: Path | None = None) -> tuple[Path, ...]:
    """Take one file out, or all, and return the list.

    Raises:
        DiskError: when the list can't be kept.
    """
    listed = () if path is None else tuple(known for known in recent_files() if known != path.absolute())
    _write(listed)
    return listed


def _file() -> Path:
    return user_state_dir() / "recent.json"


def _write(listed: tuple[Path, ...]) -> None:
    make_folder(_file().parent)
    write_atomically(_file(), (json.dumps([str(path) for path in listed], ensure_ascii=True, indent=1) + "\n").encode())
