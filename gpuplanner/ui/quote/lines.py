"""The lines of a quote as a table: price, discount and tax are typed in, the amounts follow."""

from __future__ import annotations

import math
import re
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDoubleSpinBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gpuplanner.codes import code_text
from gpuplanner.report.prices_worded import money
from gpuplanner.report.totals import amount, totals
from gpuplanner.texts import language, text
from gpuplanner.ui.heads import title_columns
from gpuplanner.ui.quote.order import Order

_COLUMNS: Final = ("name", "count", "unit_price", "discount", "tax", "amount", "optional")
_NAME, _COUNT, _PRICE, _DISCOUNT, _TAX, _AMOUNT, _OPTIONAL = range(7)
_MOST: Final = 1e12
_MOST_OF_ONE: Final = 1_000_000


class LinesTable(QWidget):
    """Edits the lines of an order.

    Signals:
        changed: prices or lines are others now.
    """

    changed = Signal()

    def __init__(self, order: Order, parent: QWidget) -> None:
        super().__init__(parent)
        self._order = order
        self.table = QTableWidget(0, len(_COLUMNS), self)
        title_columns(self.table, [text(f"report.column.{key}") for key in _COLUMNS], range(_COUNT, _OPTIONAL))
        self.table.verticalHeader().hide()
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setAccessibleName(text("quote.tab.prices"))
        self.table.setTabKeyNavigation(False)
        head = self.table.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.setWordWrap(True)
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.discount = self._percent("discount")
        self.tax = self._percent("tax")
        self.add_button = QPushButton(text("quote.lines.add"), self)
        self.add_button.clicked.connect(self._add)
        self.remove_button = QPushButton(text("quote.lines.remove"), self)
        self.remove_button.clicked.connect(self._remove)
        self.total = QLabel(self)
        self.total.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._lay_out()
        self._fill()
        self.table.itemChanged.connect(self._edited)

    def _percent(self, key: str) -> QDoubleSpinBox:
        box = QDoubleSpinBox(self)
        box.setRange(0, 100)
        box.setDecimals(2)
        box.setSuffix(" %")
        box.setAccessibleName(text(f"quote.lines.{key}"))
        lines = self._order.lines
        box.setValue(100 * getattr(lines[0], key) if lines else 0.0)
        box.valueChanged.connect(lambda value: self._on_all(key, value / 100))
        return box

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        for key, box in (("discount", self.discount), ("tax", self.tax)):
            label = QLabel(text(f"quote.lines.{key}"), self)
            label.setBuddy(box)
            top.addWidget(label)
            top.addWidget(box)
        top.addStretch(1)
        low = QHBoxLayout()
        low.addWidget(self.add_button)
        low.addWidget(self.remove_button)
        low.addStretch(1)
        low.addWidget(self.total)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 0)
        column.addLayout(top)
        column.addWidget(self.table, 1)
        column.addLayout(low)

    def refresh(self) -> None:
        """Show the order's lines as they are now."""
        self._fill()

    def _fill(self) -> None:
        self.table.blockSignals(True)
        lang, lines = language(), self._order.lines
        self.table.setRowCount(len(lines))
        for row, line in enumerate(lines):
            net, least = amount(line), "≥ " if line.at_least else ""
            shown = (
                code_text(line.name, lang),
                str(line.count),
                "" if line.unit_price is None else least + money(line.unit_price, lang),
                f"{line.discount * 100:g} %",
                f"{line.tax * 100:g} %",
                text("report.price_asked") if net is None else least + money(net, lang),
            )
            for column, said in enumerate(shown):
                item = QTableWidgetItem(said)
                if column:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                own = self._order.is_own(row) and column in (_NAME, _COUNT)
                if column not in (_PRICE, _DISCOUNT, _TAX) and not own:
                    item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
                item.setToolTip(said if column == 0 else text("quote.lines.least") if line.at_least and column == _PRICE else "")
                self.table.setItem(row, column, item)
            self.table.setItem(row, _OPTIONAL, self._optional(optional=line.optional))
        self.table.blockSignals(False)
        sums = totals(lines)
        least = "≥ " if sums.at_least else ""
        known = text("report.price_asked") if sums.gross is None else least + money(sums.gross, lang)
        self.total.setText(f"{text('report.total.taxed' if sums.taxes else 'report.total.plain')}  {known}")

    @staticmethod
    def _optional(*, optional: bool) -> QTableWidgetItem:
        """The box of a line that is offered beside, and not summed."""
        item = QTableWidgetItem()
        item.setFlags((item.flags() & ~Qt.ItemFlag.ItemIsEditable) | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Checked if optional else Qt.CheckState.Unchecked)
        item.setToolTip(text("quote.lines.optional"))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, text("report.column.optional"))
        return item

    def _edited(self, item: QTableWidgetItem) -> None:
        """Take a number that was typed; what is none is put back as it was."""
        row, written = item.row(), item.text()
        number = _number(written)
        if item.column() == _OPTIONAL:
            self._order.reprice(row, optional=item.checkState() is Qt.CheckState.Checked)
        elif item.column() == _NAME:
            self._order.rename(row, written)
        elif written.startswith("≥") and number == self._order.lines[row].unit_price:
            pass  # left as it was: still the price of a part
        elif item.column() == _PRICE and not written.strip():
            self._order.reprice(row, unit_price=None)
        elif number is not None and number >= 0:
            self._take(row, item.column(), number)
        self._fill()
        self.changed.emit()

    def _take(self, row: int, column: int, number: float) -> None:
        if column == _PRICE and number <= _MOST:
            self._order.reprice(row, unit_price=round(number, 2))
        elif column == _COUNT and 1 <= number <= _MOST_OF_ONE and number.is_integer():
            self._order.reprice(row, count=int(number))
        elif column in (_DISCOUNT, _TAX) and number <= 100:
            self._order.reprice(row, **{"discount" if column == _DISCOUNT else "tax": round(number / 100, 6)})

    def _on_all(self, key: str, share: float) -> None:
        self._order.on_all(**{key: round(share, 6)})
        self._fill()
        self.changed.emit()

    def _add(self) -> None:
        self._order.add(text("quote.lines.new"))
        self._fill()
        self.table.setCurrentCell(self.table.rowCount() - 1, _PRICE)
        self.changed.emit()

    def _remove(self) -> None:
        if self.table.currentRow() >= 0:
            self._order.remove(self.table.currentRow())
            self._fill()
            self.changed.emit()


def _number(written: str) -> float | None:
    """The number in a cell, whatever groups its digits."""
    bare = re.sub(r"[\s\u2009\u00a0,%¥$€≥]", "", written)
    try:
        value = float(bare)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
