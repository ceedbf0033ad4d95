"""Listing the library's folders: everything is found, nothing bad stops it, and the cache is harmless."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner.paths import user_cache_dir
from gpuplanner.scenario import cards, index
from gpuplanner.scenario.document import Scenario, replace
from gpuplanner.scenario.files import save_scenario
from gpuplanner.scenario.index import list_library


def write(path: Path, **fields: object) -> Path:
    scenario = Scenario()
    for name, value in fields.items():
        scenario = replace(scenario, name.replace("__", "."), value)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_scenario(path, scenario, "")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "a.gpuplan", name="Support", customer="Acme", library__tags=("chat", "quoted"), library__parent="b.gpuplan")
    write(tmp_path / "inside" / "b.gpuplan", name="客服", library__archived=True)
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    return tmp_path


def test_lists_folders_and_those_inside(folder: Path) -> None:
    listing = list_library([folder])
    assert [card.name for card in listing.cards] == ["Support", "客服"]
    first, second = listing.cards
    assert (first.customer, first.tags, first.parent) == ("Acme", ("chat", "quoted"), "b.gpuplan")
    assert (first.model, first.kind, first.root) == (Scenario().model.id, "serve", folder)
    assert second.archived
    assert set(listing.folders) == {folder, folder / "inside"}
    assert listing.problems == ()


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert list_library([tmp_path / "later"]) == index.Listing((), (), ())


def test_the_cache_gives_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = list_library([folder])
    monkeypatch.setattr(index, "read_lean", lambda path: pytest.fail(f"{path} was read again"))
    assert list_library([folder]) == first


def test_a_changed_file_is_read_again(folder: Path) -> None:
    list_library([folder])
    write(folder / "a.gpuplan", name="Other")
    os.utime(folder / "a.gpuplan", (1, 1))
    assert [card.name for card in list_library([folder]).cards] == ["Other", "客服"]


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"[]", b'{"version": 1, "files": []}', b'{"version": 1, "files": {"x": 3}}', b"\xff\xfe", b"[" * 100_000],
)
def test_a_damaged_cache_does_no_harm(folder: Path, damage: bytes) -> None:
    expected = list_library([folder])
    cache = user_cache_dir() / "library.json"
    cache.parent.mkdir(parents=True, exist_ok=True)
    cache.write_bytes(damage)
    assert list_library([folder]) == expected


def test_a_cache_that_lies_in_form_is_survived(folder: Path) -> None:
    info = (folder / "a.gpuplan").stat()
    row = [info.st_mtime_ns, info.st_size, {"library": 4, "answer": [1]}]
    lie = json.dumps({"version": 1, "files": {str(folder / "a.gpuplan"): row}})
    (user_cache_dir()).mkdir(parents=True, exist_ok=True)
    (user_cache_dir() / "library.json").write_text(lie, encoding="utf-8")
    card = list_library([folder]).cards[0]
    assert (card.name, card.tags, card.answer) == ("a", (), None)


def test_bad_files_are_listed_with_a_sentence_and_the_rest_goes_on(folder: Path) -> None:
    (folder / "half.gpuplan").write_text('{"format": "gpuplan", "scenario": {', encoding="utf-8")
    (folder / "other.gpuplan").write_text('{"format": "other"}', encoding="utf-8")
    (folder / "folder.gpuplan").mkdir()
    (folder / "dangling.gpuplan").symlink_to(folder / "nothing")
    os.mkfifo(folder / "pipe.gpuplan")
    listing = list_library([folder])
    bad = {card.path.name: card.problem for card in listing.cards if card.problem is not None}
    assert set(bad) == {"half.gpuplan", "other.gpuplan"}
    for name, problem in bad.items():
        assert problem is not None
        assert name in problem.sentence()
    assert {"Support", "客服"} <= {card.name for card in listing.cards}


def test_links_in_circles_end(folder: Path) -> None:
    (folder / "inside" / "up").symlink_to(folder)
    (folder / "self").symlink_to(folder / "self")
    assert len(list_library([folder]).cards) == 2


def test_nested_roots_list_each_file_once(folder: Path) -> None:
    assert len(list_library([folder, folder / "inside", folder]).cards) == 2


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_forbidden_folder_is_named(folder: Path) -> None:
    (folder / "inside").chmod(0)
    try:
        listing = list_library([folder])
    finally:
        (folder / "inside").chmod(0o700)
    assert [card.name for card in listing.cards] == ["Support"]
    assert "inside" in listing.problems[0].sentence()


def test_too_many_files_are_cut_with_a_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "MOST_FILES", 5)
    for number in range(9):
        write(folder / f"{number}.gpuplan")
    listing = list_library([folder])
    assert len(listing.cards) == 5
    assert str(folder) in listing.problems[0].sentence()


def test_names_of_bytes_that_are_no_text(tmp_path: Path) -> None:
    odd = os.fsencode(tmp_path) + b"/\xff\xfe odd.gpuplan"
    write(tmp_path / "a.gpuplan")
    (tmp_path / "a.gpuplan").rename(Path(os.fsdecode(odd)))
    write(tmp_path / ("名" * 80 + ".gpuplan"))
    first = list_library([tmp_path])
    assert len(first.cards) == 2
    assert all(card.name.isprintable() for card in first.cards)
    assert list_library([tmp_path]) == first


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_a_card_takes_whatever_a_file_may_hold(value: object) -> None:
    from gpuplanner.scenario.cards import card

    for field in ("name", "customer", "library", "note", "model", "weights", "kind", "answer"):
        made = card(Path("a.gpuplan"), Path(), 0, 0, {field: value})
        assert isinstance(made.name, str)
        assert isinstance(made.tags, tuple)


def test_many_other_files_are_passed_over_unread(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    others = folder / "pictures"
    others.mkdir()
    for number in range(20_000):
        (others / f"{number}.jpg").touch()
    read: list[Path] = []
    usual = cards.read_bounded
    monkeypatch.setattr(cards, "read_bounded", lambda path: (read.append(path), usual(path))[1])
    found = list_library([folder])
    assert len(found.cards) == len(read)
    assert all(path.suffix == ".gpuplan" for path in read)
    assert found.problems == ()


@pytest.mark.parametrize("name", ["方" * 82, "a" * 247, "مشروع العميل", "e\u0301té ☃ 😀", " . "])
def test_names_in_any_script_and_of_any_length(folder: Path, name: str) -> None:
    path = folder / f"{name}.gpuplan"
    assert len(path.name.encode()) <= 255
    path.write_bytes(next(folder.glob("*.gpuplan")).read_bytes())
    found = next(card for card in list_library([folder]).cards if card.path == path)
    assert found.problem is None
    assert found.name.isprintable()


def test_a_half_written_file_is_named_and_the_rest_goes_on(folder: Path) -> None:
    whole = next(folder.glob("*.gpuplan"))
    for size in (0, 1, 100, whole.stat().st_size - 2):
        (folder / f"half {size}.gpuplan").write_bytes(whole.read_bytes()[:size])
    found = list_library([folder])
    assert sum(card.problem is not None for card in found.cards) == 4
    assert any(card.path == whole and card.problem is None for card in found.cards)
