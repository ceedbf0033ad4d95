"""Cards that follow the answer: drawn while they are seen, dropped when they are not."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from gpuplanner.texts import text
from gpuplanner.ui.background import Background, Work
from gpuplanner.ui.charts.card import ChartCard
from gpuplanner.ui.faults import guarded
from gpuplanner.ui.load.given import Given

CALM_MS: Final = 180  # after the last key before something heavy begins


class LiveCard(ChartCard):
    """A card about an answer; :meth:`renew` draws it, and is called only while somebody can see it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.given: Given | None = None
        self._stale = False

    def set_given(self, given: Given) -> None:
        """Follow another answer."""
        self.given = given
        self._stale = True
        self.follow()

    def follow(self) -> None:
        """Draw what is new, where it is seen."""
        if self._stale and self.given is not None and self.isVisible():
            self._stale = False
            self.renew(self.given)

    def renew(self, given: Given) -> None:
        """Show ``given``."""
        raise NotImplementedError

    def reword(self) -> None:
        """Say everything again, in the current language."""
        self.retranslate()
        if self.given is not None:
            self._stale = True
            self.follow()

    def stop(self) -> None:
        """Stop what runs beside the window."""

    @property
    def busy(self) -> bool:
        """Whether something is still to be drawn."""
        return False

    @guarded
    def showEvent(self, event: QShowEvent) -> None:
        """What came while nobody looked is drawn now."""
        super().showEvent(event)
        self.follow()


class HeavyCard(LiveCard):
    """A card whose numbers are worked out beside the window; the former picture stays until they are there."""

    def __init__(self, parent: QWidget | None = None, calm_ms: int = CALM_MS) -> None:
        super().__init__(parent)
        self.background = Background(self)
        self.background.done.connect(self._done)
        self.background.failed.connect(self._failed)
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(calm_ms)
        self._calm.timeout.connect(self._begin)

    def renew(self, given: Given) -> None:
        """Begin anew, once nobody types."""
        self.background.stop()
        self._calm.start()
        self.waiting(given)

    def work(self, given: Given) -> Work | None:
        """What finds the numbers; None where there is nothing to find."""
        raise NotImplementedError

    def show_found(self, given: Given, found: Any) -> None:
        """Draw what was found."""
        raise NotImplementedError

    def waiting(self, given: Given) -> None:
        """Say that something is under way."""

    def stop(self) -> None:
        """Want nothing any more."""
        self._calm.stop()
        self.background.stop()

    @property
    def busy(self) -> bool:
        """Whether a result is still to come."""
        return self._calm.isActive() or self.background.busy

    def _begin(self) -> None:
        if self.given is None:
            return
        if not self.isVisible():
            self._stale = True
            return
        work = self.work(self.given)
        if work is not None:
            self.background.start(work)

    def _done(self, found: object) -> None:
        if self.given is not None:
            self.show_found(self.given, found)

    def _failed(self, _fault: object) -> None:
        self.say(text("load.failed"))
