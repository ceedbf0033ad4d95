"""The scenario files of a folder."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner import texts
from gpuplanner.errors import InputError
from gpuplanner.scenario import library
from gpuplanner.scenario.document import ModelChoice, Scenario
from gpuplanner.scenario.files import document_bytes, save_scenario
from gpuplanner.scenario.library import duplicate, file_name, free_path, list_folder, new_name, rename, trash


def put(folder: Path, file: str, **fields: object) -> Path:
    path = folder / file
    save_scenario(path, Scenario.model_validate(fields), "d")
    return path


def test_lists_scenarios_by_name(tmp_path: Path) -> None:
    put(tmp_path, "z.gpuplan", name="Bank", customer="Acme", model=ModelChoice(id="qwen3-8b"))
    put(tmp_path, "a.GPUPLAN", name="chat")
    put(tmp_path, "unnamed.gpuplan")
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "z.gpuplan.bak").write_text("x")
    (tmp_path / "folder.gpuplan").mkdir()
    entries = list_folder(tmp_path)
    assert [(entry.name, entry.customer, entry.model_id, entry.problem) for entry in entries] == [
        ("Bank", "Acme", "qwen3-8b", None),
        ("chat", "", "llama-3.3-70b", None),
        ("unnamed", "", "llama-3.3-70b", None),
    ]
    assert entries[0].path == tmp_path / "z.gpuplan"
    assert entries[0].modified.timestamp() == pytest.approx((tmp_path / "z.gpuplan").stat().st_mtime)


def test_lists_what_is_broken_with_its_problem(tmp_path: Path) -> None:
    for name, data in {"a": b"", "b": b"{", "c": b"\xff", "d": b"[]", "e": b'{"format": "gpuplan", "scenario": 5}'}.items():
        (tmp_path / f"{name}.gpuplan").write_bytes(data)
    entries = list_folder(tmp_path)
    assert [entry.name for entry in entries] == ["a", "b", "c", "d", "e"]
    for entry in entries:
        assert entry.problem is not None
        assert str(entry.path) in entry.problem.sentence("zh")


def test_reads_only_the_head_of_large_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "large.gpuplan", name='A "quoted" 名', customer="Acme", model=ModelChoice(id="m"), later=["x" * 100] * 5000)
    with (tmp_path / "huge.gpuplan").open("wb") as stream:
        stream.write(document_bytes(Scenario(name="huge"), "d"))
        stream.truncate(10**9)
    with (tmp_path / "zeros.gpuplan").open("wb") as stream:
        stream.truncate(10**9)
    monkeypatch.setattr(library, "read_bounded", lambda *args: pytest.fail("it was read whole"))
    huge, large, zeros = sorted(list_folder(tmp_path), key=lambda entry: entry.path.name)
    assert (huge.name, huge.problem) == ("huge", None)
    assert (large.name, large.customer, large.model_id) == ('A "quoted" 名', "Acme", "m")
    assert zeros.problem is not None


def test_a_folder_that_cannot_be_listed_is_told(tmp_path: Path) -> None:
    for folder in (tmp_path / "missing", put(tmp_path, "a.gpuplan"), Path("a\0b")):
        with pytest.raises(InputError, match=r"error\.library\.folder") as caught:
            list_folder(folder)
        assert caught.value.sentence("zh")


def test_rename(tmp_path: Path) -> None:
    path = put(tmp_path, "a.gpuplan", name="A")
    content = path.read_bytes()
    new = rename(path, " Acme: chat/70B ")
    assert new == tmp_path / "Acme chat 70B.gpuplan"
    assert new.read_bytes() == content
    assert not path.exists()
    assert rename(new, "Acme chat 70B.gpuplan") == new


def test_rename_overwrites_nothing(tmp_path: Path) -> None:
    first, second = put(tmp_path, "a.gpuplan", name="A"), put(tmp_path, "b.gpuplan", name="B")
    before = second.read_bytes()
    with pytest.raises(InputError, match="taken"):
        rename(first, "b")
    assert first.exists()
    assert second.read_bytes() == before
    for bad in ("", "  ", "///", "..", "\u202e"):
        with pytest.raises(InputError, match="bad_name"):
            rename(first, bad)
    with pytest.raises(InputError, match=r"move\.missing"):
        rename(tmp_path / "gone.gpuplan", "c")


def test_duplicate_takes_the_next_free_number(tmp_path: Path) -> None:
    path = put(tmp_path, "chat.gpuplan", name="A")
    assert duplicate(path) == tmp_path / "chat 2.gpuplan"
    assert duplicate(path) == tmp_path / "chat 3.gpuplan"
    assert duplicate(tmp_path / "chat 2.gpuplan") == tmp_path / "chat 4.gpuplan"
    assert (tmp_path / "chat 4.gpuplan").read_bytes() == path.read_bytes()
    with pytest.raises(InputError, match=r"read\.missing"):
        duplicate(tmp_path / "gone.gpuplan")


def test_trash_moves_the_file_where_it_can_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import send2trash

    path = put(tmp_path, "chat.gpuplan", name="A")
    moved = tmp_path / "trash"
    monkeypatch.setattr(send2trash, "send2trash", lambda name: Path(name).rename(moved))
    trash(path)
    assert moved.exists()
    with pytest.raises(InputError, match=r"move\.missing"):
        trash(path)


def test_without_a_trash_the_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import send2trash

    path = put(tmp_path, "chat.gpuplan")

    def none(name: str) -> None:
        raise send2trash.TrashPermissionError(name)

    monkeypatch.setattr(send2trash, "send2trash", none)
    with pytest.raises(InputError, match="no_trash") as caught:
        trash(path)
    assert "Delete it in the file manager" in caught.value.sentence("en")

    def full(name: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(send2trash, "send2trash", full)
    with pytest.raises(InputError, match=r"move\.full"):
        trash(path)
    assert path.exists()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Acme: chat / 70B?", "Acme chat 70B"),
        ("  a \t b  ", "a b"),
        ("...hidden", "hidden"),
        ("end. . .", "end"),
        ("CON", "_CON"),
        ("con.v2", "_con.v2"),
        ("lpt1", "_lpt1"),
        ("console", "console"),
        ("客户_模型", "客户_模型"),
        ("a\u202eb\x00c", "abc"),
        ("\ud800", ""),
        ("", ""),
        ("e\u0301", "\u00e9"),
    ],
)
def test_names_suit_every_system(text: str, name: str) -> None:
    assert new_name(text) == name


@given(st.text(max_size=400))
def test_any_text_becomes_a_usable_name(text: str) -> None:
    name = new_name(text)
    assert len(name.encode()) <= 181
    assert not set(name) & set('<>:"/\\|?*\0')
    assert name == name.strip(" .") or not name
    assert new_name(name) == name or name.startswith("_")


@given(st.text(min_size=1, max_size=100))
def test_any_name_can_be_written(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("names")
    path = free_path(folder, text)
    assert path.parent == folder
    save_scenario(path, Scenario(), "d")
    assert [entry.path for entry in list_folder(folder)] == [path]


def test_free_path(tmp_path: Path) -> None:
    assert free_path(tmp_path, "A/B") == tmp_path / "A B.gpuplan"
    put(tmp_path, "A B.gpuplan")
    assert free_path(tmp_path, "A/B") == tmp_path / "A B 2.gpuplan"
    texts.set_language("zh")
    assert free_path(tmp_path, "?") == tmp_path / "方案.gpuplan"
    assert file_name("x.gpuplan") == file_name("x") == "x.gpuplan"


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_a_link_that_leads_nowhere_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.gpuplan").symlink_to(tmp_path / "gone")
    assert list_folder(tmp_path) == []


@given(st.binary(max_size=200))
def test_any_file_can_be_listed(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "a.gpuplan").write_bytes(data)
    (folder / "b.gpuplan").write_bytes(b'{"format": "gpuplan", "scenario": {"name":' + data)
    assert len(list_folder(folder)) == 2


def test_a_name_of_the_wrong_type_is_none(tmp_path: Path) -> None:
    scenario = {"name": 5, "customer": [], "model": "x"}
    (tmp_path / "a.gpuplan").write_text(json.dumps({"format": "gpuplan", "version": 1, "scenario": scenario}))
    (entry,) = list_folder(tmp_path)
    assert (entry.name, entry.customer, entry.model_id) == ("a", "", "")
