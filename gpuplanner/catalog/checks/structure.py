"""Schema, ids, sources and dates: what every kind of record must have."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gpuplanner.catalog.checks.finding import Entry, Finding, Shelf
from gpuplanner.catalog.components import FILE as COMPONENTS_FILE
from gpuplanner.catalog.components import expanded
from gpuplanner.catalog.files import parse, read_bytes, records_in
from gpuplanner.catalog.schema.family import FamilyTable
from gpuplanner.catalog.schema.kinds import KINDS, Kind
from gpuplanner.errors import InputError, shown


def fill(shelf: Shelf, folder: Path, families: FamilyTable, own: bool = False) -> None:
    """Read all record files under ``folder`` into the shelf, noting what is unreadable, invalid or there twice.

    Args:
        shelf: gets entries and findings.
        folder: holds a folder for each kind.
        families: fills in what GPU records leave open.
        own: whether these are the user's files, where sources are welcome but not asked for.
    """
    for kind in KINDS:
        for path in sorted((folder / kind.plural).glob("*.json")):
            name = path.relative_to(folder).as_posix()
            try:
                records = records_in(read_bytes(path), path)
            except InputError as error:
                shelf.findings.append(Finding(name, "-", "-", error.message))
                continue
            components = _components(folder) if kind.plural == "models" else {}
            for raw in records:
                _take(shelf, kind, name, expanded(raw, components), families, own)


def _components(folder: Path) -> Mapping[str, Any]:
    """The shapes that models share; none where the folder has no such file."""
    file = folder / COMPONENTS_FILE
    value = parse(read_bytes(file), file) if file.is_file() else {}
    return value.get("components", {}) if isinstance(value, dict) else {}


def _take(shelf: Shelf, kind: Kind, file: str, raw: dict[str, Any], families: FamilyTable, own: bool) -> None:
    whole = families.filled(raw) if kind.plural == "gpus" else raw
    note = shelf.reporter(Entry(file, raw, None))
    place = shelf.entries.setdefault(kind.plural, {})
    if raw["id"] in place:
        note("id", "twice", other=place[raw["id"]].file)
        return
    try:
        record = kind.schema.model_validate(whole)
    except ValidationError as error:
        record = None
        for problem in error.errors(include_url=False, include_input=False):
            note(".".join(str(part) for part in problem["loc"]) or "-", "schema", reason=shown(problem["msg"], 160))
    entry = place[raw["id"]] = Entry(file, raw, record)
    if not own:
        _sources(shelf, entry)


def _sources(shelf: Shelf, entry: Entry) -> None:
    note = shelf.reporter(entry)
    sources = entry.raw.get("sources") or []
    if not sources:
        note("sources", "no_source")
    keys = set()
    for number, source in enumerate(sources):
        if isinstance(source, Mapping):
            keys.add(source.get("key"))
            if not str(source.get("date") or "").strip() or not str(source.get("title") or "").strip():
                note(f"sources.{number}", "source_undated")
    for number, price in enumerate(entry.raw.get("prices") or []):
        if isinstance(price, Mapping):
            if not price.get("date"):
                note(f"prices.{number}.date", "price_undated")
            if price.get("source") is not None and price["source"] not in keys:
                note(f"prices.{number}.source", "price_source", source=shown(price["source"]))
