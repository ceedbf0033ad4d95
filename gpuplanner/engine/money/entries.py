"""What is paid once, and what each year: line by line, each with what it is made of."""

from __future__ import annotations

from dataclasses import replace

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.money import life_formulas as formulas
from gpuplanner.engine.money.prices import own_price
from gpuplanner.engine.money.result import Entry, Use
from gpuplanner.engine.money.use import tariff
from gpuplanner.engine.result import Code, Provenance, Quantity, Unit
from gpuplanner.engine.site.prices import total
from gpuplanner.engine.site.result import Line, Role, Site
from gpuplanner.scenario.document import Scenario

GPU_SERVERS = "gpu_servers"
_WITH_GPUS = (Role.GPU_SERVER, Role.TRAINING_SERVER)
_NAMED = 3  # lines of a group that are told one by one


def discount_of(scenario: Scenario, line: Line) -> float:
    """The discount on a line: its own, its role's, its group's, or that on all; on a price that was agreed only its own."""
    by = {item.on: item.share for item in scenario.money.discounts}
    if not by or own_price(scenario.money, line.priced_as) is not None:
        return by.get(line.key, 0.0)
    return next((by[key] for key in (line.key, line.role.value, line.group.value, "all") if key in by), 0.0)


def once_of(scenario: Scenario, site: Site) -> list[Entry]:
    """What is paid at the start, group by group, discounts taken off; then installation, spare parts and tax."""
    asked = scenario.money
    goods = goods_of(scenario, site)
    entries = list(goods)
    bought = total([entry.amount for entry in goods])
    for key, share in (("installation", asked.installation), ("spare_parts", asked.spare_parts)):
        if share:
            entries.append(_part(key, share, bought))
    if asked.tax:
        entries.append(_part("tax", asked.tax, total([entry.amount for entry in entries])))
    return entries


def goods_of(scenario: Scenario, site: Site) -> list[Entry]:
    """The bill of materials by groups, GPU servers apart, discounts taken off."""
    groups: dict[str, list[Line]] = {}
    for line in site.lines:
        key = GPU_SERVERS if line.role in _WITH_GPUS else line.group.value
        groups.setdefault(key, []).append(line)
    return [_group(scenario, key, lines) for key, lines in groups.items()]


def _group(scenario: Scenario, key: str, lines: list[Line]) -> Entry:
    prices = [scaled(line.price, 1 - discount_of(scenario, line)) if line.price is not None else None for line in lines]
    name = Code("money.entry.gpu_servers") if key == GPU_SERVERS else Code(f"site.group.{key}")
    detail = tuple(Code("money.detail.line", {"count": line.count, "name": line.name}) for line in lines[:_NAMED])
    if len(lines) > _NAMED:
        detail = (*detail, Code("money.detail.more", {"count": len(lines) - _NAMED}))
    if key == GPU_SERVERS and any(line.price is not None and line.price.at_least for line in lines):
        detail = (Code("money.detail.cards_only"), *detail)
    return Entry(key, name, renamed(total(prices), key), detail)


def yearly_of(scenario: Scenario, catalog: Catalog, site: Site, use: Use) -> list[Entry]:
    """What runs each year: energy, support, rent, staff."""
    asked = scenario.money
    kwh = energy_of(scenario, catalog, site, use.mean)
    idle = catalog.rules["energy-planning"].values["idle_share"]
    amount = exact("energy", kwh * tariff(asked, use, idle))
    drawn = site.figures.get("power_load")
    if drawn is not None and (drawn.value is None or drawn.at_least):  # power that isn't published isn't free
        amount = replace(amount, value=amount.value or None, at_least=bool(amount.value), high=None)
    entries = [Entry("energy", Code("money.entry.energy"), amount, (Code("money.detail.kwh", {"kwh": kwh}),))]
    if asked.support:
        bought = total([entry.amount for entry in goods_of(scenario, site)])
        entries.append(_part("support", asked.support, bought))
    if asked.rack_rent_per_year:
        racks = site.figures["racks"].value or 0.0 if "racks" in site.figures else 0.0
        rent = exact("rack_rent", asked.rack_rent_per_year * racks)
        entries.append(
            Entry("rack_rent", Code("money.entry.rack_rent"), rent, (Code("money.detail.racks", {"racks": int(racks)}),))
        )
    if asked.staff and asked.staff_per_year:
        staff = exact("staff", asked.staff * asked.staff_per_year)
        entries.append(
            Entry("staff", Code("money.entry.staff"), staff, (Code("money.detail.persons", {"persons": asked.staff}),))
        )
    return entries


def energy_of(scenario: Scenario, catalog: Catalog, site: Site, use: float) -> float:
    """Energy of a year at a mean use. [kWh]"""
    load = site.figures["power_load"].value or 0.0 if "power_load" in site.figures else 0.0
    idle = catalog.rules["energy-planning"].values["idle_share"]
    return float(formulas.energy_kwh_year(load, idle, use, scenario.money.pue))


def scaled(amount: Quantity, factor: float) -> Quantity:
    """So many times an amount, its range too."""

    def by(value: float | None) -> float | None:
        return None if value is None else value * factor

    return replace(amount, value=by(amount.value), low=by(amount.low), high=by(amount.high))


def renamed(amount: Quantity, key: str) -> Quantity:
    """The same amount under another key."""
    return replace(amount, key=key)


def exact(key: str, amount: float) -> Quantity:
    """An amount that follows from what was entered."""
    return Quantity(key, amount, Unit.MONEY, amount, amount, Provenance.MODELLED)


def _part(key: str, share: float, of: Quantity) -> Entry:
    """A share of another amount."""
    detail = (Code("money.detail.share", {"of_share": share}),)
    return Entry(key, Code(f"field.money.{key}"), renamed(scaled(of, share), key), detail)
