"""What the cards of the page are about: one scenario or all its workloads, the plan, the site around it and what both cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gpuplanner.engine.result import Estimate, Plan, Quantity
from gpuplanner.scenario.document import CloudTerm, Scenario

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog
    from gpuplanner.engine.estate.memo import Memo
    from gpuplanner.engine.money.result import BreakEven, Money, Whole
    from gpuplanner.engine.site.result import Line, Site

#: Terms in the order they are told, and how their lines are drawn.
TERMS = (CloudTerm.ON_DEMAND, CloudTerm.RESERVED_1Y, CloudTerm.RESERVED_3Y, CloudTerm.SPOT)


@dataclass(frozen=True, slots=True)
class Given:
    """An answer with its money; with ``whole`` that of all workloads together, and ``cards`` are all GPUs that are bought."""

    scenario: Scenario
    catalog: Catalog
    estimate: Estimate
    plan: Plan
    site: Site
    money: Money
    whole: Whole | None = None
    cards: tuple[str, ...] = ()

    @property
    def currency(self) -> str:
        """The currency of all amounts."""
        return self.scenario.money.currency

    @property
    def term(self) -> CloudTerm:
        """How the cloud is paid."""
        return self.scenario.money.cloud_term

    @property
    def even(self) -> BreakEven | None:
        """Where owning gets cheaper."""
        return self.money.breakeven

    def figure(self, key: str) -> Quantity | None:
        """A figure of owning; None where it isn't known."""
        found = self.money.life.figures.get(key)
        return found if found is not None and found.value is not None else None

    def plain_lines(self) -> tuple[Line, ...]:
        """The bill of materials at published prices alone; of several workloads those lines that no own price covers."""
        from gpuplanner.engine.money.prices import own_price
        from gpuplanner.engine.site.build import site_of

        asked = self.scenario.money
        if not asked.prices:
            return self.site.lines
        if self.whole is not None:
            return tuple(line for line in self.site.lines if own_price(asked, line.priced_as) is None)
        published = self.scenario.model_copy(update={"money": asked.model_copy(update={"prices": ()})})
        return site_of(published, self.catalog, self.estimate, self.plan).lines


def given(scenario: Scenario, catalog: Catalog, estimate: Estimate) -> Given | None:
    """Put together what there is; None where nothing runs."""
    from gpuplanner.engine.money.build import money_of
    from gpuplanner.engine.site.build import site_of

    plan = None if estimate.refusal is not None else estimate.plan()
    if plan is None or plan.memory is None or not plan.gpus:
        return None
    site = site_of(scenario, catalog, estimate, plan)
    return Given(scenario, catalog, estimate, plan, site, money_of(scenario, catalog, estimate, plan, site), cards=(plan.gpu_id,))


def given_whole(scenario: Scenario, catalog: Catalog, estimate: Estimate, memo: Memo) -> Given | None:
    """The same for all workloads of the scenario together; None where none of them runs."""
    from gpuplanner.engine.estate.build import estate_of
    from gpuplanner.engine.money.whole import running_rows, whole_of

    estate = estate_of(scenario, catalog, memo)
    whole = whole_of(scenario, catalog, estate, memo)
    rows = running_rows(estate.rows)
    if whole is None:
        return None
    first = next((row for row in rows if row.own), rows[0])
    assert first.plan is not None
    cards = tuple(dict.fromkeys(gpu.gpu_id for gpu in estate.placement))
    return Given(scenario, catalog, estimate, first.plan, estate.site, whole.money, whole, cards)
