"""Scenario files: round trips, versions, damage of every kind."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpuplanner import __version__, texts
from gpuplanner.disk import MAX_BYTES
from gpuplanner.errors import InputError
from gpuplanner.scenario.document import Scenario, replace
from gpuplanner.scenario.files import (
    ChangedOnDisk,
    changed_on_disk,
    document_bytes,
    load_scenario,
    read_document,
    read_line,
    save_scenario,
)

SCENARIO = Scenario(name="客服 70B", customer="Example Bank", note="a\nb „x“")


def document(**changes: Any) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(document_bytes(SCENARIO, "digest"))
    return {**whole, **changes}


def encoded(value: object) -> bytes:
    return json.dumps(value).encode()


def test_a_file_holds_what_was_asked_and_what_made_it(tmp_path: Path) -> None:
    path = tmp_path / "a.gpuplan"
    save_scenario(path, SCENARIO, "sha256:abc")
    content = json.loads(path.read_text(encoding="utf-8"))
    assert list(content) == ["format", "version", "program", "catalog", "scenario"]
    assert (content["format"], content["version"], content["program"]) == ("gpuplan", 1, __version__)
    assert content["catalog"] == "sha256:abc"
    assert set(content["scenario"]) == set(Scenario.model_fields)
    assert "客服" in path.read_text(encoding="utf-8"), "the file can be read by people"


def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "a.gpuplan"
    stamp = save_scenario(path, SCENARIO, "d")
    loaded = load_scenario(path)
    assert loaded.scenario == SCENARIO
    assert (loaded.path, loaded.read_only, loaded.warnings) == (path, False, ())
    assert loaded.stamp == stamp
    assert (loaded.program, loaded.catalog_digest) == (__version__, "d")


SCENARIOS = st.builds(
    lambda name, tokens, load, ttft, share: Scenario.model_validate(
        {
            "name": name,
            "workload": {"input_tokens": tokens, "load": load, "cached_prefix": share},
            "targets": {"ttft_s": ttft},
        }
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
    st.integers(1, 100_000_000),
    st.floats(1e-9, 1e9),
    st.none() | st.floats(1e-6, 86_400),
    st.floats(0, 0.99),
)


@given(SCENARIOS)
def test_round_trip_is_exact(scenario: Scenario) -> None:
    data = document_bytes(scenario, "d")
    assert read_document(data, "f").scenario == scenario
    assert document_bytes(read_document(data, "f").scenario, "d") == data


def test_unknown_fields_survive_at_every_level(tmp_path: Path) -> None:
    path = tmp_path / "a.gpuplan"
    whole = document(later={"a": [1, None]})
    whole["scenario"]["tags"] = ["x"]
    whole["scenario"]["workload"]["image_tokens"] = 576
    path.write_bytes(encoded(whole))
    edited = replace(load_scenario(path).scenario, "workload.input_tokens", 5)
    save_scenario(path, edited, "digest")
    whole["scenario"]["workload"]["input_tokens"] = 5
    assert json.loads(path.read_bytes()) == {**whole, "program": __version__}


def test_a_field_outside_cannot_push_one_of_ours_aside(tmp_path: Path) -> None:
    whole = document()
    whole["scenario"]["file_fields"] = {"scenario": 1, "format": "x", "kept": 2}
    scenario = read_document(encoded(whole), "f").scenario
    again = json.loads(document_bytes(scenario, "d"))
    assert again["format"] == "gpuplan"
    assert isinstance(again["scenario"], dict)


def test_a_newer_version_opens_read_only_and_keeps_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "a.gpuplan"
    whole = document(version=7, program="9.1")
    whole["scenario"]["fleet"] = {"sites": 3}
    path.write_bytes(encoded(whole))
    loaded = load_scenario(path)
    assert loaded.read_only
    assert [message.code for message in loaded.warnings] == ["warning.file.newer"]
    assert "9.1" in loaded.warnings[0].sentence("zh")
    assert loaded.scenario.model_extra == {"fleet": {"sites": 3}}


def test_a_newer_version_that_cannot_be_understood_says_so() -> None:
    whole = document(version=7, program="9.1")
    whole["scenario"]["workload"]["kind"] = "dream"
    with pytest.raises(InputError, match=r"error\.file\.newer") as caught:
        read_document(encoded(whole), "f.gpuplan")
    assert "f.gpuplan was written by a newer GPU Planner (9.1)" in caught.value.sentence("en")


def test_a_protected_file_opens_read_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.gpuplan"
    save_scenario(path, SCENARIO, "d")
    monkeypatch.setattr(os, "access", lambda *args: False)  # root may write everything
    loaded = load_scenario(path)
    assert loaded.read_only
    assert [message.code for message in loaded.warnings] == ["warning.file.protected"]


def test_someone_elses_change_is_noticed_before_it_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.gpuplan"
    stamp = save_scenario(path, SCENARIO, "d")
    assert not changed_on_disk(path, stamp)
    os.utime(path, ns=(1, 1))
    assert not changed_on_disk(path, stamp), "the same content with another time is no change"
    other = document_bytes(replace(SCENARIO, "name", "theirs"), "d")
    path.write_bytes(other)
    assert changed_on_disk(path, stamp)
    with pytest.raises(ChangedOnDisk) as caught:
        save_scenario(path, SCENARIO, "d", stamp)
    assert str(path) in caught.value.sentence()
    assert path.read_bytes() == other
    save_scenario(path, SCENARIO, "d")
    assert load_scenario(path).scenario == SCENARIO


def test_a_file_that_is_gone_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "a.gpuplan"
    stamp = save_scenario(path, SCENARIO, "d")
    path.unlink()
    save_scenario(path, SCENARIO, "d", stamp)
    assert load_scenario(path).scenario == SCENARIO


def test_the_former_content_is_kept_beside(tmp_path: Path) -> None:
    path = tmp_path / "a.gpuplan"
    save_scenario(path, SCENARIO, "d")
    save_scenario(path, replace(SCENARIO, "name", "second"), "d")
    assert load_scenario(tmp_path / "a.gpuplan.bak").scenario == SCENARIO


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_the_former_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    path = tmp_path / "a.gpuplan"
    stamp = save_scenario(path, SCENARIO, "d")

    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, step, full)
    with pytest.raises(InputError) as caught:
        save_scenario(path, replace(SCENARIO, "name", "new"), "d", stamp)
    monkeypatch.undo()
    assert caught.value.sentence("en").startswith("The disk is full")
    assert caught.value.sentence("zh").startswith("磁盘已满")
    assert load_scenario(path).scenario == SCENARIO
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.gpuplan"]


def test_nothing_is_touched_when_the_scenario_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "a.gpuplan"
    save_scenario(path, SCENARIO, "d")
    huge = Scenario.model_validate({"later": "x" * MAX_BYTES})
    with pytest.raises(InputError, match="too_large"):
        save_scenario(path, huge, "d")
    assert load_scenario(path).scenario == SCENARIO


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (json.dumps(document()).encode("utf-16"), "not_utf8"),
        (json.dumps(document()).encode("utf-16-le"), "not_utf8"),
        (b"\x89PNG\r\n\x1a\n", "not_utf8"),
        (bytes(range(256)), "not_utf8"),
        (b"PK\x03\x04" + bytes(50), "archive"),
        (b"\x1f\x8b\x08", "archive"),
        (b"{", "json"),
        (b'{"format": "gpuplan",}', "json"),
        (b"hello", "json"),
        (b"[" * 100_000, "deep"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "deep"),
        (b'"' + b'\\"' * 1_000_000, "json"),
        (b'{"format": "gpuplan", "format": "gpuplan"}', "duplicate"),
        (b'{"format": "gpuplan", "version": NaN}', "number"),
        (b'{"format": "gpuplan", "version": -Infinity}', "number"),
        (b'{"format": "gpuplan", "version": 1e999}', "number"),
        (b'{"format": "gpuplan", "version": ' + b"9" * 100_000 + b"}", "number"),
        (b'{"format": "gpuplan", "version": 1, "scenario": {"name": "\\ud800"}}', "unicode"),
        (b"[]", "not_object"),
        (b"5", "not_object"),
        (b"{}", "not_scenario"),
        (b'{"format": ["gpuplan"]}', "not_scenario"),
        (b'{"architectures": ["LlamaForCausalLM"], "model_type": "llama"}', "is_config"),
        (b'{"format": "gpuplan"}', "version"),
        (b'{"format": "gpuplan", "version": true}', "version"),
        (b'{"format": "gpuplan", "version": "1"}', "version"),
        (b'{"format": "gpuplan", "version": 0}', "version"),
        (b'{"format": "gpuplan", "version": {"a": []}}', "version"),
        (b'{"format": "gpuplan", "version": 1}', "field"),
        (b'{"format": "gpuplan", "version": 1, "scenario": []}', "field"),
        (b'{"format": "gpuplan", "version": 1, "scenario": {"workload": {"input_tokens": -1}}}', "field"),
    ],
)
def test_what_cannot_be_read_is_told_with_the_file(tmp_path: Path, data: bytes, code: str) -> None:
    path = tmp_path / "bad.gpuplan"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        load_scenario(path)
    assert caught.value.code == f"error.file.{code}"
    for lang in texts.LANGUAGES:
        assert str(path) in caught.value.sentence(lang)
        assert len(caught.value.sentence(lang)) < 600
    assert path.read_bytes() == data


def test_the_place_is_named() -> None:
    whole = document()
    whole["scenario"]["workload"]["input_tokens"] = -5
    with pytest.raises(InputError) as caught:
        read_document(encoded(whole), "a.gpuplan")
    assert caught.value.sentence("en") == (
        "a.gpuplan: “workload.input_tokens” (Input length) is -5; it can be a whole number, 1 to 100,000,000. "
        "Correct it in a text editor, or open the backup copy (.bak) beside the file."
    )
    assert "“workload.input_tokens”（输入长度）的值为 -5" in caught.value.sentence("zh")


def test_numbers_in_a_file_are_told_as_they_stand_there() -> None:
    whole = document()
    whole["scenario"]["targets"]["ttft_s"] = 100_000.5
    with pytest.raises(InputError) as caught:
        read_document(encoded(whole), "a.gpuplan")
    assert "more than 0, at most 86,400." in caught.value.sentence("en")


def test_a_missing_field_of_an_imported_model_is_told() -> None:
    whole = document()
    whole["scenario"]["model"]["custom"] = {"id": "mine", "kind": "llm"}
    with pytest.raises(InputError, match=r"error\.file\.missing_field") as caught:
        read_document(encoded(whole), "a.gpuplan")
    assert "“model.custom.name” (Imported model) is missing" in caught.value.sentence("en")


def test_json_damage_is_told_with_its_line() -> None:
    with pytest.raises(InputError) as caught:
        read_document(b'{\n  "format": "gpuplan",\n  "version": 1,,\n}', "a.gpuplan")
    assert "line 3, column 16" in caught.value.sentence("en")


def test_a_byte_order_mark_is_fine() -> None:
    assert read_document(b"\xef\xbb\xbf" + encoded(document()), "f").scenario == SCENARIO


def test_a_line_may_be_a_document_or_a_bare_scenario() -> None:
    assert read_line(encoded(document()), "line 1") == SCENARIO
    assert read_line(b'{"workload": {"input_tokens": 5}}', "line 2").workload.input_tokens == 5
    custom = b'{"model": {"custom": {"id": "mine"}}}'
    for bad in (b"[]", b"\n", b"{\n", b'{"workload": 5}', b'{"format": "x"}', custom):
        with pytest.raises(InputError) as caught:
            read_line(bad, "line 3")
        assert "line 3" in caught.value.sentence()
        assert ".bak" not in caught.value.sentence(), "a line has no backup copy"


def _told(data: bytes) -> None:
    """Read bytes; whatever comes of it, it's a scenario or a sentence."""
    try:
        scenario = read_document(data, "f").scenario
    except InputError as error:
        refused: InputError | None = error
    else:
        refused = None
        assert read_document(document_bytes(scenario, "d"), "f").scenario == scenario
    if refused:
        assert all(refused.sentence(lang) for lang in texts.LANGUAGES)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_scenario_or_a_sentence(data: bytes) -> None:
    _told(data)


@given(data=st.data())
@settings(max_examples=300)
def test_a_damaged_file_is_a_scenario_or_a_sentence(data: st.DataObject) -> None:
    whole = bytearray(document_bytes(SCENARIO, "d"))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(whole) - 1))
        length = data.draw(st.integers(0, 20))
        whole[place : place + length] = data.draw(
            st.binary(max_size=5) | st.sampled_from([b"null", b"-1", b"1e400", b'"', b"{", b"[", b"]", b"}", b"NaN", b"\\ud800"])
        )
    _told(bytes(whole))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=10), inner, max_size=5),
    max_leaves=10,
)


@given(place=st.sampled_from(["format", "version", "program", "catalog", "scenario", "later"]), value=JSON)
def test_any_value_in_the_envelope_is_taken_or_told(place: str, value: object) -> None:
    _told(encoded(document(**{place: value})))


@given(st.integers(1, 2000), st.sampled_from(['{"a":', "[", '[{"b":[']))
def test_any_depth_is_taken_or_told(depth: int, opener: str) -> None:
    closer = {'{"a":': "}", "[": "]", '[{"b":[': "]}]"}[opener]
    deep = opener * depth + "1" + closer * depth
    _told(f'{{"format": "gpuplan", "version": 1, "later": {deep}, "scenario": {{}}}}'.encode())
