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
    "money.life_per_lot",
    result="c",
    text="T ÷ (X · u · Y · 31536000) · L",
    unit=Unit.MONEY,
    reference="Cost over the life, over what is made in it at the load of the day, for a lot of so many pieces",
    symbols={
        "total": Symbol("T", "money.figure.tco", Unit.MONEY),
        "rate": Symbol("X", "term.money.rate"),
        "use": Symbol("u", "term.use", Unit.SHARE),
        "years": Symbol("Y", "term.lifetime_years"),
        "lot": Symbol("L", "term.money.lot"),
    },
)
def life_per_lot(total: Values, rate: Values, use: Values, years: Values, lot: Values) -> Values:
    """Cost of a lot (a million tokens, a thousand items, a training run) over the life."""
    return total / (rate * use * years * 31_536_000) * lot


@formula(
    "money.purchase_total",
    result="P",
    text="G · (1 + i + s) · (1 + t)",
    unit=Unit.MONEY,
    reference="The bill of materials with discounts taken off; installation and spare parts as shares of it, then tax",
    symbols={
        "goods": Symbol("G", "term.money.goods", Unit.MONEY),
        "installation": Symbol("i", "field.money.installation", Unit.SHARE),
        "spare_parts": Symbol("s", "field.money.spare_parts", Unit.SHARE),
        "tax": Symbol("t", "field.money.tax", Unit.SHARE),
    },
)
def purchase_total(goods: Values, installation: Values, spare_parts: Values, tax: Values) -> Values:
    """What is paid at the start."""
    return goods * (1 + installation + spare_parts) * (1 + tax)


@formula(
    "money.running",
    result="R",
    text="E_y · e + G · m + k · r + n · w",
    unit=Unit.MONEY,
    reference="Energy at the mean tariff, support as a share of the goods, rent of the racks, staff",
    symbols={
        "energy": Symbol("E_y", "money.figure.energy_year", Unit.KILOWATT_HOURS),
        "tariff": Symbol("e", "term.electricity", Unit.MONEY),
        "goods": Symbol("G", "term.money.goods", Unit.MONEY),
        "support": Symbol("m", "field.money.support", Unit.SHARE),
        "racks": Symbol("k", "site.figure.racks"),
        "rent": Symbol("r", "field.money.rack_rent_per_year", Unit.MONEY),
        "staff": Symbol("n", "field.money.staff"),
        "pay": Symbol("w", "field.money.staff_per_year", Unit.MONEY),
    },
)
def running(
    energy: Values, tariff: Values, goods: Values, support: Values, racks: Values, rent: Values, staff: Values, pay: Values
) -> Values:
    """What runs each year."""
    return energy * tariff + goods * support + racks * rent + staff * pay


@formula(
    "money.cloud_month",
    result="C",
    text="h · H · n · o + x",
    unit=Unit.MONEY,
    reference="Hours of a month times price of an instance times instances; spot pays again for what interruptions lose",
    symbols={
        "hourly": Symbol("h", "term.money.hourly", Unit.MONEY),
        "hours": Symbol("H", "term.money.hours_month"),
        "instances": Symbol("n", "term.money.instances"),
        "overhead": Symbol("o", "term.money.spot_overhead"),
        "beside": Symbol("x", "term.money.storage_egress", Unit.MONEY),
    },
)
def cloud_month(hourly: Values, hours: Values, instances: Values, overhead: Values, beside: Values) -> Values:
    """What rented instances cost in a month."""
    return hourly * hours * instances * overhead + beside


@formula(
    "money.spot_overhead",
    result="o",
    text="1 ÷ (1 − d · (r + k ÷ 2) ÷ 1440)",
    unit=Unit.COUNT,
    reference="Each interruption loses the restart and, on average, half the time between two checkpoints",
    symbols={
        "interruptions": Symbol("d", "field.money.spot_interruptions_per_day"),
        "restart": Symbol("r", "term.money.restart_minutes"),
        "checkpoint": Symbol("k", "term.money.checkpoint_minutes"),
    },
)
def spot_overhead(interruptions: Values, restart: Values, checkpoint: Values) -> Values:
    """Hours paid for an hour of work on spot instances."""
    return 1 / (1 - interruptions * (restart + checkpoint / 2) / 1440)


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
