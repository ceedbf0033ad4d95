"""The load over a day and a week: what is really made, drawn and rented."""

from __future__ import annotations

from gpuplanner.engine.money.result import Use
from gpuplanner.scenario.document import LoadKind, Money, Workload, WorkloadKind

HOURS = 24
WEEKDAYS = 5
_WAITED_FOR = (WorkloadKind.SERVE, WorkloadKind.GENERATE, WorkloadKind.ENCODE)


def by_volume(workload: Workload) -> bool:
    """Whether the load says itself how much is made in a day: what is sized for is the peak of its busy hours."""
    return workload.load_kind is LoadKind.PER_DAY and workload.kind in _WAITED_FOR


def use_of(asked: Money, workload: Workload | None = None) -> Use:
    """The curve the scenario gives; else what a load by the day makes of its peak; else an even day at the scenario's use."""
    curve = asked.day_curve
    if not curve or max(curve) <= 0:
        if workload is not None and by_volume(workload):
            share, busy = 1 / workload.peak_factor, max(1, round(workload.busy_hours))
            start = max(0, min(9, HOURS - busy))  # office hours, as far as they go
            hours = tuple(share if start <= hour < start + busy else 0.0 for hour in range(HOURS))
            return Use(hours, 1.0, workload.busy_hours / HOURS * share)
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
