"""The list of scenario files."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from gpuplanner.scenario import library
from gpuplanner.scenario.document import Scenario, replace
from gpuplanner.scenario.files import save_scenario
from gpuplanner.ui.scenarios_tab import ScenariosTab


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("alpha", "beta"):
        save_scenario(tmp_path / f"{name}.gpuplan", replace(Scenario(), "customer", f"{name} bank"), "")
    (tmp_path / "notes.txt").write_text("", encoding="utf-8")
    return tmp_path


@pytest.fixture
def tab(qtbot: QtBot, folder: Path) -> ScenariosTab:
    made = ScenariosTab()
    qtbot.addWidget(made)
    made.resize(290, 500)
    made.set_folder(folder)
    made.show()
    qtbot.waitExposed(made)
    return made


def names(tab: ScenariosTab) -> list[str]:
    return [path.name for path in tab.paths()]


def press(tab: ScenariosTab, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    tab.activateWindow()
    tab.view.setFocus()
    QTest.keyClick(tab.view, key, modifier)


def test_lists_the_scenarios_of_the_folder(tab: ScenariosTab) -> None:
    assert names(tab) == ["alpha.gpuplan", "beta.gpuplan"]
    assert not tab.empty.isVisible()


def test_an_empty_or_missing_folder_says_what_to_do(tab: ScenariosTab, tmp_path: Path) -> None:
    tab.set_folder(tmp_path / "nothing here")
    assert tab.empty.isVisible()
    assert tab.paths() == []


def test_enter_opens(tab: ScenariosTab, qtbot: QtBot, folder: Path) -> None:
    tab.select(folder / "beta.gpuplan")
    with qtbot.waitSignal(tab.open_wanted) as opened:
        press(tab, Qt.Key.Key_Return)
    assert opened.args == [folder / "beta.gpuplan"]


def test_is_renamed_in_place(tab: ScenariosTab, qtbot: QtBot, folder: Path) -> None:
    tab.select(folder / "beta.gpuplan")
    tab.view.edit(tab.view.currentIndex())
    line = tab.view.findChild(QLineEdit)
    assert line is not None
    line.selectAll()
    qtbot.keyClicks(line, "gamma")
    with qtbot.waitSignal(tab.moved) as moved:
        qtbot.keyClick(line, Qt.Key.Key_Return)
    assert moved.args == [folder / "beta.gpuplan", folder / "gamma.gpuplan"]
    assert (folder / "gamma.gpuplan").exists()


def test_a_taken_name_is_refused_and_nothing_is_overwritten(tab: ScenariosTab, qtbot: QtBot, folder: Path) -> None:
    tab.select(folder / "beta.gpuplan")
    with qtbot.waitSignal(tab.noticed) as told:
        tab.model.itemFromIndex(tab.view.currentIndex()).setText("alpha")
    assert "alpha.gpuplan" in told.args[0].said.sentence()
    qtbot.waitUntil(lambda: tab.model.item(1).text() == "beta")
    assert names(tab) == ["alpha.gpuplan", "beta.gpuplan"]


def test_duplicates_beside_itself(tab: ScenariosTab, folder: Path) -> None:
    tab.select(folder / "alpha.gpuplan")
    press(tab, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert names(tab) == ["alpha 2.gpuplan", "alpha.gpuplan", "beta.gpuplan"]


def test_delete_goes_to_the_trash(tab: ScenariosTab, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trashed: list[Path] = []

    def to_trash(path: Path) -> None:
        trashed.append(path)
        path.unlink()

    monkeypatch.setattr(library, "trash", to_trash)
    tab.select(folder / "alpha.gpuplan")
    press(tab, Qt.Key.Key_Delete)
    assert trashed == [folder / "alpha.gpuplan"]
    assert names(tab) == ["beta.gpuplan"]


def test_follows_its_folder(tab: ScenariosTab, qtbot: QtBot, folder: Path) -> None:
    with qtbot.waitSignal(tab.counted) as counted:
        save_scenario(folder / "later.gpuplan", Scenario(), "")
    assert counted.args == [3]


def test_a_broken_file_is_listed_and_marked(tab: ScenariosTab, folder: Path) -> None:
    (folder / "broken.gpuplan").write_text("{", encoding="utf-8")
    tab.refresh()
    item = tab.model.item(names(tab).index("broken.gpuplan"))
    assert "broken.gpuplan" in item.toolTip()
