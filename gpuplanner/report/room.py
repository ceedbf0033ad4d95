"""What a quote says of the place and of the cost over the life, taken from the site and the money."""

from __future__ import annotations

from typing import Final

from gpuplanner.engine.money.result import Entry, Life
from gpuplanner.engine.site.result import Site
from gpuplanner.report.content import Cost, LifeCost, Room
from gpuplanner.scenario.document import Scenario

_SITE: Final = (
    "servers",
    "racks",
    "rack_units",
    "power_load",
    "power_nameplate",
    "power_meter",
    "heat",
    "ups",
    "weight",
    "floor_load",
)
_LIFE: Final = (
    "purchase_total", "running", "tco", "npv", "energy_year", "cost_per_million", "cost_per_million_total", "cost_per_thousand",
    "cost_per_item", "cost_per_run",
)  # fmt: skip


def room(site: Site) -> Room | None:
    """Figures, racks and topology; None where nothing is to be placed."""
    if not site.racks:
        return None
    figures = tuple(site.figures[key] for key in _SITE if key in site.figures)
    return Room(figures, site.racks, site.nodes, site.edges, site.warnings)


def life_cost(scenario: Scenario, life: Life) -> LifeCost:
    """What is paid once and each year, and the sums."""
    costs = [_cost(entry) for entry in life.once] + [_cost(entry, yearly=True) for entry in life.yearly]
    figures = tuple(life.figures[key] for key in _LIFE if key in life.figures)
    return LifeCost(scenario.money.lifetime_years, scenario.money.residual, tuple(costs), figures)


def _cost(entry: Entry, *, yearly: bool = False) -> Cost:
    return Cost(entry.key, entry.name, entry.amount, entry.detail, yearly)
