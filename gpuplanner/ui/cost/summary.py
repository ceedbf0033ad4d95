"""What the page says above its charts: the verdict as a sentence, and six figures. No Qt."""

from __future__ import annotations

from datetime import date

from gpuplanner.engine.money.prices import card_price
from gpuplanner.engine.result import Quantity
from gpuplanner.format import DASH, format_figure, format_integer, format_money, format_number, format_share
from gpuplanner.report.names import gpu_name
from gpuplanner.report.price_age import is_stale, month_text
from gpuplanner.texts import text
from gpuplanner.ui.cost.given import Given
from gpuplanner.ui.cost.over_time import term_name
from gpuplanner.ui.results.figures import FigureText, Verdict, provenance_text


def sentence(given: Given) -> str:
    """Whether owning is worth it, against the cloud and against the API."""
    if given.figure("purchase_total") is None:
        return text("cost.sentence.no_price", gpu=gpu_name(given.plan.gpu_id, given.catalog))
    if given.whole is not None:
        works = format_integer(len(given.whole.works))
        return text("cost.sentence.whole", said=_against_cloud(given), works=works)
    parts = [_against_cloud(given)]
    if given.even is not None and given.even.api is not None and given.even.own:
        parts.append(_against_api(given))
    return text("cost.sentence.join").join(parts)


def _against_cloud(given: Given) -> str:
    even, life = given.even, given.scenario.money.lifetime_years
    term = text(f"cost.term.in.{given.term.value}")
    if even is None or given.term not in given.money.cloud_months:
        return text("cost.sentence.no_cloud", term=term)
    if even.months is None or even.months > life * 12:
        return text("cost.sentence.cloud", term=term, years=format_number(life))
    key = "cost.sentence.own.open" if _open(given) else "cost.sentence.own"
    return text(key, term=term, month=format_integer(max(1.0, even.months + 0.499)))


def _against_api(given: Given) -> str:
    even = given.even
    assert even is not None
    if even.use is None:
        return text("cost.sentence.api")
    if even.use <= even.uses[0]:
        return text("cost.sentence.api.never")
    return text("cost.sentence.api.below", share=str(format_share(round(even.use, 2))))


def figures(given: Given, today: date) -> tuple[FigureText, ...]:
    """Purchase, running, whole, per lot, and the two break-evens."""
    if given.whole is not None:
        return _of_all(given, today)
    return (
        _purchase(given, today),
        _amount(given, "running", _running_detail(given)),
        _amount(
            given, "tco", _tco_detail(given), text("cost.strip.tco", years=format_number(given.scenario.money.lifetime_years))
        ),
        _per_lot(given),
        _months(given),
        _use(given),
    )


def _of_all(given: Given, today: date) -> tuple[FigureText, ...]:
    """Of several workloads there is no common lot: the years and today's worth stand in its place."""
    years = format_number(given.scenario.money.lifetime_years)
    return (
        _purchase(given, today),
        _amount(given, "running", _running_detail(given)),
        _amount(given, "tco", _tco_detail(given), text("cost.strip.tco", years=years)),
        _amount(given, "npv", (text("cost.strip.npv", share=str(format_share(given.scenario.money.discounting))),)),
        _amount(given, "depreciation", (text("cost.strip.residual", share=str(format_share(given.scenario.money.residual))),)),
        _months(given),
    )


def _purchase(given: Given, today: date) -> FigureText:
    parts = []
    price = card_price(given.catalog.gpus[given.plan.gpu_id], given.scenario.money) if given.whole is None else None
    state = Verdict.PLAIN
    if price is not None:
        old = is_stale(price.date, today) and (price.kind != "own" or bool(price.date))
        state = Verdict.CAUTION if old else Verdict.PLAIN
        if price.kind == "own":
            parts.append(text("cost.strip.own"))
        else:
            parts.append(text("cost.strip.old" if old else "cost.strip.list", date=month_text(price.date)))
    servers = given.site.figures.get("servers")
    if servers is not None and servers.value:
        key = "results.servers.one" if servers.value == 1 else "results.servers"
        parts.append(text(key, servers=format_integer(servers.value)))
    return _amount(given, "purchase_total", tuple(parts), state=state)


def _running_detail(given: Given) -> tuple[str, ...]:
    paid = {entry.key: entry.amount.value or 0.0 for entry in given.money.life.yearly}
    rest = sum(amount for key, amount in paid.items() if key != "energy")
    parts = [text("cost.strip.energy", amount=_short(given, paid.get("energy", 0.0)))]
    if rest:
        parts.append(text("cost.strip.other", amount=_short(given, rest)))
    return tuple(parts)


def _tco_detail(given: Given) -> tuple[str, ...]:
    asked = given.scenario.money
    once, yearly = given.figure("purchase_total"), given.figure("running")
    if once is None or yearly is None or once.value is None or yearly.value is None:
        return ()
    said = f"{_short(given, once.value)} + {_short(given, yearly.value * asked.lifetime_years)}"
    if asked.residual:
        said += f" − {_short(given, once.value * asked.residual)}"
    return (said,)


def _per_lot(given: Given) -> FigureText:
    key = given.money.unit_key
    busy = text("cost.strip.busy", share=str(format_share(round(given.money.life.use.mean, 3))))
    found = given.figure(key)
    if key == "tco":
        return FigureText(key, text("cost.strip.no_product"), text("cost.strip.no_product"), "–", "")
    return _amount(given, key, (busy,) if found is not None else ())


def _months(given: Given) -> FigureText:
    even = given.even
    name = text("cost.strip.cloud")
    term = term_name(given.term)
    if even is None or even.months is None:
        never = even is not None and given.term in given.money.cloud_months and given.figure("purchase_total") is not None
        said = text("cost.strip.never") if never else text("cost.strip.unknown")
        return FigureText("life.breakeven_months", name, name, "–", "", (term, said))
    parts = [term]
    if even.months_low is not None and even.months_high is not None and even.months_high > even.months_low * 1.01:
        parts.append(f"{format_number(even.months_low, digits=2)}{DASH}{format_number(even.months_high, digits=2)}")
    mark = "≥ " if _open(given) else ""
    return FigureText("life.breakeven_months", name, name, mark + format_number(even.months), text("cost.months"), tuple(parts))


def _use(given: Given) -> FigureText:
    even = given.even
    now = text("cost.strip.now", share=str(format_share(round(given.money.life.use.mean, 3))))
    by_api = even is not None and even.api is not None
    name = text("cost.strip.api" if by_api else "cost.strip.cloud_use")
    found = None if even is None else even.use if by_api else even.cloud_use
    if found is None:
        known = even is not None and bool(even.own) and (by_api or bool(even.cloud))
        said = text("cost.strip.not_at_full" if known else "cost.strip.unknown")
        return FigureText(_even_key(given), name, name, "–", "", (said,))
    shown = format_share(round(found, 3))
    return FigureText(_even_key(given), name, name, shown.number, f"% {text('cost.strip.of_day')}", (now,))


def _even_key(given: Given) -> str:
    """What is opened is the cost that the crossing is about."""
    return f"life.{given.money.unit_key}"


def _amount(
    given: Given, key: str, details: tuple[str, ...], label: str | None = None, state: Verdict = Verdict.PLAIN
) -> FigureText:
    found = given.figure(key)
    shown = format_figure(found, currency=given.currency)
    name = label or text(f"money.figure.{key}")
    parts = tuple(part for part in (*details, _range(found, shown.range_text)) if part)
    return FigureText(f"life.{key}", name, name, shown.number, shown.unit, parts, state, provenance_text(found))


def _range(found: Quantity | None, said: str) -> str:
    """Ranges of a few per cent say nothing that the number doesn't."""
    if found is None or found.value is None or found.low is None or found.high is None:
        return ""
    return said if found.high - found.low > 0.02 * found.value else ""


def _open(given: Given) -> bool:
    bought = given.figure("purchase_total")
    return bought is not None and bought.at_least


def _short(given: Given, amount: float) -> str:
    return str(format_money(amount, given.currency)).replace("\xa0", "\N{THIN SPACE}")
