"""Amounts side by side: one unit for all of them, as the largest one asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gpuplanner.format import SYMBOLS, format_money, format_number

_FACTORS: Final = {"": 1.0, "k": 1e3, "M": 1e6, "B": 1e9, "T": 1e12, "万": 1e4, "亿": 1e8, "万亿": 1e12}


@dataclass(frozen=True, slots=True)
class Scale:
    """``unit`` is told once ("¥ M"), numbers stand bare."""

    unit: str
    factor: float

    def write(self, amount: float | None) -> str:
        """An amount in this unit; three digits, a dash where it isn't known."""
        if amount is None:
            return "–"
        return format_number(round(amount / self.factor, 9))


def scale_of(largest: float, currency: str) -> Scale:
    """The unit that suits the largest amount."""
    word = format_money(largest, currency).unit
    return Scale(f"{SYMBOLS.get(currency, currency)} {word}".strip(), _FACTORS.get(word, 1.0))
