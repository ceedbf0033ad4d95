"""The schemas of all catalogue files as JSON Schema, for editors and other programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from gpuplanner.catalog.schema.calibration import Calibration
from gpuplanner.catalog.schema.family import FamilyTable
from gpuplanner.catalog.schema.kinds import KINDS
from gpuplanner.catalog.schema.measurement import MemoryMeasurement, SpeedMeasurement

DIALECT = "https://json-schema.org/draft/2020-12/schema"
PLAIN: Mapping[str, type[BaseModel]] = {
    "families": FamilyTable,
    "calibration": Calibration,
    "measurement-speed-row": SpeedMeasurement,
    "measurement-memory-row": MemoryMeasurement,
}
ID = {"type": "string"}
CHANGE = {
    "type": "object",
    "description": "In the user's own catalogue: replaces fields of a record that came with the program.",
    "properties": {"id": ID, "change": {"type": "object"}},
    "required": ["id", "change"],
    "additionalProperties": False,
}
HIDDEN = {
    "type": "object",
    "description": "In the user's own catalogue: leaves out a record that came with the program.",
    "properties": {"id": ID, "hidden": {"const": True}},
    "required": ["id", "hidden"],
    "additionalProperties": False,
}


def json_schemas() -> dict[str, dict[str, Any]]:
    """File name to schema: one for the files of each kind, and the single files."""
    schemas = {f"{kind.plural}.json": _file_schema(kind.plural, kind.schema) for kind in KINDS}
    for name, model in PLAIN.items():
        schemas[f"{name}.json"] = {"$schema": DIALECT, **model.model_json_schema()}
    return schemas


def as_text(schema: Mapping[str, Any]) -> str:
    """A schema as it is written."""
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def write_schemas(folder: Path) -> list[Path]:
    """Write all schemas into a folder, which is made if need be.

    Returns:
        The files written.

    Raises:
        OSError: when the folder can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, schema in json_schemas().items():
        path = folder / name
        path.write_text(as_text(schema), encoding="utf-8", newline="\n")
        written.append(path)
    return written


def _file_schema(plural: str, model: type[BaseModel]) -> dict[str, Any]:
    record = model.model_json_schema()
    definitions = record.pop("$defs", {})
    definitions["Entry"] = {"anyOf": [{"$ref": f"#/$defs/{model.__name__}"}, CHANGE, HIDDEN]}
    definitions[model.__name__] = record
    entries = {"type": "array", "items": {"$ref": "#/$defs/Entry"}}
    return {
        "$schema": DIALECT,
        "title": f"catalogue file: {plural}",
        "anyOf": [
            {
                "type": "object",
                "properties": {"$schema": {"type": "string"}, "note": {"type": "string"}, "records": entries},
                "required": ["records"],
            },
            entries,
        ],
        "$defs": definitions,
    }
