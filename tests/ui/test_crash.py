"""After a crash: a report to save, and a start with default settings that leaves everything as it was."""

from __future__ import annotations

import faulthandler
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gpuplanner import __version__
from gpuplanner.settings import Settings, load_settings, save_settings
from gpuplanner.ui import crash
from gpuplanner.ui.preferences import Preferences
from tests.ui.conftest import Answers

CRASH = "Fatal Python error: Segmentation fault\n  File x.py, line 3"


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """The fault handler of the tests themselves stays."""
    opened: list[object] = []
    monkeypatch.setattr(faulthandler, "enable", opened.append)
    yield opened
    for stream in opened:
        stream.close()  # type: ignore[attr-defined]


def test_a_crash_is_told_once(watched: list[object]) -> None:
    assert crash.watch() is None
    crash.crash_file().write_text(CRASH, encoding="utf-8")
    assert crash.watch() == CRASH
    assert crash.watch() is None
    assert len(watched) == 3


def test_the_report_says_versions_and_crash_and_is_saved(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    answers = Answers()
    answers.path = tmp_path / "report.txt"
    question = crash.CrashQuestion(CRASH, answers)  # type: ignore[arg-type]
    qtbot.addWidget(question)
    question.open()
    QTest.mouseClick(question.keep, Qt.MouseButton.LeftButton)
    assert question.isVisible(), "the question is still open"
    written = answers.path.read_text(encoding="utf-8")
    assert __version__ in written
    assert CRASH in written
    assert "report.txt" in question.informativeText()
    question.close()


@pytest.mark.parametrize("safe", [True, False])
def test_the_answer_decides(qtbot: QtBot, qapp: QApplication, safe: bool) -> None:
    question = crash.CrashQuestion(CRASH)
    qtbot.addWidget(question)
    QTimer.singleShot(0, question, (question.safe if safe else question.usual).click)
    assert question.wants_safe() is safe


def test_a_safe_start_keeps_its_settings_to_itself(qapp: QApplication) -> None:
    save_settings(Settings(currency="EUR"))
    preferences = Preferences(Settings(), keeps=False)
    preferences.update(currency="USD")
    preferences.keep()
    assert load_settings().currency == "EUR"


def test_a_report_without_a_log(qapp: QApplication) -> None:
    assert CRASH in crash.report(CRASH, datetime(2026, 11, 21))
