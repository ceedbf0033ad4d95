"""What each phase of building up costs: the lines that it adds, at their prices, and what runs from then on."""

from __future__ import annotations

from dataclasses import replace

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.money.entries import once_of, renamed, yearly_of
from gpuplanner.engine.money.result import PhasePaid, Use
from gpuplanner.engine.result import Quantity, Unit
from gpuplanner.engine.site.prices import times, total
from gpuplanner.engine.site.result import Line, Site
from gpuplanner.scenario.document import Scenario


def phases_paid(scenario: Scenario, catalog: Catalog, site: Site, use: Use) -> tuple[PhasePaid, ...]:
    """The money of a site by phase.

    Args:
        scenario: discounts, tax, tariff.
        catalog: planning values.
        site: its lines say how many of them stand there by each phase.
        use: how the day goes, in every phase.

    Returns:
        None of a site that is built at once. What is added sums to the whole, line by line.
    """
    found: list[PhasePaid] = []
    before: tuple[int, ...] = (0,) * len(site.lines)
    bought: list[Quantity | None] = []
    for place, name in enumerate(site.phases):
        counts = tuple(_count(line, place) for line in site.lines)
        news = tuple(max(0, now - then) for now, then in zip(counts, before, strict=True))
        before = tuple(max(pair) for pair in zip(counts, before, strict=True))
        once = tuple(once_of(scenario, _cut(site, news))) if any(news) else ()
        added = total([entry.amount for entry in once]) if once else _nothing()
        bought.append(added)
        standing = _cut(site, before)
        running = total([entry.amount for entry in yearly_of(scenario, catalog, standing, use)])
        found.append(
            PhasePaid(name, once, renamed(added, "added"), renamed(total(bought), "bought"), renamed(running, "running"))
        )
    return tuple(found)


def _count(line: Line, place: int) -> int:
    return line.phases[place] if place < len(line.phases) else line.count


def _nothing() -> Quantity:
    return Quantity("added", 0.0, Unit.MONEY, 0.0, 0.0)


def _cut(site: Site, counts: tuple[int, ...]) -> Site:
    """The site with so many of each line, its power and racks too."""
    lines = tuple(
        replace(line, count=count, price=times(line.unit_price, count))
        for line, count in zip(site.lines, counts, strict=True)
        if count
    )
    load = sum((line.power_w or 0.0) * line.count for line in lines)
    is_open = any(line.rack_units and line.power_w is None for line in lines)
    racks = sum(line.count for line in lines if line.key == "rack")
    figures = {
        **site.figures,
        "power_load": Quantity("power_load", load, Unit.WATTS, at_least=is_open),
        "racks": Quantity("racks", float(racks), Unit.COUNT),
    }
    return replace(site, lines=lines, figures=figures)
