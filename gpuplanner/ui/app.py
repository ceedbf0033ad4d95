"""Starting the window: first paint at once, then the catalogue, then the answer."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from gpuplanner import __version__, collector, heap
from gpuplanner.errors import Message
from gpuplanner.settings import Settings, load_settings
from gpuplanner.ui import crash, faults, single_instance
from gpuplanner.ui.language import LanguageSwitch
from gpuplanner.ui.notices import Notice
from gpuplanner.ui.preferences import Preferences
from gpuplanner.ui.theme.switch import ThemeSwitch
from gpuplanner.ui.window import MainWindow

_PATIENCE_MS: Final = 500
_STARTED_MS: Final = 1500  # the first answer and its chart are there
TRACE_VARIABLE: Final = "GPUPLANNER_TRACE_START"


class Application(QApplication):
    """The application; macOS asks it to open files.

    Signals:
        file_wanted: a path.
    """

    file_wanted = Signal(object)

    def event(self, event: QEvent) -> bool:
        """Files that the system wants opened."""
        if isinstance(event, QFileOpenEvent) and event.file():
            self.file_wanted.emit(Path(event.file()))
            return True
        return super().event(event)


class Trace(QObject):
    """Prints when the window was first painted and first answered, in ms since the process began.

    Only where the environment asks for it; used by the benchmarks.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._painted = False
        window.bench.page.installEventFilter(self)
        window.session.estimate_ready.connect(self._answered)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The first paint of the centre."""
        if not self._painted and event.type() == QEvent.Type.Paint:
            self._painted = True
            QTimer.singleShot(0, self, self._paint_done)
        return super().eventFilter(watched, event)

    def _paint_done(self) -> None:
        _print_time("first_paint")

    def _answered(self) -> None:
        self._window.session.estimate_ready.disconnect(self._answered)
        self._window.bench.page.repaint()
        _print_time("first_answer")


def run_window(paths: list[Path], options: argparse.Namespace) -> int:
    """Show the window until it is closed.

    Args:
        paths: files to open; the first one is.
        options: of the command line: ``lang`` and ``new_instance``.

    Returns:
        the exit code.
    """
    prepare_environment()
    app = make_application()
    if not getattr(options, "new_instance", False) and single_instance.hand_over(paths):
        return 0
    faults.start_log()
    crashed, kept = crash.watch(), load_settings()
    languages = LanguageSwitch(app, getattr(options, "lang", None) or kept.language.value)
    safe = getattr(options, "safe", False) or (crashed is not None and crash.CrashQuestion(crashed).wants_safe())
    preferences = Preferences(Settings(), keeps=False) if safe else Preferences(kept)
    themes = ThemeSwitch(app, preferences.values.theme.value)
    window = MainWindow(preferences, themes, languages)
    faults.catch(window.tell)
    receiver = single_instance.Receiver(window)
    receiver.received.connect(window.open_files)
    app.file_wanted.connect(window.filing.open_path)
    window.show()
    Starter(window, paths, recovers=not safe).begin_after_paint()
    if os.environ.get(TRACE_VARIABLE):
        Trace(window)  # after the starter: the filter that came last sees the paint first
    return app.exec()


class Starter(QObject):
    """What comes after the first paint: catalogue, files, the answer, offers of recovery."""

    def __init__(self, window: MainWindow, paths: list[Path], *, recovers: bool = True) -> None:
        super().__init__(window)
        self._window = window
        self._paths = paths
        self._recovers = recovers
        self._begun = False

    def begin_after_paint(self) -> None:
        """Begin when the window has been painted; soon in any case, for a hidden window never is."""
        self._window.bench.page.installEventFilter(self)
        QTimer.singleShot(_PATIENCE_MS, self, self.begin)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The first paint of the centre."""
        if event.type() == QEvent.Type.Paint:
            self._window.bench.page.removeEventFilter(self)
            QTimer.singleShot(0, self, self.begin)
        return super().eventFilter(watched, event)

    def begin(self) -> None:
        """Open what was asked for, load the catalogue, answer."""
        if self._begun:
            return
        self._begun = True
        from gpuplanner.catalog.importers.model_paths import may_be_model
        from gpuplanner.catalog.load import load_catalog

        heap.hold_small()
        QTimer.singleShot(_STARTED_MS, self, collector.release)
        window = self._window
        first = self._paths[:1]
        scenario = [path for path in first if not may_be_model(path)]
        for path in scenario:
            window.document.open(path)
        catalog = load_catalog()
        window.session.set_catalog(catalog)
        for path in first:
            if path not in scenario:
                window.filing.import_file(path)
        for warning in catalog.warnings:
            window.tell_warning(warning.code, warning.params)
        offers = list(window.keeper.offers()) if self._recovers else []
        for notice in offers:
            window.notices.add(notice)
        if window.preferences.first_start and not self._paths and not offers:
            window.notices.add(self._first_notice())

    def _first_notice(self) -> Notice:
        """Where to begin, at the first start of all."""
        window = self._window
        ways = (("notice.first.examples", window.commander.show_scenarios), ("notice.first.questions", window.question_desk.open))
        return Notice(Message("notice.first"), "info", "first", ways)


def make_application() -> Application:
    """The one application object of the process."""
    app = QApplication.instance()
    if not isinstance(app, Application):
        app = Application(sys.argv[:1])
    app.setApplicationName("GPU Planner")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("gpuplanner")
    return app


def prepare_environment() -> None:
    """What Qt must find set before it starts."""
    # Qt from the package index has no fcitx plug-in; fcitx also speaks the protocol of ibus, so Chinese can be typed.
    if os.environ.get("QT_IM_MODULE") in {"fcitx", "fcitx5"}:
        os.environ["QT_IM_MODULE"] = "ibus"


def _print_time(what: str) -> None:
    passed = (time.time() - _process_began()) * 1000
    print(f"{what} {passed:.0f} ms, {time.process_time() * 1000:.0f} ms of processor", file=sys.stderr, flush=True)  # noqa: T201 - asked for


def _process_began() -> float:
    """When this process was started, in seconds since 1970; as the kernel says on Linux, elsewhere when this was imported."""
    try:
        ticks = int(Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()[19])
        uptime = float(Path("/proc/uptime").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return _IMPORTED
    return time.time() - uptime + ticks / os.sysconf("SC_CLK_TCK")


_IMPORTED: Final = time.time()
