"""Answers of scenarios that were saved without a receipt, estimated beside the window."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from gpuplanner.errors import InputError
from gpuplanner.scenario.cards import Answer, Card, answer_of
from gpuplanner.ui.background import Background, Pulse

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog

_AT_ONCE: Final = 8
_MOST_WAITING: Final = 400
Key = tuple[Path, int]


class Answers(QObject):
    """Estimates what it is asked for, the last asked first.

    Signals:
        found: answers by file and time of its last change.
    """

    found = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._catalog: Catalog | None = None
        self._waiting: OrderedDict[Key, None] = OrderedDict()
        self._asked: set[Key] = set()
        self.background = Background(self)
        self.background.done.connect(self._done)
        self.background.failed.connect(self._failed)

    def set_catalog(self, catalog: Catalog | None) -> None:
        """Estimate with these facts from now on."""
        self.background.stop()
        self._catalog = catalog
        self._asked.clear()
        self._next()

    def want(self, card: Card) -> None:
        """Estimate a scenario soon."""
        key = (card.path, card.mtime_ns)
        if key in self._asked:
            if key in self._waiting:
                self._waiting.move_to_end(key)
            return
        self._asked.add(key)
        self._waiting[key] = None
        while len(self._waiting) > _MOST_WAITING:
            self._asked.discard(self._waiting.popitem(last=False)[0])
        self._next()

    @property
    def busy(self) -> bool:
        """Whether answers are still to come."""
        return self.background.busy or (bool(self._waiting) and self._catalog is not None)

    def stop(self) -> None:
        """Want nothing any more."""
        self._waiting.clear()
        self.background.stop()

    def _next(self) -> None:
        if self._catalog is None or self.background.busy or not self._waiting:
            return
        keys = [self._waiting.popitem()[0] for _ in range(min(_AT_ONCE, len(self._waiting)))]
        self.background.start(partial(_estimated, tuple(keys), self._catalog))

    def _done(self, answers: object) -> None:
        self.found.emit(answers)
        self._next()

    def _failed(self, _error: object) -> None:
        self._next()


def _estimated(keys: tuple[Key, ...], catalog: Catalog, pulse: Pulse) -> dict[Key, Answer]:
    from gpuplanner.engine.estimate import estimate
    from gpuplanner.scenario.files import load_scenario
    from gpuplanner.scenario.receipt import receipt_of

    answers: dict[Key, Answer] = {}
    for place, key in enumerate(keys):
        pulse(place, len(keys))
        try:
            scenario = load_scenario(key[0]).scenario
        except InputError:
            answers[key] = Answer("refused", today=True)
            continue
        made = receipt_of(estimate(scenario, catalog), scenario.money.currency, catalog.digest, catalog.date, "")
        answer = answer_of(made, today=True)
        if answer is not None:
            answers[key] = answer
    return answers
