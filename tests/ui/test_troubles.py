"""Trouble with disk, clock and other people's hands: a sentence, a way on, and nothing lost."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from pathlib import Path

import pytest

from gpuplanner import paths, settings
from gpuplanner.catalog.load import user_folder
from gpuplanner.catalog.pack import store
from gpuplanner.scenario import index, recent
from gpuplanner.scenario.document import Scenario
from gpuplanner.scenario.files import load_scenario, save_scenario
from gpuplanner.scenario.recovery import recovery_dir
from gpuplanner.ui.app import Starter
from gpuplanner.ui.preferences import Preferences
from gpuplanner.ui.window import MainWindow
from tests.ui.conftest import Answers, MakeWindow

FIELD = "workload.input_tokens"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "stick" / "bank.gpuplan"
    path.parent.mkdir()
    save_scenario(path, Scenario(), "")
    return path


def said(window: MainWindow) -> str:
    return window.notices.bars[0].sentence.text()


def edited(window: MainWindow, path: Path, tokens: int = 99) -> None:
    assert window.document.open(path)
    window.session.set(FIELD, tokens)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are POSIX")
def test_a_full_disk(window: MainWindow, file: Path) -> None:
    import resource

    edited(window, file)
    before, limits = file.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, limits[1]))
    try:
        assert not window.filing.save()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "full" in said(window)
    assert file.read_bytes() == before
    assert os.listdir(file.parent) == [file.name]  # noqa: PTH208
    assert window.isWindowModified()
    assert window.filing.save()
    assert load_scenario(file).scenario.workload.input_tokens == 99


def test_a_folder_that_may_not_be_written_to(
    window: MainWindow, answers: Answers, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited(window, file)

    def refuse(*_args: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    with monkeypatch.context() as patched:
        patched.setattr("gpuplanner.disk.os.replace", refuse)
        assert not window.filing.save()
    assert str(file.parent) in said(window) or file.name in said(window)
    answers.path = file.parent.parent / "other.gpuplan"
    window.actions_by_key["save_as"].trigger()
    assert load_scenario(answers.path).scenario.workload.input_tokens == 99


def test_a_stick_pulled_out(window: MainWindow, answers: Answers, file: Path) -> None:
    edited(window, file)
    shutil.rmtree(file.parent)
    window.document.check_disk()
    assert not window.filing.save()
    assert str(file.parent) in said(window)
    answers.path = file.parent.parent / "here.gpuplan"
    window.actions_by_key["save_as"].trigger()
    assert not window.isWindowModified()
    assert load_scenario(answers.path).scenario.workload.input_tokens == 99


def test_two_windows_on_one_file(make_window: MakeWindow, file: Path) -> None:
    mine, yours = make_window(), make_window()
    edited(mine, file, 11)
    edited(yours, file, 22)
    assert yours.filing.save()
    assert not mine.filing.save()
    assert len(mine.notices.bars[0].buttons) == 3, "load theirs, keep mine, close"
    assert load_scenario(file).scenario.workload.input_tokens == 22
    mine.notices.bars[0].buttons[1].click()
    assert load_scenario(file).scenario.workload.input_tokens == 11


@pytest.mark.parametrize("moment", [1, 4_000_000_000])
def test_a_clock_that_was_set(window: MainWindow, file: Path, moment: int) -> None:
    edited(window, file)
    os.utime(file, (moment, moment))
    window.document.check_disk()
    assert window.notices.bars == []
    assert window.filing.save()
    other = load_scenario(file).scenario.model_copy(update={"name": "theirs"})
    save_scenario(file, other, "")
    os.utime(file, (moment, moment))
    window.document.check_disk()
    assert window.session.scenario.name == "theirs", "a change is seen by its content, whatever the time says"


@pytest.mark.parametrize("damage", [b"", b"\x00\xff", b"[", b"{}", b"null", b'{"records": 7}'])
def test_whatever_is_damaged_the_window_answers(make_window: MakeWindow, own_home: Path, file: Path, damage: bytes) -> None:
    for place in (
        settings.settings_file(),
        recent._file(),
        index._cache_file(),
        store.folder() / "packs.json",
        user_folder() / "gpus" / "mine.json",
        recovery_dir() / "aa.json",
    ):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(damage)
    window = make_window(settings=Preferences().values)
    Starter(window, [file]).begin()
    assert window.session.estimate is not None
    assert window.document.path == file
    assert all(bar.sentence.text() for bar in window.notices.bars)
    assert paths.user_config_dir().is_relative_to(own_home)
    window.session.set(FIELD, 77)
    assert window.filing.save()
