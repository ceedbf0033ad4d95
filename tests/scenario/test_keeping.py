"""What the library does to files, and that it can be taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from gpuplanner.scenario import keeping, library
from gpuplanner.scenario.document import Scenario, replace
from gpuplanner.scenario.files import load_scenario, save_scenario
from gpuplanner.scenario.receipt import Receipt

RECEIPT = Receipt("0.1", "digest", "2026-11", "2026-11-20", "meets", "some-gpu")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    target = tmp_path / "Acme – Support.gpuplan"
    save_scenario(target, Scenario(name="Support", customer="Acme"), "digest", receipt=RECEIPT)
    return target


def tags(path: Path) -> tuple[str, ...]:
    return load_scenario(path).scenario.library.tags


def test_tags_are_added_once_and_taken_away(path: Path) -> None:
    keeping.tag([path], add=("chat", "Tender"))
    keeping.tag([path], add=("CHAT", "tender", "new"))
    assert tags(path) == ("chat", "Tender", "new")
    keeping.tag([path], remove=("tender",))
    assert tags(path) == ("chat", "new")


def test_the_receipt_stays_as_it_was(path: Path) -> None:
    keeping.tag([path], add=("chat",))
    keeping.archive([path])
    loaded = load_scenario(path)
    assert loaded.receipt == RECEIPT
    assert (loaded.catalog_digest, loaded.scenario.library.archived) == ("digest", True)


def test_everything_can_be_taken_back(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "trash", Path.unlink)
    before = path.read_bytes()
    for command in (
        lambda: keeping.tag([path], add=("a",)),
        lambda: keeping.archive([path]),
        lambda: keeping.as_template([path]),
        lambda: keeping.trash([path]),
        lambda: keeping.rename(path, "Chat"),
    ):
        done = command()
        assert done.steps
        assert done.problems == ()
        assert keeping.take_back(done) == ()
        assert path.read_bytes() == before
    for make in (lambda: keeping.duplicate([path]), lambda: keeping.variant(path, "Support – H200")):
        made = make()
        assert made.made[0].exists()
        keeping.take_back(made)
        assert [found.name for found in path.parent.glob("*.gpuplan")] == [path.name]


def test_what_was_changed_since_stays(path: Path) -> None:
    done = keeping.tag([path], add=("a",))
    save_scenario(path, Scenario(name="someone else"), "")
    problems = keeping.take_back(done)
    assert path.name in problems[0].sentence()
    assert load_scenario(path).scenario.name == "someone else"


def test_a_variant_remembers_its_parent(path: Path) -> None:
    keeping.as_template([path])
    made = keeping.variant(path, "Support – H200").made[0]
    variant = load_scenario(made).scenario
    assert made.name == "Acme – Support – H200.gpuplan"
    assert (variant.name, variant.library.parent, variant.library.template) == ("Support – H200", path.name, False)
    assert load_scenario(made).receipt is None, "figures of the parent aren't its own"


def test_renaming_moves_the_file_and_its_variants_follow(path: Path) -> None:
    variant = keeping.variant(path, "v").made[0]
    done = keeping.rename(path, "Chat", [variant])
    target = path.with_name("Acme – Chat.gpuplan")
    assert done.moved == ((path, target),)
    assert load_scenario(target).scenario.name == "Chat"
    assert load_scenario(variant).scenario.library.parent == target.name


def test_the_quotes_of_a_scenario_follow_its_name(path: Path) -> None:
    quotes = path.with_name("Acme – Support.quotes")
    quotes.mkdir()
    (quotes / "Q-1-v1.gpuquote").write_text("{}", encoding="utf-8")
    done = keeping.rename(path, "Chat")
    assert (path.with_name("Acme – Chat.quotes") / "Q-1-v1.gpuquote").exists()
    keeping.take_back(done)
    assert (quotes / "Q-1-v1.gpuquote").exists()


def test_renaming_leaves_a_file_with_a_name_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "2026-11 tender.gpuplan"
    save_scenario(path, Scenario(name="Support"), "")
    assert keeping.rename(path, "Chat").moved == ()
    assert load_scenario(path).scenario.name == "Chat"


def test_renaming_overwrites_nothing(path: Path) -> None:
    other = path.with_name("Acme – Chat.gpuplan")
    save_scenario(other, Scenario(name="Chat", customer="Acme"), "")
    done = keeping.rename(path, "Chat")
    assert done.moved[0][1].name == "Acme – Chat 2.gpuplan"
    assert load_scenario(other).scenario.name == "Chat"


def test_problems_name_their_file_and_the_rest_goes_on(path: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.gpuplan"
    broken.write_text("{", encoding="utf-8")
    done = keeping.tag([broken, tmp_path / "gone.gpuplan", path], add=("a",))
    assert tags(path) == ("a",)
    assert ["broken" in problem.sentence() or "gone" in problem.sentence() for problem in done.problems] == [True, True]


def test_too_long_a_tag_is_refused(path: Path) -> None:
    done = keeping.tag([path], add=("x" * 41,))
    assert "tags" in done.problems[0].sentence()
    assert tags(path) == ()


def test_files_from_elsewhere_are_copied(path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "library"
    done = keeping.adopt([path, path], folder)
    assert [made.name for made in done.made] == ["Acme – Support.gpuplan", "Acme – Support 2.gpuplan"]
    assert path.exists()
    assert keeping.adopt([done.made[0]], folder).steps == ()


def test_a_new_scenario_begins_in_a_folder(tmp_path: Path) -> None:
    made = keeping.begin(tmp_path / "new", replace(Scenario(), "name", 'A/B: "chat"?')).made[0]
    assert made.parent == tmp_path / "new"
    assert load_scenario(made).scenario.name == 'A/B: "chat"?'
