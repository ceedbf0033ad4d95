"""What a lot costs by the use of the day: owning, the cloud, the API. No Qt."""

from __future__ import annotations

import math

from gpuplanner.engine.money.result import BreakEven
from gpuplanner.format import format_money, format_number
from gpuplanner.texts import text
from gpuplanner.ui.charts.picture import OWN, Axis, Curve, Dot, Picture, Rule, Stop, axis
from gpuplanner.ui.cost.amounts import Scale, scale_of
from gpuplanner.ui.cost.given import Given
from gpuplanner.ui.cost.over_time import API, CLOUD, mark, term_name

_RIGHT = 1.52  # room for names
_TICKS = (0.2, 0.4, 0.6, 0.8, 1.0)


def picture(given: Given) -> Picture | None:
    """The chart; None where no cost by use is known."""
    even = given.even
    if even is None or not (even.own or even.cloud):
        return None
    top = _top(even)
    scale = unit_of(given, even)
    curves = []
    if even.cloud:
        name = f"{term_name(given.term)} {scale.write(even.cloud[-1])}"
        curves.append(Curve(name, even.uses, _cut(even.cloud, top), CLOUD, "solid", 2.0, "right"))
    if even.api is not None:
        name = f"{text('cost.line.api')} {scale.write(even.api)}"
        curves.append(Curve(name, (even.uses[0], 1.0), (even.api, even.api), API, "solid", 2.0, "right"))
    if even.own:
        name = f"{text('cost.line.own')} {mark(given)}{scale.write(even.own[-1])}"
        curves.append(Curve(name, even.uses, _cut(even.own, top), OWN, "solid", 2.0, "right", bold=True))
    x = Axis(text("cost.axis.use"), even.uses[0], even.uses[0] + (1 - even.uses[0]) * _RIGHT, _percent_ticks())
    y = axis("", 0.0, top, scale.write, count=4, worth=scale.factor)
    shown = even.own or even.cloud
    stops = [
        Stop(use, min(shown[place], y.high), said(given, place))
        for place, use in enumerate(even.uses)
        if place % 3 == 0 and shown[place] <= y.high
    ]
    return Picture(x, y, tuple(curves), rules=_rules(given, y.high), dots=_dots(given, y.high), stops=tuple(stops))


def unit_of(given: Given, even: BreakEven) -> Scale:
    """The unit of the chart."""
    return scale_of(_top(even) / 2, given.currency)


def _top(even: BreakEven) -> float:
    """Twice what full use costs, and room above the API's price."""
    ends = [curve[-1] for curve in (even.own, even.cloud) if curve]
    return max(2.2 * max(ends), 1.25 * (even.api or 0.0))


def table(given: Given) -> list[list[str]]:
    """Every use, amounts in the currency."""
    even = given.even
    if even is None:
        return []
    rows = [[text("cost.axis.use"), text("cost.line.own"), term_name(given.term), text("cost.line.api")]]
    for place, use in enumerate(even.uses):
        cells = [curve[place] if curve else None for curve in (even.own, even.cloud)] + [even.api]
        rows.append([f"{use:.2f}", *("" if cell is None else f"{cell:.8g}" for cell in cells)])
    return rows


def said(given: Given, place: int) -> str:
    """A use in words."""
    even = given.even
    assert even is not None
    parts = [
        f"{name} {format_money(curve[place], given.currency)}"
        for name, curve in ((text("cost.line.own"), even.own), (term_name(given.term), even.cloud))
        if curve
    ]
    if even.api is not None:
        parts.append(f"{text('cost.line.api')} {format_money(even.api, given.currency)}")
    return text("cost.use", share=_percent(even.uses[place])) + ": " + " · ".join(parts)


def _cut(curve: tuple[float, ...], top: float) -> tuple[float, ...]:
    """What is far above the chart isn't drawn."""
    return tuple(value if value <= 4 * top else math.nan for value in curve)


def _percent(share: float) -> str:
    return f"{format_number(share * 100)} %"


def _percent_ticks() -> tuple[tuple[float, str], ...]:
    return tuple((at, _percent(at)) for at in _TICKS)


def _meets(given: Given) -> tuple[float, float] | None:
    even = given.even
    if even is None or even.use is None or even.api is None or even.use <= even.uses[0]:
        return None
    return even.use, even.api


def _rules(given: Given, top: float) -> tuple[Rule, ...]:
    at = _meets(given)
    if at is None:
        return ()
    return (Rule(at[0], _percent(at[0]), line="dash", height=min(1.0, at[1] / top), bold=True),)


def _dots(given: Given, top: float) -> tuple[Dot, ...]:
    at, dots = _meets(given), []
    if at is not None:
        dots.append(Dot(*at, colour="text", hollow=True, size=9))
    now = given.figure(given.even.key) if given.even is not None else None
    use = given.money.life.use.mean
    if now is not None and now.value is not None and now.value <= top and given.even is not None and use >= given.even.uses[0]:
        dots.append(Dot(use, now.value, name=text("cost.now", amount=str(format_money(now.value, given.currency))), size=8))
    return tuple(dots)
