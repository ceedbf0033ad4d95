"""Reading a price list: which column is which, what each row says, what is wrong with it; nothing changes before Import."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gpuplanner.catalog.prices.book import FIELDS, PriceBook, RowError, guessed, head_row, read_book
from gpuplanner.catalog.prices.items import Items
from gpuplanner.catalog.prices.sheet import FORMULA, Row
from gpuplanner.catalog.prices.store import save_prices
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.errors import InputError
from gpuplanner.format import SYMBOLS, format_integer, format_money
from gpuplanner.texts import text
from gpuplanner.ui.heads import title_columns
from gpuplanner.ui.repolish import set_flag

SHOWN: Final = 200
_NUMBERS: Final = (0, 2)  # columns whose texts end at the right
_ACROSS: Final = 3


class PriceListDialog(QDialog):
    """Follows every choice at once; does not stop the window.

    Signals:
        taken: how many prices are in force now.
    """

    taken = Signal(int)

    def __init__(self, path: Path, rows: list[Row], catalog: Catalog, currency: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._path, self._rows, self._catalog = path, rows, catalog
        self._items = Items(catalog)
        self._head = head_row(rows)
        self.book: PriceBook | None = None
        self.setWindowTitle(text("prices.dialog.title", file=path.name))
        self.columns: dict[str, QComboBox] = {}
        self.currency = QComboBox(self)
        for code in SYMBOLS:
            self.currency.addItem(text(f"choice.money.currency.{code.lower()}"), code)
        self.currency.setCurrentIndex(list(SYMBOLS).index(currency))
        self.told = QLabel(self)
        self.told.setWordWrap(True)
        self.table = QTableWidget(self)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.take = self.buttons.addButton(text("prices.dialog.import"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.take.setDefault(True)
        self._lay_out()
        self.currency.currentIndexChanged.connect(self._read)
        self.buttons.accepted.connect(self._import)
        self.buttons.rejected.connect(self.reject)
        self._read()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(6)
        guess = guessed(self._rows[self._head])
        named = [(name, self._column_box(guess.get(name))) for name in FIELDS]
        for place, (name, box) in enumerate([*named, ("default_currency", self.currency)]):
            label = QLabel(text(f"prices.field.{name}"), self)
            label.setBuddy(box)
            box.setAccessibleName(label.text())
            grid.addWidget(label, place // _ACROSS, 2 * (place % _ACROSS))
            grid.addWidget(box, place // _ACROSS, 2 * (place % _ACROSS) + 1)
        for name, box in named:
            self.columns[name] = box
            box.currentIndexChanged.connect(self._read)
        for column in range(_ACROSS):
            grid.setColumnStretch(2 * column + 1, 1)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.verticalHeader().setVisible(False)
        self.table.setTabKeyNavigation(False)
        self.table.setAccessibleName(text("prices.dialog.preview"))
        column_layout = QVBoxLayout(self)
        column_layout.setContentsMargins(16, 14, 16, 14)
        column_layout.setSpacing(10)
        column_layout.addLayout(grid)
        column_layout.addWidget(self.table, 1)
        column_layout.addWidget(self.told)
        column_layout.addWidget(self.buttons)
        self.resize(880, 560)

    def _column_box(self, chosen: int | None) -> QComboBox:
        box = QComboBox(self)
        box.addItem(text("prices.dialog.no_column"), None)
        for place, head in enumerate(self._rows[self._head]):
            box.addItem(head or text("prices.dialog.column", number=place + 1), place)
        box.setCurrentIndex(0 if chosen is None else chosen + 1)
        return box

    def _mapping(self) -> dict[str, int]:
        chosen = {name: box.currentData() for name, box in self.columns.items()}
        return {name: place for name, place in chosen.items() if place is not None}

    def _read(self, _index: int = 0) -> None:
        """Read the rows as the columns are chosen now."""
        try:
            today = date.today()
            book = read_book(self._rows, self._items, self._mapping(), self._head, str(self.currency.currentData()), today)
        except InputError as error:
            self.book = None
            self._tell(error.sentence(), wrong=True)
            self.table.setRowCount(0)
        else:
            self.book = book
            counts = {"rows": format_integer(len(book.rows)), "errors": format_integer(book.error_count)}
            key = "prices.dialog.all" if not book.error_count else "prices.dialog.some"
            self._tell(text(key, **counts), wrong=bool(book.error_count))
            self._fill(book)
        good = self.book is not None and bool(self.book.rows)
        self.take.setEnabled(good)
        if self.book is not None and good:
            self.take.setText(text("prices.dialog.import_count", count=format_integer(len(self.book.rows))))

    def _tell(self, said: str, *, wrong: bool) -> None:
        set_flag(self.told, "wrong", on=wrong)
        self.told.setText(said)

    def _fill(self, book: PriceBook) -> None:
        """Rows with errors first: they are what has to be looked at."""
        heads = ("row", "item", "price", "date", "state")
        lines = [(str(error.row), *self._raw(error.row), "", _wrong(error)) for error in book.errors[:SHOWN]]
        lines += [
            (str(row.row), row.item.name, str(format_money(row.amount, row.currency)), row.date, "✓")
            for row in book.rows[: max(0, SHOWN - len(lines))]
        ]
        self.table.setColumnCount(len(heads))
        title_columns(self.table, [text(f"prices.column.{name}") for name in heads], _NUMBERS)
        self.table.setRowCount(len(lines))
        for place, cells in enumerate(lines):
            for column, cell in enumerate(cells):
                item = QTableWidgetItem(cell)
                item.setToolTip(cell)
                if column in _NUMBERS:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(place, column, item)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for column, wide in enumerate((52, 220, 110, 92)):
            self.table.setColumnWidth(column, wide)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setStretchLastSection(True)

    def _raw(self, row: int) -> tuple[str, str]:
        """Item and price as they stand in the file."""
        cells, mapping = self._rows[row - 1], self._mapping()
        found = [cells[mapping[name]] if mapping[name] < len(cells) else "" for name in ("item", "price")]
        item, price = ("=…" if cell == FORMULA else cell for cell in found)
        return item, price

    def _import(self) -> None:
        """Put the rows that can be taken in force."""
        if self.book is None or not self.book.rows:
            return
        try:
            save_prices(self.book.rows, self._catalog)
        except InputError as error:
            self._tell(error.sentence(), wrong=True)
            return
        self.taken.emit(len(self.book.rows))
        self.accept()


def _wrong(error: RowError) -> str:
    said = error.message.sentence()
    return f"! {error.column}: {said}" if error.column else f"! {said}"
