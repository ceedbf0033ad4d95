"""Every price behind an answer as a row: what is published, what was entered, what comes off. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from gpuplanner.catalog.prices.cells import amount_of
from gpuplanner.codes import code_text
from gpuplanner.engine.money.entries import GPU_SERVERS
from gpuplanner.engine.money.prices import own_price
from gpuplanner.engine.money.rates import exchange_rate
from gpuplanner.engine.result import Code, Quantity, Unit
from gpuplanner.engine.site.result import Line, Role
from gpuplanner.errors import InputError
from gpuplanner.format import format_figure
from gpuplanner.report.names import gpu_name
from gpuplanner.report.price_age import is_stale, month_text
from gpuplanner.scenario.document import Discount, OwnPrice, Scenario
from gpuplanner.texts import text

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog

Kind = Literal["card", "host", "line"]
_SERVERS = (Role.GPU_SERVER, Role.TRAINING_SERVER)
_CLASS = "equipment."  # what names of server classes begin with


@dataclass(frozen=True, slots=True)
class PriceRow:
    """Something that has a price.

    ``on`` is the name an own price stands under, ``lines`` the keys a discount does, ``groups`` its entries of the purchase.
    ``published`` is one's price without own prices, ``source`` says where it is from; ``stale`` that it is older than 180 days.
    """

    kind: Kind
    on: str
    name: str
    count: int
    published: Quantity | None
    source: str
    stale: bool
    own: OwnPrice | None
    discount: float
    lines: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


def rows_of(
    scenario: Scenario, catalog: Catalog, cards: Iterable[str], lines: Sequence[Line], plain: Sequence[Line], today: date
) -> tuple[PriceRow, ...]:
    """Cards, then hosts without a price of their own, then every line of the bill of materials.

    Args:
        scenario: its own prices and discounts.
        catalog: published prices.
        cards: ids of the GPUs that are bought.
        lines: of the bill of materials.
        plain: the same without own prices.
        today: against which a price is old.
    """
    servers = [line for line in lines if line.role in _SERVERS]
    found = [_card(scenario, catalog, gpu_id, servers, today) for gpu_id in dict.fromkeys(cards)]
    found += [row for row in map(lambda line: _host(scenario, line, servers), servers) if row is not None]
    by_key = {line.key: line for line in plain}
    found += [_line(scenario, line, lines, by_key.get(line.key)) for line in lines if not line.spare]
    return tuple({(row.kind, row.on): row for row in reversed(found)}.values())[::-1]


def with_own(scenario: Scenario, row: PriceRow, written: str, today: date) -> tuple[OwnPrice, ...]:
    """All own prices with that of a row as somebody wrote it ("128,000", "$ 2500", "12.8万"); nothing takes it away.

    Raises:
        InputError: it is no price.
    """
    kept = tuple(price for price in scenario.money.prices if price.on != row.on)
    if not written.strip():
        return kept
    amount, sign = amount_of(written.strip())
    currency = sign or (row.own.currency if row.own is not None else scenario.money.currency)
    return (*kept, OwnPrice.model_validate({"on": row.on, "amount": amount, "currency": currency, "entered_on": today}))


def with_discount(scenario: Scenario, row: PriceRow, written: str) -> tuple[Discount, ...]:
    """All discounts with that of a row as somebody wrote it, in per cent; nothing takes it away.

    Raises:
        InputError: it is no share.
    """
    kept = tuple(item for item in scenario.money.discounts if item.on not in row.lines)
    bare = written.replace("%", "").replace(",", ".").strip()
    if not bare:
        return kept
    try:
        share = float(bare) / 100
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise InputError("cost.lines.no_discount", value=written.strip()[:40])
    return (*kept, *(Discount(on=key, share=share) for key in row.lines)) if share else kept


def written_own(row: PriceRow, currency: str) -> str:
    """The own price as it stands in its cell, with its currency where that is another."""
    if row.own is None:
        return ""
    amount = f"{row.own.amount:,.2f}".removesuffix(".00")
    return amount if row.own.currency == currency else f"{amount} {row.own.currency}"


def price_words(price: Quantity | None, currency: str) -> str:
    """A price in the scenario's currency; a dash where nobody published one."""
    if price is None or price.value is None:
        return "–"
    shown = format_figure(price, currency=currency)
    return f"{shown.number} {shown.unit}".strip()


def _card(scenario: Scenario, catalog: Catalog, gpu_id: str, servers: Sequence[Line], today: date) -> PriceRow:
    money, gpu = scenario.money, catalog.gpus[gpu_id]
    price = gpu.best_price(money.currency)
    rate = exchange_rate(price.currency, money.currency, money) if price is not None else None
    known, source, stale = None, "", False
    if price is not None and rate is not None:
        known = Quantity("unit_price", price.amount * rate, Unit.MONEY, price.amount * rate, price.amount * rate)
        source, stale = f"{text(f'price.{price.kind}')} · {month_text(price.date)}", is_stale(price.date, today)
    held = [line for line in servers if line.key.split(".")[1:2] == [gpu_id] or gpu_id in line.key]
    count = sum(line.count * int(str(line.name.params.get("gpus", 0) or 0)) for line in held)
    name = text("cost.lines.card", gpu=gpu_name(gpu_id, catalog))
    return PriceRow("card", gpu_id, name, count, known, source, stale, own_price(money, (gpu_id,)), 0.0)


def _host(scenario: Scenario, line: Line, servers: Sequence[Line]) -> PriceRow | None:
    """The server of a class around its cards; None for a product, which has a price as a whole."""
    named = line.name.params.get("name")
    if not isinstance(named, Code) or not named.code.startswith(_CLASS):
        return None
    on = named.code.removeprefix(_CLASS)
    count = sum(other.count for other in servers if other.name.params.get("name") == named)
    name = text("cost.lines.host", name=code_text(named))
    return PriceRow("host", on, name, count, None, "", False, own_price(scenario.money, (on,)), 0.0)


def _line(scenario: Scenario, line: Line, lines: Sequence[Line], plain: Line | None) -> PriceRow:
    keys = tuple(other.key for other in lines if other.priced_as == line.priced_as)
    share = next((item.share for item in scenario.money.discounts if item.on == line.key), 0.0)
    published = plain.unit_price if plain is not None else None
    count = sum(other.count for other in lines if other.key in keys)
    own = own_price(scenario.money, line.priced_as)
    group = GPU_SERVERS if line.role in _SERVERS else line.group.value
    return PriceRow("line", line.priced_as[0], code_text(line.name), count, published, "", False, own, share, keys, (group,))
