"""Following the answers of a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from gpuplanner.ui.faults import guarded

if TYPE_CHECKING:
    from gpuplanner.ui.session import Session

    _Widget = QWidget
else:
    _Widget = object  # a widget has one base of Qt's; this stands before it


class Follower(_Widget):
    """A page that follows every answer of a session while it is seen, and computes nothing while it isn't."""

    _stale = True

    def follow(self, session: Session) -> None:
        """Follow the answers of a session."""
        session.estimate_ready.connect(self._answered)

    def renew(self) -> None:
        """Show the session's last answer."""
        raise NotImplementedError

    @guarded
    def showEvent(self, event: QShowEvent) -> None:
        """What was answered while nobody looked is shown now."""
        super().showEvent(event)
        if self._stale:
            self.renew()

    def _answered(self, _estimate: object) -> None:
        self._stale = True
        if self.isVisible():
            self.renew()
