"""What a pack would change: entries added, changed, taken away."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gpuplanner.catalog.files import records_in
from gpuplanner.catalog.load import BuiltIn
from gpuplanner.catalog.pack.archive import Pack
from gpuplanner.catalog.schema.kinds import KINDS


@dataclass(frozen=True, slots=True)
class Change:
    """One entry: ``what`` is "added", "changed" or "removed"; ``fields`` are the names of those that differ."""

    what: str
    kind: str
    id: str
    fields: tuple[str, ...] = ()


def changes_of(pack: Pack, built_in: BuiltIn) -> tuple[Change, ...]:
    """The entries of a pack held against the built-in ones, by kind and id."""
    found = []
    for kind in KINDS:
        before = built_in.raw(kind.plural)
        for name, content in pack.files.items():
            if name.split("/")[1] != kind.plural:
                continue
            for record in records_in(content, Path(name)):
                change = _change(kind.singular, record, before.get(record["id"]))
                if change is not None:
                    found.append(change)
    return tuple(sorted(found, key=lambda change: (change.kind, change.what, change.id)))


def _change(kind: str, record: dict[str, object], old: object) -> Change | None:
    key = str(record["id"])
    if record.get("hidden") is True:
        return Change("removed", kind, key) if old is not None else None
    new = record.get("change")
    if not isinstance(old, dict):
        return Change("added", kind, key) if new is None else None  # there is nothing to change: reading it warns
    compared = new if isinstance(new, dict) else record
    fields = tuple(sorted(name for name, value in compared.items() if old.get(name) != value))
    return Change("changed", kind, key, fields) if fields else None
