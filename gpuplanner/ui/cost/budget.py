"""What a budget buys: the largest load on the plan's card that costs no more, searched beside the window."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QWidget

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


class BudgetLabel(QLabel):
    """Says what the scenario's budget buys; empty without one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self._given: Given | None = None
        self._asked: tuple[object, ...] = ()
        self._found: Bought | None = None
        self.background = Background(self)
        self.background.done.connect(self._done)
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(_CALM_MS)
        self._calm.timeout.connect(self._begin)
        self.hide()

    def show_given(self, given: Given) -> None:
        """Search anew where the question is another."""
        asked = (given.scenario, given.plan.gpu_id, given.catalog.digest)
        self._given = given
        if asked == self._asked:
            self._say()
            return
        self._asked = asked
        self.background.stop()
        self._found = None
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
            self.background.start(partial(_search, self._given.scenario, self._given.catalog, self._given.plan.gpu_id))

    def _done(self, found: object) -> None:
        from gpuplanner.engine.money.budget import Bought

        self._found = found if isinstance(found, Bought) else None
        self._say()

    def _say(self) -> None:
        given, found = self._given, self._found
        if given is None or given.scenario.money.budget is None or self.busy:
            return
        gpu = gpu_name(given.plan.gpu_id, given.catalog)
        if found is None:
            self.setText(text("cost.budget.nothing", gpu=gpu))
            return
        self.setText(
            text(
                "cost.budget.open" if found.open else "cost.budget.buys",
                load=_load(given.scenario, found.load),
                gpus=format_integer(found.plan.gpus),
                gpu=gpu,
                amount=str(format_money(found.purchase, given.currency)),
            )
        )


def _load(scenario: Scenario, load: float) -> str:
    """A load in the measure it was asked in."""
    if scenario.workload.kind is WorkloadKind.BATCH:
        return text("cost.budget.requests", load=_rounded(load))
    return f"{_rounded(load)} {text(f'form.load.{scenario.workload.load_kind.value}')}"


def _rounded(load: float) -> str:
    """As exact as the search is."""
    return str(format_count(load)) if load >= 1000 else format_number(load)


def _search(scenario: Scenario, catalog: Catalog, gpu_id: str, pulse: Pulse) -> Bought | None:
    from gpuplanner.engine.money.budget import bought_for

    pulse(0, 1)
    return bought_for(scenario, catalog, gpu_id)
