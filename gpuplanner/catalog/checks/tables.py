"""Measurement tables: columns, numbers, ids."""

from __future__ import annotations

import csv
from pathlib import Path

from pydantic import ValidationError

from gpuplanner.catalog.checks.finding import Entry, Shelf
from gpuplanner.catalog.schema.measurement import MemoryMeasurement, SpeedMeasurement
from gpuplanner.errors import shown

FOLDER = "measurements"
TABLES = (("speed", SpeedMeasurement), ("memory", MemoryMeasurement))


def check_tables(shelf: Shelf, folder: Path) -> int:
    """Note rows that don't fit their schema or whose id is taken.

    Returns:
        How many rows were looked at.
    """
    seen: set[str] = set()
    rows = 0
    for table, schema in TABLES:
        for path in sorted((folder / FOLDER / table).glob("*.csv")):
            name = path.relative_to(folder).as_posix()
            with path.open(encoding="utf-8", newline="") as stream:
                for raw in csv.DictReader(stream):
                    rows += 1
                    _row(shelf, name, raw, schema, seen)
    return rows


def _row(
    shelf: Shelf, file: str, raw: dict[str, str], schema: type[SpeedMeasurement] | type[MemoryMeasurement], seen: set[str]
) -> None:
    note = shelf.reporter(Entry(file, raw, None))
    key = raw.get("id") or "-"
    if key in seen:
        note("id", "twice", other=file)
    seen.add(key)
    try:
        schema.model_validate(raw)
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_input=False):
            note(".".join(str(part) for part in problem["loc"]) or "-", "schema", reason=shown(problem["msg"], 160))
