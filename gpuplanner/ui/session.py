"""The state of a window: the scenario, its history, and the estimate that follows from it."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, QTimer, Signal

from gpuplanner.engine.result import Estimate
from gpuplanner.scenario.document import Scenario, get
from gpuplanner.scenario.validation import replace_checked
from gpuplanner.ui.undo import Change, History

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog

EVERYTHING: Final = "*"
_COALESCE_MS: Final = 0  # all keys that wait are taken before a timer is
log = logging.getLogger(__name__)


class Session(QObject):
    """The only thing that changes: every edit goes through :meth:`set` onto the undo stack.

    Attributes:
        scenario: what is asked, now.
        catalog: what is known; None until it is loaded.
        estimate: the last answer; kept when a new one fails.
        estimate_ms: how long it took.
        undo_stack: clean when the scenario is as it was opened or saved.

    Signals:
        scenario_changed: with the path of the field, or :data:`EVERYTHING`.
        catalog_changed: the catalogue was loaded or changed.
        estimate_ready: with the new :class:`Estimate`.
        failed: no estimate came about, through a fault of ours; with the exception.
        units_changed: sizes are shown in another unit.
    """

    scenario_changed = Signal(object)
    catalog_changed = Signal()
    estimate_ready = Signal(object)
    failed = Signal(object)
    texts_changed = Signal()
    units_changed = Signal()

    def __init__(self, scenario: Scenario | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.scenario = scenario or Scenario()
        self.catalog: Catalog | None = None
        self.estimate: Estimate | None = None
        self.estimate_ms = 0.0
        self._answered: Scenario | None = None
        self.undo_stack = History(self._take, self)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_COALESCE_MS)
        self._timer.timeout.connect(self.recompute)

    def value(self, path: str) -> Any:
        """What a field of the scenario holds."""
        return get(self.scenario, path)

    def set(self, path: str, value: object, *, merges: bool = True) -> None:
        """Edit one field; nothing happens when it holds that value already.

        Args:
            path: dotted name.
            value: what it shall hold.
            merges: whether the edit continues the last one of the same field.

        Raises:
            InputError: when the field can't hold the value.
        """
        self.set_many(path, {path: value}, merges=merges)

    def set_many(self, name: str, values: dict[str, object], *, merges: bool = False) -> None:
        """Edit several fields in one step of the history, named after the field ``name``.

        Raises:
            InputError: when a field can't hold its value.
        """
        after = self.scenario
        for path, value in values.items():
            after = replace_checked(after, path, value)
        if after != self.scenario:
            self.undo_stack.push(Change(name, self.scenario, after, merges=merges))

    def set_whole(self, scenario: Scenario, name: str) -> None:
        """Put another scenario in force as one step of the history; ``name`` is the key of its text under ``undo``."""
        if scenario != self.scenario:
            self.undo_stack.push(Change(EVERYTHING, self.scenario, scenario, merges=False, key=f"undo.{name}"))

    def reset(self, path: str) -> None:
        """Give a field its default."""
        self.set(path, get(Scenario(), path), merges=False)

    def start(self, scenario: Scenario) -> None:
        """Begin with another scenario and an empty history."""
        self.undo_stack.clear()
        self._take(scenario, EVERYTHING)

    def set_catalog(self, catalog: Catalog) -> None:
        """Put a catalogue in force."""
        self.catalog = catalog
        self.catalog_changed.emit()
        self.recompute()

    def recompute(self) -> None:
        """Estimate now; without a catalogue there is nothing to do yet."""
        if self.catalog is None:
            return
        from gpuplanner.engine.estimate import estimate  # numpy comes with it, after the first paint

        self._timer.stop()
        began = time.perf_counter()
        try:
            answer = estimate(self.scenario, self.catalog)
        except Exception as error:
            log.exception("estimate failed")
            self.failed.emit(error)
            return
        self.estimate_ms = (time.perf_counter() - began) * 1000
        self.estimate, self._answered = answer, self.scenario
        self.estimate_ready.emit(answer)

    def answer(self) -> Estimate | None:
        """The answer to the scenario as it is at this moment; None when there is none."""
        if self._timer.isActive():
            self.recompute()
        return self.estimate if self._answered is self.scenario else None

    def retranslate(self) -> None:
        """Follow a change of language."""
        self.undo_stack.retranslate()
        self.texts_changed.emit()

    def _take(self, scenario: Scenario, path: str) -> None:
        self.scenario = scenario
        self.scenario_changed.emit(path)
        self._timer.start()
