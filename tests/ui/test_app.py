"""What comes after the first paint."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gpuplanner.scenario.document import Scenario, replace
from gpuplanner.scenario.files import save_scenario
from gpuplanner.scenario.recovery import RecoveryCopy
from gpuplanner.ui.app import Starter, make_application
from gpuplanner.ui.language import LanguageSwitch
from gpuplanner.ui.preferences import Preferences
from gpuplanner.ui.theme.switch import ThemeSwitch
from gpuplanner.ui.window import MainWindow


@pytest.fixture
def bare(qtbot: QtBot, qapp: QApplication) -> MainWindow:
    """A window as it is before the first paint: without catalogue or answer."""
    app = make_application()
    window = MainWindow(Preferences(), ThemeSwitch(app, "light"), LanguageSwitch(app, "en"))
    qtbot.addWidget(window)
    return window


def test_a_window_without_catalogue_shows_its_inputs(bare: MainWindow) -> None:
    assert bare.session.estimate is None
    assert bare.status.catalog.text() == "Loading the catalogue…"
    assert bare.windowTitle() == "Untitled[*] — GPU Planner"


def test_the_answer_comes_after_the_first_paint(bare: MainWindow, qtbot: QtBot) -> None:
    Starter(bare, []).begin_after_paint()
    with qtbot.waitSignal(bare.session.estimate_ready):
        bare.show()
    assert bare.session.estimate is not None
    assert bare.session.catalog is not None
    assert f"{len(bare.session.catalog.gpus)} GPUs" in bare.status.catalog.text()


def test_the_file_asked_for_is_open_and_clean(bare: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "asked.gpuplan"
    save_scenario(path, replace(Scenario(), "workload.input_tokens", 99), "")
    Starter(bare, [path]).begin()
    assert bare.session.value("workload.input_tokens") == 99
    assert bare.windowTitle() == "asked.gpuplan[*] — GPU Planner"
    assert not bare.isWindowModified()


def test_a_file_that_cannot_be_read_leaves_a_window_with_an_answer(bare: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "broken.gpuplan"
    path.write_bytes(b"\x00\x01")
    Starter(bare, [path]).begin()
    assert "broken.gpuplan" in bare.notices.bars[0].sentence.text()
    assert bare.session.estimate is not None


def test_unsaved_work_of_a_crash_is_offered_and_restored(bare: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "bank.gpuplan"
    save_scenario(path, Scenario(), "")
    crashed = RecoveryCopy()
    crashed.write(replace(Scenario(), "workload.input_tokens", 99), path)
    assert crashed._lock is not None
    crashed._lock.close()
    Starter(bare, []).begin()
    bar = bare.notices.bars[0]
    assert "bank.gpuplan" in bar.sentence.text()
    bar.buttons[0].click()
    assert bare.document.path == path
    assert bare.session.value("workload.input_tokens") == 99
    assert bare.isWindowModified()
    bare.actions_by_key["undo"].trigger()
    assert bare.session.value("workload.input_tokens") == 2048
    assert not bare.isWindowModified()


def test_the_system_may_ask_to_open_a_file(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> None:
    app = make_application()
    with qtbot.waitSignal(app.file_wanted) as wanted:
        app.event(QFileOpenEvent(str(tmp_path / "a.gpuplan")))
    assert wanted.args == [tmp_path / "a.gpuplan"]
    assert QFileOpenEvent("x").type() == QEvent.Type.FileOpen
