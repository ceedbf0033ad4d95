"""Work beside the window: one task at a time, the latest; what a superseded one finds is dropped."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, QRunnable, Qt, QThreadPool, Signal

from gpuplanner import collector

log = logging.getLogger(__name__)


class Stopped(Exception):
    """Raised inside a task that was stopped."""


class Pulse:
    """What a task is given: it reports how far it is, and learns there that it shall stop."""

    def __init__(self, speaker: _Speaker) -> None:
        self._speaker = speaker
        self.stopped = False

    def __call__(self, done: int, total: int) -> None:
        """Tell how far the task is.

        Raises:
            Stopped: when nobody waits for the task any more.
        """
        if self.stopped:
            raise Stopped
        self._speaker.told.emit(self, done, total)


Work = Callable[[Pulse], Any]


class Background(QObject):
    """Runs functions in the thread pool and brings their results to the window's thread.

    A task must touch nothing of the window: it is given what it needs, and returns what it found.

    Signals:
        progressed: parts done and parts in all.
        done: what the latest task returned.
        failed: with its exception, where there was a fault of ours.
    """

    progressed = Signal(int, int)
    done = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._latest: Pulse | None = None
        self.destroyed.connect(_stopper(self))

    @property
    def busy(self) -> bool:
        """Whether a result is still to come."""
        return self._latest is not None

    def start(self, work: Work) -> None:
        """Run ``work`` beside the window; a task that still runs is told to stop, and its result dropped."""
        self.stop()
        speaker = _Speaker(QCoreApplication.instance())
        speaker.told.connect(self._told, Qt.ConnectionType.QueuedConnection)
        speaker.ended.connect(self._ended, Qt.ConnectionType.QueuedConnection)
        self._latest = Pulse(speaker)
        _running.add(self._latest)
        collector.pause()
        speaker.destroyed.connect(collector.resume)
        _stop_with_the_program()
        QThreadPool.globalInstance().start(_Task(work, self._latest, speaker))

    def stop(self) -> None:
        """Want nothing any more."""
        if self._latest is not None:
            self._latest.stopped = True
            self._latest = None

    def _told(self, pulse: Pulse, done: int, total: int) -> None:
        if pulse is self._latest:
            self.progressed.emit(done, total)

    def _ended(self, pulse: Pulse, end: _End) -> None:
        if pulse is not self._latest:
            return
        self._latest = None
        if pulse.stopped:  # with the program, or so it seemed: there is no result
            return
        if end.fault is None:
            self.done.emit(end.result)
        else:
            log.error("work beside the window failed", exc_info=end.fault)
            self.failed.emit(end.fault)


@dataclass(frozen=True)
class _End:
    result: Any = None
    fault: Exception | None = None


class _Speaker(QObject):
    """Carries signals out of the pool's thread.

    It belongs to the application and ends in the window's thread: were the task's the last reference to it, Qt would take it
    apart in the pool's thread, and that and the window's may wait for each other forever.
    """

    told = Signal(object, int, int)
    ended = Signal(object, object)


class _Task(QRunnable):
    def __init__(self, work: Work, pulse: Pulse, speaker: _Speaker) -> None:
        super().__init__()
        self._work, self._pulse, self._speaker = work, pulse, speaker

    def run(self) -> None:
        try:
            end = _End(None if self._pulse.stopped else self._work(self._pulse))
        except Stopped:
            end = _End()
        except Exception as fault:  # noqa: BLE001 - told to the window, which logs it
            end = _End(fault=fault)
        _running.discard(self._pulse)
        with suppress(RuntimeError):  # the program ended meanwhile, and Qt took its objects away
            self._speaker.ended.emit(self._pulse, end)
            self._speaker.deleteLater()


_running: set[Pulse] = set()


def finish() -> None:
    """Stop every task and wait until none runs: afterwards the program may end."""
    for pulse in list(_running):
        pulse.stopped = True
    QThreadPool.globalInstance().waitForDone()


def _stop_with_the_program() -> None:
    app = QCoreApplication.instance()
    if app is not None and not app.property("finishes_tasks"):
        app.setProperty("finishes_tasks", True)
        app.aboutToQuit.connect(finish)


def _stopper(background: Background) -> Callable[[], None]:
    held = background.__dict__  # outlives the object it belongs to

    def stop() -> None:
        latest = held.get("_latest")
        if latest is not None:
            latest.stopped = True

    return stop
