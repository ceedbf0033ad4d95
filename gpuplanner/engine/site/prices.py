"""What a line costs, as far as the catalogue knows: unknown stays unknown."""

from __future__ import annotations

from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.catalog.schema.price import Band
from gpuplanner.engine.money.prices import card_price, line_price, own_price
from gpuplanner.engine.money.rates import exchange_rate
from gpuplanner.engine.result import Provenance, Quantity, Unit
from gpuplanner.engine.site.chassis import Chassis
from gpuplanner.scenario.document import Money


def server_price(chassis: Chassis, gpu: Gpu, money: Money) -> Quantity | None:
    """A GPU server: its own price where one is known, else its cards and the host; without a price of the host it is open.

    Returns:
        The price of one; None when neither is known.
    """
    band = None
    if chassis.product is not None and own_price(money, (gpu.id,)) is None:  # one's own price of the card goes before
        band = band_price(chassis.product.prices, money)
    if band is not None and not band.at_least:
        return band
    price = card_price(gpu, money)
    rate = exchange_rate(price.currency, money.currency, money) if price else None
    if price is None or rate is None:
        return band  # of its cards alone
    cards = price.amount * rate * chassis.gpus
    known = Provenance.EXACT if price.is_firm else Provenance.EXTRAPOLATED
    host = line_price(money, (chassis.generic.id,)) or band_price(chassis.generic.prices, money)
    if host is None or host.value is None:
        return Quantity("unit_price", cards, Unit.MONEY, cards, None, known, at_least=True)
    low, high = (cards + (host.value if end is None else end) for end in (host.low, host.high))
    return Quantity("unit_price", cards + host.value, Unit.MONEY, low, high, known)


def band_price(bands: tuple[Band, ...], money: Money) -> Quantity | None:
    """The middle of the newest band, in the wanted currency if there is one."""
    usable = [
        (band.currency == money.currency, band.date, band, rate)
        for band in bands
        if (rate := exchange_rate(band.currency, money.currency, money)) is not None
    ]
    if not usable:
        return None
    _, _, band, rate = max(usable, key=lambda entry: entry[:2])
    middle = (band.low + band.high) / 2 * rate
    only_cards = "only" in band.kind  # "8 cards only at …, host extra"
    return Quantity(
        "unit_price",
        middle,
        Unit.MONEY,
        band.low * rate,
        None if only_cards else band.high * rate,
        Provenance.EXTRAPOLATED,
        at_least=only_cards,
    )


def times(unit: Quantity | None, count: int) -> Quantity | None:
    """The price of so many."""
    if unit is None or unit.value is None:
        return None
    return Quantity(
        "price",
        unit.value * count,
        Unit.MONEY,
        None if unit.low is None else unit.low * count,
        None if unit.high is None else unit.high * count,
        unit.provenance,
        at_least=unit.at_least,
    )


def total(prices: list[Quantity | None]) -> Quantity:
    """The sum of lines; open upwards where one isn't known."""
    known = [price for price in prices if price is not None and price.value is not None]
    if not known:
        return Quantity("purchase", None, Unit.MONEY)
    is_open = len(known) < len(prices) or any(price.at_least for price in known)
    highs = [price.high for price in known]
    return Quantity(
        "purchase",
        sum(price.value or 0.0 for price in known),
        Unit.MONEY,
        sum(price.value or 0.0 if price.low is None else price.low for price in known),
        None if is_open or None in highs else sum(high or 0.0 for high in highs),
        Provenance.MODELLED,
        at_least=is_open,
    )
