"""Cells of a price list as amounts, currencies, dates and tax."""

from __future__ import annotations

import datetime
import re
from typing import Final

from gpuplanner.errors import InputError, shown

_CURRENCIES: Final = {
    "CNY": "CNY", "RMB": "CNY", "CNH": "CNY", "¥": "CNY", "￥": "CNY", "元": "CNY", "人民币": "CNY",
    "USD": "USD", "US$": "USD", "$": "USD", "美元": "USD",
    "EUR": "EUR", "€": "EUR", "欧元": "EUR",
}  # fmt: skip
_FACTORS: Final = {
    "": 1.0,
    "k": 1e3,
    "K": 1e3,
    "千": 1e3,
    "万": 1e4,
    "w": 1e4,
    "W": 1e4,
    "m": 1e6,
    "M": 1e6,
    "百万": 1e6,
    "亿": 1e8,
}
_AMOUNT: Final = re.compile(r"(?P<sign>-?)(?P<number>\d[\d.,\s'’\u2009\u202f]*)(?P<factor>百万|[kK千万wWmM亿]?)")
_PERCENT: Final = re.compile(r"(\d+(?:[.,]\d+)?)\s*%")
_DATE: Final = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2}))?\s*[月日]?(?:\s+00:00:00)?")
_NO_TAX: Final = frozenset({"no", "none", "excl", "excluded", "excl.", "net", "0", "0%", "不含税", "未税", "否"})
_SERIAL: Final = (20_000, 80_000)  # days since 1900 that a date in a spreadsheet may be
_MOST: Final = 1e9


def amount_of(cell: str) -> tuple[float, str | None]:
    """An amount and the currency written beside it: "¥ 128,000", "12.8万", "$2,500.00", "1 234,50 EUR".

    Raises:
        InputError: it is no number, isn't above 0, or is unbelievably large.
    """
    bare, currency = _without_currency(cell)
    match = _AMOUNT.fullmatch(bare.strip())
    if match is None:
        raise InputError("prices.cell.no_number", value=shown(cell))
    value = _number(match["number"], cell) * _FACTORS[match["factor"]]
    if match["sign"] or value <= 0:
        raise InputError("prices.cell.not_positive", value=shown(cell))
    if value > _MOST:
        raise InputError("prices.cell.too_large", value=shown(cell))
    return value, currency


def currency_of(cell: str) -> str:
    """A currency by its code, sign or name.

    Raises:
        InputError: for one without an exchange rate here.
    """
    found = _CURRENCIES.get(cell.strip().upper()) or _CURRENCIES.get(cell.strip())
    if found is None:
        raise InputError("prices.cell.no_currency", value=shown(cell))
    return found


def date_of(cell: str) -> str:
    """A date as the catalogue writes it: "2026", "2026-10", "2026-10-05".

    Raises:
        InputError: it is none.
    """
    bare = cell.strip()
    if re.fullmatch(r"\d{5}(\.0*)?", bare) and _SERIAL[0] <= float(bare) <= _SERIAL[1]:
        return (datetime.date(1899, 12, 30) + datetime.timedelta(days=int(float(bare)))).isoformat()
    if re.fullmatch(r"(19|20)\d\d", bare):
        return bare
    match = _DATE.fullmatch(bare)
    if match is None:
        raise InputError("prices.cell.no_date", value=shown(cell))
    year, month, day = match.groups()
    try:
        known = datetime.date(int(year), int(month), int(day or 1))
    except ValueError as error:
        raise InputError("prices.cell.no_date", value=shown(cell)) from error
    return known.isoformat() if day else f"{known.year}-{known.month:02}"


def tax_of(cell: str) -> float:
    """The tax that a price includes, as a share; 0 for a price without.

    Raises:
        InputError: tax is included, but nothing says how much.
    """
    bare = cell.strip().casefold()
    if not bare or bare in _NO_TAX:
        return 0.0
    match = _PERCENT.search(bare)
    if match is None:
        try:
            share = float(bare.replace(",", "."))
        except ValueError:
            share = -1.0
    else:
        share = float(match[1].replace(",", ".")) / 100
    if not 0 <= share < 1:
        raise InputError("prices.cell.no_tax", value=shown(cell))
    return share


def _without_currency(cell: str) -> tuple[str, str | None]:
    for sign in sorted(_CURRENCIES, key=len, reverse=True):
        place = cell.upper().find(sign)
        if place >= 0:
            return cell[:place] + cell[place + len(sign) :], _CURRENCIES[sign]
    return cell, None


def _number(digits: str, cell: str) -> float:
    """Thousands and decimals as they stand in either half of the world."""
    bare = re.sub(r"[\s'’\u2009\u202f]", "", digits).rstrip(".,")
    comma, point = bare.rfind(","), bare.rfind(".")
    if comma >= 0 and point >= 0:
        decimal = "," if comma > point else "."
        bare = bare.replace("." if decimal == "," else ",", "").replace(decimal, ".")
    elif comma >= 0:
        thousands = re.fullmatch(r"\d{1,3}(,\d{3})+", bare) is not None
        bare = bare.replace(",", "") if thousands else bare.replace(",", ".")
    elif bare.count(".") > 1:
        bare = bare.replace(".", "") if re.fullmatch(r"\d{1,3}(\.\d{3})+", bare) else bare
    try:
        return float(bare)
    except ValueError as error:
        raise InputError("prices.cell.no_number", value=shown(cell)) from error
