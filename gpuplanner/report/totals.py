"""The sums of a quote, to the cent: list price, discounts, tax by rate, what is to be paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from gpuplanner.engine.result import Provenance, Quantity, Unit
from gpuplanner.report.content import Line

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class TaxSum:
    """Tax at one rate on what bears it."""

    rate: float
    base: float
    tax: float


@dataclass(frozen=True, slots=True)
class Totals:
    """Amounts in the currency of the quote, None where no price is known. ``at_least``: lines of unknown price aren't in."""

    listed: float | None
    discount: float
    net: float | None
    taxes: tuple[TaxSum, ...]
    gross: float | None
    at_least: bool

    @property
    def quantity(self) -> Quantity:
        """What is to be paid, as a figure."""
        return Quantity("total", self.gross, Unit.MONEY, provenance=Provenance.EXACT, at_least=self.at_least)


def listed_amount(line: Line) -> float | None:
    """Unit price by number, to the cent."""
    return None if line.unit_price is None else _cents(Decimal(repr(line.unit_price)) * line.count)


def amount(line: Line) -> float | None:
    """What the line costs after its discount, to the cent; None when unknown."""
    if line.unit_price is None:
        return None
    return _cents(Decimal(repr(line.unit_price)) * line.count * (1 - Decimal(repr(line.discount))))


def totals(lines: Sequence[Line]) -> Totals:
    """The sums of the lines that are not optional. Each line is rounded, then each tax: as an invoice does."""
    counted = [line for line in lines if not line.optional]
    priced = [(line, Decimal(repr(paid))) for line in counted if (paid := amount(line)) is not None]
    if not priced:
        return Totals(None, 0.0, None, (), None, bool(counted))
    listed = sum((Decimal(repr(listed_amount(line) or 0.0)) for line, _ in priced), Decimal())
    net = sum((money for _, money in priced), Decimal())
    taxes = []
    for rate in sorted({line.tax for line, _ in priced if line.tax}, reverse=True):
        base = sum((money for line, money in priced if line.tax == rate), Decimal())
        taxes.append(TaxSum(rate, float(base), _cents(base * Decimal(repr(rate)))))
    gross = net + sum((Decimal(repr(one.tax)) for one in taxes), Decimal())
    is_open = len(priced) < len(counted) or any(line.at_least for line, _ in priced)
    return Totals(float(listed), float(listed - net), float(net), tuple(taxes), float(gross), is_open)


def _cents(value: Decimal) -> float:
    return float(value.quantize(_CENT, ROUND_HALF_UP))
