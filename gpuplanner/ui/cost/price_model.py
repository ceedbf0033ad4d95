"""The table of every price: own prices and discounts are written into its cells."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFont, QGuiApplication

from gpuplanner.errors import InputError
from gpuplanner.format import format_integer, format_number
from gpuplanner.texts import text
from gpuplanner.ui.cost.price_rows import PriceRow, price_words, with_discount, with_own, written_own
from gpuplanner.ui.session import Session

Index = QModelIndex | QPersistentModelIndex
COLUMNS: Final = ("name", "count", "published", "own", "discount")
NAME, COUNT, PUBLISHED, OWN, DISCOUNT = range(5)
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class PriceModel(QAbstractTableModel):
    """Rows as they are now; what is written becomes an edit of the scenario.

    Signals:
        told: what is wrong with what was written; empty where it is well.
    """

    told = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._currency = session.scenario.money.currency
        self.rows: tuple[PriceRow, ...] = ()
        self.today = date.today()

    def set_rows(self, rows: tuple[PriceRow, ...], currency: str) -> None:
        """Show rows; those that stay keep their place, and what is being written in them."""
        same = [row.on for row in rows] == [row.on for row in self.rows]
        if not same:
            self.beginResetModel()
        self.rows, self._currency = rows, currency
        if not same:
            self.endResetModel()
        elif rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(COLUMNS) - 1))
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt calls it
        """One for everything that has a price."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt calls it
        """As many as there are columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Names of the columns."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT if section == NAME else _RIGHT
        if role == Qt.ItemDataRole.DisplayRole:
            name = "own_in" if section == OWN else COLUMNS[section]
            return text(f"cost.lines.column.{name}", currency=self._currency)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell."""
        row, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.shown(row, column)
        if role == Qt.ItemDataRole.EditRole:
            return self._written(row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT if column == NAME else _RIGHT
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(row, column) or self.shown(row, column)
        if role == Qt.ItemDataRole.ForegroundRole and column == OWN and row.own is None:
            return QGuiApplication.palette().placeholderText()
        if role == Qt.ItemDataRole.FontRole and (row.kind != "line" and column == NAME):
            font = QFont()
            font.setBold(True)
            return font
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Own prices can be written everywhere, discounts on lines."""
        usual = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        row, column = self.rows[index.row()], index.column()
        return usual | Qt.ItemFlag.ItemIsEditable if column == OWN or (column == DISCOUNT and row.lines) else usual

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Take what was written; what can't be taken is told, and nothing changes."""
        if role != Qt.ItemDataRole.EditRole:
            return False
        row, column, written = self.rows[index.row()], index.column(), str(value)
        if written.strip() == self._written(row, column).strip():
            return False
        scenario = self._session.scenario
        try:
            if column == OWN:
                self._session.set("money.prices", with_own(scenario, row, written, self.today), merges=False)
            else:
                self._session.set("money.discounts", with_discount(scenario, row, written), merges=False)
        except InputError as error:
            self.told.emit(error.sentence())
            return False
        self.told.emit("")
        return True

    def shown(self, row: PriceRow, column: int) -> str:
        """A cell as it is read."""
        if column == NAME:
            return row.name
        if column == COUNT:
            return format_integer(row.count) if row.count else ""
        if column == PUBLISHED:
            known = price_words(row.published, self._currency)
            return ("! " if row.stale else "") + (f"{known} · {row.source}" if row.source else known)
        if column == OWN:
            return written_own(row, self._currency) or text("cost.lines.enter")
        return f"{format_number(100 * row.discount)} %" if row.discount else ""

    def _written(self, row: PriceRow, column: int) -> str:
        if column == OWN:
            return written_own(row, self._currency)
        return f"{100 * row.discount:g}" if row.discount else ""

    @staticmethod
    def _tip(row: PriceRow, column: int) -> str:
        if column == PUBLISHED and row.stale:
            return text("cost.prices.old")
        if column == OWN and row.own is not None:
            return text("cost.lines.own.since", date=row.own.entered_on.isoformat() if row.own.entered_on else "–")
        if column == OWN:
            return text("cost.lines.own.hint")
        return text("cost.lines.discount.hint") if column == DISCOUNT and row.lines else ""
