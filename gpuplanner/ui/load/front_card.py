"""The card of throughput against latency; a point that is clicked becomes the plan."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from gpuplanner.format import format_integer
from gpuplanner.texts import text
from gpuplanner.ui.background import Pulse, Work
from gpuplanner.ui.load import front
from gpuplanner.ui.load.given import Given
from gpuplanner.ui.load.live import HeavyCard

if TYPE_CHECKING:
    from gpuplanner.engine.planner.front import Front


class FrontCard(HeavyCard):
    """The best trade-offs of everything that was looked at.

    Signals:
        chosen: the edits of the scenario that put a point in force, by path.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.figure = "tpot"
        self._found: Front | None = None
        self.field.picked.connect(self._picked)
        self.reword()

    def set_figure(self, figure: str) -> None:
        """Show another latency of the same plans."""
        self.figure = figure
        if self.given is not None and self._found is not None:
            self.show_found(self.given, self._found)

    def waiting(self, given: Given) -> None:
        """The former plans stay while new ones are looked for."""
        self._name()
        if not given.scenario.workload.kind.writes or given.estimate.refusal is not None:
            self._found = None
            self.say(text("load.no_plan"))

    def work(self, given: Given) -> Work | None:
        """Look at everything."""
        if not given.scenario.workload.kind.writes or given.estimate.refusal is not None:
            return None
        return partial(_search, given)

    def show_found(self, given: Given, found: Any) -> None:
        """Draw what was found."""
        self._found = found
        self._name()
        picture = front.picture(given, found, self.figure)
        if picture is None:
            self.say(text("load.no_plan"))
            return
        hint = text("load.front.hint", count=format_integer(found.evaluated))
        self.show_picture(picture, partial(front.table, given, found), hint)

    def reword(self) -> None:
        """Say everything again, in the current language."""
        self._name()
        self.retranslate()
        if self.given is not None and self._found is not None:
            self.show_found(self.given, self._found)

    def _name(self) -> None:
        self.set_title(text(f"load.front.title.{self.figure}"))

    def _picked(self, key: str) -> None:
        if self._found is not None and key.isdigit() and int(key) < len(self._found.points):
            self.chosen.emit(dict(self._found.points[int(key)].edits))


def _search(given: Given, pulse: Pulse) -> Front:
    from gpuplanner.engine.planner.front import front as search

    pulse(0, 1)
    return search(given.scenario, given.catalog)
