"""The formulas of cost over a life."""

from __future__ import annotations

from typing import Any

from gpuplanner.engine.formula import Symbol, formula
from gpuplanner.engine.result import Unit

Values = Any


@formula(
    "money.energy_year",
    result="E_y",
    text="W ÷ 1000 · (i + (1 − i) · u) · PUE · 8760",
    unit=Unit.KILOWATT_HOURS,
    reference="Power in service over a year; idle servers go on drawing a part of it (planning value)",
    symbols={
        "load": Symbol("W", "site.figure.power_load", Unit.WATTS),
        "idle": Symbol("i", "term.money.idle_share", Unit.SHARE),
        "use": Symbol("u", "term.use", Unit.SHARE),
        "pue": Symbol("PUE", "term.pue"),
    },
)
def energy_kwh_year(load: Values, idle: Values, use: Values, pue: Values) -> Values:
    """Energy of a year. [kWh]"""
    return load / 1000 * (idle + (1 - idle) * use) * pue * 8760


@formula(
    "money.tco",
    result="T",
    text="P + R · Y − P · r",
    unit=Unit.MONEY,
    reference="Total cost of ownership: what is paid once, what runs each year, less what the purchase is worth at the end",
    symbols={
        "once": Symbol("P", "money.figure.purchase_total", Unit.MONEY),
        "yearly": Symbol("R", "money.figure.running", Unit.MONEY),
        "years": Symbol("Y", "term.lifetime_years"),
        "residual": Symbol("r", "term.money.residual", Unit.SHARE),
    },
)
def tco(once: Values, yearly: Values, years: Values, residual: Values) -> Values:
    """Cost of owning over the life."""
    return once + yearly * years - once * residual


@formula(
    "money.life_per_million",
    result="c",
    text="T ÷ (X · u · Y · 31536000) · 1000000",
    unit=Unit.MONEY,
    reference="Cost over the life, over the output tokens made in it at the load of the day",
    symbols={
        "total": Symbol("T", "money.figure.tco", Unit.MONEY),
        "throughput": Symbol("X", "figure.throughput", Unit.TOKENS_PER_SECOND),
        "use": Symbol("u", "term.use", Unit.SHARE),
        "years": Symbol("Y", "term.lifetime_years"),
    },
)
def life_per_million(total: Values, throughput: Values, use: Values, years: Values) -> Values:
    """Cost of a million output tokens over the life."""
    return total / (throughput * use * years * 31_536_000) * 1_000_000


@formula(
    "money.breakeven_months",
    result="m",
    text="P ÷ (C − R ÷ 12)",
    unit=Unit.COUNT,
    reference="Months after which what was paid at the start is made up by the lower running cost",
    symbols={
        "once": Symbol("P", "money.figure.purchase_total", Unit.MONEY),
        "month": Symbol("C", "term.money.cloud_month", Unit.MONEY),
        "yearly": Symbol("R", "money.figure.running", Unit.MONEY),
    },
)
def breakeven_months(once: Values, month: Values, yearly: Values) -> Values:
    """Months until owning is cheaper than renting."""
    return once / (month - yearly / 12)
