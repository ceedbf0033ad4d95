"""Copies of unsaved work, kept while editing and offered after a crash."""

from __future__ import annotations

import logging
import time
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from gpuplanner.errors import InputError, Message, Named
from gpuplanner.scenario.recovery import Orphan, RecoveryCopy, orphans
from gpuplanner.ui.document import Document
from gpuplanner.ui.notices import Notice
from gpuplanner.ui.session import Session

_PAUSE_MS = 500  # a copy is written when typing pauses,
_LATEST_S = 1.5  # and at the latest so long after the first edit it lacks
_MOST_OFFERED = 3
log = logging.getLogger(__name__)


class RecoveryKeeper(QObject):
    """Writes the copy of one document.

    Signals:
        restore_wanted: an :class:`Orphan` shall be opened.
    """

    restore_wanted = Signal(object)

    def __init__(self, session: Session, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._document = document
        self._copy = RecoveryCopy()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._due: float | None = None
        self._timer.timeout.connect(self.write)
        session.scenario_changed.connect(self._edited)
        document.changed.connect(self._edited)

    def write(self) -> None:
        """Keep the present state, or drop the copy when there is nothing to lose."""
        self._timer.stop()
        self._due = None
        if not self._document.modified:
            self.discard()
            return
        catalog = self._session.catalog
        try:
            self._copy.write(self._session.scenario, self._document.path, catalog.digest if catalog else "")
        except InputError:
            log.warning("no recovery copy", exc_info=True)

    def discard(self) -> None:
        """There is nothing to lose any more."""
        self._timer.stop()
        self._copy.discard()

    def offers(self) -> list[Notice]:
        """What crashed windows left, as notices."""
        return [self._offer(orphan) for orphan in orphans()[:_MOST_OFFERED]]

    def _offer(self, orphan: Orphan) -> Notice:
        time = orphan.time.astimezone().strftime("%Y-%m-%d %H:%M")
        name = orphan.name or Named("title.untitled")
        said = Message("notice.recovered", {"name": name, "time": time})
        restore = partial(self.restore_wanted.emit, orphan)
        return Notice(said, "info", str(orphan.file), (("notice.restore", restore), ("notice.discard", orphan.discard)))

    def _edited(self, *_path: object) -> None:
        if not self._document.modified:
            self._due = None
            self._timer.start(0)
            return
        now = time.monotonic()
        self._due = self._due or now + _LATEST_S
        self._timer.start(max(0, min(_PAUSE_MS, int((self._due - now) * 1000))))
