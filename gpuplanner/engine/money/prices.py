"""The price of a card, a product or a line: one's own where it was entered, else what is published."""

from __future__ import annotations

from collections.abc import Iterable

from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.catalog.schema.price import Price
from gpuplanner.engine.money.rates import exchange_rate
from gpuplanner.engine.result import Provenance, Quantity, Unit
from gpuplanner.scenario.money import Money, OwnPrice


def own_price(money: Money, names: Iterable[str]) -> OwnPrice | None:
    """The price that was entered for the first of some names that has one.

    Args:
        money: the scenario's, with its own prices.
        names: keys of lines and ids of products, the closest first.
    """
    if not money.prices:  # every estimate asks this of every card
        return None
    known = {price.on: price for price in money.prices}
    return next((known[name] for name in names if name in known), None)


def card_price(gpu: Gpu, money: Money) -> Price | None:
    """What a card costs, in the price's own currency; None when nobody published a price and none was entered."""
    own = own_price(money, (gpu.id,))
    if own is None:
        return gpu.best_price(money.currency)
    return Price(kind="own", amount=own.amount, currency=own.currency, date=own.entered_on.isoformat() if own.entered_on else "")


def card_amount(gpu: Gpu, money: Money) -> float | None:
    """What a card costs in the scenario's currency; None where that isn't known."""
    price = card_price(gpu, money)
    rate = exchange_rate(price.currency, money.currency, money) if price is not None else None
    return price.amount * rate if price is not None and rate is not None else None


def line_price(money: Money, names: Iterable[str]) -> Quantity | None:
    """The own price of one of a line, in the scenario's currency; None where none was entered.

    Args:
        money: the scenario's.
        names: the line's key and its product's id.
    """
    own = own_price(money, names)
    rate = exchange_rate(own.currency, money.currency, money) if own is not None else None
    if own is None or rate is None:
        return None
    amount = own.amount * rate
    return Quantity("unit_price", amount, Unit.MONEY, amount, amount, Provenance.EXACT)
