"""Reads the library's folders beside the window, again whenever something changes in them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QElapsedTimer, QFileSystemWatcher, QObject, QTimer, Signal

from gpuplanner.scenario.index import Listing, list_library
from gpuplanner.ui.background import Background, Pulse

_SETTLE_MS: Final = 200
_POLL_MS: Final = 10_000  # network drives tell nothing
_MOST_WATCHED: Final = 256


class Lister(QObject):
    """Lists folders; follows them while it is awake.

    Signals:
        listed: a :class:`Listing`, and how many milliseconds it took.
        read: files read so far.
    """

    listed = Signal(object, float)
    read = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.roots: tuple[Path, ...] = ()
        self._awake = self._again = False
        self._clock = QElapsedTimer()
        self.background = Background(self)
        self.background.done.connect(self._done)
        self.background.progressed.connect(self.read)
        self._watcher = QFileSystemWatcher(self)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self.refresh)
        self._watcher.directoryChanged.connect(self._settle.start)
        self._poll = QTimer(self)
        self._poll.setInterval(_POLL_MS)
        self._poll.timeout.connect(self.refresh)

    def set_roots(self, roots: Sequence[Path]) -> None:
        """List other folders."""
        self.roots = tuple(dict.fromkeys(roots))
        if self._awake:
            self.refresh()

    def wake(self, awake: bool) -> None:
        """Follow the folders, or rest while nobody looks."""
        self._awake = awake
        if awake:
            self._poll.start()
            self.refresh()
        else:
            self._poll.stop()
            self._settle.stop()

    def refresh(self) -> None:
        """Read again; once more afterwards when it is reading already."""
        if self.background.busy:
            self._again = True
            return
        self._again = False
        self._clock.start()
        self.background.start(partial(_listed, self.roots))

    def stop(self) -> None:
        """Stop reading."""
        self._poll.stop()
        self._settle.stop()
        self.background.stop()

    def _done(self, listing: Listing) -> None:
        self._watch(listing.folders)
        self.listed.emit(listing, float(self._clock.nsecsElapsed()) / 1e6)
        if self._again:
            self.refresh()

    def _watch(self, folders: Sequence[Path]) -> None:
        wanted = {name for folder in folders[:_MOST_WATCHED] if _can_be_said(name := str(folder))}
        watched = set(self._watcher.directories())
        if gone := watched - wanted:
            self._watcher.removePaths(sorted(gone))
        if new := wanted - watched:
            self._watcher.addPaths(sorted(new))


def _can_be_said(name: str) -> bool:
    """Names with bytes that are no text can't be handed to the watcher; such folders are polled."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _listed(roots: tuple[Path, ...], pulse: Pulse) -> Listing:
    return list_library(roots, lambda count: pulse(count, 0))
