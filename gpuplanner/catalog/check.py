"""``gpuplanner catalog check``: is the catalogue whole, plausible and sourced?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from gpuplanner import assets
from gpuplanner.catalog.checks.finding import Entry, Finding, Shelf
from gpuplanner.catalog.checks.gpus import check_gpus
from gpuplanner.catalog.checks.others import (
    check_clouds,
    check_links,
    check_models,
    check_precisions,
    check_servers,
    check_tariffs,
)
from gpuplanner.catalog.checks.references import check_references
from gpuplanner.catalog.checks.structure import fill
from gpuplanner.catalog.checks.tables import check_tables
from gpuplanner.catalog.files import parse, read_bytes
from gpuplanner.catalog.load import FAMILY_FILE, RELEASE_FILE
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.family import FamilyTable
from gpuplanner.errors import InputError, Message

KNOWLEDGE_FILE = "checks.json"

CHECKS = (
    check_references,
    check_gpus,
    check_links,
    check_servers,
    check_clouds,
    check_precisions,
    check_tariffs,
    check_models,
)


@dataclass(frozen=True)
class Report:
    """What a check of the whole catalogue found; ``counts`` are records by kind, and ``measurements``."""

    findings: tuple[Finding, ...]
    counts: Mapping[str, int]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What must be corrected."""
        return tuple(finding for finding in self.findings if finding.is_error)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What is to be looked at."""
        return tuple(finding for finding in self.findings if not finding.is_error)


def check_catalog(folder: Path | None = None) -> Report:
    """Check all built-in files.

    Args:
        folder: the catalogue; that of the installation when None.

    Raises:
        InputError: when the folder is no catalogue at all.
    """
    folder = folder or assets.catalogs()
    shelf = Shelf(knowledge=_object(folder / KNOWLEDGE_FILE))
    _object(folder / RELEASE_FILE)
    fill(shelf, folder, FamilyTable.model_validate(_object(folder / FAMILY_FILE)))
    for check in CHECKS:
        check(shelf)
    _lost(shelf)
    counts = {kind: len(entries) for kind, entries in shelf.entries.items()}
    counts["measurements"] = check_tables(shelf, folder)
    return Report(tuple(sorted(shelf.findings, key=lambda item: (not item.is_error, item.file, item.record, item.place))), counts)


def check_own(catalog: Catalog) -> tuple[Finding, ...]:
    """What is wrong with the user's own entries: those left out, and GPUs whose figures are implausible. All are warnings."""
    shelf = Shelf()
    for warning in catalog.warnings:
        file = str(warning.params.get("file") or warning.params.get("folder") or "-")
        shelf.findings.append(
            Finding(file, str(warning.params.get("id", "-")), "-", Message(warning.code, warning.params), False)
        )
    marks = [mark.partition(":") for mark in sorted(catalog.yours)]
    shelf.entries["gpus"] = {key: Entry("-", {"id": key}, catalog.gpus[key]) for kind, _, key in marks if kind == "gpu"}
    check_gpus(shelf)
    return tuple(replace(finding, is_error=False) for finding in shelf.findings)


def _object(path: Path) -> dict[str, object]:
    value = parse(read_bytes(path), path)
    if not isinstance(value, dict):
        raise InputError("catalog.file.no_records", file=str(path))
    return value


def _lost(shelf: Shelf) -> None:
    least = shelf.knowledge.get("least", {})
    for kind, count in least.items():
        have = len(shelf.of(kind))
        if have < count:
            message = Message("catalog.check.lost", {"have": have, "least": count})
            shelf.findings.append(Finding(f"{kind}/", "-", "-", message))
