"""Owning against renting and against an API."""

from __future__ import annotations

from collections.abc import Sequence

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.money import life_formulas as formulas
from gpuplanner.engine.money.entries import energy_of
from gpuplanner.engine.money.product import Product, carried, product_of
from gpuplanner.engine.money.result import BreakEven, Life, Offer
from gpuplanner.engine.result import Plan
from gpuplanner.engine.site.result import Site
from gpuplanner.scenario.document import Scenario

#: Shares of the day the curves are drawn over.
USES = tuple(step / 50 for step in range(5, 51))
SECONDS_PER_MONTH = 730 * 3600


def api_month(scenario: Scenario, plan: Plan, use: float) -> float | None:
    """What a month of the same tokens costs at the API's prices; None when they aren't given."""
    made = carried(plan, "throughput")
    price = api_per_million(scenario)
    if price is None or made is None or not made.value:
        return None
    return made.value * use * SECONDS_PER_MONTH / 1e6 * price


def api_per_million(scenario: Scenario) -> float | None:
    """A million output tokens at an API, their input paid along; None when its prices aren't given."""
    asked, workload = scenario.money, scenario.workload
    if asked.api_output_per_million is None or not workload.kind.writes:
        return None
    return asked.api_output_per_million + (asked.api_input_per_million or 0.0) * workload.input_tokens / workload.output_tokens


def breakeven_of(
    scenario: Scenario, catalog: Catalog, plan: Plan | None, site: Site, life: Life, cloud: Offer | None
) -> BreakEven | None:
    """Where owning gets cheaper than the cloud (months) and than the API (use of the day).

    Args:
        scenario: term, API prices.
        catalog: planning values.
        plan: what is made; None for several workloads together.
        site: its power.
        life: cost of owning.
        cloud: the offer it is held against.
    """
    month = cloud.month.get(scenario.money.cloud_term) if cloud is not None else None
    product = product_of(plan) if plan is not None else None
    api = api_per_million(scenario) if plan is not None else None
    if month is None and api is None:
        return None
    bought, running = life.figures["purchase_total"], life.figures["running"]
    own = own_by_use(scenario, catalog, site, life, product)
    rented = _rented(scenario, life, product, cloud)
    return BreakEven(
        months=_months(bought.value, month, running.value),
        months_low=_months(bought.low, month, running.value),
        months_high=_months(bought.high, month, running.value),
        use=None if api is None else _crossing(USES, own, api),
        uses=USES,
        own=own,
        cloud=rented,
        api=api,
        key=product.key if product is not None else "",
        cloud_use=_crossing_two(USES, own, rented),
    )


def own_by_use(scenario: Scenario, catalog: Catalog, site: Site, life: Life, product: Product | None) -> tuple[float, ...]:
    """Cost of a lot of the own service at each of :data:`USES`: the day's load is even, only energy follows it."""
    whole = life.figures["tco"].value
    if whole is None or product is None:
        return ()
    asked = scenario.money
    drawn = life.figures["energy_year"].value or 0.0
    paid = next((entry.amount.value or 0.0 for entry in life.yearly if entry.key == "energy"), 0.0)
    tariff = paid / drawn if drawn else 0.0
    fixed = whole - paid * asked.lifetime_years
    return tuple(
        float(
            formulas.life_per_lot(
                fixed + energy_of(scenario, catalog, site, use) * tariff * asked.lifetime_years,
                product.per_second,
                use,
                asked.lifetime_years,
                product.lot,
            )
        )
        for use in USES
    )


def _rented(scenario: Scenario, life: Life, product: Product | None, cloud: Offer | None) -> tuple[float, ...]:
    """Cost of a lot in the cloud: instances that stand all month are shared by what is made, a run costs what it costs."""
    term = scenario.money.cloud_term
    if cloud is None or product is None or term not in cloud.month:
        return ()
    if term in cloud.run:
        return (cloud.month[term] / (product.per_second * life.use.mean * SECONDS_PER_MONTH),) * len(USES)
    return tuple(cloud.month[term] / (product.per_second * use * SECONDS_PER_MONTH) * product.lot for use in USES)


def _months(once: float | None, month: float | None, yearly: float | None) -> float | None:
    if once is None or month is None or yearly is None or month <= yearly / 12:
        return None
    return float(formulas.breakeven_months(once, month, yearly))


def _crossing(uses: Sequence[float], costs: Sequence[float], level: float) -> float | None:
    """The use at which a falling curve passes a level; None when it never does."""
    return _crossing_two(uses, costs, (level,) * len(costs))


def _crossing_two(uses: Sequence[float], costs: Sequence[float], others: Sequence[float]) -> float | None:
    """The first use at which a curve is no longer above another; None when it always is."""
    if not costs or not others:
        return None
    gaps = [cost - other for cost, other in zip(costs, others, strict=True)]
    if gaps[0] <= 0:
        return uses[0]
    for i in range(1, len(uses)):
        if gaps[i] <= 0:
            return uses[i - 1] + gaps[i - 1] / (gaps[i - 1] - gaps[i]) * (uses[i] - uses[i - 1])
    return None
