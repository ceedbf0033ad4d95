"""The built-in catalogue loads, lazily, and its digest follows its files."""

import json
import shutil
from pathlib import Path

import pytest
from pydantic import ValidationError

from gpuplanner import assets
from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.kinds import KINDS
from gpuplanner.catalog.schema.records import Records
from gpuplanner.errors import InputError

COUNTS = {
    "gpus": 122, "servers": 34, "clouds": 230, "models": 433, "precisions": 48, "engines": 46, "links": 47, "storage": 23,
    "network_cards": 4, "switches": 3, "equipment": 18, "power": 9, "electricity": 13,
}  # fmt: skip


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return load_catalog(tmp_path_factory.mktemp("none"))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the built-in files that may be damaged."""
    return Path(
        shutil.copytree(assets.catalogs(), tmp_path / "catalogs", ignore=shutil.ignore_patterns("measurements", "schema"))
    )


@pytest.mark.parametrize(("kind", "least"), COUNTS.items())
def test_every_record_fits_its_schema(catalog: Catalog, kind: str, least: int) -> None:
    records = getattr(catalog, kind)
    assert len(records) >= least
    assert all(records[key].id == key for key in records)


def test_names_are_listed_without_checking_any_record(catalog: Catalog) -> None:
    records = Records(KINDS[0].schema, {"broken": {"id": "broken", "name": "Broken"}})
    assert list(records) == ["broken"]
    assert records.name_of("broken") == "Broken"
    with pytest.raises(ValidationError):
        records["broken"]
    assert catalog.models.name_of("llama-3.1-8b").startswith("Llama")  # type: ignore[attr-defined]
    assert catalog.power.name_of("google-fleet") == "Google fleet"  # type: ignore[attr-defined]


def test_records_are_fetched_only_when_needed() -> None:
    calls = []

    def source() -> dict[str, dict[str, object]]:
        calls.append(1)
        return {}

    records = Records(KINDS[0].schema, source)
    assert not calls
    assert "x" not in records
    assert len(records) == 0
    assert calls == [1]


def test_a_record_is_made_once(catalog: Catalog) -> None:
    assert catalog.gpus["nvidia-h100-sxm5-80gb"] is catalog.gpus["nvidia-h100-sxm5-80gb"]


def test_the_date_is_the_release(catalog: Catalog) -> None:
    assert catalog.date == json.loads((assets.catalogs() / "catalog.json").read_bytes())["date"]


def test_the_digest_follows_the_files(copy: Path, tmp_path: Path) -> None:
    before = load_catalog(tmp_path / "none", copy).digest
    assert before == load_catalog(tmp_path / "none", copy).digest
    assert len(before) == 12
    path = copy / "gpus" / "apple.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"memory_gb": 64', '"memory_gb": 65', 1), encoding="utf-8")
    assert load_catalog(tmp_path / "none", copy).digest != before


def test_the_digest_follows_the_users_files(tmp_path: Path) -> None:
    none = load_catalog(tmp_path / "none").digest
    (tmp_path / "own" / "gpus").mkdir(parents=True)
    (tmp_path / "own" / "gpus" / "mine.json").write_text('[{"id": "apple-m1-max", "hidden": true}]')
    assert load_catalog(tmp_path / "own").digest != none


@pytest.mark.parametrize("missing", ["catalog.json", "families.json"])
def test_an_incomplete_installation_is_told(copy: Path, tmp_path: Path, missing: str) -> None:
    (copy / missing).unlink()
    with pytest.raises(InputError) as caught:
        load_catalog(tmp_path, copy)
    assert str(copy) in caught.value.sentence("en")
    assert str(copy) in caught.value.sentence("zh")


def test_a_damaged_built_in_file_is_named(copy: Path, tmp_path: Path) -> None:
    (copy / "gpus" / "amd.json").write_bytes(b'{"records": [{')
    catalog = load_catalog(tmp_path, copy)
    with pytest.raises(InputError) as caught:
        len(catalog.gpus)
    assert "amd.json" in caught.value.sentence()


def test_nothing_but_facts_is_told_about_the_files(catalog: Catalog) -> None:
    """Paths of the machine that compiled the facts, and its indexes, stay out."""
    for path in assets.catalogs().rglob("*.json"):
        text = path.read_text(encoding="utf-8")
        assert "code index" not in text
        assert "/work/" not in text
