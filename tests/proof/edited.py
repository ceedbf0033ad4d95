"""The program's document layer as a process that edits, keeps recovery copies and saves without end, to be killed.

After each edit, and before and after each save, it writes a line to standard output, so that whoever kills it knows what was on
the screen, what was told as saved, and when.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from random import Random

from PySide6.QtCore import QCoreApplication, QTimer

from gpuplanner import paths
from gpuplanner.scenario.files import load_scenario
from gpuplanner.ui.document import Document
from gpuplanner.ui.recovery_ui import RecoveryKeeper
from gpuplanner.ui.session import Session

FIELD = "workload.input_tokens"


class Typist:
    """Edits as fast as keys come, at times with a pause, and saves now and then."""

    def __init__(self, file: Path, random: Random) -> None:
        self.session = Session()
        self.document = Document(self.session)
        self.keeper = RecoveryKeeper(self.session, self.document)
        self.document.opened.connect(lambda _path: None)
        if not self.document.open(file):
            say("lost", 0)
            raise SystemExit(3)
        self._random = random
        self._saves = random.choice((0.5, 0.1, 0.0))
        self._number = int(load_scenario(file).scenario.note or 0)
        self._timer = QTimer()
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.step)

    def step(self) -> None:
        """One edit; sometimes a save."""
        self._number += 1
        self.session.set(FIELD, 1 + self._number % 100_000, merges=self._random.random() < 0.5)
        self.session.set("note", str(self._number))
        say("edit", self._number)
        if self._random.random() < self._saves:
            say("saving", self._number)
            if self.document.save():
                say("saved", self._number)
        self._timer.start(self._random.choice((0, 0, 0, 1, 5, 30, 200)))


def say(what: str, number: int) -> None:
    """A line that is out before anything else happens."""
    os.write(1, f"{what} {number} {time.monotonic():.6f}\n".encode())


def work(home: Path, file: Path, seed: int) -> None:
    """Work until killed."""
    paths.set_home(home)
    app = QCoreApplication([])
    typist = Typist(file, Random(seed))
    say("ready", 0)
    typist.step()
    app.exec()
