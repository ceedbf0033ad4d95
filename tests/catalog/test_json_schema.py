"""The JSON Schema beside the data is current, and files point to it."""

import json
from pathlib import Path

import pytest

from gpuplanner import assets
from gpuplanner.catalog.json_schema import as_text, json_schemas, write_schemas
from gpuplanner.catalog.schema.kinds import KINDS


@pytest.mark.parametrize("name", sorted(json_schemas()))
def test_the_committed_schema_is_current(name: str) -> None:
    """Run ``gpuplanner catalog schema --out catalogs/schema`` when this fails."""
    assert (assets.catalogs() / "schema" / name).read_text(encoding="utf-8") == as_text(json_schemas()[name])


def test_no_schema_is_left_over() -> None:
    assert {path.name for path in (assets.catalogs() / "schema").iterdir()} == set(json_schemas())


def test_writing(tmp_path: Path) -> None:
    written = write_schemas(tmp_path / "new" / "folder")
    assert {path.name for path in written} == set(json_schemas())
    assert json.loads(written[0].read_bytes())["$schema"].startswith("https://json-schema.org/")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.plural)
def test_every_kind_admits_records_changes_and_hiding(kind: object) -> None:
    schema = json_schemas()[f"{kind.plural}.json"]  # type: ignore[attr-defined]
    name = kind.schema.__name__  # type: ignore[attr-defined]
    references = [entry.get("$ref") for entry in schema["$defs"]["Entry"]["anyOf"]]
    assert references == [f"#/$defs/{name}", None, None]
    assert schema["$defs"][name]["additionalProperties"] is False
    assert "id" in schema["$defs"][name]["required"]


def test_files_that_name_their_schema_name_one_that_exists() -> None:
    for path in assets.catalogs().rglob("*.json"):
        value = json.loads(path.read_bytes())
        if isinstance(value, dict) and "records" in value and "$schema" in value:
            assert (path.parent / value["$schema"]).resolve().is_file(), path
