"""From a table to a price list: which column is which, what each row says, what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from gpuplanner.catalog.prices.cells import amount_of, currency_of, date_of, tax_of
from gpuplanner.catalog.prices.items import Item, Items
from gpuplanner.catalog.prices.sheet import FORMULA, Row
from gpuplanner.errors import InputError, Message

FIELDS: Final = ("item", "price", "currency", "date", "region", "tax")
NEEDED: Final = ("item", "price")
MAX_ERRORS: Final = 1_000
_HEADS: Final[Mapping[str, tuple[str, ...]]] = {
    "item": ("item", "id", "product", "name", "model", "part", "gpu", "server", "description",
             "产品", "品名", "名称", "型号", "设备", "物料", "货品"),
    "price": ("price", "amount", "unit price", "list price", "net", "cost", "单价", "价格", "报价", "金额", "售价", "目录价"),
    "currency": ("currency", "curr", "ccy", "币种", "货币"),
    "date": ("date", "valid from", "as of", "priced", "日期", "报价日期", "生效日期", "时间"),
    "region": ("region", "country", "market", "地区", "区域", "国家"),
    "tax": ("tax", "vat", "gst", "tax included", "税率", "含税", "税"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PriceRow:
    """What a row says: ``amount`` without tax, of one; ``row`` as a spreadsheet counts."""

    row: int
    item: Item
    amount: float
    currency: str
    date: str
    region: str | None = None


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with a row; ``column`` is the head's word."""

    row: int
    column: str
    message: Message


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Rows that can be taken, and errors of the others; ``errors`` holds the first :data:`MAX_ERRORS` of ``error_count``."""

    rows: tuple[PriceRow, ...]
    errors: tuple[RowError, ...]
    error_count: int
    mapping: Mapping[str, int]


def head_row(rows: Sequence[Row]) -> int:
    """The row that names the columns: the first that holds both names needed, else the first that isn't empty."""
    for place, row in enumerate(rows[:50]):
        if set(NEEDED) <= set(guessed(row)):
            return place
    return next((place for place, row in enumerate(rows) if any(row)), 0)


def guessed(head: Row) -> dict[str, int]:
    """Which column is which, by the words of the head; fields that nothing names are left out."""
    found: dict[str, int] = {}
    words = [cell.casefold().strip(" :：*") for cell in head]
    for exact in (True, False):
        for name, heads in _HEADS.items():
            for column, word in enumerate(words):
                fits = word in heads if exact else any(part in word for part in heads if len(part) > 2 or not part.isascii())
                if word and fits and name not in found and column not in found.values():
                    found[name] = column
    return found


def read_book(
    rows: Sequence[Row], items: Items, mapping: Mapping[str, int], head: int, currency: str | None, today: date
) -> PriceBook:
    """Every row below the head.

    Args:
        rows: the table.
        items: what can have a price.
        mapping: column of each field.
        head: place of the row that names the columns.
        currency: of rows that name none; None refuses them.
        today: date of rows that name none.

    Raises:
        InputError: a column that is needed isn't named.
    """
    for name in NEEDED:
        if name not in mapping:
            raise InputError("prices.no_column", column=Message(f"prices.field.{name}"))
    found: list[PriceRow] = []
    errors: list[RowError] = []
    seen: dict[tuple[str, str, str | None], int] = {}
    count = 0
    for place in range(head + 1, len(rows)):
        if not any(rows[place]):
            continue
        reader = _RowReader(rows[place], rows[head], mapping, place + 1)
        try:
            row = reader.read(items, currency, today)
            _once(row, seen)
            found.append(row)
        except InputError as error:
            count += 1
            if len(errors) < MAX_ERRORS:
                errors.append(RowError(place + 1, reader.column, error.message))
    return PriceBook(tuple(found), tuple(errors), count, dict(mapping))


def _once(row: PriceRow, seen: dict[tuple[str, str, str | None], int]) -> None:
    """A record has one price in a currency and a region."""
    first = seen.setdefault((row.item.id, row.currency, row.region), row.row)
    if first != row.row:
        raise InputError("prices.row.twice", item=row.item.name, first=first)


class _RowReader:
    """Reads a row; ``column`` is the one that was being read when something was wrong."""

    def __init__(self, cells: Row, head: Row, mapping: Mapping[str, int], row: int) -> None:
        self._cells, self._head, self._mapping, self._row = cells, head, mapping, row
        self.column = ""

    def read(self, items: Items, currency: str | None, today: date) -> PriceRow:
        """The row.

        Raises:
            InputError: a cell can't be taken.
        """
        written = self._cell("item")
        if not written:
            raise InputError("prices.cell.empty")
        item = items.find(written)
        tax = tax_of(self._cell("tax"))
        day = self._cell("date")
        stated = date_of(day) if day else today.isoformat()
        region = self._cell("region")[:60] or None
        named = self._cell("currency")
        own = currency_of(named) if named else None
        price = self._cell("price")
        if not price:
            raise InputError("prices.cell.empty")
        amount, sign = amount_of(price)
        if own and sign and own != sign:
            raise InputError("prices.cell.two_currencies", first=own, second=sign)
        wanted = own or sign or currency
        if wanted is None:
            raise InputError("prices.cell.which_currency")
        return PriceRow(self._row, item, amount / (1 + tax), wanted, stated, region)

    def _cell(self, name: str) -> str:
        place = self._mapping.get(name)
        if place is None:
            return ""
        self.column = self._head[place] if place < len(self._head) and self._head[place] else _letter(place)
        cell = self._cells[place] if place < len(self._cells) else ""
        if cell == FORMULA:
            raise InputError("prices.cell.formula")
        return cell


def _letter(place: int) -> str:
    """A column as a spreadsheet calls it."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name
