"""The first start of all says where to begin; later ones don't."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from gpuplanner.settings import Settings, save_settings
from gpuplanner.texts import text
from gpuplanner.ui.app import Starter
from gpuplanner.ui.window import MainWindow


def offered(window: MainWindow) -> list[QAbstractButton]:
    names = {text("notice.first.examples"), text("notice.first.questions")}
    return [button for button in window.notices.findChildren(QAbstractButton) if button.text() in names]


def test_the_first_start_offers_examples_and_questions(window: MainWindow, qtbot: QtBot) -> None:
    Starter(window, []).begin()
    examples, questions = offered(window)
    qtbot.mouseClick(questions, Qt.MouseButton.LeftButton)
    assert window.question_desk.dialog is not None
    window.question_desk.dialog.reject()
    Starter(window, []).begin()
    examples = offered(window)[0]
    qtbot.mouseClick(examples, Qt.MouseButton.LeftButton)
    assert window.actions_by_key["page_scenarios"].isChecked()


def test_later_starts_say_nothing(make_window: Callable[..., MainWindow]) -> None:
    save_settings(Settings())
    window = make_window()
    Starter(window, []).begin()
    assert offered(window) == []
