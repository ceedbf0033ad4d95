"""The load over a day and a week: what is really made, drawn and rented."""

from __future__ import annotations

from gpuplanner.engine.money.result import Use
from gpuplanner.scenario.document import Money

HOURS = 24
WEEKDAYS = 5


def use_of(asked: Money) -> Use:
    """The curve the scenario gives, or an even day at its use."""
    curve = asked.day_curve
    if not curve or max(curve) <= 0:
        return Use((asked.utilization,) * HOURS, 1.0, asked.utilization)
    top = max(curve)
    hours = tuple(curve[hour * len(curve) // HOURS] / top for hour in range(HOURS))
    day = sum(hours) / HOURS
    return Use(hours, asked.weekend, day * (WEEKDAYS + (7 - WEEKDAYS) * min(asked.weekend, 1.0)) / 7)


def tariff(asked: Money, use: Use) -> float:
    """Mean price of a kWh, weighted by the load; the valley lies where the load is least."""
    if asked.valley_per_kwh is None:
        return asked.electricity_per_kwh
    quiet = sorted(range(HOURS), key=lambda hour: use.hours[hour])
    valley = set(quiet[: round(asked.valley_hours)])
    prices = [asked.valley_per_kwh if hour in valley else asked.electricity_per_kwh for hour in range(HOURS)]
    total = sum(use.hours)
    if total <= 0:
        return sum(prices) / HOURS
    return sum(price * load for price, load in zip(prices, use.hours, strict=True)) / total
