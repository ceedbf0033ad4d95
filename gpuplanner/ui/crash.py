"""After a crash: what the system's fault handler wrote becomes a report to save, and the next start may be a safe one.

A safe start takes default settings, keeps them to itself, and leaves recovery copies where they are.
"""

from __future__ import annotations

import contextlib
import faulthandler
import platform
from datetime import datetime
from pathlib import Path
from typing import Final

from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QMessageBox

from gpuplanner import __version__, paths
from gpuplanner.disk import read_bounded, write_atomically
from gpuplanner.errors import InputError
from gpuplanner.texts import text
from gpuplanner.ui import faults
from gpuplanner.ui.asking import Asking

_LIMIT: Final = 2**20
_LOG_LINES: Final = 80


def crash_file() -> Path:
    """Where a crash is written as it happens; empty as long as none does."""
    return paths.user_state_dir() / "crash.txt"


def watch() -> str | None:
    """From now on write down a crash; returns the report of the one before, once."""
    before = _taken()
    with contextlib.suppress(OSError):
        crash_file().parent.mkdir(parents=True, exist_ok=True)
        faulthandler.enable(crash_file().open("a", encoding="utf-8"))  # stays open: a crash leaves no time
    return before


def report(crash: str, now: datetime) -> str:
    """A text for those who mend the program: versions, the crash, the end of the log. Nothing of any scenario."""
    log = ""
    with contextlib.suppress(InputError):
        log = read_bounded(faults.log_file(), _LIMIT).decode("utf-8", "replace")
    head = (
        f"GPU Planner {__version__} · {platform.platform()} · Python {platform.python_version()} · Qt {qVersion()}\n"
        f"{now.isoformat(timespec='seconds')}\n"
    )
    return "\n".join([head, crash.strip(), "", *log.splitlines()[-_LOG_LINES:], ""])


class CrashQuestion(QMessageBox):
    """Asks how to start after a crash, and saves its report where it is wanted."""

    def __init__(self, crash: str, asking: Asking | None = None) -> None:
        super().__init__()
        self._crash = crash
        self._asking = asking or Asking(self)
        self.setWindowTitle(text("app.name"))
        self.setText(text("crash.question"))
        self.setInformativeText(text("crash.detail"))
        self.usual = self.addButton(text("crash.usual"), QMessageBox.ButtonRole.AcceptRole)
        self.safe = self.addButton(text("crash.safe"), QMessageBox.ButtonRole.RejectRole)
        self.keep = self.addButton(text("crash.save"), QMessageBox.ButtonRole.ActionRole)
        self.setDefaultButton(self.usual)
        self.keep.clicked.disconnect()  # saving leaves the question open
        self.keep.clicked.connect(self.save)

    def wants_safe(self) -> bool:
        """Ask; whether the start shall be a safe one."""
        self.exec()
        return self.clickedButton() is self.safe

    def save(self) -> None:
        """Write the report; what doesn't work is said."""
        now = datetime.now()
        path = self._asking.place_to_export(Path.home() / f"gpuplanner-crash-{now:%Y%m%d-%H%M}.txt")
        if path is None:
            return
        try:
            write_atomically(path, report(self._crash, now).encode())
        except InputError as error:
            self.setInformativeText(error.sentence())
            return
        self.setInformativeText(text("crash.saved", file=str(path)))


def _taken() -> str | None:
    try:
        crash = read_bounded(crash_file(), _LIMIT).decode("utf-8", "replace").strip()
    except InputError:
        return None
    with contextlib.suppress(OSError):
        crash_file().unlink()
    return crash or None
