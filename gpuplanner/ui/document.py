"""The file of a window's scenario: opening, saving, and noticing that someone else changed it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from gpuplanner.errors import InputError, Message
from gpuplanner.scenario.document import Scenario
from gpuplanner.scenario.files import ChangedOnDisk, LoadedScenario, Stamp, changed_on_disk, load_scenario, save_scenario
from gpuplanner.scenario.receipt import Receipt, receipt_of
from gpuplanner.ui.notices import Notice
from gpuplanner.ui.session import Session

_SETTLE_MS = 150
TOPIC = "file"


class Document(QObject):
    """What the session's scenario is called on disk, and how it got there.

    Attributes:
        path: None for a scenario that was never saved.
        read_only: saving to the same path would lose something.
        saved_at: when it was last written from here.

    Signals:
        changed: path, read-only state or time of saving are others now.
        noticed: something to tell, a :class:`Notice`.
        opened: a scenario was opened from, or saved to, this path.
    """

    changed = Signal()
    noticed = Signal(object)
    opened = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.path: Path | None = None
        self.read_only = False
        self.saved_at: datetime | None = None
        self._stamp: Stamp | None = None
        self._watcher = QFileSystemWatcher(self)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)  # editors write in several steps
        self._watcher.fileChanged.connect(self._settle.start)
        self._settle.timeout.connect(self.check_disk)

    @property
    def modified(self) -> bool:
        """Whether there is something to lose."""
        return not self._session.undo_stack.isClean()

    def start(self, scenario: Scenario, *, modified: bool = False) -> None:
        """Begin with a scenario that has no file yet; ``modified`` when it would be missed."""
        self._take_file(None, None, read_only=False)
        self._session.start(scenario)
        if modified:
            self._session.undo_stack.resetClean()
        self.changed.emit()

    def open(self, path: Path) -> bool:
        """Read a scenario file and begin with it; tells whether that went well, and says what didn't."""
        try:
            loaded = load_scenario(path)
        except InputError as error:
            self.noticed.emit(Notice(error, "bad", "open"))
            return False
        self._begin(loaded)
        return True

    def revert(self) -> None:
        """Go back to what the file holds."""
        if self.path is not None:
            self.open(self.path)

    def save(self) -> bool:
        """Write to the file it came from; what doesn't work is said."""
        if self.path is None:
            return False
        return self._write(self.path, self._stamp)

    def save_as(self, path: Path) -> bool:
        """Write to another file and stay with it."""
        return self._write(path, None)

    def overwrite(self) -> None:
        """Write over what someone else put into the file."""
        if self.path is not None:
            self._write(self.path, None)

    def follow(self, source: Path, target: Path) -> None:
        """The file was renamed from here."""
        if self.path == source:
            self._take_file(target, self._stamp, read_only=self.read_only)
            self.changed.emit()

    def check_disk(self) -> None:
        """Notice a file that was changed by someone else."""
        if self.path is None or self._stamp is None:
            return
        self._watch(self.path)
        if not changed_on_disk(self.path, self._stamp):
            return
        if self.modified:
            self.noticed.emit(self._conflict())
        else:
            self.noticed.emit(Notice(Message("notice.reloaded", {"file": self.path.name}), "info", TOPIC))
            self.revert()

    def _begin(self, loaded: LoadedScenario) -> None:
        self._take_file(loaded.path, loaded.stamp, read_only=loaded.read_only)
        self._session.start(loaded.scenario)
        for warning in loaded.warnings:
            self.noticed.emit(Notice(warning, "caution", "open"))
        self.changed.emit()
        self.opened.emit(loaded.path)

    def _write(self, path: Path, expected: Stamp | None) -> bool:
        catalog = self._session.catalog
        try:
            stamp = save_scenario(path, self._session.scenario, catalog.digest if catalog else "", expected, self._receipt())
        except ChangedOnDisk:
            self.noticed.emit(self._conflict())
            return False
        except InputError as error:
            self.noticed.emit(Notice(error, "bad", TOPIC))
            return False
        self._take_file(path, stamp, read_only=False)
        self.saved_at = datetime.now()
        self._session.undo_stack.setClean()
        self.changed.emit()
        self.opened.emit(path)
        return True

    def _receipt(self) -> Receipt | None:
        """The answer to what is being saved."""
        session, today = self._session, datetime.now().date().isoformat()
        answer = session.answer()
        if answer is None or session.catalog is None:
            return None
        return receipt_of(answer, session.scenario.money.currency, session.catalog.digest, session.catalog.date, today)

    def _conflict(self) -> Notice:
        said = Message("notice.changed_on_disk", {"file": str(self.path)})
        return Notice(said, "caution", TOPIC, (("notice.reload", self.revert), ("notice.keep_mine", self.overwrite)))

    def _take_file(self, path: Path | None, stamp: Stamp | None, *, read_only: bool) -> None:
        self.path, self._stamp, self.read_only, self.saved_at = path, stamp, read_only, None
        watched = self._watcher.files()
        if watched:
            self._watcher.removePaths(watched)
        if path is not None:
            self._watch(path)

    def _watch(self, path: Path) -> None:
        """Files that are written by renaming fall out of the watch each time."""
        if str(path) not in self._watcher.files() and path.exists():
            self._watcher.addPath(str(path))
