"""The table of cloud instances that could carry the load."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont

from gpuplanner.engine.money.result import Offer
from gpuplanner.format import MINUS, format_integer, format_number, format_share
from gpuplanner.palette import LIGHT, Theme
from gpuplanner.report.names import gpu_name
from gpuplanner.report.price_age import is_stale, last_day, month_text
from gpuplanner.scenario.document import CloudTerm
from gpuplanner.texts import has, text
from gpuplanner.ui.cost.amounts import Scale, scale_of
from gpuplanner.ui.cost.given import Given

_Index = QModelIndex | QPersistentModelIndex
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Column:
    """``term`` columns hold the price of an hour."""

    key: str
    number: bool = False
    term: CloudTerm | None = None


COLUMNS: Final = (
    Column("state"),
    Column("cloud"),
    Column("instance"),
    Column("count", number=True),
    Column("region"),
    Column("on_demand", number=True, term=CloudTerm.ON_DEMAND),
    Column("reserved_1y", number=True, term=CloudTerm.RESERVED_1Y),
    Column("reserved_3y", number=True, term=CloudTerm.RESERVED_3Y),
    Column("spot", number=True, term=CloudTerm.SPOT),
    Column("total", number=True),
    Column("against", number=True),
    Column("priced", number=True),
)
BY_KEY: Final = {column.key: place for place, column in enumerate(COLUMNS)}


class OffersModel(QAbstractTableModel):
    """Offers, sorted and filtered; knows no widget."""

    def __init__(self) -> None:
        super().__init__()
        self._given: Given | None = None
        self._theme = LIGHT
        self._query: tuple[str, ...] = ()
        self._order: tuple[int, bool] = (BY_KEY["total"], False)
        self._scale: Scale = scale_of(1.0, "CNY")
        self.today = date.today()
        self.offers: list[Offer] = []

    def set_given(self, given: Given | None) -> None:
        """Show the offers of another answer."""
        self._given = given
        self._renew()

    def search(self, query: str) -> None:
        """Keep what contains every word."""
        self._query = tuple(query.casefold().split())
        self._renew()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme

    @property
    def known(self) -> int:
        """How many offers there are without the search."""
        return len(self._given.money.offers) if self._given is not None else 0

    @property
    def term(self) -> CloudTerm:
        """The term that totals are for."""
        return self._given.term if self._given is not None else CloudTerm.ON_DEMAND

    def place_of(self, instance_id: str) -> int:
        """The row of an instance; -1 where it isn't shown."""
        return next((place for place, offer in enumerate(self.offers) if offer.instance_id == instance_id), -1)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """As many as are shown."""
        return 0 if parent.isValid() else len(self.offers)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """All columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Names of the columns."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if COLUMNS[section].number else _LEFT
        if role == Qt.ItemDataRole.DisplayRole:
            sorted_here = COLUMNS[section].number and section == self._order[0]  # the arrow stands behind the words
            return self.title(COLUMNS[section]) + ("\N{EM SPACE}" if sorted_here else "")
        return None

    def title(self, column: Column) -> str:
        """The name of a column, with the unit where it has one of its own."""
        if column.key in ("total", "against"):
            months = math.ceil(self._given.scenario.money.lifetime_years * 12) if self._given is not None else 36
            return text(f"cost.column.{column.key}", unit=self._scale.unit, months=months)
        if column.key == "state":
            return ""
        return ("\N{EM SPACE}" if column.key == "region" else "") + text(f"cost.column.{column.key}")

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell."""
        if not index.isValid() or index.row() >= len(self.offers):
            return None
        offer, column = self.offers[index.row()], COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.shown(offer, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.number else _LEFT
        if role == Qt.ItemDataRole.ForegroundRole:
            return QColor(self._colour(offer, column))
        if role == Qt.ItemDataRole.FontRole:
            return self._font(offer, column)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._tip(offer, column)
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By a column; what isn't known stands last."""
        self._order = (column, order is Qt.SortOrder.DescendingOrder)
        self._renew()

    def shown(self, offer: Offer, column: Column) -> str:
        """A cell as it stands in the table."""
        given = self._given
        assert given is not None
        if column.term is not None:
            price = offer.hourly.get(column.term)
            if price is None:
                return "–"
            return f"({format_number(price)})" if column.term in offer.assumed else format_number(price)
        makers: dict[str, Callable[[], str]] = {
            "state": lambda: "✓" if offer.meets else "!",
            "cloud": lambda: provider(offer.provider),
            "instance": lambda: f"{offer.name}, {offer.gpus_each} × {gpu_name(offer.gpu_id, given.catalog)}",
            "count": lambda: format_integer(offer.count),
            "region": lambda: f"\N{EM SPACE}{region_of(offer)}",
            "total": lambda: self._scale.write(offer.total.get(given.term)),
            "against": lambda: self._against(offer),
            "priced": lambda: ("! " if self._stale(offer) else "") + _priced(offer),
        }
        return makers[column.key]()

    def tsv(self) -> str:
        """Head and all rows shown, raw numbers."""
        given = self._given
        if given is None:
            return ""
        terms = [column for column in COLUMNS if column.term is not None]
        head = [text(f"cost.column.{key}") for key in ("cloud", "instance", "count", "region")]
        head += [f"{text(f'cost.column.{column.key}')}, {given.currency}/h" for column in terms]
        head += [f"{self.title(COLUMNS[BY_KEY[key]]).replace(self._scale.unit, given.currency)}" for key in ("total", "against")]
        rows = [[*head, text("cost.column.priced")]]
        for offer in self.offers:
            cells = [self.shown(offer, COLUMNS[BY_KEY[key]]) for key in ("cloud", "instance")]
            cells += [str(offer.count), offer.region, *(_raw(offer.hourly.get(column.term)) for column in terms if column.term)]
            rows.append([*cells, _raw(offer.total.get(given.term)), _raw(offer.against), offer.date])
        return "".join("\t".join(" ".join(cell.split()) for cell in row) + "\n" for row in rows)

    def _stale(self, offer: Offer) -> bool:
        return bool(offer.hourly) and is_stale(offer.date, self.today)

    def _against(self, offer: Offer) -> str:
        own = self._given.figure("tco") if self._given is not None else None
        if offer.against is None or own is None or not own.value:
            return "–"
        sign = MINUS if offer.against < 0 else "+"
        share = format_share(round(abs(offer.against) / own.value, 2))
        return f"{sign} {self._scale.write(abs(offer.against))} ({sign}{share})"

    def _colour(self, offer: Offer, column: Column) -> str:
        theme = self._theme
        if column.key == "state":
            return theme.good if offer.meets else theme.caution
        if column.key == "priced":
            return theme.caution if self._stale(offer) else theme.quiet
        return (
            theme.quiet if column.key == "region" or (column.term is not None and column.term not in offer.hourly) else theme.text
        )

    def _font(self, offer: Offer, column: Column) -> QFont | None:
        chosen = self._given is not None and self._given.money.cloud is offer
        if column.key == "total" or (chosen and column.key == "cloud"):
            font = QFont()
            font.setBold(True)
            return font
        return None

    def _tip(self, offer: Offer, column: Column) -> str:
        if column.key == "state":
            return text("cost.offer.meets" if offer.meets else "cost.offer.misses")
        if column.key == "priced" and not offer.firm:
            return text("cost.offer.unfirm")
        if column.term is not None and column.term in offer.assumed:
            return text("cost.offer.assumed")
        return f"{self.title(column)}: {self.shown(offer, column)}"

    def _renew(self) -> None:
        given = self._given
        self.beginResetModel()
        self.offers = []
        if given is not None:
            totals = [offer.total[given.term] for offer in given.money.offers if given.term in offer.total]
            self._scale = scale_of(3 * min(totals, default=1.0), given.currency)
            self.offers = [offer for offer in given.money.offers if self._matches(offer)]
            place, backwards = self._order
            known = [offer for offer in self.offers if self._rank(offer, COLUMNS[place]) is not None]
            unknown = [offer for offer in self.offers if self._rank(offer, COLUMNS[place]) is None]
            known.sort(key=lambda offer: self._rank(offer, COLUMNS[place]) or 0, reverse=backwards)
            self.offers = known + unknown
        self.endResetModel()

    def _matches(self, offer: Offer) -> bool:
        if not self._query:
            return True
        words = f"{offer.provider} {self.shown(offer, COLUMNS[1])} {self.shown(offer, COLUMNS[2])} {offer.region}".casefold()
        return all(word in words for word in self._query)

    def _rank(self, offer: Offer, column: Column) -> Any:
        given = self._given
        assert given is not None
        if column.term is not None:
            return offer.hourly.get(column.term)
        values: dict[str, Any] = {
            "state": not offer.meets,
            "count": offer.count,
            "total": offer.total.get(given.term),
            "against": offer.against,
            "priced": offer.date,
        }
        return values[column.key] if column.key in values else self.shown(offer, column).casefold()


def provider(name: str) -> str:
    """What a provider is called."""
    key = f"cost.provider.{name}"
    return text(key) if has(key) else name.title()


def region_of(offer: Offer) -> str:
    """Where it is rented; empty where its price holds anywhere."""
    return "" if offer.region == "any" else offer.region


def _priced(offer: Offer) -> str:
    if not offer.hourly:
        return text("cost.offer.unpriced")
    return month_text(offer.date) if last_day(offer.date) is not None else text("cost.offer.undated")


def _raw(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"
