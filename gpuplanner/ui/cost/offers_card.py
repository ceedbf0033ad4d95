"""The card of the cloud table: head, search, copying."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from gpuplanner.format import SYMBOLS
from gpuplanner.palette import Theme
from gpuplanner.texts import text
from gpuplanner.ui.bold import embolden
from gpuplanner.ui.charts.elided import Elided
from gpuplanner.ui.cost.given import Given
from gpuplanner.ui.cost.offers import BY_KEY, COLUMNS, OffersModel
from gpuplanner.ui.cost.over_time import term_name

_WIDTHS: Final = {
    "state": 30, "cloud": 92, "count": 62, "region": 128, "on_demand": 98, "reserved_1y": 66, "reserved_3y": 66, "spot": 66,
    "total": 122, "against": 150, "priced": 92,
}  # fmt: skip
_ROW: Final = 27
_LEAST_NAME: Final = 190
_DROPPED: Final = ("region", "reserved_1y", "reserved_3y", "spot")  # where the card is narrow, the last first


class OffersView(QTableView):
    """Rows of offers; the instance takes the width that is left.

    Signals:
        chosen: id of the instance that was picked by Enter or double click.
    """

    chosen = Signal(str)

    def __init__(self, model: OffersModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setModel(model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.verticalHeader().setVisible(False)
        self.verticalHeader().setDefaultSectionSize(_ROW)
        header = self.horizontalHeader()
        header.setStretchLastSection(False)
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSortIndicator(BY_KEY["total"], Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        self.doubleClicked.connect(self._choose)

    def arrange(self) -> None:
        """Share the width out."""
        wide = self.viewport().width()
        scale = self.fontInfo().pixelSize() / 13
        widths = {key: round(value * scale) for key, value in _WIDTHS.items()}
        hidden = {column.key for column in COLUMNS if column.term is not None and not self._any(column.key)}
        kept = self._model.term.value
        for key in reversed(_DROPPED):
            if key != kept and wide - sum(value for name, value in widths.items() if name not in hidden) < _LEAST_NAME * scale:
                hidden.add(key)
        for key, place in BY_KEY.items():
            self.setColumnHidden(place, key in hidden)
            if key in widths:
                self.setColumnWidth(place, widths[key])
        rest = wide - sum(value for key, value in widths.items() if key not in hidden)
        self.setColumnWidth(BY_KEY["instance"], max(round(120 * scale), rest))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter chooses, Ctrl+C copies."""
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self._model.tsv())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._choose(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The instance's name gives and takes."""
        super().resizeEvent(event)
        self.arrange()

    def _any(self, key: str) -> bool:
        """Whether a term is priced at all; one time on demand is always shown."""
        term = COLUMNS[BY_KEY[key]].term
        return key == "on_demand" or any(term in offer.hourly for offer in self._model.offers)

    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(self._model.offers[index.row()].instance_id)


class OffersCard(QFrame):
    """The table under its head.

    Signals:
        chosen: id of the instance that owning shall be held against.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self.title, self.hint = Elided(self), Elided(self, quiet=True)
        embolden(self.title)
        self.search = QLineEdit(self)
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(170)
        self.copy_button = QPushButton(self)
        self.copy_button.setProperty("flat", True)
        self.model = OffersModel()
        self.view = OffersView(self.model, self)
        head = QHBoxLayout()
        head.setContentsMargins(13, 6, 10, 2)
        head.setSpacing(8)
        head.addWidget(self.title)
        head.addWidget(self.hint, 1)
        head.addWidget(self.search)
        head.addWidget(self.copy_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 0, 1, 2)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.view, 1)
        self._given: Given | None = None
        self.search.textChanged.connect(self._search)
        self.copy_button.clicked.connect(self.copy)
        self.view.chosen.connect(self.chosen)
        self.model.modelReset.connect(self._mark)

    def show_given(self, given: Given) -> None:
        """Show what could carry the load."""
        self._given = given
        self.model.set_given(given)
        self.retranslate()
        self.view.arrange()

    def retranslate(self) -> None:
        """Say everything again, in the current language."""
        self.title.setText(text("cost.offers.title"))
        self.view.setAccessibleName(text("cost.offers.title"))
        self.search.setPlaceholderText(text("cost.offers.search"))
        self.search.setAccessibleName(text("cost.offers.search"))
        self.copy_button.setText(text("cost.offers.copy"))
        self._count()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self.model.apply_theme(theme)
        self.view.viewport().update()

    def copy(self) -> None:
        """Put the rows on the clipboard."""
        QGuiApplication.clipboard().setText(self.model.tsv())

    def _search(self, query: str) -> None:
        self.model.search(query)
        self._count()

    def _count(self) -> None:
        if self._given is not None:
            symbol = SYMBOLS[self._given.currency]
            count = {"shown": len(self.model.offers), "known": self.model.known}
            self.hint.setText(text("cost.offers.hint", symbol=symbol, term=term_name(self._given.term), **count))
            self.hint.setToolTip(self.hint.text())

    def _mark(self) -> None:
        """The instance that owning is held against is the selected row."""
        cloud = self._given.money.cloud if self._given is not None else None
        place = self.model.place_of(cloud.instance_id) if cloud is not None else -1
        if place >= 0:
            index = self.model.index(place, BY_KEY["cloud"])
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.view.selectionModel().setCurrentIndex(index, flags)
