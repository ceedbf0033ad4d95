"""What the cards of the page are about: one scenario, its plan, the site around it and what both cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gpuplanner.engine.result import Estimate, Plan, Quantity
from gpuplanner.scenario.document import CloudTerm, Scenario

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog
    from gpuplanner.engine.money.result import BreakEven, Money
    from gpuplanner.engine.site.result import Site

#: Terms in the order they are told, and how their lines are drawn.
TERMS = (CloudTerm.ON_DEMAND, CloudTerm.RESERVED_1Y, CloudTerm.RESERVED_3Y, CloudTerm.SPOT)


@dataclass(frozen=True, slots=True)
class Given:
    """An answer with its money."""

    scenario: Scenario
    catalog: Catalog
    estimate: Estimate
    plan: Plan
    site: Site
    money: Money

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


def given(scenario: Scenario, catalog: Catalog, estimate: Estimate) -> Given | None:
    """Put together what there is; None where nothing runs."""
    from gpuplanner.engine.money.build import money_of
    from gpuplanner.engine.site.build import site_of

    plan = None if estimate.refusal is not None else estimate.plan()
    if plan is None or plan.memory is None or not plan.gpus:
        return None
    site = site_of(scenario, catalog, estimate, plan)
    return Given(scenario, catalog, estimate, plan, site, money_of(scenario, catalog, estimate, plan, site))
