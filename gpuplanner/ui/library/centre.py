"""The middle of the library: search, views, and what can be done with the selection."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from gpuplanner.format import format_integer
from gpuplanner.palette import Theme
from gpuplanner.scenario.cards import Card
from gpuplanner.texts import text
from gpuplanner.ui.bold import headline
from gpuplanner.ui.fields.choice import Choice, Option, Segmented
from gpuplanner.ui.library.arrange import GROUPS, Order
from gpuplanner.ui.library.model import LibraryModel
from gpuplanner.ui.library.selection_bar import SelectionBar
from gpuplanner.ui.library.view import CardView, TableView

VIEWS: Final = ("list", "cards")
_TYPING_MS: Final = 80
_FIRST_DOWN: Final = ("changed", "price")


class Centre(QWidget):
    """Search line, list or cards, and a bar that names what the selection can do.

    Signals:
        selection_changed: others are selected, or another is current.
        renamed: a path, and the name that was typed.
        dropped: paths of files dragged in.
        menu_wanted: where on the screen.
        new_wanted: the menu of what a scenario can begin with.
        command: key of a command.
        arranged: grouped, sorted or shown in another way.
    """

    selection_changed = Signal()
    renamed = Signal(object, str)
    dropped = Signal(object)
    menu_wanted = Signal(QPoint)
    new_wanted = Signal()
    command = Signal(str)
    arranged = Signal()

    def __init__(self, model: LibraryModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.order = Order()
        self.shown_view = "list"
        self.title, self.count, self.empty = (QLabel(self) for _ in range(3))
        self.search = QLineEdit(self)
        self.views, self.groups = Segmented(self), Choice(self)
        self.card = QFrame(self)
        self.stack = QStackedWidget(self.card)
        self.table, self.cards = TableView(model, self.stack), CardView(model, self.stack)
        self.cards.setSelectionModel(self.table.selectionModel())
        self.new_button = QPushButton(self)
        self.bar = SelectionBar(self.card)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._took = ""
        self._lay_out()
        self._connect()

    @property
    def view(self) -> QAbstractItemView:
        """The view that is seen."""
        return self.cards if self.shown_view == "cards" else self.table

    def set_order(self, order: Order) -> None:
        """Group and sort; cards stand without heads of groups."""
        self.order = order
        kept = [card.path for card in self.selected()]
        self._model.arrange(order=order if self.shown_view == "list" else Order("none", order.sort, order.down))
        self.groups.set_value(order.group)
        self.table.show_order()
        self.select(kept)

    def show_view(self, name: object) -> None:
        """Show one of :data:`VIEWS`."""
        self.shown_view = str(name)
        self.views.set_value(name)
        self.stack.setCurrentWidget(self.view)
        self.set_order(self.order)
        self.arranged.emit()

    def selected(self) -> list[Card]:
        """The selected scenarios, as listed."""
        rows = sorted({index.row() for index in self.table.selectionModel().selectedIndexes()})
        return (
            [card for row in rows if isinstance(card := self._model.rows[row], Card)]
            if rows and rows[-1] < len(self._model.rows)
            else []
        )

    def current(self) -> Card | None:
        """The scenario that has the focus, where it is selected, else the first that is."""
        chosen = self.selected()
        card = self._model.card(self.table.currentIndex())
        return card if card in chosen else chosen[0] if chosen else None

    def select(self, paths: Sequence[Path]) -> None:
        """Select files where they are listed; the first becomes current."""
        indexes = [index for path in paths if (index := self._model.index_of(path)).isValid()]
        picked = QItemSelection()
        for index in indexes:
            picked.select(index, index)
        flags = QItemSelectionModel.SelectionFlag
        self.table.selectionModel().select(picked, flags.ClearAndSelect | flags.Rows)
        if indexes:
            self.table.selectionModel().setCurrentIndex(indexes[0], flags.NoUpdate)
            self.view.scrollTo(indexes[0])

    def clear(self) -> None:
        """Empty the search; when it is, the selection."""
        if self.search.text():
            self.search.clear()
        else:
            self.table.selectionModel().clearSelection()

    def start_search(self) -> None:
        """Ready to type what is looked for."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def edit_name(self) -> None:
        """Type another name for the current scenario."""
        card = self.current()
        if card is not None:
            self.view.setFocus()
            self.view.edit(self._model.index_of(card.path))

    def say_listed(self, count: int, took_ms: float) -> None:
        """Tell how many files were listed, and how long it took."""
        self._took = text("library.listed", count=format_integer(count), ms=format_integer(max(1, took_ms)))
        self._show_count()

    def show_selection(self, most: int) -> None:
        """Name what is selected, and what can be done with it."""
        cards = self.selected()
        self.bar.show_selection(cards, [self._model.answer(card) for card in cards], most)

    def retranslate(self) -> None:
        """Follow a change of language."""
        self.title.setText(text("tab.scenarios"))
        self.search.setPlaceholderText(text("library.search"))
        self.search.setAccessibleName(text("library.search"))
        self.views.set_options([Option(view, text(f"library.view.{view}")) for view in VIEWS])
        self.views.set_value(self.shown_view)
        self.groups.set_options([Option(group, text(f"library.group.{group}")) for group in GROUPS])
        self.groups.set_value(self.order.group)
        self.groups.setAccessibleName(text("library.group"))
        self.groups.setToolTip(text("library.group"))
        self.new_button.setText(f"{text('library.new')} ▾")
        self.bar.retranslate()
        self.table.setAccessibleName(text("tab.scenarios"))
        self.cards.setAccessibleName(text("tab.scenarios"))
        self._model.reword()
        self._show_count()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self.table.apply_theme(theme)
        self.cards.apply_theme(theme)

    def _show_count(self) -> None:
        listed = self._model.shown
        customers = len({card.customer for card in listed if card.customer})
        self.count.setText(text("library.count", count=format_integer(len(listed)), customers=format_integer(customers)))
        self.count.setToolTip(self._took)
        self.empty.setText(text("library.empty" if not self._model.cards else "library.nothing"))
        self.empty.setVisible(not listed)
        self.stack.setVisible(bool(listed))

    def _searched(self) -> None:
        kept = [card.path for card in self.selected()]
        self._model.arrange(query=self.search.text().strip())
        self.select(kept)

    def _group_chosen(self, group: object) -> None:
        self.set_order(Order(str(group), self.order.sort, self.order.down))
        self.arranged.emit()

    def _sort_chosen(self, column: str) -> None:
        same = self.order.sort == column
        self.set_order(Order(self.order.group, column, not self.order.down if same else column in _FIRST_DOWN))
        self.arranged.emit()

    def _selection_moved(self, *_change: object) -> None:
        self.selection_changed.emit()

    def _activated(self) -> None:
        if self._model.card(self.view.currentIndex()) is not None:
            self.command.emit("open")

    def _connect(self) -> None:
        self.search.textChanged.connect(self._typing.start)
        self._typing.timeout.connect(self._searched)
        self.views.edited.connect(self.show_view)
        self.groups.edited.connect(self._group_chosen)
        self.table.sort_wanted.connect(self._sort_chosen)
        self.table.selectionModel().selectionChanged.connect(self._selection_moved)
        self.table.selectionModel().currentChanged.connect(self._selection_moved)
        self._model.rearranged.connect(self._show_count)
        for view in (self.table, self.cards):
            view.activated.connect(self._activated)
            view.delegate.renamed.connect(self.renamed)
            view.dropped.connect(self.dropped)
            view.customContextMenuRequested.connect(partial(self._menu_at, view))
        self.new_button.clicked.connect(self.new_wanted)
        self.bar.command.connect(self.command)

    def _menu_at(self, view: QAbstractItemView, place: QPoint) -> None:
        if self._model.card(view.indexAt(place)) is not None:
            self.menu_wanted.emit(view.viewport().mapToGlobal(place))

    def _lay_out(self) -> None:
        headline(self.title, self, 1.25)
        for label in (self.count, self.empty):
            label.setProperty("quiet", True)
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(120)
        self.search.setMaximumWidth(330)
        self.groups.setMinimumContentsLength(9)
        self.card.setProperty("card", True)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.title)
        head.addWidget(self.count)
        head.addStretch(1)
        head.addWidget(self.search, 2)
        for widget in (self.views, self.groups, self.new_button):
            head.addWidget(widget)
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.cards)
        self.empty.setContentsMargins(14, 14, 14, 14)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.empty.setWordWrap(True)
        rule = QFrame(self.card)
        rule.setProperty("rule", True)
        rule.setFixedHeight(1)
        inside = QVBoxLayout(self.card)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.setSpacing(0)
        inside.addWidget(self.stack, 1)
        inside.addWidget(self.empty, 1)
        inside.addWidget(rule)
        inside.addWidget(self.bar)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 14, 12)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(self.card, 1)
        with QSignalBlocker(self):
            self.views.set_options([Option(view, text(f"library.view.{view}")) for view in VIEWS])
