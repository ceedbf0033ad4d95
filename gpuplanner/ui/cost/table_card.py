"""A card with a small table to be read: a head, rows, and sums that stand out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gpuplanner.palette import Theme
from gpuplanner.texts import text
from gpuplanner.ui.bold import embolden
from gpuplanner.ui.charts.elided import Elided

_ROW: Final = 27
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Rows:
    """What a table shows: cells as they are read, tips by the same places, raw cells to be copied; ``sums`` rows at the top."""

    head: Sequence[str]
    cells: Sequence[Sequence[str]]
    tips: Sequence[Sequence[str]]
    raw: Sequence[Sequence[str]]
    sums: int = 0
    words: frozenset[int] = frozenset({0})  # columns that stand at the left


class TableCard(QFrame):
    """The table under its title."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self._rows = Rows((), (), (), ())
        self.title, self.hint = Elided(self), Elided(self, quiet=True)
        embolden(self.title)
        self.copy_button = QPushButton(self)
        self.copy_button.setProperty("flat", True)
        self.copy_button.clicked.connect(self.copy)
        self.table = QTableWidget(self)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        self.table.setFrameShape(QFrame.Shape.NoFrame)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(_ROW)
        self.table.horizontalHeader().setHighlightSections(False)
        head = QHBoxLayout()
        head.setContentsMargins(13, 6, 10, 2)
        head.setSpacing(8)
        head.addWidget(self.title)
        head.addWidget(self.hint, 1)
        head.addWidget(self.copy_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 0, 1, 2)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.table, 1)

    def show_rows(self, title: str, hint: str, rows: Rows) -> None:
        """Show a table."""
        self._rows = rows
        self.title.setText(title)
        self.hint.setText(hint)
        self.hint.setToolTip(hint)
        self.copy_button.setText(text("cost.offers.copy"))
        self.table.setAccessibleName(title)
        self.table.setColumnCount(len(rows.head))
        self.table.setRowCount(len(rows.cells))
        for column, name in enumerate(rows.head):
            item = QTableWidgetItem(name)
            item.setTextAlignment(_LEFT if column in rows.words else _RIGHT)
            self.table.setHorizontalHeaderItem(column, item)
        for place, cells in enumerate(rows.cells):
            for column, cell in enumerate(cells):
                self.table.setItem(place, column, self._item(place, column, cell))
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        if rows.head:
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)

    def data_tsv(self) -> str:
        """Head and rows with tabs, amounts as plain numbers."""
        return "".join("\t".join(" ".join(cell.split()) for cell in line) + "\n" for line in (self._rows.head, *self._rows.raw))

    def copy(self) -> None:
        """Put the table on the clipboard."""
        QGuiApplication.clipboard().setText(self.data_tsv())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+C copies."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def apply_theme(self, theme: Theme) -> None:
        """Colours come from the style."""

    def _item(self, place: int, column: int, cell: str) -> QTableWidgetItem:
        rows = self._rows
        item = QTableWidgetItem(cell)
        item.setTextAlignment(_LEFT if column in rows.words else _RIGHT)
        item.setToolTip(rows.tips[place][column] or cell)
        if place < rows.sums:
            font = item.font()
            font.setBold(True)
            item.setFont(font)
        return item
