"""Work beside the window: results come to the window's thread, superseded ones never."""

from __future__ import annotations

import gc
import threading

import pytest
from PySide6.QtCore import QObject, Qt, QThread, QThreadPool
from pytestqt.qtbot import QtBot

from gpuplanner.ui import background as module
from gpuplanner.ui.background import Background, Pulse, finish


def test_a_result_arrives_in_the_windows_thread(qtbot: QtBot) -> None:
    background = Background()
    ran: list[object] = []
    came: list[object] = []

    def work(pulse: Pulse) -> int:
        ran.append(QThread.currentThread())
        pulse(1, 2)
        return 10**11  # more than a 32-bit signal holds

    background.progressed.connect(lambda *parts: came.append(parts))
    background.done.connect(lambda result: came.append((result, QThread.currentThread())))
    with qtbot.waitSignal(background.done):
        background.start(work)
        assert background.busy
    assert not background.busy
    assert came == [(1, 2), (10**11, QThread.currentThread())]
    assert ran != [QThread.currentThread()]


def test_only_the_latest_is_heard(qtbot: QtBot) -> None:
    background = Background()
    go = threading.Event()
    heard: list[object] = []
    background.done.connect(heard.append)

    def slow(pulse: Pulse) -> str:
        go.wait(60)
        pulse(1, 1)
        return "old"

    background.start(slow)
    with qtbot.waitSignal(background.done):
        background.start(lambda _pulse: "new")
        go.set()
    assert QThreadPool.globalInstance().waitForDone(60_000)
    qtbot.wait(1)  # what was superseded may now not arrive
    assert heard == ["new"]


def test_a_task_that_is_stopped_ends_soon_and_says_nothing(qtbot: QtBot) -> None:
    background = Background()
    began = threading.Event()
    heard: list[object] = []
    background.done.connect(heard.append)

    def endless(pulse: Pulse) -> None:
        while True:
            began.set()
            pulse(0, 1)

    background.start(endless)
    assert began.wait(60)
    background.stop()
    assert QThreadPool.globalInstance().waitForDone(60_000)
    qtbot.wait(1)
    assert heard == []
    assert not background.busy


def test_a_fault_is_told(qtbot: QtBot) -> None:
    background = Background()

    def broken(_pulse: Pulse) -> None:
        raise LookupError("gone")

    with qtbot.waitSignal(background.failed) as told:
        background.start(broken)
    assert isinstance(told.args[0], LookupError)
    assert not background.busy


def test_the_program_ends_with_its_tasks(qtbot: QtBot) -> None:
    background = Background()
    began = threading.Event()

    def endless(pulse: Pulse) -> None:
        while True:
            began.set()
            pulse(0, 1)

    background.start(endless)
    assert began.wait(60)
    finish()
    assert QThreadPool.globalInstance().activeThreadCount() == 0


def test_a_background_that_is_deleted_stops(qtbot: QtBot) -> None:
    background = Background()
    began = threading.Event()

    def endless(pulse: Pulse) -> None:
        while True:
            began.set()
            pulse(0, 1)

    background.start(endless)
    assert began.wait(60)
    with qtbot.waitSignal(background.destroyed):
        background.deleteLater()
    assert QThreadPool.globalInstance().waitForDone(60_000)


def test_nothing_of_qt_ends_in_the_pools_thread(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    ended_in: list[QThread] = []

    class Watched(module._Speaker):
        def __init__(self, parent: QObject | None = None) -> None:
            super().__init__(parent)
            self.destroyed.connect(lambda: ended_in.append(QThread.currentThread()), Qt.ConnectionType.DirectConnection)

    monkeypatch.setattr(module, "_Speaker", Watched)
    background = Background()
    for _ in range(20):  # all but the last are superseded: nobody else holds what they speak through
        background.start(lambda pulse: pulse(0, 1))
    qtbot.waitUntil(lambda: len(ended_in) == 20)
    assert set(ended_in) == {QThread.currentThread()}


def test_no_search_for_dead_objects_while_a_task_runs(qtbot: QtBot) -> None:
    assert gc.isenabled()
    background = Background()
    seen: list[bool] = []
    with qtbot.waitSignal(background.done):
        background.start(lambda _pulse: seen.append(gc.isenabled()))
    assert seen == [False]
    qtbot.waitUntil(gc.isenabled)


def test_a_task_that_ended_with_the_program_brings_no_result(qtbot: QtBot) -> None:
    background = Background()
    began = threading.Event()
    heard: list[object] = []
    background.done.connect(heard.append)

    def endless(pulse: Pulse) -> None:
        began.set()
        while True:
            pulse(0, 1)

    background.start(endless)
    assert began.wait(60)
    finish()  # an event loop ended, but not the last one
    qtbot.waitUntil(lambda: not background.busy)
    assert heard == []
