"""Owning over its life: what is paid once, what runs each year, what a token costs by that."""

from __future__ import annotations

import math
from collections.abc import Mapping

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.money import life_formulas as formulas
from gpuplanner.engine.money.result import Entry, Life, Use
from gpuplanner.engine.money.use import tariff, use_of
from gpuplanner.engine.result import Code, Plan, Provenance, Quantity, Unit
from gpuplanner.engine.site.prices import total
from gpuplanner.engine.site.result import Line, Site
from gpuplanner.scenario.document import Scenario

MONTHS = 12


def life_of(scenario: Scenario, catalog: Catalog, plan: Plan, site: Site) -> Life:
    """Cost of owning a plan with its site.

    Args:
        scenario: shares, lifetime, tariff, curve of the day.
        catalog: planning values and the card's figures.
        plan: what is made.
        site: the bill of materials and the power.
    """
    use = use_of(scenario.money)
    once = once_of(scenario, site)
    bought = total([entry.amount for entry in once])
    yearly = yearly_of(scenario, catalog, site, use)
    running = total([entry.amount for entry in yearly])
    figures = _figures(scenario, catalog, plan, site, use, bought, running)
    months = math.ceil(scenario.money.lifetime_years * MONTHS)
    spent = [_spent(bought, running, month) for month in range(months + 1)]
    return Life(
        once=tuple(once),
        yearly=tuple(yearly),
        use=use,
        own=tuple(value for value, _, _ in spent),
        own_low=tuple(low for _, low, _ in spent),
        own_high=tuple(high for _, _, high in spent),
        figures=figures,
        warnings=(Code("money.warning.open"),) if bought.at_least else (),
    )


def discount_of(scenario: Scenario, line: Line) -> float:
    """The discount on a line: its own, its group's, or that on all."""
    by = {item.on: item.share for item in scenario.money.discounts}
    return next((by[key] for key in (line.key, line.role.value, line.group.value, "all") if key in by), 0.0)


def once_of(scenario: Scenario, site: Site) -> list[Entry]:
    """What is paid at the start, group by group, discounts taken off; then installation, spare parts and tax."""
    asked = scenario.money
    groups: dict[str, list[Quantity | None]] = {}
    for line in site.lines:
        groups.setdefault(line.group.value, []).append(_less(line.price, discount_of(scenario, line)))
    entries = [Entry(key, Code(f"site.group.{key}"), _named(total(prices), key)) for key, prices in groups.items()]
    goods = total([entry.amount for entry in entries])
    for key, share in (("installation", asked.installation), ("spare_parts", asked.spare_parts)):
        if share:
            entries.append(Entry(key, Code(f"field.money.{key}"), _named(_share(goods, share), key)))
    if asked.tax:
        taxed = total([entry.amount for entry in entries])
        entries.append(Entry("tax", Code("field.money.tax"), _named(_share(taxed, asked.tax), "tax")))
    return entries


def yearly_of(scenario: Scenario, catalog: Catalog, site: Site, use: Use) -> list[Entry]:
    """What runs each year: energy, support, rent, staff."""
    asked = scenario.money
    goods = site.figures.get("purchase")
    racks = site.figures["racks"].value or 0.0 if "racks" in site.figures else 0.0
    kwh = energy_of(scenario, catalog, site, use)
    entries = [
        Entry(
            "energy",
            Code("money.entry.energy"),
            _exact("energy", kwh * tariff(asked, use)),
            (Code("money.detail.kwh", {"kwh": kwh}),),
        )
    ]
    if asked.support and goods is not None:
        entries.append(Entry("support", Code("field.money.support"), _named(_share(goods, asked.support), "support")))
    if asked.rack_rent_per_year:
        rent = _exact("rack_rent", asked.rack_rent_per_year * racks)
        entries.append(
            Entry("rack_rent", Code("money.entry.rack_rent"), rent, (Code("money.detail.racks", {"racks": int(racks)}),))
        )
    if asked.staff and asked.staff_per_year:
        staff = _exact("staff", asked.staff * asked.staff_per_year)
        entries.append(
            Entry("staff", Code("money.entry.staff"), staff, (Code("money.detail.persons", {"persons": asked.staff}),))
        )
    return entries


def energy_of(scenario: Scenario, catalog: Catalog, site: Site, use: Use) -> float:
    """Energy of a year. [kWh]"""
    load = site.figures["power_load"].value or 0.0 if "power_load" in site.figures else 0.0
    idle = catalog.rules["energy-planning"].values["idle_share"]
    return float(formulas.energy_kwh_year(load, idle, use.mean, scenario.money.pue))


def _figures(
    scenario: Scenario, catalog: Catalog, plan: Plan, site: Site, use: Use, bought: Quantity, running: Quantity
) -> Mapping[str, Quantity]:
    asked = scenario.money
    whole = _over_life(bought, running, asked.lifetime_years, asked.residual)
    out = {
        "purchase_total": _named(bought, "purchase_total"),
        "running": _named(running, "running"),
        "tco": whole,
        "npv": _npv(bought, running, scenario),
        "energy_year": Quantity("energy_year", energy_of(scenario, catalog, site, use), Unit.KILOWATT_HOURS),
    }
    out |= _unit_costs(scenario, plan, whole, use)
    out |= _values(catalog, plan, bought)
    return out


def _unit_costs(scenario: Scenario, plan: Plan, whole: Quantity, use: Use) -> dict[str, Quantity]:
    """The whole cost over what is made in the life: tokens, requests, items."""
    years = scenario.money.lifetime_years
    out = {}
    made = plan.figures.get("throughput")
    if made is not None and made.value:
        per = _per(whole, made, use.mean, years, "cost_per_million")
        out["cost_per_million"] = per
        ratio = scenario.workload.output_tokens / max(scenario.workload.input_tokens, 1)
        out["cost_per_million_total"] = _scaled(per, "cost_per_million_total", ratio / (1 + ratio))
    rate = plan.figures.get("request_rate")
    if rate is not None and rate.value:
        out["cost_per_thousand"] = _scaled(_per(whole, rate, use.mean, years, "cost_per_thousand"), "cost_per_thousand", 1e-3)
    return out


def _per(whole: Quantity, made: Quantity, use: float, years: float, key: str) -> Quantity:
    def cost(money: float | None, rate: float | None) -> float | None:
        if money is None or not rate or use <= 0:
            return None
        return float(formulas.life_per_million(money, rate, use, years))

    return Quantity(
        key,
        cost(whole.value, made.value),
        Unit.MONEY,
        cost(whole.low, made.high),
        None if whole.at_least else cost(whole.high, made.low),
        made.provenance,
        made.rows,
        whole.at_least,
    )


def _values(catalog: Catalog, plan: Plan, bought: Quantity) -> dict[str, Quantity]:
    """What a unit of each resource costs: dense TFLOPS of the format computed in, GB, GB/s, output token a second."""
    gpu = catalog.gpus[plan.gpu_id]
    if bought.value is None or not plan.gpus:
        return {}
    peak = getattr(gpu.dense_tflops, plan.compute_format, None) if plan.compute_format else None
    made = plan.figures.get("throughput")
    units = {
        "per_tflops": peak,
        "per_gb": gpu.memory_gb,
        "per_gb_s": gpu.bandwidth_gb_s,
        "per_token_s": made.value / plan.gpus if made is not None and made.value else None,
    }
    return {
        key: Quantity(key, bought.value / (amount * plan.gpus), Unit.MONEY, at_least=bought.at_least)
        for key, amount in units.items()
        if amount
    }


def _over_life(bought: Quantity, running: Quantity, years: float, residual: float) -> Quantity:
    def whole(once: float | None, yearly: float | None) -> float | None:
        return None if once is None or yearly is None else float(formulas.tco(once, yearly, years, residual))

    return Quantity(
        "tco",
        whole(bought.value, running.value),
        Unit.MONEY,
        whole(bought.low, running.low),
        whole(bought.high, running.high),
        at_least=bought.at_least or running.at_least,
    )


def _npv(bought: Quantity, running: Quantity, scenario: Scenario) -> Quantity:
    """The same, with what is paid and received later worth less today."""
    asked = scenario.money
    if bought.value is None or running.value is None:
        return Quantity("npv", None, Unit.MONEY)
    rate, years = asked.discounting, asked.lifetime_years
    whole, part = int(years), years - int(years)
    paid = sum(running.value / (1 + rate) ** year for year in range(1, whole + 1))
    paid += part * running.value / (1 + rate) ** years
    value = bought.value + paid - bought.value * asked.residual / (1 + rate) ** years
    return Quantity("npv", value, Unit.MONEY, at_least=bought.at_least or running.at_least)


def _spent(bought: Quantity, running: Quantity, month: int) -> tuple[float, float, float]:
    def at(once: float | None, yearly: float | None) -> float:
        return (once or 0.0) + (yearly or 0.0) * month / MONTHS

    value = at(bought.value, running.value)
    low = at(bought.value if bought.low is None else bought.low, running.value)
    high = at(bought.value if bought.high is None else bought.high, running.value)
    return value, low, high


def _less(price: Quantity | None, share: float) -> Quantity | None:
    return price if price is None or not share else _scaled(price, price.key, 1 - share)


def _share(amount: Quantity, share: float) -> Quantity:
    return _scaled(amount, amount.key, share)


def _scaled(amount: Quantity, key: str, factor: float) -> Quantity:
    def by(value: float | None) -> float | None:
        return None if value is None else value * factor

    return Quantity(
        key, by(amount.value), amount.unit, by(amount.low), by(amount.high), amount.provenance, amount.rows, amount.at_least
    )


def _named(amount: Quantity, key: str) -> Quantity:
    return _scaled(amount, key, 1.0)


def _exact(key: str, amount: float) -> Quantity:
    return Quantity(key, amount, Unit.MONEY, amount, amount, Provenance.MODELLED)
