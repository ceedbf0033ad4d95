"""What something costs, and how far the figure can be trusted."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gpuplanner.catalog.schema.common import Record

Currency = Literal["USD", "CNY", "EUR"]
PriceKind = Literal[
    "own",
    "list",
    "msrp",
    "list-approx",
    "volume",
    "street",
    "street-retail",
    "street-unverified",
    "used-range-low",
    "used-range-high",
    "blog",
]

TRUST: dict[str, int] = {
    "own": 0,
    "list": 1,
    "msrp": 1,
    "list-approx": 1,
    "volume": 2,
    "street": 3,
    "street-retail": 3,
    "street-unverified": 4,
    "used-range-high": 5,
    "used-range-low": 5,
    "blog": 6,
}
"""Kinds of price, the firmest first: one's own agreement, then lists, then what shops asked, then hearsay."""


class Price(Record):
    """A price of one card, in ``currency``, without tax unless the source says otherwise.

    ``date`` is what the source states ("2026", "2026-01-10"); ``source`` the key of the record's source.
    """

    kind: PriceKind
    amount: Annotated[float, Field(gt=0, le=1e9)]
    currency: Currency
    date: str
    region: str | None = None
    source: str | None = None

    @property
    def is_firm(self) -> bool:
        """Whether it was read from a list or agreed, rather than heard of."""
        return TRUST[self.kind] <= TRUST["volume"]


class Band(Record):
    """A price of a whole server, between ``low`` and ``high``; ``kind`` says in words what is included."""

    kind: str
    low: Annotated[float, Field(gt=0, le=1e10)]
    high: Annotated[float, Field(gt=0, le=1e10)]
    currency: Currency
    date: str
    region: str | None = None
    source: str | None = None


def best_price(prices: tuple[Price, ...], currency: str) -> Price | None:
    """The price to quote: in ``currency`` if there is a firm one, then the firmest, then the newest.

    A firm price in another currency goes before hearsay in the wanted one; converting is the caller's work.
    """
    best, best_rank = None, (True, True, 0)
    for price in prices:  # one pass: every estimate asks this of every card
        rank = (not price.is_firm, price.currency != currency, TRUST[price.kind])
        if best is None or rank < best_rank or (rank == best_rank and price.date > best.date):
            best, best_rank = price, rank
    return best
