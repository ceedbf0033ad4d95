"""The search over everything (Ctrl+K), by keys, in both languages and by initials."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gpuplanner import texts
from gpuplanner.ui.window import MainWindow

ENTER = Qt.Key.Key_Return


def look_for(window: MainWindow, qtbot: QtBot, words: str) -> object:
    """Type into the search; the value of the entry that is current."""
    window.actions_by_key["search"].trigger()
    pick = window.search.popup.list
    pick.line.clear()
    if words.isascii():
        qtbot.keyClicks(pick.line, words)
    else:  # Chinese comes from an input method
        event = QInputMethodEvent()
        event.setCommitString(words)
        QApplication.sendEvent(pick.line, event)
    entry = pick.model.entry(pick.view.currentIndex().row())
    return None if entry is None else entry.value


def found(window: MainWindow) -> list[object]:
    model = window.search.popup.list.model
    return [entry.value for row in range(model.rowCount()) if (entry := model.entry(row)) is not None]


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("settings…", ("command", "settings")),
        ("questionnaire", ("command", "questionnaire")),
        ("需求问卷", ("command", "questionnaire")),
        ("xqwj", ("command", "questionnaire")),
        ("theme dark", ("theme", "dark")),
        ("深色", ("theme", "dark")),
        ("goodput", ("help", "term.goodput")),
        ("zlbx", ("help", "term.tensor_parallel")),
        ("bge-m3", ("model", "bge-m3")),
        ("h200 141", ("gpu", "nvidia-h200-sxm-141gb")),
        ("targets.ttft", ("field", "targets.ttft_s")),
    ],
)
def test_finds_in_both_languages_and_by_initials(window: MainWindow, qtbot: QtBot, words: str, value: object) -> None:
    look_for(window, qtbot, words)
    assert value in found(window)


def test_a_setting_is_put_in_force(window: MainWindow, qtbot: QtBot) -> None:
    assert look_for(window, qtbot, "theme dark") == ("theme", "dark")
    qtbot.keyClick(window.search.popup.list.line, ENTER)
    assert window.themes.theme.dark
    look_for(window, qtbot, "language 中文")
    qtbot.keyClick(window.search.popup.list.line, ENTER)
    assert texts.language() == "zh"


def test_help_and_examples_open(window: MainWindow, qtbot: QtBot) -> None:
    assert look_for(window, qtbot, "expert parallelism (ep)") == ("help", "term.expert_parallel")
    qtbot.keyClick(window.search.popup.list.line, ENTER)
    assert window.help_desk.help is not None
    assert window.help_desk.help.page_id == "term.expert_parallel"
    window.search.picked.emit("example", _first_example())
    assert window.bench.page.isVisible()
    assert window.session.scenario.name


def test_chinese_field_names_by_initials(window: MainWindow, qtbot: QtBot) -> None:
    window.commander.choose_language("zh")
    look_for(window, qtbot, "srcd")
    assert ("field", "workload.input_tokens") in found(window)


def test_every_command_of_the_menus_is_found(window: MainWindow) -> None:
    window.actions_by_key["search"].trigger()
    listed = found(window)
    for action in window.actions_by_key.all():
        if action.isEnabled() and action.isVisible():
            assert ("command", action.objectName()) in listed


def _first_example() -> str:
    from gpuplanner.scenario.examples import examples

    return examples()[0].key
