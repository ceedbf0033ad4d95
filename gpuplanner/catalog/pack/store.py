"""Packs in the user's data: the one in force, those before it, and the keys that are trusted."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gpuplanner import paths
from gpuplanner.catalog.pack.archive import Pack
from gpuplanner.catalog.pack.manifest import MANIFEST
from gpuplanner.disk import make_folder, read_bounded, write_atomically
from gpuplanner.errors import InputError

KEPT: Final = 5
_STATE: Final = "packs.json"
_MAX_STATE: Final = 64 * 2**10


@dataclass(frozen=True, slots=True)
class State:
    """Digests of the packs put in force, the newest last; ``trusted`` maps public keys to the names people know them by."""

    history: tuple[str, ...] = ()
    trusted: tuple[tuple[str, str], ...] = ()

    @property
    def current(self) -> str | None:
        """The pack in force; None when the built-in catalogue stands alone."""
        return self.history[-1] if self.history else None


def folder() -> Path:
    """Where packs lie."""
    return paths.user_data_dir() / "packs"


def state() -> State:
    """What is in force. A damaged state is an empty one: the built-in catalogue stands, nothing else is lost."""
    try:
        raw = json.loads(read_bounded(folder() / _STATE, _MAX_STATE))
        history = tuple(item for item in raw["history"] if _is_digest(item))
        trusted = tuple((str(key), str(name)) for key, name in raw["trusted"].items())
    except (InputError, ValueError, KeyError, TypeError, AttributeError):
        return State()
    return State(history, trusted)


def current_folder() -> Path | None:
    """The catalogue files of the pack in force; None without one."""
    digest = state().current
    place = folder() / digest / "catalog" if digest else None
    return place if place is not None and place.is_dir() else None


def install(pack: Pack) -> None:
    """Put a pack in force, beside the ones before it.

    Raises:
        InputError: it can't be written; what was in force stays so.
    """
    place = folder() / pack.digest
    for name, content in pack.files.items():
        make_folder((place / name).parent)
        write_atomically(place / name, content)
    write_atomically(place / MANIFEST, pack.manifest.to_bytes())
    before = state()
    history = (*(item for item in before.history if item != pack.digest), pack.digest)
    _write(State(history[-KEPT:], before.trusted))
    for old in history[:-KEPT]:
        shutil.rmtree(folder() / old, ignore_errors=True)


def go_back() -> str | None:
    """Put the pack before the present one in force; the built-in catalogue when there was none.

    Returns:
        The digest of the pack in force now.
    """
    before = state()
    after = State(before.history[:-1], before.trusted)
    _write(after)
    return after.current


def trust(key: str, name: str) -> None:
    """Remember a key under a name."""
    before = state()
    known = dict(before.trusted)
    known[key] = name
    _write(State(before.history, tuple(known.items())))


def trusted_name(key: str) -> str | None:
    """The name a key is known by; None for a stranger's."""
    return dict(state().trusted).get(key)


def _write(value: State) -> None:
    make_folder(folder())
    text = json.dumps({"history": list(value.history), "trusted": dict(value.trusted)}, ensure_ascii=False, indent=1)
    write_atomically(folder() / _STATE, text.encode())


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and len(value) == 16 and all(char in "0123456789abcdef" for char in value)
