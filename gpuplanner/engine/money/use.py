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


def tariff(asked: Money, use: Use, idle: float = 0.0) -> float:
    """Mean price of a kWh, by what is drawn in each hour.

    Args:
        asked: the tariff; valley hours are counted from ``valley_from_hour``, over midnight too.
        use: how the day goes.
        idle: share of their power that idle servers go on drawing.
    """
    if asked.valley_per_kwh is None:
        return asked.electricity_per_kwh
    prices = [asked.electricity_per_kwh - valley_share(asked, hour) * (asked.electricity_per_kwh - asked.valley_per_kwh)
              for hour in range(HOURS)]  # fmt: skip
    drawn = [idle + (1 - idle) * load for load in use.hours]
    total = sum(drawn)
    if total <= 0:
        return sum(prices) / HOURS
    return sum(price * power for price, power in zip(prices, drawn, strict=True)) / total


def valley_share(asked: Money, hour: int) -> float:
    """How much of an hour of the day lies in the valley."""
    start, length = asked.valley_from_hour % HOURS, min(asked.valley_hours, HOURS)
    return sum(max(0.0, min(hour + 1, begin + length) - max(hour, begin)) for begin in (start - HOURS, start))
