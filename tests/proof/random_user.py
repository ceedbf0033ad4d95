# ruff: noqa: E501 - the first line tells all
"""A random user in the real window: clicks, keys, menus, files and dialogs, by a seed; nothing may break, nor memory grow."""

from __future__ import annotations

import ctypes
import faulthandler
import gc
import logging
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, QTimer, QtMsgType, QUrl, Slot, qInstallMessageHandler
from PySide6.QtGui import QDesktopServices, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QTabBar,
    QTableView,
    QTreeView,
    QWidget,
)
from shiboken6 import isValid

from gpuplanner import assets, paths
from gpuplanner.ui.app import Starter, make_application
from gpuplanner.ui.language import LanguageSwitch
from gpuplanner.ui.preferences import Preferences
from gpuplanner.ui.theme.switch import ThemeSwitch
from gpuplanner.ui.window import MainWindow
from tests.proof.hostile import hostile
from tests.proof.readers import readers

WORDS = (
    "", "0", "1", "-1", "7B", "128k", "1.5万", "1e999", "nan", "99999999999999999999", "0.0001", "100", "50%", "中文 客户", "a" * 300,
    "<b>x</b>", "../..", "１２", "🙂", "{0} %s", "llama", "h100", "H20", "2048", "30", "qwen", " ", "2026-11-21",
)  # fmt: skip
_QUIET = ("propagateSizeHints", "raise()", "grabbing the keyboard")
_SKIPPED = frozenset({"quit", "close"})
_KEYS = (
    Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Space, Qt.Key.Key_Up, Qt.Key.Key_Down,
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageDown, Qt.Key.Key_Delete, Qt.Key.Key_Backspace,
)  # fmt: skip
_TRACE = "GPUPLANNER_TRACE_PROOF"
_LONGEST_S = 180  # an act that takes longer has hung
_MOST_FAULTS = 200


@dataclass
class Driven:
    """What came of it."""

    acts: int = 0
    seconds: float = 0.0
    answers: int = 0
    slowest_s: float = 0.0
    slowest: str = ""
    warm_s: float = 0.0
    warm_mb: float = 0.0
    end_mb: float = 0.0
    kinds: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def drive(seconds: float, *, seed: int, acts: int = 10**9, warm_share: float = 0.3) -> Driven:
    """Drive a window until time or acts are up.

    Args:
        seconds: of the wall clock.
        seed: of all choices.
        acts: at most so many.
        warm_share: of the time, after which memory is first measured.
    """
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        os.environ |= {"HOME": folder, "XDG_DATA_HOME": f"{folder}/share", "XDG_CONFIG_HOME": f"{folder}/config"}
        paths.set_home(place / "home")
        files = _files(place / "files", seed)
        app = make_application()
        window = MainWindow(Preferences(), ThemeSwitch(app, "light"), LanguageSwitch(app, "en"))
        random_user = RandomUser(window, Random(seed), files)
        with random_user.listening():
            window.show()
            Starter(window, [files[0]]).begin()
            found = random_user.run(seconds, acts, warm_share)
            window.session.undo_stack.setClean()
            window.close()
            window.deleteLater()
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        return found


class Answers:
    """Stands for the system's own dialogs; answers as it likes."""

    def __init__(self, random: Random, files: list[Path]) -> None:
        self._random, self._files = random, files

    def unsaved(self, _name: str) -> str:
        """What to do with unsaved changes."""
        return self._random.choice(("save", "discard", "discard", "cancel"))

    def benchmarks_to_import(self, _folder: Path) -> list[Path]:
        """A few files."""
        return self._random.sample(self._files, self._random.randrange(3))

    def folder(self, _present: Path) -> Path | None:
        """A folder that is there, or isn't."""
        return self._random.choice((None, self._files[0].parent, self._files[0].parent / "none"))

    def __getattr__(self, question: str) -> Callable[..., Path | None]:
        if question.startswith("_"):
            raise AttributeError(question)

        def answer(proposed: Path, *_more: object) -> Path | None:
            if self._random.random() < 0.2:
                return None
            if question.startswith(("place", "drawing")):
                return self._files[0].parent / "saved" / f"{self._random.randrange(20)}{proposed.suffix}"
            return self._random.choice(self._files)

        return answer


class RandomUser(QObject):
    """Acts on what is visible and enabled, one act at a time, in modal dialogs too."""

    def __init__(self, window: MainWindow, random: Random, files: list[Path]) -> None:
        super().__init__()
        self._window, self._random, self._files = window, random, files
        window.filing.asking = Answers(random, files)  # type: ignore[assignment]
        self.found = Driven()
        self._kinds: Counter[str] = Counter()
        self._began = self._until = 0.0
        self._acts = 0
        self._last = ""
        window.session.estimate_ready.connect(self._answered)
        self._does: tuple[tuple[str, int, Callable[[QWidget], str]], ...] = (
            ("click", 30, self._click),
            ("type", 18, self._type),
            ("key", 10, self._key),
            ("choose", 10, self._choose),
            ("row", 10, self._row),
            ("tab", 4, self._tab),
            ("command", 12, self._command),
            ("example", 2, self._example),
            ("drop", 2, self._drop),
            ("wheel", 2, self._wheel),
            ("menu", 3, self._menu),
            ("size", 1, self._size),
            ("wait", 3, self._wait),
        )

    def listening(self) -> Listening:
        """Collects exceptions, warnings of Qt and errors of the log meanwhile."""
        return Listening(self)

    def fault(self, said: str) -> None:
        """Something that must not be."""
        if _TRACE in os.environ:
            print("FAULT", said, file=sys.stderr, flush=True)
        if len(self.found.faults) < _MOST_FAULTS:
            self.found.faults.append(f"act {self.found.acts} ({self._last}): {said}")

    def run(self, seconds: float, acts: int, warm_share: float) -> Driven:
        """Act until time or acts are up."""
        self._began, self._acts = time.monotonic(), acts
        for share in (warm_share, 1.0):
            self._until = self._began + seconds * share
            if share == 1.0:
                self.found.warm_s, self.found.warm_mb = time.monotonic() - self._began, self._settled_mb()
            else:
                self._acts = int(acts * share)
            if share == 1.0:
                self._acts = acts
            QTimer.singleShot(0, self, self.act)
            make_application().exec()
        self.found.end_mb = self._settled_mb()
        self.found.seconds = time.monotonic() - self._began
        self.found.kinds = dict(self._kinds)
        faulthandler.cancel_dump_traceback_later()
        return self.found

    @Slot()
    def act(self) -> None:
        """One act. The next is on its way before: what opens a loop of its own (a menu, a question) is acted on in there."""
        if time.monotonic() > self._until or self.found.acts >= self._acts:
            if not _close_one():
                make_application().exit()  # quit() would ask about unsaved changes, and wait for an answer
            else:
                QTimer.singleShot(0, self, self.act)
            return
        QTimer.singleShot(0, self, self.act)
        faulthandler.dump_traceback_later(_LONGEST_S, exit=True)
        if not self._window.isVisible():
            self._window.show()
        target = QApplication.activePopupWidget() or QApplication.activeModalWidget() or self._top()
        if self._random.random() < 0.02 and target is not self._window:
            target.close()
            return
        kind, _, does = self._random.choices(self._does, [weight for _, weight, _ in self._does])[0]
        self.found.acts += 1
        self._kinds[kind] += 1
        began = time.monotonic()
        self._last = kind
        try:
            self._last = f"{kind} {does(target)}"
        except Exception as error:  # noqa: BLE001 - also what the program let out of a click
            self.fault(_told(error))
        if _TRACE in os.environ:
            print(self.found.acts, _name(target) if isValid(target) else "gone", self._last, file=sys.stderr, flush=True)
        spent = time.monotonic() - began
        if spent > self.found.slowest_s:
            self.found.slowest_s, self.found.slowest = spent, self._last

    def _top(self) -> QWidget:
        others = [top for top in QApplication.topLevelWidgets() if _is_dialog(top) and top is not self._window]
        return self._random.choice(others) if others and self._random.random() < 0.8 else self._window

    def _one(self, target: QWidget, kind: type[Any]) -> Any:
        found = [part for part in target.findChildren(kind) if part.isVisible() and part.isEnabled() and part.width() > 1]
        return self._random.choice(found) if found else None

    def _click(self, target: QWidget) -> str:
        widget = self._one(target, QAbstractButton if self._random.random() < 0.7 else QWidget)
        if widget is None:
            return "nothing"
        name = _name(widget)
        at = QPoint(self._random.randrange(widget.width()), self._random.randrange(max(1, widget.height())))
        button = Qt.MouseButton.RightButton if self._random.random() < 0.05 else Qt.MouseButton.LeftButton
        self._last += f" {name}"
        (QTest.mouseDClick if self._random.random() < 0.1 else QTest.mouseClick)(widget, button, pos=at)
        return name

    def _type(self, target: QWidget) -> str:
        widget = self._one(target, self._random.choice((QLineEdit, QLineEdit, QAbstractSpinBox, QPlainTextEdit)))
        if widget is None:
            return "nothing"
        name, word = _name(widget), self._random.choice(WORDS)
        self._last += f" {word[:20]!r} {name}"
        widget.setFocus()
        if not isinstance(widget, QPlainTextEdit):
            widget.selectAll()
        if word.isascii():
            QTest.keyClicks(widget, word)
        else:  # as an input method does
            event = QInputMethodEvent()
            event.setCommitString(word)
            QApplication.sendEvent(widget, event)
        if self._random.random() < 0.7:
            QTest.keyClick(widget, Qt.Key.Key_Return if self._random.random() < 0.6 else Qt.Key.Key_Tab)
        return f"{word[:20]!r} {name}"

    def _key(self, target: QWidget) -> str:
        widget, key = target.focusWidget() or target, self._random.choice(_KEYS)
        QTest.keyClick(widget, key)
        return str(key)

    def _choose(self, target: QWidget) -> str:
        box = self._one(target, QComboBox)
        if box is None or not box.count():
            return "nothing"
        name, place = _name(box), self._random.randrange(box.count())
        self._last += f" {name} {place}"
        box.setCurrentIndex(place)
        box.activated.emit(place)
        return f"{name} {place}"

    def _row(self, target: QWidget) -> str:
        view = self._one(target, QAbstractItemView)
        rows = view.model().rowCount(QModelIndex()) if view is not None and view.model() is not None else 0
        if not rows:
            return "nothing"
        columns = view.model().columnCount(QModelIndex()) if isinstance(view, QTableView | QTreeView) else 1
        index = view.model().index(self._random.randrange(rows), self._random.randrange(max(1, columns)))
        view.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)
        name = _name(view)
        self._last += f" {name}"
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(index).center())
        if self._random.random() < 0.2:
            view.doubleClicked.emit(index)
        return name

    def _tab(self, target: QWidget) -> str:
        bar = self._one(target, QTabBar)
        if bar is not None and bar.count():
            bar.setCurrentIndex(self._random.randrange(bar.count()))
        return _name(bar) if bar is not None else "nothing"

    def _command(self, target: QWidget) -> str:
        if target is not self._window:
            return "nothing"
        action = self._random.choice(self._window.actions_by_key.all())
        if action.isEnabled() and action.objectName() not in _SKIPPED:
            self._last += f" {action.objectName()}"
            action.trigger()
        return action.objectName()

    def _example(self, target: QWidget) -> str:
        from gpuplanner.scenario.examples import examples

        if target is self._window:
            self._window.filing.open_example(self._random.choice(examples()))
        return ""

    def _drop(self, target: QWidget) -> str:
        path = self._random.choice(self._files)
        if target is self._window:
            self._last += f" {path.name}"
            self._window.filing.open_path(path)
        return path.name

    def _wheel(self, target: QWidget) -> str:
        area = self._one(target, QAbstractScrollArea)
        if area is not None:
            bar = area.verticalScrollBar()
            bar.setValue(self._random.randint(bar.minimum(), bar.maximum()))
        return ""

    def _menu(self, target: QWidget) -> str:
        if isinstance(target, QMenu):
            actions = [action for action in target.actions() if action.isEnabled() and action.objectName() not in _SKIPPED]
            if actions:
                action = self._random.choice(actions)
                self._last += f" {action.text()}"
                target.close()
                action.trigger()
            return "popup"
        menu = self._random.choice(self._window.findChildren(QMenu))
        menu.aboutToShow.emit()
        return menu.objectName()

    def _size(self, target: QWidget) -> str:
        target.resize(self._random.choice((900, 1280, 1440, 1920)), self._random.choice((600, 720, 900, 1080)))
        return ""

    def _wait(self, _target: QWidget) -> str:
        QTest.qWait(self._random.choice((1, 20, 300)))
        return ""

    @Slot(object)
    def _answered(self, _estimate: object) -> None:
        self.found.answers += 1

    def _settled_mb(self) -> float:
        """What the process holds when the window is back where it began and all is put away."""
        window = self._window
        window.session.undo_stack.setClean()
        window.filing.open_example(_first_example())
        window.bench.show_page("plan")
        QTest.qWait(600)
        for _ in range(3):
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            gc.collect()
        if sys.platform == "linux":
            ctypes.CDLL("libc.so.6").malloc_trim(0)
            pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
            return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
        return 0.0


class Listening(logging.Handler):
    """While inside, whatever goes wrong becomes a fault of the user's."""

    def __init__(self, user: RandomUser) -> None:
        super().__init__(logging.ERROR)
        self._user = user
        self._urls: list[QUrl] = []

    def emit(self, record: logging.LogRecord) -> None:
        """An error in the log."""
        error = record.exc_info[1] if record.exc_info else None
        self._user.fault(f"{record.getMessage()}: {_told(error)}")

    def __enter__(self) -> None:
        self._hooks = sys.excepthook, sys.unraisablehook
        sys.excepthook = lambda _kind, error, _trace: self._user.fault(_told(error))
        sys.unraisablehook = lambda args: self._user.fault(_told(args.exc_value))
        self._before = qInstallMessageHandler(self._hear)
        logging.getLogger("gpuplanner").addHandler(self)
        self._opener = _Opener()
        QDesktopServices.setUrlHandler("file", self._opener, "opened")

    def __exit__(self, *_how: object) -> None:
        sys.excepthook, sys.unraisablehook = self._hooks
        qInstallMessageHandler(self._before)
        logging.getLogger("gpuplanner").removeHandler(self)
        QDesktopServices.unsetUrlHandler("file")

    def _hear(self, kind: QtMsgType, _context: object, said: str | None) -> None:
        if said and kind != QtMsgType.QtDebugMsg and not any(word in said for word in _QUIET):
            self._user.fault(f"Qt: {said}")


class _Opener(QObject):
    """Stands for the system's file manager."""

    @Slot(QUrl)
    def opened(self, _url: QUrl) -> None:
        """Nothing to show."""


def _is_dialog(top: QWidget) -> bool:
    return top.isVisible() and top.isWindow() and top.windowType() != Qt.WindowType.ToolTip


def _close_one() -> bool:
    top = QApplication.activePopupWidget() or QApplication.activeModalWidget()
    others = (
        [top] if top else [one for one in QApplication.topLevelWidgets() if one.isVisible() and not isinstance(one, MainWindow)]
    )
    for one in others:
        one.close()
    return bool(top)


def _files(folder: Path, seed: int) -> list[Path]:
    """Scenario files, sound and damaged, and damaged files of every other kind."""
    (folder / "saved").mkdir(parents=True)
    found: list[Path] = []
    for number, path in enumerate(sorted((assets.resources() / "examples").glob("*.gpuplan"))):
        copy = folder / f"{number:02} {path.name}"
        copy.write_bytes(path.read_bytes())
        found.append(copy)
    for reader in readers(folder / "prepared"):
        for number in range(4):
            name, content = hostile(reader, number, seed)
            path = folder / f"{reader.name} {number} {name}"
            path.write_bytes(content if number else reader.samples[0][1])
            found.append(path)
    return found


def _first_example() -> Any:
    from gpuplanner.scenario.examples import examples

    return examples()[0]


def _name(widget: QWidget) -> str:
    label = widget.accessibleName() or widget.objectName()
    return f"{type(widget).__name__}{f' {label[:40]}' if label else ''} in {type(widget.parent()).__name__}"


def _told(error: BaseException | None) -> str:
    if error is None:
        return "?"
    import traceback

    own = [
        step for step in traceback.extract_tb(error.__traceback__) if "gpuplanner" in step.filename or "proof" in step.filename
    ]
    at = " < ".join(f"{Path(step.filename).name}:{step.lineno}" for step in reversed(own[-4:]))
    return f"{type(error).__name__}: {str(error)[:200]} at {at}"
