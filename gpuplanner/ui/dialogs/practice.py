"""Tables of practice for the scenario: rules, formats, ways, engines, cards, questions; each worked out when it is opened."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRect, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QGuiApplication, QIcon, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QListWidget,
    QPushButton,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gpuplanner.report.practice import ALL, RULES, TableText, practice_table
from gpuplanner.texts import text
from gpuplanner.ui.background import Background, Pulse

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog
    from gpuplanner.engine.result import Estimate
    from gpuplanner.scenario.document import Scenario

_MOST_WIDTH: Final = 270  # of a column of words
_LEAST_WORDS: Final = 210  # of a column of sentences
_SPACE: Final = 8
_FRAME: Final = QSize(40, 60)  # what the screen keeps around a dialog
_IN_WORDS: Final = (RULES, "questions", "tiers", "balancing", "habits")  # the last column is a sentence


class PracticeDialog(QDialog):
    """A list of tables and the one that is chosen."""

    def __init__(self, scenario: Scenario, catalog: Catalog, estimate: Estimate, byte_unit: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._given = (scenario, catalog, estimate, byte_unit)
        self.keys = (RULES, *ALL)
        self.shown: TableText | None = None
        self._known: dict[str, TableText | None] = {}
        self._wanted = ""
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(text("practice.title"))
        self.background = Background(self)
        self.background.done.connect(self._arrived)
        self.background.failed.connect(self._failed)
        self.list = QListWidget(self)
        self.list.ensurePolished()  # the list keeps the height that its entries had before they were styled
        self.list.addItems([text("rules.heading" if key == RULES else f"practice.{key}") for key in self.keys])
        self.list.setAccessibleName(text("practice.list"))
        self.list.setMinimumWidth(self.list.sizeHintForColumn(0) + 3 * _SPACE)
        self.heading, self.notes = QLabel(self), QLabel(self)
        self.table = QTableWidget(self)
        nothing = QPixmap(_SPACE, 1)
        nothing.fill(Qt.GlobalColor.transparent)
        self._gap = QIcon(nothing)
        self.table.setIconSize(nothing.size())
        self.copy_button = QPushButton(text("practice.copy"), self)
        self.copy_button.setAutoDefault(False)
        self.copy_button.clicked.connect(self.copy)
        self._lay_out()
        self.list.currentRowChanged.connect(self._choose)
        self.list.setCurrentRow(0)

    def copy(self) -> None:
        """Put the table on the clipboard, for a spreadsheet."""
        if self.shown is not None:
            lines = ["\t".join(row) for row in (self.shown.heads, *self.shown.rows)]
            QGuiApplication.clipboard().setText("\n".join(lines) + "\n")

    def closeEvent(self, event: QCloseEvent) -> None:
        """Want nothing any more."""
        self.background.stop()
        super().closeEvent(event)

    def done(self, result: int) -> None:
        """Want nothing any more."""
        self.background.stop()
        super().done(result)

    def _choose(self, row: int) -> None:
        self._wanted = self.keys[row]
        self.background.stop()
        if self._wanted in self._known:
            self._show(self._known[self._wanted])
            return
        self._show(None)
        self.notes.setText(text("practice.computing"))
        self.background.start(partial(_made, self._wanted, *self._given))

    def _arrived(self, found: tuple[str, TableText | None]) -> None:
        key, table = found
        self._known[key] = table
        if key == self._wanted:
            self._show(table)
            if table is None:
                self.notes.setText(text("practice.nothing"))

    def _failed(self, _fault: object) -> None:
        self.notes.setText(text("advice.failed"))

    def _show(self, table: TableText | None) -> None:
        self.shown = table
        self.copy_button.setEnabled(table is not None)
        self.table.setVisible(table is not None)
        self.heading.setText(f"<b>{table.title if table else self.list.currentItem().text()}</b>")
        self.notes.setText(" ".join(table.notes) if table else "")
        self.table.clear()
        self.table.setRowCount(len(table.rows) if table else 0)
        self.table.setColumnCount(len(table.heads) if table else 0)
        if table is None:
            return
        for at, words in enumerate(table.heads):
            self.table.setHorizontalHeaderItem(at, _item(words, right=at in table.right))
        self.table.horizontalHeader().setVisible(any(table.heads))
        for row, cells in enumerate(table.rows):
            for at, words in enumerate(cells):
                item = _item(words, right=at in table.right)
                if at not in table.right and at - 1 in table.right:
                    item.setIcon(self._gap)  # what ends at the right stands close before it
                self.table.setItem(row, at, item)
        self._size()

    def _size(self) -> None:
        header, last = self.table.horizontalHeader(), self.table.columnCount() - 1
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.table.resizeColumnsToContents()
        for at in range(last + 1):
            header.resizeSection(at, min(_MOST_WIDTH, header.sectionSize(at) + 2 * _SPACE))
        self._stretch()

    def _stretch(self) -> None:
        """Give a last column of sentences what the others leave, and each row the height of its words there."""
        header, last = self.table.horizontalHeader(), self.table.columnCount() - 1
        if self._wanted in _IN_WORDS and last >= 0:
            taken = sum(header.sectionSize(at) for at in range(last))
            header.resizeSection(last, max(_LEAST_WORDS, self.table.viewport().width() - taken))
        metrics = self.table.fontMetrics()
        for row in range(self.table.rowCount()):
            tall = metrics.height()
            for at in range(last + 1):
                item = self.table.item(row, at)
                room = QRect(0, 0, max(40, header.sectionSize(at) - 3 * _SPACE), 10_000)
                tall = max(tall, metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, item.text()).height() if item else 0)
            self.table.setRowHeight(row, tall + 2 * _SPACE)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Sentences follow the width."""
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._stretch)  # the table has its own width only then

    def _lay_out(self) -> None:
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.verticalHeader().hide()
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        self.table.setWordWrap(True)
        self.table.setAccessibleName(text("practice.title"))
        self.notes.setWordWrap(True)
        self.notes.setProperty("quiet", True)
        right = QWidget(self)
        column = QVBoxLayout(right)
        column.setContentsMargins(12, 0, 0, 0)
        column.addWidget(self.heading)
        column.addWidget(self.table, 1)
        column.addWidget(self.notes)
        column.addStretch(0)
        split = QSplitter(Qt.Orientation.Horizontal, self)
        split.addWidget(self.list)
        split.addWidget(right)
        split.setStretchFactor(1, 1)
        split.setSizes([210, 870])
        split.splitterMoved.connect(lambda *_: self._stretch())
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.button(QDialogButtonBox.StandardButton.Close).setText(text("practice.close"))
        buttons.rejected.connect(self.reject)
        bottom = QHBoxLayout()
        bottom.addWidget(self.copy_button)
        bottom.addStretch(1)
        bottom.addWidget(buttons)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(18, 16, 18, 14)
        whole.setSpacing(12)
        whole.addWidget(split, 1)
        whole.addLayout(bottom)
        self.resize(QSize(1220, 660).boundedTo(self.screen().availableSize() - _FRAME))


def _item(words: str, *, right: bool) -> QTableWidgetItem:
    item = QTableWidgetItem(words)
    edge = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    item.setTextAlignment(edge | Qt.AlignmentFlag.AlignVCenter)
    return item


def _made(
    key: str, scenario: Scenario, catalog: Catalog, estimate: Estimate, byte_unit: str, _pulse: Pulse
) -> tuple[str, TableText | None]:
    return key, practice_table(key, scenario, catalog, estimate, byte_unit)
