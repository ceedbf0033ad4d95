"""Loading the catalogue: the built-in files, and the user's own on top."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gpuplanner import assets, paths
from gpuplanner.catalog.components import FILE as COMPONENTS_FILE
from gpuplanner.catalog.components import expanded
from gpuplanner.catalog.files import parse, read_bytes, records_in
from gpuplanner.catalog.overlay import Overlay, read_overlay
from gpuplanner.catalog.schema.calibration import Calibration
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.common import Record
from gpuplanner.catalog.schema.family import FamilyTable
from gpuplanner.catalog.schema.kinds import KINDS, Kind
from gpuplanner.catalog.schema.records import Raw, Records
from gpuplanner.errors import InputError

RELEASE_FILE = "catalog.json"
FAMILY_FILE = "families.json"
CALIBRATION_FOLDER = "calibration"
FINDINGS = frozenset({"calibration/score.json", "calibration/left_out.json"})  # follow from the facts and are none themselves
DIGEST_DIGITS = 12


def user_folder() -> Path:
    """Where the user's own catalogue lies: a folder for each kind of record."""
    return paths.user_data_dir() / "catalog"


def load_catalog(user_dir: Path | None = None, folder: Path | None = None, packed_dir: Path | None = None) -> Catalog:
    """The whole catalogue. Files are read at once, records checked when they are first asked for.

    Args:
        user_dir: the user's own entries; the usual place when None. They can't stop the program: what is wrong
            with them stands in ``Catalog.warnings``.
        folder: the built-in files; those of the installation when None.
        packed_dir: entries of a catalogue pack, as if it were in force; the pack that is when None.

    Raises:
        InputError: when a built-in file is missing or damaged.
    """
    built_in = BuiltIn(folder or assets.catalogs())
    packed = Overlay()
    if packed_dir is not None:
        packed = read_overlay(packed_dir, built_in.raw, built_in.families)
    elif folder is None:
        packed = _packed(built_in)
    below = _below(built_in, packed)
    own = read_overlay(user_dir or user_folder(), below, built_in.families)
    release = built_in.value(RELEASE_FILE)
    kinds: dict[str, Any] = {kind.plural: Records(_schema(kind), _source(kind, built_in, packed, own)) for kind in KINDS}
    return Catalog(
        **kinds,
        calibration=built_in.calibration(),
        digest=built_in.digest((*packed.digests, *own.digests)),
        date=str(release.get("date", "")),
        yours=own.yours,
        warnings=(*packed.warnings, *own.warnings),
    )


class BuiltIn:
    """The files that come with the program, read once and parsed kind by kind as they are needed.

    Raises:
        InputError: when the folder lacks the release stamp.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._content = {name: read_bytes(folder / name) for name in _names(folder)}
        if RELEASE_FILE not in self._content or FAMILY_FILE not in self._content:
            raise InputError("catalog.builtin.incomplete", folder=str(folder))
        self.families = FamilyTable.model_validate(self.value(FAMILY_FILE))
        self._raw: dict[str, Mapping[str, Raw]] = {}

    def value(self, name: str) -> dict[str, Any]:
        """The JSON object in a file, by its name under the folder.

        Raises:
            InputError: when the file holds something else.
        """
        value = parse(self._content[name], self.folder / name)
        if not isinstance(value, dict):
            raise InputError("catalog.file.no_records", file=str(self.folder / name))
        return value

    def raw(self, plural: str) -> Mapping[str, Raw]:
        """The records of a kind by id, as the files give them."""
        if plural not in self._raw:
            components = self._components() if plural == "models" else {}
            self._raw[plural] = {
                record["id"]: expanded(record, components)
                for name, content in self._content.items()
                if name.startswith(f"{plural}/")
                for record in records_in(content, self.folder / name)
            }
        return self._raw[plural]

    def _components(self) -> Mapping[str, Any]:
        found = self.value(COMPONENTS_FILE).get("components", {}) if COMPONENTS_FILE in self._content else {}
        return found if isinstance(found, dict) else {}

    def calibration(self) -> Calibration:
        """The fitted constants of all calibration files together."""
        merged: dict[str, dict[str, Any]] = {"constants": {}, "ranges": {}}
        for name in self._content:
            if name.startswith(f"{CALIBRATION_FOLDER}/"):
                value = self.value(name)
                for part, entries in merged.items():
                    entries.update(value.get(part, {}))
        return Calibration.model_validate(merged)

    def digest(self, more: tuple[bytes, ...] = ()) -> str:
        """12 hex digits that change with any file; ``more`` are digests of the user's files."""
        state = hashlib.sha256()
        for name, content in self._content.items():
            state.update(f"{name}\0{len(content)}\0".encode())
            state.update(content)
        for part in more:
            state.update(part)
        return state.hexdigest()[:DIGEST_DIGITS]


def _names(folder: Path) -> list[str]:
    wanted = {kind.plural for kind in KINDS} | {CALIBRATION_FOLDER}
    inside = [f"{path.parent.name}/{path.name}" for kind in sorted(wanted) for path in sorted((folder / kind).glob("*.json"))]
    return sorted({path.name for path in folder.glob("*.json")} | set(inside) - FINDINGS)


def _schema(kind: Kind) -> Callable[[], type[Record]]:
    return lambda: kind.schema


def _packed(built_in: BuiltIn) -> Overlay:
    """The catalogue pack in force, if there is one: newer facts between the built-in ones and the user's own."""
    if not (paths.user_data_dir() / "packs").is_dir():  # most have none
        return Overlay()
    from gpuplanner.catalog.pack.store import current_folder

    place = current_folder()
    return read_overlay(place, built_in.raw, built_in.families) if place is not None else Overlay()


def _below(built_in: BuiltIn, packed: Overlay) -> Callable[[str], Mapping[str, Raw]]:
    def raw(plural: str) -> Mapping[str, Raw]:
        more = packed.records.get(plural)
        return {**built_in.raw(plural), **more} if more else built_in.raw(plural)

    return raw


def _source(kind: Kind, built_in: BuiltIn, packed: Overlay, own: Overlay) -> Callable[[], Mapping[str, Raw]]:
    def merged() -> Mapping[str, Raw]:
        records = dict(built_in.raw(kind.plural))
        if kind.plural == "gpus":
            records = {key: built_in.families.filled(record) for key, record in records.items()}
        for layer in (packed, own):
            records.update(layer.records.get(kind.plural, {}))
            for key in layer.hidden.get(kind.plural, ()):
                records.pop(key, None)
        return records

    return merged
