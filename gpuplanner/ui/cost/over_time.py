"""What was spent after each month: owning, the cloud by its terms, the API. No Qt."""

from __future__ import annotations

from typing import Final

from gpuplanner.format import format_money, format_number
from gpuplanner.scenario.document import CloudTerm
from gpuplanner.texts import text
from gpuplanner.ui.charts.picture import OWN, Band, Curve, Dot, Line, Picture, Rule, Stop, axis
from gpuplanner.ui.cost.amounts import Scale, scale_of
from gpuplanner.ui.cost.given import TERMS, Given

CLOUD: Final = "chart_cloud"
API: Final = "chart_api"
_LINES: Final[dict[CloudTerm, Line]] = {
    CloudTerm.ON_DEMAND: "solid",
    CloudTerm.RESERVED_1Y: "dash",
    CloudTerm.RESERVED_3Y: "dot",
    CloudTerm.SPOT: "dash",
}
_NAMES: Final = 1.38  # room behind the last month for the names of the lines


def term_name(term: CloudTerm) -> str:
    """How a term of the cloud is called on charts."""
    return text(f"cost.term.{term.value}")


def mark(given: Given) -> str:
    """Stands before what owning costs where some price is unknown."""
    bought = given.figure("purchase_total")
    return "≥ " if bought is not None and bought.at_least else ""


def unit_of(given: Given) -> Scale:
    """The unit of the chart."""
    money = given.money
    ends = [money.life.own[-1], *(spent[-1] for spent in money.cloud_months.values()), *money.api_months[-1:]]
    return scale_of(max(ends), given.currency)


def picture(given: Given) -> Picture:
    """The chart; what isn't known has no line."""
    money, scale = given.money, unit_of(given)
    last = len(money.life.own) - 1
    months = tuple(float(month) for month in range(last + 1))
    curves = [
        Curve(
            _named(term_name(term), spent, scale), months, spent, CLOUD, _LINES[term], 2.0 if term is given.term else 1.2, "right"
        )
        for term in TERMS
        if (spent := money.cloud_months.get(term)) is not None
    ]
    if money.api_months:
        curves.append(
            Curve(_named(text("cost.line.api"), money.api_months, scale), months, money.api_months, API, "solid", 2.0, "right")
        )
    bands: tuple[Band, ...] = ()
    if given.figure("purchase_total") is not None:
        own = money.life.own
        curves.insert(
            0,
            Curve(
                _named(f"{text('cost.line.own')} {mark(given)}".strip(), own, scale),
                months,
                own,
                OWN,
                "solid",
                2.0,
                "right",
                bold=True,
            ),
        )
        bands = (Band(months, money.life.own_low, money.life.own_high),)
    top = max((max(curve.ys) for curve in curves), default=1.0)
    step = 6 if last > 18 else 3 if last > 8 else 1
    x = axis(text("cost.axis.months"), 0.0, last * _NAMES, format_number, exact=True)
    ticks = tuple((float(at), format_number(at)) for at in range(0, last + 1, step if last <= 60 else 12))
    return Picture(
        type(x)(x.title, 0.0, last * _NAMES, ticks),
        axis("", 0.0, 1.08 * top, scale.write, count=5, worth=scale.factor),
        tuple(curves),
        bands,
        rules=_rules(given, last, top),
        dots=_dots(given, last),
        stops=tuple(Stop(float(month), money.life.own[month], said(given, month)) for month in _stops(last)),
    )


def table(given: Given) -> list[list[str]]:
    """Every month, amounts in the currency."""
    money = given.money
    terms = [term for term in TERMS if term in money.cloud_months]
    own = text("cost.line.own")
    head = [text("cost.axis.months"), own, f"{own}, {text('load.low')}", f"{own}, {text('load.high')}", *map(term_name, terms)]
    head += [text("cost.line.api")] if money.api_months else []
    rows = [head]
    for month in range(len(money.life.own)):
        row = [money.life.own[month], money.life.own_low[month], money.life.own_high[month]]
        row += [money.cloud_months[term][month] for term in terms]
        row += [money.api_months[month]] if money.api_months else []
        rows.append([str(month), *(f"{amount:.10g}" for amount in row)])
    return rows


def said(given: Given, month: int) -> str:
    """A month in words."""
    money = given.money
    parts = []
    if given.figure("purchase_total") is not None:
        parts.append(f"{text('cost.line.own')} {_money(given, money.life.own[month])}")
    parts += [f"{term_name(term)} {_money(given, spent[month])}" for term, spent in money.cloud_months.items()]
    if money.api_months:
        parts.append(f"{text('cost.line.api')} {_money(given, money.api_months[month])}")
    return text("cost.month", month=month) + ": " + " · ".join(parts)


def _named(name: str, spent: tuple[float, ...], scale: Scale) -> str:
    return f"{name} {scale.write(spent[-1])}"


def _money(given: Given, amount: float) -> str:
    return str(format_money(amount, given.currency))


def _stops(last: int) -> range:
    return range(0, last + 1, max(1, last // 18))


def _meets(given: Given, last: int) -> tuple[float, float] | None:
    """Month and amount where the lines of owning and the cloud cross; None where they don't within the life."""
    months = given.even.months if given.even is not None else None
    spent = given.money.cloud_months.get(given.term)
    if months is None or months > last or spent is None or given.figure("purchase_total") is None:
        return None
    return months, spent[1] * months


def _rules(given: Given, last: int, top: float) -> tuple[Rule, ...]:
    at = _meets(given, last)
    if at is None:
        return ()
    name = text("cost.month", month=format_number(at[0]))
    return (Rule(at[0], name, line="dash", height=min(1.0, at[1] / (1.08 * top)), bold=True),)


def _dots(given: Given, last: int) -> tuple[Dot, ...]:
    at = _meets(given, last)
    return (Dot(*at, colour="text", hollow=True, size=9),) if at is not None else ()
