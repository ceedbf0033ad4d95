"""The user's own catalogue: adds, changes, hides, and can't break anything."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner import texts
from gpuplanner.catalog import files
from gpuplanner.catalog.load import load_catalog, user_folder
from gpuplanner.catalog.overlay import MAX_FILES, changed
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.errors import Message

MINE: dict[str, Any] = {
    "id": "my-card-48gb", "name": "My card", "vendor": "ACME", "architecture": "One", "form_factor": "PCIe", "memory_gb": 48,
}  # fmt: skip


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "gpus").mkdir()
    return tmp_path


def _write(own: Path, value: object, kind: str = "gpus", name: str = "mine.json") -> Path:
    path = own / kind / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
    return path


def _only_warning(catalog: Catalog) -> str:
    (warning,) = catalog.warnings
    english = Message(warning.code, warning.params).sentence("en")
    assert Message(warning.code, warning.params).sentence("zh")
    return english


def test_it_lies_in_the_users_data_folder(own_home: Path) -> None:
    assert user_folder() == own_home / "data" / "catalog"
    (user_folder() / "gpus").mkdir(parents=True)
    _write(user_folder(), [MINE])
    assert "my-card-48gb" in load_catalog().gpus


@pytest.mark.parametrize("form", [{"records": [MINE]}, [MINE], MINE, {"$schema": "x", "note": "y", "records": [MINE]}])
def test_adds(own: Path, form: object) -> None:
    _write(own, form)
    catalog = load_catalog(own)
    assert catalog.gpus["my-card-48gb"].memory_gb == 48
    assert catalog.yours == {"gpu:my-card-48gb"}
    assert catalog.warnings == ()


def test_changes_one_field_and_keeps_the_rest(own: Path) -> None:
    change = {
        "memory_gb": 81,
        "dense_tflops": {"fp16": 990},
        "prices": [{"kind": "own", "amount": 1, "currency": "CNY", "date": "2026"}],
    }
    _write(own, [{"id": "nvidia-h100-sxm5-80gb", "change": change}])
    catalog = load_catalog(own)
    gpu = catalog.gpus["nvidia-h100-sxm5-80gb"]
    assert gpu.memory_gb == 81
    assert gpu.dense_tflops.fp16 == 990
    assert gpu.dense_tflops.fp8 == 1978.9
    assert gpu.bandwidth_gb_s == 3350
    best = gpu.best_price("CNY")
    assert best is not None
    assert best.kind == "own"
    assert catalog.yours == {"gpu:nvidia-h100-sxm5-80gb"}


def test_a_whole_record_replaces_one_of_ours(own: Path) -> None:
    _write(own, [{**MINE, "id": "nvidia-l4"}])
    catalog = load_catalog(own)
    assert catalog.gpus["nvidia-l4"].vendor == "ACME"
    assert "gpu:nvidia-l4" in catalog.yours


def test_hides(own: Path) -> None:
    _write(own, [{"id": "nvidia-l4", "hidden": True}])
    catalog = load_catalog(own)
    assert "nvidia-l4" not in catalog.gpus
    assert "nvidia-l40" in catalog.gpus
    assert catalog.yours == frozenset()


def test_other_kinds_too(own: Path) -> None:
    _write(
        own,
        [{"id": "cn-mine", "region": "Home", "sector": "industrial", "price": 0.5, "currency": "CNY", "period": "2026"}],
        "electricity",
    )
    _write(own, [{"id": "llama-3.1-8b", "change": {"licence": "seen"}}], "models")
    catalog = load_catalog(own)
    assert catalog.electricity["cn-mine"].price == 0.5
    assert catalog.models["llama-3.1-8b"].licence == "seen"
    assert catalog.models["llama-3.1-8b"].shape is not None
    assert catalog.yours == {"electricity:cn-mine", "model:llama-3.1-8b"}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "isn’t valid JSON"),
        (b"\x00\xff\xfe binary", "isn’t valid JSON"),
        (b'{"records": [', "isn’t valid JSON"),
        (b"[" * 100_000, "isn’t valid JSON"),
        (b'{"a":' * 100_000, "isn’t valid JSON"),
        (b'[{"id": "x", "memory_gb": NaN}]', "isn’t valid JSON"),
        (b'[{"id": "x", "memory_gb": Infinity}]', "isn’t valid JSON"),
        (b"[" + b"9" * 5000 + b"]", "isn’t valid JSON"),
        (b"7", "no list of records"),
        (b'{"records": 7}', "no list of records"),
        (b"[7]", "has no “id”"),
        (b'[{"name": "x"}]', "has no “id”"),
        (b'[{"id": 7}]', "has no “id”"),
        (b'[{"id": "no-such-card", "hidden": true}]', "doesn’t have"),
        (b'[{"id": "no-such-card", "change": {"memory_gb": 1}}]', "doesn’t have"),
        (b'[{"id": "nvidia-l4", "change": 7}]', "must be"),
        (b'[{"id": "nvidia-l4", "change": {"id": "other"}}]', "must be"),
        (b'[{"id": "nvidia-l4", "memory_gb": 7, "change": {}}]', "must be"),
        (b'[{"id": "nvidia-l4", "change": {"memory_gb": -1}}]', "memory_gb"),
        (b'[{"id": "nvidia-l4", "change": {"memory_gb": "much"}}]', "memory_gb"),
        (b'[{"id": "nvidia-l4", "change": {"dense_tflops": null}}]', "dense_tflops"),
        (b'[{"id": "nvidia-l4", "change": {"colour": "red"}}]', "colour"),
        (b'[{"id": "x"}]', "left out"),
        (b'[{"id": "UPPER"}]', "left out"),
    ],
)
def test_broken_files_are_told_and_left_out(own: Path, content: bytes, says: str) -> None:
    path = _write(own, content)
    catalog = load_catalog(own)
    sentence = _only_warning(catalog)
    assert says in sentence
    assert str(path) in sentence
    assert len(catalog.gpus) >= 122
    assert catalog.yours == frozenset()


def test_a_broken_record_leaves_the_others(own: Path) -> None:
    _write(own, [{"id": "x"}, MINE, {**MINE, "memory_gb": 7}])
    catalog = load_catalog(own)
    assert catalog.gpus["my-card-48gb"].memory_gb == 48
    assert [warning.code for warning in catalog.warnings] == ["catalog.record.invalid", "catalog.record.twice"]


def test_a_huge_file_is_refused_unread(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = own / "gpus" / "huge.json"
    with path.open("wb") as stream:
        stream.truncate(1_000_000_000)  # sparse: takes no room on disk
    real = Path.read_bytes

    def guarded(self: Path) -> bytes:
        assert self != path, "was read"
        return real(self)

    monkeypatch.setattr(Path, "read_bytes", guarded)
    catalog = load_catalog(own)
    assert "1000 MB" in _only_warning(catalog)


def test_a_folder_in_place_of_a_file(own: Path) -> None:
    (own / "gpus" / "folder.json").mkdir()
    assert "not a file" in _only_warning(load_catalog(own))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs permissions that bind")
def test_an_unreadable_file(own: Path) -> None:
    path = _write(own, [MINE])
    path.chmod(0)
    assert "can’t be read" in _only_warning(load_catalog(own))


def test_a_dangling_link(own: Path) -> None:
    try:
        (own / "gpus" / "gone.json").symlink_to(own / "nowhere")
    except OSError:
        pytest.skip("no symbolic links here")
    assert "can’t be read" in _only_warning(load_catalog(own))


def test_too_many_files(own: Path) -> None:
    for number in range(MAX_FILES + 1):
        _write(own, [], name=f"{number}.json")
    assert str(MAX_FILES) in _only_warning(load_catalog(own))


def test_a_byte_order_mark_is_no_harm(own: Path) -> None:
    _write(own, b"\xef\xbb\xbf" + json.dumps([MINE]).encode())
    assert "my-card-48gb" in load_catalog(own).gpus


def test_every_warning_has_words_in_both_languages() -> None:
    codes = [key for key in texts.entries() if key.startswith(("catalog.file.", "catalog.record.", "catalog.folder."))]
    assert len(codes) >= 10


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4), max_leaves=12
)
fields = st.sampled_from(
    ["memory_gb", "dense_tflops", "prices", "interconnect", "name", "sources", "family", "engines", "id", "change", "hidden"]
)


@given(st.dictionaries(fields, values, max_size=6))
def test_any_record_loads_or_warns(tmp_path_factory: pytest.TempPathFactory, record: dict[str, Any]) -> None:
    own = tmp_path_factory.mktemp("own")
    _write(own, [{"id": "nvidia-l4", "change": record}, {**MINE, **record}])
    catalog = load_catalog(own)
    assert all(catalog.gpus[key].id == key for key in catalog.gpus)
    for warning in catalog.warnings:
        for lang in texts.LANGUAGES:
            assert Message(warning.code, warning.params).sentence(lang)


@given(st.binary(max_size=200))
def test_any_bytes_load_or_warn(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    own = tmp_path_factory.mktemp("own")
    _write(own, content)
    assert len(load_catalog(own).gpus) >= 121


@given(st.dictionaries(st.text(max_size=3), values, max_size=4), st.dictionaries(st.text(max_size=3), values, max_size=4))
def test_a_change_changes_only_what_it_names(record: dict[str, Any], change: dict[str, Any]) -> None:
    result = changed(record, change)
    assert {key: result[key] for key in record if key not in change} == {key: record[key] for key in record if key not in change}
    assert set(result) == set(record) | set(change)
    assert changed(record, {}) == record


def test_the_limit_is_far_above_our_files() -> None:
    from gpuplanner import assets

    assert max(path.stat().st_size for path in assets.catalogs().rglob("*.json")) * 10 < files.MAX_BYTES
