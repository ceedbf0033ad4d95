"""The user's own catalogue: entries that add, change or hide what came with the program."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gpuplanner.catalog.files import read_bytes, records_in
from gpuplanner.catalog.schema.catalog import CatalogWarning
from gpuplanner.catalog.schema.family import FamilyTable
from gpuplanner.catalog.schema.kinds import KINDS, Kind
from gpuplanner.catalog.schema.records import Raw
from gpuplanner.errors import InputError, shown

MAX_FILES = 500


@dataclass(frozen=True)
class Overlay:
    """What the user's files come to: checked records by kind and id, hidden ids, and what was left out."""

    records: Mapping[str, Mapping[str, Raw]] = field(default_factory=dict)
    hidden: Mapping[str, frozenset[str]] = field(default_factory=dict)
    yours: frozenset[str] = frozenset()
    warnings: tuple[CatalogWarning, ...] = ()
    digests: tuple[bytes, ...] = ()


def read_overlay(folder: Path, base: Callable[[str], Mapping[str, Raw]], families: FamilyTable) -> Overlay:
    """Read ``folder/<kind>/*.json``. Nothing in there can fail the program; what is wrong becomes a warning.

    Args:
        folder: may be missing.
        base: the built-in records of a kind, which changes are laid over.
        families: fills in what a GPU leaves open.
    """
    reader = _Reader(base, families)
    for kind in KINDS:
        for path in _files(folder / kind.plural, reader):
            reader.read(kind, path)
    return reader.overlay()


def changed(record: Raw, change: Mapping[str, Any]) -> dict[str, Any]:
    """A record with some fields replaced; a field that holds an object is changed inside, one level after the other."""
    result = dict(record)
    for name, value in change.items():
        before = result.get(name)
        both = isinstance(before, Mapping) and isinstance(value, Mapping)
        result[name] = changed(before, value) if both else value  # type: ignore[arg-type]
    return result


class _Reader:
    def __init__(self, base: Callable[[str], Mapping[str, Raw]], families: FamilyTable) -> None:
        self._base = base
        self._families = families
        self._records: dict[str, dict[str, Raw]] = {}
        self._hidden: dict[str, set[str]] = {}
        self._warnings: list[CatalogWarning] = []
        self._digests: list[bytes] = []

    def overlay(self) -> Overlay:
        yours = {f"{kind.singular}:{key}" for kind in KINDS for key in self._records.get(kind.plural, ())}
        return Overlay(
            self._records,
            {plural: frozenset(keys) for plural, keys in self._hidden.items()},
            frozenset(yours),
            tuple(self._warnings),
            tuple(self._digests),
        )

    def warn(self, code: str, **params: object) -> None:
        self._warnings.append(CatalogWarning(code, params))

    def read(self, kind: Kind, path: Path) -> None:
        try:
            content = read_bytes(path)
            records = records_in(content, path)
        except InputError as error:
            self.warn(error.code, **error.params)
            return
        self._digests.append(hashlib.sha256(kind.plural.encode() + content).digest())
        for record in records:
            self._take(kind, record, str(path))

    def _take(self, kind: Kind, record: dict[str, Any], file: str) -> None:
        key = record["id"]
        if key in self._records.get(kind.plural, {}) or key in self._hidden.get(kind.plural, ()):
            self.warn("catalog.record.twice", file=file, id=shown(key))
            return
        if record.get("hidden") is True:
            self._hide(kind, key, file)
            return
        whole = self._whole(kind, record, file)
        if whole is None:
            return
        try:
            kind.schema.model_validate(whole)
        except ValidationError as error:
            problem = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(part) for part in problem["loc"]) or "-"
            self.warn("catalog.record.invalid", file=file, id=shown(key), field=shown(place), reason=shown(problem["msg"], 160))
            return
        self._records.setdefault(kind.plural, {})[key] = whole

    def _hide(self, kind: Kind, key: str, file: str) -> None:
        if key in self._base(kind.plural):
            self._hidden.setdefault(kind.plural, set()).add(key)
        else:
            self.warn("catalog.record.unknown", file=file, id=shown(key))

    def _whole(self, kind: Kind, record: dict[str, Any], file: str) -> dict[str, Any] | None:
        change = record.get("change")
        if change is None:
            whole = record
        elif record["id"] not in self._base(kind.plural):
            self.warn("catalog.record.unknown", file=file, id=shown(record["id"]))
            return None
        elif not isinstance(change, dict) or "id" in change or set(record) != {"id", "change"}:
            self.warn("catalog.record.bad_change", file=file, id=shown(record["id"]))
            return None
        else:
            whole = changed(self._base(kind.plural)[record["id"]], change)
        return self._families.filled(whole) if kind.plural == "gpus" else whole


def _files(folder: Path, reader: _Reader) -> list[Path]:
    try:
        files = sorted(path for path in folder.glob("*.json"))
    except OSError as error:
        reader.warn("catalog.file.unreadable", file=str(folder), reason=shown(error.strerror or str(error)))
        return []
    if len(files) > MAX_FILES:
        reader.warn("catalog.folder.too_many", folder=str(folder), files=len(files), limit=MAX_FILES)
    return files[:MAX_FILES]
