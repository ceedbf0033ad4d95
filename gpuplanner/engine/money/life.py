"""Owning over its life: what is paid once, what runs each year, what a piece of work costs by that."""

from __future__ import annotations

import math
from collections.abc import Mapping

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.money import life_formulas as formulas
from gpuplanner.engine.money.entries import energy_of, once_of, renamed, scaled, yearly_of
from gpuplanner.engine.money.product import Product, carried, product_of
from gpuplanner.engine.money.result import Life, Use
from gpuplanner.engine.money.use import use_of
from gpuplanner.engine.result import Code, Plan, Quantity, Unit
from gpuplanner.engine.site.prices import total
from gpuplanner.engine.site.result import Site
from gpuplanner.scenario.document import Scenario, WorkloadKind

MONTHS = 12


def life_of(scenario: Scenario, catalog: Catalog, plan: Plan | None, site: Site, use: Use | None = None) -> Life:
    """Cost of owning a plan with its site.

    Args:
        scenario: shares, lifetime, tariff, curve of the day.
        catalog: planning values and the card's figures.
        plan: what is made; None where that is the affair of several workloads.
        site: the bill of materials and the power.
        use: how the day goes; as the scenario says where it isn't given.
    """
    use = use or use_of(scenario.money, scenario.workload)
    once = once_of(scenario, site)
    bought = total([entry.amount for entry in once])
    yearly = yearly_of(scenario, catalog, site, use)
    running = total([entry.amount for entry in yearly])
    months = math.ceil(scenario.money.lifetime_years * MONTHS)
    spent = [_spent(bought, running, month) for month in range(months + 1)]
    return Life(
        once=tuple(once),
        yearly=tuple(yearly),
        use=use,
        own=tuple(value for value, _, _ in spent),
        own_low=tuple(low for _, low, _ in spent),
        own_high=tuple(high for _, _, high in spent),
        figures=_figures(scenario, catalog, plan, site, use, bought, running),
        warnings=(Code("money.warning.open"),) if bought.at_least else (),
    )


def _figures(
    scenario: Scenario, catalog: Catalog, plan: Plan | None, site: Site, use: Use, bought: Quantity, running: Quantity
) -> Mapping[str, Quantity]:
    asked = scenario.money
    whole = _over_life(bought, running, asked.lifetime_years, asked.residual)
    kwh = energy_of(scenario, catalog, site, use.mean)
    drawn = site.figures.get("power_load")
    is_open = drawn is not None and drawn.at_least
    out = {
        "purchase_total": renamed(bought, "purchase_total"),
        "running": renamed(running, "running"),
        "tco": whole,
        "npv": _npv(bought, running, scenario),
        "depreciation": renamed(scaled(bought, (1 - asked.residual) / asked.lifetime_years), "depreciation"),
        "energy_year": Quantity("energy_year", kwh or None, Unit.KILOWATT_HOURS, at_least=bool(kwh) and is_open),
    }
    if plan is None:
        return out
    return out | unit_costs(scenario, plan, whole, use.mean) | _values(catalog, plan, bought)


def unit_costs(scenario: Scenario, plan: Plan, whole: Quantity, use: float) -> dict[str, Quantity]:
    """The whole cost over what is made in the life: tokens, requests, items, training runs.

    Args:
        scenario: lifetime, and how requests are made up.
        plan: what is made at full use.
        whole: cost over the life.
        use: mean use.
    """
    years = scenario.money.lifetime_years
    out = {}
    product = product_of(plan)
    if product is not None:
        per = _per(whole, product, use, years)
        out[product.key] = per
        if product.key == "cost_per_million":
            ratio = scenario.workload.output_tokens / max(scenario.workload.input_tokens, 1)
            out["cost_per_million_total"] = renamed(scaled(per, ratio / (1 + ratio)), "cost_per_million_total")
        if scenario.workload.kind is WorkloadKind.GENERATE:
            out["cost_per_item"] = renamed(scaled(per, 1 / product.lot), "cost_per_item")
    rate = carried(plan, "request_rate")
    if rate is not None and rate.value and not scenario.workload.kind.trains:
        out["cost_per_thousand"] = _per(whole, Product("cost_per_thousand", rate, 1e3), use, years)
    return out


def _per(whole: Quantity, product: Product, use: float, years: float) -> Quantity:
    made = product.rate

    def cost(money: float | None, rate: float | None) -> float | None:
        if money is None or not rate or use <= 0:
            return None
        return float(formulas.life_per_lot(money, rate, use, years, product.lot))

    return Quantity(
        product.key,
        cost(whole.value, made.value),
        Unit.MONEY,
        cost(whole.low, made.value if made.high is None else made.high),
        None if whole.at_least else cost(whole.high, made.value if made.low is None else made.low),
        made.provenance,
        made.rows,
        whole.at_least,
    )


def _values(catalog: Catalog, plan: Plan, bought: Quantity) -> dict[str, Quantity]:
    """The card's price by dense TFLOPS of the format computed in, GB and GB/s; the whole purchase by output token a second."""
    gpu = catalog.gpus[plan.gpu_id]
    out = {}
    cards = plan.figures.get("purchase")
    peak = getattr(gpu.dense_tflops, plan.compute_format, None) if plan.compute_format else None
    if cards is not None and cards.value and plan.bought:
        units = {"per_tflops": peak, "per_gb": gpu.memory_gb, "per_gb_s": gpu.bandwidth_gb_s}
        out = {key: renamed(scaled(cards, 1 / (amount * plan.bought)), key) for key, amount in units.items() if amount}
    made = carried(plan, "throughput")
    if made is not None and made.value and bought.value:
        out["per_token_s"] = renamed(scaled(bought, 1 / made.value), "per_token_s")
    return out


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
