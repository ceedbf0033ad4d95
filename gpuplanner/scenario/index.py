"""All scenario files of the library's folders, with a cache that may vanish or be damaged at any time."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gpuplanner.disk import make_folder, read_bounded, write_atomically
from gpuplanner.errors import InputError, Message, shown
from gpuplanner.paths import user_cache_dir
from gpuplanner.scenario.cards import Card, Lean, card, read_lean, unreadable
from gpuplanner.scenario.files import SUFFIX

MOST_FILES: Final = 20_000
MOST_FOLDERS: Final = 2_000
MOST_ENTRIES: Final = 1_000_000
DEEPEST: Final = 12
_VERSION: Final = 1
_CACHE_BYTES: Final = 64 * 2**20
_Known = dict[str, tuple[int, int, Lean]]
Tick = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Listing:
    """What the folders hold.

    Attributes:
        cards: of every scenario file, in the order of their paths.
        folders: every folder looked into, to be watched.
        problems: of folders that could not be listed, or not to the end.
    """

    cards: tuple[Card, ...]
    folders: tuple[Path, ...]
    problems: tuple[Message, ...]


def list_library(roots: Sequence[Path], tick: Tick | None = None) -> Listing:
    """The scenario files of folders and of those inside them.

    What can't be read is listed with its problem, or named; the rest goes on. Hidden folders are passed over, and a folder is
    looked into once, whatever links lead to it.

    Args:
        roots: folders; those that don't exist yet are empty.
        tick: told how many files were read; may raise to stop.
    """
    known, walk = _read_cache(), _Walk()
    kept: _Known = {}
    cards: list[Card] = []
    for root in roots:
        for path, info in walk.files(root):
            found, lean = _card(path, root, info, known)
            cards.append(found)
            if lean is not None:
                kept[str(path)] = (info.st_mtime_ns, info.st_size, lean)
            if tick is not None and len(cards) % 50 == 0:
                tick(len(cards))
    if kept.keys() != known.keys() or any(kept[key][:2] != known[key][:2] for key in kept):
        _write_cache(kept)
    return Listing(tuple(sorted(cards, key=lambda item: str(item.path))), tuple(walk.folders), tuple(walk.problems))


class _Walk:
    """Goes through folders, each once."""

    def __init__(self) -> None:
        self.folders: list[Path] = []
        self.problems: list[Message] = []
        self._seen: set[tuple[int, int]] = set()
        self._files = 0
        self._entries = 0
        self._cut = False

    def files(self, root: Path) -> Iterator[tuple[Path, os.stat_result]]:
        """The scenario files below a folder."""
        waiting = [(root, 0)]
        while waiting and not self._cut:
            folder, depth = waiting.pop()
            inside: list[Path] = []
            try:
                if not self._is_new(folder):
                    continue
                with os.scandir(folder) as found:
                    for item in found:
                        if self._over(root):
                            break
                        if item.name.lower().endswith(SUFFIX):
                            yield from self._file(item)
                        elif depth < DEEPEST and not item.name.startswith(".") and _is_folder(item):
                            inside.append(Path(item.path))
            except FileNotFoundError:
                continue  # not made yet, or gone between two looks
            except (OSError, ValueError) as error:
                reason = getattr(error, "strerror", None) or str(error)
                self._say("error.library.folder", folder=shown(str(folder), 400), reason=reason)
                continue
            self.folders.append(folder)
            waiting += [(path, depth + 1) for path in sorted(inside, reverse=True)]

    def _file(self, item: os.DirEntry[str]) -> Iterator[tuple[Path, os.stat_result]]:
        try:
            info = item.stat()
            plain = item.is_file()
        except (OSError, ValueError):  # a link that leads nowhere, a drive that went away
            return
        if plain:
            self._files += 1
            yield Path(item.path), info

    def _is_new(self, folder: Path) -> bool:
        info = folder.stat()
        mark = (info.st_dev, info.st_ino)
        if info.st_ino and mark in self._seen:
            return False
        self._seen.add(mark)
        return True

    def _over(self, root: Path) -> bool:
        self._entries += 1
        if self._files < MOST_FILES and len(self._seen) < MOST_FOLDERS and self._entries < MOST_ENTRIES:
            return False
        if not self._cut:
            self._cut = True
            self._say("warning.library.cut", folder=shown(str(root), 400), limit=self._files)
        return True

    def _say(self, code: str, **params: object) -> None:
        self.problems.append(Message(code, params))


def _is_folder(item: os.DirEntry[str]) -> bool:
    try:
        return item.is_dir()
    except OSError:
        return False


def _card(path: Path, root: Path, info: os.stat_result, known: _Known) -> tuple[Card, Lean | None]:
    stamp = (info.st_mtime_ns, info.st_size)
    remembered = known.get(str(path))
    try:
        lean = remembered[2] if remembered is not None and remembered[:2] == stamp else read_lean(path)
    except InputError as error:
        return unreadable(path, root, *stamp, error.message), None
    return card(path, root, *stamp, lean), lean


def _cache_file() -> Path:
    return user_cache_dir() / "library.json"


def _read_cache() -> _Known:
    """What is remembered; nothing when the file is gone or makes no sense."""
    try:
        content = json.loads(read_bounded(_cache_file(), _CACHE_BYTES))
    except (InputError, ValueError, RecursionError):
        return {}
    files = content.get("files") if isinstance(content, dict) and content.get("version") == _VERSION else None
    if not isinstance(files, dict):
        return {}
    return {path: (row[0], row[1], row[2]) for path, row in files.items() if _is_row(row)}


def _is_row(row: Any) -> bool:
    return isinstance(row, list) and len(row) == 3 and type(row[0]) is int and type(row[1]) is int and isinstance(row[2], dict)


def _write_cache(known: _Known) -> None:
    try:
        make_folder(_cache_file().parent)
        write_atomically(_cache_file(), json.dumps({"version": _VERSION, "files": known}).encode(), durable=False)
    except InputError:  # it is only faster with it
        return
