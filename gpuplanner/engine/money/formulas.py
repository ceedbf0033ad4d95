"""The formulas of money and power. Amounts in the scenario's currency."""

from __future__ import annotations

from typing import Any, Final

from gpuplanner.engine.formula import Symbol, formula
from gpuplanner.engine.result import Unit

Values = Any


@formula(
    "money.purchase",
    result="P",
    text="n · p · f",
    unit=Unit.MONEY,
    reference="List price per card; servers, network and tax are not in it",
    symbols={
        "gpus": Symbol("n", "term.bought"),
        "price": Symbol("p", "term.card_price", Unit.MONEY),
        "rate": Symbol("f", "term.exchange_rate"),
    },
)
def purchase(gpus: Values, price: Values, rate: Values) -> Values:
    """Cards at list price, in the scenario's currency."""
    return gpus * price * rate


@formula(
    "money.power",
    result="E",
    text="n · w",
    unit=Unit.WATTS,
    reference="Thermal design power of the cards, without hosts and cooling",
    symbols={"gpus": Symbol("n", "term.gpus"), "tdp": Symbol("w", "term.tdp", Unit.WATTS)},
)
def power_w(gpus: Values, tdp: Values) -> Values:
    """Power of the cards at full load. [W]"""
    return gpus * tdp


#: What an hour of the cards costs by: the arguments of :func:`hourly_cost`.
HOUR: Final = {
    "purchase": Symbol("P", "figure.purchase", Unit.MONEY),
    "years": Symbol("Y", "term.lifetime_years"),
    "utilization": Symbol("u", "term.use", Unit.SHARE),
    "power": Symbol("E", "figure.power", Unit.WATTS),
    "pue": Symbol("PUE", "term.pue"),
    "tariff": Symbol("e", "term.electricity", Unit.MONEY),
}


def hourly_cost(purchase: Values, years: Values, utilization: Values, power: Values, pue: Values, tariff: Values) -> Values:
    """Cost of an hour in which the load is there: cards written off over their life, and their energy."""
    return purchase / (years * 8760 * utilization) + power / 1000 * pue * tariff


@formula(
    "money.cost_per_million",
    result="c",
    text="(P ÷ (Y · 8760 · u) + E ÷ 1000 · PUE · e) ÷ (X · 3600) · 1000000",
    unit=Unit.MONEY,
    reference="Cards written off over their life at the given use, and their energy, over the output tokens made in that time",
    symbols={
        **HOUR,
        "throughput": Symbol("X", "figure.throughput", Unit.TOKENS_PER_SECOND),
    },
)
def cost_per_million(
    purchase: Values, years: Values, utilization: Values, power: Values, pue: Values, tariff: Values, throughput: Values
) -> Values:
    """Cost of a million output tokens. ``utilization`` is the share of the hours in which the load is there."""
    return hourly_cost(purchase, years, utilization, power, pue, tariff) / (throughput * 3600) * 1_000_000
