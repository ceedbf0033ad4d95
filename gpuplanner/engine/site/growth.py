"""Growth over the years, and the phases of building up."""

from __future__ import annotations

from gpuplanner.engine.result import Code
from gpuplanner.scenario.document import Scenario


def planned_growth(scenario: Scenario) -> float:
    """Load to plan for over the load given: what is added at once, and the years compounded."""
    asked = scenario.site
    return float((1 + scenario.deployment.growth) * (1 + asked.growth_per_year) ** asked.growth_years)


def pile(scenario: Scenario) -> float:
    """Requests of a batch, with the growth that is planned for."""
    return scenario.workload.batch_requests * planned_growth(scenario)


def phases_of(scenario: Scenario) -> tuple[tuple[Code, ...], tuple[float, ...]]:
    """Names and shares of the planned load, by phase: the scenario's own, or the years of growth; empty for a single phase."""
    asked = scenario.site
    if asked.phases:
        most = max(1.0, *(phase.share for phase in asked.phases))  # beyond the planned load nothing is built
        names = tuple(_named(phase.name, i) for i, phase in enumerate(asked.phases, 1))
        return names, tuple(phase.share / most for phase in asked.phases)
    if asked.growth_years and asked.growth_per_year:
        years = range(asked.growth_years + 1)
        shares = tuple((1 + asked.growth_per_year) ** (year - asked.growth_years) for year in years)
        return tuple(Code("site.phase.year", {"year": year}) for year in years), shares
    return (), ()


def _named(name: str, number: int) -> Code:
    """A phase by its name, or by its number where it has none."""
    return Code("site.phase", {"name": name}) if name.strip() else Code("site.phase.number", {"number": number})
