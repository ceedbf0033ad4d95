"""Tables of practice in the window: each is worked out when it is opened, and can be copied."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gpuplanner.report.practice import ALL, RULES
from gpuplanner.ui.dialogs.practice import PracticeDialog
from gpuplanner.ui.window import MainWindow


@pytest.fixture
def dialog(window: MainWindow, qtbot: QtBot) -> Iterator[PracticeDialog]:
    qtbot.waitUntil(lambda: window.session.estimate is not None, timeout=10_000)
    window.actions_by_key["practice"].trigger()
    found = window.findChild(PracticeDialog)
    assert found is not None
    yield found
    found.close()


def chosen(dialog: PracticeDialog, key: str, qtbot: QtBot) -> PracticeDialog:
    dialog.list.setCurrentRow(dialog.keys.index(key))
    qtbot.waitUntil(lambda: not dialog.background.busy and dialog.shown is not None, timeout=30_000)
    return dialog


def test_the_rules_come_first(dialog: PracticeDialog, qtbot: QtBot) -> None:
    assert dialog.keys == (RULES, *ALL)
    assert dialog.list.count() == len(dialog.keys)
    chosen(dialog, RULES, qtbot)
    signs = {dialog.table.item(row, 0).text() for row in range(dialog.table.rowCount())}
    assert signs == {"✓", "!", "✕"}
    names = [dialog.table.item(row, 1).text() for row in range(dialog.table.rowCount())]
    assert "Weights = parameters × bytes" in names


def test_a_table_is_copied_for_a_spreadsheet(dialog: PracticeDialog, qtbot: QtBot) -> None:
    chosen(dialog, "precisions", qtbot)
    QTest.mouseClick(dialog.copy_button, Qt.MouseButton.LeftButton)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].split("\t")[:4] == ["Format", "Bits", "In fact", "Weights"]
    assert len({line.count("\t") for line in lines}) == 1


def test_going_back_asks_nothing_again(dialog: PracticeDialog, qtbot: QtBot) -> None:
    chosen(dialog, "questions", qtbot)
    assert "RTX 3090 or A10?" in [dialog.table.item(row, 0).text() for row in range(dialog.table.rowCount())]
    chosen(dialog, "cards", qtbot)
    dialog.list.setCurrentRow(dialog.keys.index("questions"))
    assert not dialog.background.busy
    assert dialog.shown is not None


def test_what_does_not_apply_is_said(window: MainWindow, qtbot: QtBot) -> None:
    window.session.set("workload.kind", "batch")
    window.session.recompute()
    qtbot.waitUntil(lambda: window.session.estimate is not None and window.session.estimate.chosen is not None, timeout=10_000)
    window.commander.show_practice()
    dialog = window.findChild(PracticeDialog)
    dialog.list.setCurrentRow(dialog.keys.index("balancing"))
    qtbot.waitUntil(lambda: not dialog.background.busy, timeout=30_000)
    assert dialog.shown is None
    assert dialog.table.isHidden()
    assert dialog.notes.text() == "This table does not apply to the scenario."
    dialog.close()
