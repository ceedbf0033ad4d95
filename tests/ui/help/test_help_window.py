"""The help window by keys and clicks."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gpuplanner.ui.cost.page import CostPage
from gpuplanner.ui.dialogs.new_model import NewModelDialog
from gpuplanner.ui.help.desk import page_of
from gpuplanner.ui.help.window import HelpWindow
from gpuplanner.ui.window import MainWindow


@pytest.fixture
def help_window(window: MainWindow) -> HelpWindow:
    """Opened from the menu."""
    window.actions_by_key["help"].trigger()
    assert window.help_desk.help is not None
    return window.help_desk.help


def test_each_entry_of_the_menu_opens_its_page(window: MainWindow, help_window: HelpWindow) -> None:
    assert help_window.isVisible()
    for key, page in (("help", "task.first-estimate"), ("glossary", "term.ttft"), ("keys", "keyboard.keys")):
        window.actions_by_key[key].trigger()
        assert help_window.page_id == page
    assert "Ctrl+K" in help_window.browser.toPlainText()


@pytest.mark.parametrize("path", ["workload.output_tokens", "precision.weights", "model.id", "workload.load_kind", "note"])
def test_f1_opens_the_page_of_the_field(window: MainWindow, qtbot: QtBot, path: str) -> None:
    window.activateWindow()
    window.bench.form.focus_field(path)
    qtbot.waitUntil(lambda: page_of(QApplication.focusWidget()) == f"field.{path}")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_F1)
    assert window.help_desk.help is not None
    assert window.help_desk.help.page_id == f"field.{path}"


def test_f1_elsewhere_opens_the_page_of_the_centre(window: MainWindow) -> None:
    window.actions_by_key["page_cost"].trigger()
    assert isinstance(window.cost_desk.page, CostPage)
    window.setFocus()
    window.actions_by_key["help_here"].trigger()
    assert window.help_desk.help is not None
    assert window.help_desk.help.page_id == "task.cost"


def test_search_shows_the_best_page_while_typing(help_window: HelpWindow, qtbot: QtBot) -> None:
    qtbot.keyClicks(help_window.list.line, "goodput")
    assert help_window.page_id == "term.goodput"
    help_window.list.line.clear()
    qtbot.keyClicks(help_window.list.line, "pagedattention")
    assert help_window.page_id == "formula.memory.kv_cache"


def test_search_by_pinyin(help_window: HelpWindow, window: MainWindow, qtbot: QtBot) -> None:
    window.commander.choose_language("zh")
    qtbot.keyClicks(help_window.list.line, "lhbx")
    titles = [help_window.list.model.entry(row) for row in range(help_window.list.model.rowCount())]
    assert "量化" not in {entry.title for entry in titles if entry}
    help_window.list.line.clear()
    qtbot.keyClicks(help_window.list.line, "zlbx")
    assert help_window.page_id == "term.tensor_parallel"
    assert help_window.windowTitle() == "GPU Planner 帮助"


def test_links_and_back(help_window: HelpWindow, qtbot: QtBot) -> None:
    help_window.show_page("term.kv_cache")
    help_window.browser.anchorClicked.emit(QUrl("help:formula.memory.kv_cache"))
    assert help_window.page_id == "formula.memory.kv_cache"
    qtbot.mouseClick(help_window.back_button, Qt.MouseButton.LeftButton)
    assert help_window.page_id == "term.kv_cache"
    help_window.browser.anchorClicked.emit(QUrl("https://example.com/"))
    assert help_window.page_id == "term.kv_cache"


def test_a_group_alone(help_window: HelpWindow, qtbot: QtBot) -> None:
    help_window.group.setFocus()
    for _ in range(2):
        qtbot.keyClick(help_window.group, Qt.Key.Key_Down)
    listed = [help_window.list.model.entry(row) for row in range(help_window.list.model.rowCount())]
    assert {str(entry.value).partition(".")[0] for entry in listed if entry} == {"term"}


def test_f1_in_a_dialog_opens_its_page_above_it(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_by_key["new_model"].trigger()
    dialog = window.findChild(NewModelDialog)
    assert dialog is not None
    qtbot.waitUntil(lambda: QApplication.activeWindow() is dialog)
    qtbot.keyClick(dialog, Qt.Key.Key_F1)
    shown = window.help_desk.help
    assert shown is not None
    assert shown.page_id == "task.models"
    assert shown.windowHandle().transientParent() is dialog.windowHandle()
    qtbot.keyClicks(shown.list.line, "goodput")  # the dialog doesn't stop it
    assert shown.page_id == "term.goodput"
    dialog.reject()
    window.actions_by_key["help"].trigger()
    assert shown.windowHandle().transientParent() is window.windowHandle()
