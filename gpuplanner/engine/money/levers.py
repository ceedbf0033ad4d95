"""Which assumption moves the cost most: each moved down and up by itself."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from gpuplanner.engine.money.result import Lever
from gpuplanner.engine.money.use import by_volume
from gpuplanner.engine.result import Code
from gpuplanner.scenario.document import Scenario, replace
from gpuplanner.scenario.money import Money

#: How far the price of the hardware is moved.
HARDWARE = 0.1
Cost = Callable[[Scenario, float], float | None]


def levers_of(scenario: Scenario, cost: Cost, throughput: tuple[float, float] | None) -> tuple[Lever, ...]:
    """The assumptions, the one that moves most first.

    Args:
        scenario: as it stands.
        cost: the cost of a scenario, its hardware scaled by a factor; None when it isn't known.
        throughput: low and high of what is made over the expected, as factors.
    """
    levers = []
    for key, path, low, high, worded in _moved(scenario):
        below, above = cost(replace(scenario, path, low), 1.0), cost(replace(scenario, path, high), 1.0)
        if below is not None and above is not None:
            names = _label(worded, low, scenario), _label(worded, high, scenario)
            levers.append(Lever(key, Code(f"field.{path}"), *names, below, above, path))
    dearer, cheaper = cost(scenario, 1 + HARDWARE), cost(scenario, 1 - HARDWARE)
    if dearer is not None and cheaper is not None:
        levers.append(Lever("hardware", Code("money.lever.hardware"), changed(-HARDWARE), changed(HARDWARE), cheaper, dearer))
    now = cost(scenario, 1.0)
    if throughput is not None and now is not None:
        low_factor, high_factor = throughput
        labels = changed(low_factor - 1), changed(high_factor - 1)
        levers.append(Lever("throughput", Code("money.lever.speed"), *labels, now / low_factor, now / high_factor))
    return tuple(sorted(levers, key=lambda lever: -lever.span))


def changed(by: float) -> Code:
    """So much more or less."""
    return Code("money.lever.more" if by >= 0 else "money.lever.less", {"by_share": abs(by)})


def _label(worded: str, value: float, scenario: Scenario) -> Code:
    params: dict[str, object] = {"value": value}
    if worded == "share":
        params = {"value_share": value}
    elif worded == "price":
        params = {"value_money": value, "currency": scenario.money.currency}
    return Code(f"money.lever.{worded}", params)


def _moved(scenario: Scenario) -> list[tuple[str, str, float, float, str]]:
    asked = scenario.money
    moved = [
        ("lifetime", "money.lifetime_years", max(1.0, asked.lifetime_years - 1), asked.lifetime_years + 2, "years"),
        ("residual", "money.residual", 0.0, min(1.0, asked.residual + 0.2), "share"),
        ("electricity", "money.electricity_per_kwh", asked.electricity_per_kwh * 0.6, asked.electricity_per_kwh * 1.4, "price"),
        ("pue", "money.pue", max(1.0, asked.pue - 0.2), min(4.0, asked.pue + 0.2), "number"),
    ]
    if not asked.day_curve and not by_volume(scenario.workload):
        moved.insert(
            0, ("use", "money.utilization", max(0.05, asked.utilization - 0.2), min(1.0, asked.utilization + 0.2), "share")
        )
    if asked.support:
        moved.append(("support", "money.support", asked.support * 0.5, asked.support * 1.5, "share"))
    return [(key, path, low, min(high, _most(path)), worded) for key, path, low, high, worded in moved]


def _most(path: str) -> float:
    """The most that a field of the money section may be."""
    marks = Money.model_fields[path.removeprefix("money.")].metadata
    return min((float(mark.le) for mark in marks if hasattr(mark, "le")), default=inf)
