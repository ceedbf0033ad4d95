"""Owning against renting and against an API."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gpuplanner.engine.money import life_formulas as formulas
from gpuplanner.engine.money.result import BreakEven, Life, Offer
from gpuplanner.engine.result import Plan
from gpuplanner.scenario.document import Scenario

#: Shares of the day the curves are drawn over.
USES = tuple(step / 50 for step in range(5, 51))
SECONDS_PER_MONTH = 730 * 3600


def api_month(scenario: Scenario, plan: Plan, use: float) -> float | None:
    """What a month of the same tokens costs at the API's prices; None when they aren't given."""
    asked, workload = scenario.money, scenario.workload
    made = plan.figures.get("throughput")
    if asked.api_output_per_million is None or made is None or not made.value or not workload.kind.writes:
        return None
    ratio = workload.input_tokens / workload.output_tokens
    per_million = asked.api_output_per_million + (asked.api_input_per_million or 0.0) * ratio
    return made.value * use * SECONDS_PER_MONTH / 1e6 * per_million


def breakeven_of(
    scenario: Scenario, plan: Plan, life: Life, cloud: Offer | None, own_at: Callable[[float], float | None]
) -> BreakEven | None:
    """Where owning gets cheaper than the cloud (months) and than the API (use of the day).

    Args:
        scenario: term, API prices.
        plan: what is made.
        life: cost of owning.
        cloud: the offer it is held against.
        own_at: cost of a million output tokens of the own service at a use of the day.
    """
    month = cloud.month.get(scenario.money.cloud_term) if cloud is not None else None
    made = plan.figures.get("throughput")
    bought, running = life.figures["purchase_total"], life.figures["running"]
    api = _api_per_million(scenario)
    own = tuple(own_at(use) or 0.0 for use in USES)
    rented: tuple[float, ...] = ()
    if month is not None and made is not None and made.value:
        rented = tuple(month / (made.value * use * SECONDS_PER_MONTH) * 1e6 for use in USES)
    if month is None and api is None:
        return None
    return BreakEven(
        months=_months(bought.value, month, running.value),
        months_low=_months(bought.low, month, running.value),
        months_high=_months(bought.high, month, running.value),
        use=None if api is None else _crossing(USES, own, api),
        uses=USES,
        own=own,
        cloud=rented,
        api=api,
    )


def _api_per_million(scenario: Scenario) -> float | None:
    asked, workload = scenario.money, scenario.workload
    if asked.api_output_per_million is None or not workload.kind.writes:
        return None
    return asked.api_output_per_million + (asked.api_input_per_million or 0.0) * workload.input_tokens / workload.output_tokens


def _months(once: float | None, month: float | None, yearly: float | None) -> float | None:
    if once is None or month is None or yearly is None or month <= yearly / 12:
        return None
    return float(formulas.breakeven_months(once, month, yearly))


def _crossing(uses: Sequence[float], costs: Sequence[float], level: float) -> float | None:
    """The use at which a falling curve passes a level; None when it never does."""
    for i in range(1, len(uses)):
        if costs[i] <= level < costs[i - 1]:
            share = (costs[i - 1] - level) / (costs[i - 1] - costs[i])
            return uses[i - 1] + share * (uses[i] - uses[i - 1])
    return uses[0] if costs and 0 < costs[0] <= level else None
