"""What a budget buys: the largest load on the likeliest cards, searched beside the window; a click takes it."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QLabel, QWidget

from gpuplanner.engine.result import Estimate
from gpuplanner.format import format_count, format_integer, format_money, format_number
from gpuplanner.report.names import gpu_name
from gpuplanner.scenario.document import Scenario, WorkloadKind
from gpuplanner.texts import text
from gpuplanner.ui.background import Background, Pulse
from gpuplanner.ui.cost.given import Given

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog
    from gpuplanner.engine.money.budget import Bought

_CALM_MS: Final = 250
SHOWN: Final = 4


class BudgetLabel(QLabel):
    """Says what the scenario's budget buys; empty without one.

    Signals:
        taken: the :class:`~gpuplanner.engine.money.budget.Bought` that shall be the answer.
    """

    taken = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.linkActivated.connect(self._picked)
        self._given: Given | None = None
        self._asked: tuple[object, ...] = ()
        self.found: tuple[Bought, ...] = ()
        self.background = Background(self)
        self.background.done.connect(self._done)
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(_CALM_MS)
        self._calm.timeout.connect(self._begin)
        self.hide()

    def show_given(self, given: Given) -> None:
        """Search anew where the question is another."""
        asked = (given.scenario, given.estimate.chosen, given.catalog.digest)
        self._given = given
        if asked == self._asked:
            self._say()
            return
        self._asked = asked
        self.background.stop()
        self.found = ()
        if given.scenario.money.budget is None or given.scenario.workload.kind.trains:
            self._calm.stop()
            self.hide()
            return
        self.setText(text("cost.budget.searching"))
        self.show()
        self._calm.start()

    def stop(self) -> None:
        """Want nothing any more."""
        self._calm.stop()
        self.background.stop()

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._calm.isActive() or self.background.busy

    def _begin(self) -> None:
        if self._given is not None:
            self.background.start(partial(_search, self._given.scenario, self._given.catalog, self._given.estimate))

    def _done(self, found: object) -> None:
        self.found = found if isinstance(found, tuple) else ()
        self._say()

    def _picked(self, link: str) -> None:
        self.taken.emit(self.found[int(link)])

    def _say(self) -> None:
        given = self._given
        if given is None or given.scenario.money.budget is None or self.busy:
            return
        if not self.found:
            self.setText(escape(text("cost.budget.none")))
            return
        lines = [self._line(given, place, bought) for place, bought in enumerate(self.found[:SHOWN])]
        self.setText(escape(text("cost.budget.may")) + "".join(f"<br>{line}" for line in lines))

    def _line(self, given: Given, place: int, bought: Bought) -> str:
        said = text(
            "cost.budget.line.open" if bought.open else "cost.budget.line",
            load=_load(given.scenario, bought.load),
            gpus=format_integer(bought.plan.bought),
            gpu=gpu_name(bought.gpu_id, given.catalog),
            amount=str(format_money(bought.purchase, given.currency)),
        )
        return f"{escape(said)} <a href='{place}'>{escape(text('cost.budget.take'))}</a>"


def _load(scenario: Scenario, load: float) -> str:
    """A load in the measure it was asked in."""
    if scenario.workload.kind is WorkloadKind.BATCH:
        return text("cost.budget.requests", load=_rounded(load))
    return f"{_rounded(load)} {text(f'form.load.{scenario.workload.load_kind.value}')}"


def _rounded(load: float) -> str:
    """As exact as the search is."""
    return str(format_count(load)) if load >= 1000 else format_number(load)


def _search(scenario: Scenario, catalog: Catalog, answer: Estimate, pulse: Pulse) -> tuple[Bought, ...]:
    from gpuplanner.engine.money.budget import best_buys

    return best_buys(scenario, catalog, answer, pulse)
