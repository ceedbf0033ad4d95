"""The quotes that were made of a scenario: state, total, what happened, and what would be other today."""

from __future__ import annotations

from datetime import date
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gpuplanner.errors import InputError
from gpuplanner.report.content import State
from gpuplanner.report.prices_worded import money
from gpuplanner.report.quotes import files
from gpuplanner.report.quotes.make import changes, is_older, now, told
from gpuplanner.report.quotes.quote import Quote, moved, standing
from gpuplanner.report.totals import totals
from gpuplanner.texts import language, text
from gpuplanner.ui.heads import title_columns
from gpuplanner.ui.quote.order import Order

_COLUMNS: Final = ("number", "revision", "state", "date", "total")
_STATES: Final = (State.SENT, State.ACCEPTED, State.EXPIRED)


class HistoryPanel(QWidget):
    """Lists the kept quotes and changes their state.

    Signals:
        changed: a quote came into another state.
        chosen: the :class:`Quote` whose number the next one takes.
        failed: an :class:`InputError`.
    """

    changed = Signal()
    chosen = Signal(object)
    failed = Signal(object)

    def __init__(self, order: Order, today: date, parent: QWidget) -> None:
        super().__init__(parent)
        self._order, self._today = order, today
        self._stored: tuple[files.Stored, ...] = ()
        self.table = QTableWidget(0, len(_COLUMNS), self)
        title_columns(self.table, [text(f"quote.history.{key}") for key in _COLUMNS])
        self.table.verticalHeader().hide()
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setAccessibleName(text("quote.tab.history"))
        self.table.setTabKeyNavigation(False)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.itemSelectionChanged.connect(self._selected)
        self.buttons = {state: QPushButton(text(f"quote.mark.{state.value}"), self) for state in _STATES}
        for state, button in self.buttons.items():
            button.clicked.connect(lambda _=False, state=state: self._move(state))
        self.again = QPushButton(text("quote.history.again"), self)
        self.again.clicked.connect(self._again)
        self.compare = QPushButton(text("quote.history.compare"), self)
        self.compare.clicked.connect(self._compare)
        self.told = QLabel(self)
        self.told.setWordWrap(True)
        self._lay_out()
        self.refresh()

    def _lay_out(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        for button in self.buttons.values():
            first.addWidget(button)
        for button in (self.again, self.compare):
            second.addWidget(button)
        first.addStretch(1)
        second.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 0)
        column.addWidget(self.table, 1)
        column.addLayout(first)
        column.addLayout(second)
        column.addWidget(self.told)

    def refresh(self) -> None:
        """Read the folder again."""
        self._stored = self._order.kept()
        self.table.setRowCount(len(self._stored))
        for row, stored in enumerate(self._stored):
            for column, said in enumerate(self._row(stored)):
                item = QTableWidgetItem(said)
                item.setToolTip(stored.error.sentence() if stored.error else str(stored.path))
                self.table.setItem(row, column, item)
        self._selected()

    def _row(self, stored: files.Stored) -> tuple[str, ...]:
        quote = stored.quote
        if quote is None:
            return stored.path.name, "", text("quote.history.unreadable"), "", ""
        sums = totals(quote.content.lines)
        total = text("report.price_asked") if sums.gross is None else money(sums.gross, language())
        state = text(f"report.state_of.{standing(quote, self._today).value}")
        meta = quote.metadata
        return meta.number, str(meta.revision), state, meta.day.isoformat(), f"{'≥ ' if sums.at_least else ''}{total}"

    def _current(self) -> files.Stored | None:
        rows = self.table.selectionModel().selectedRows()
        return self._stored[rows[0].row()] if rows and rows[0].row() < len(self._stored) else None

    def _selected(self) -> None:
        stored = self._current()
        quote = stored.quote if stored else None
        state = quote.metadata.state if quote else None
        self.buttons[State.SENT].setEnabled(state is State.DRAFT)
        self.buttons[State.ACCEPTED].setEnabled(state is State.SENT)
        self.buttons[State.EXPIRED].setEnabled(state is State.SENT)
        self.again.setEnabled(quote is not None)
        self.compare.setEnabled(quote is not None)
        if stored is not None and stored.error is not None:
            self.told.setText(stored.error.sentence())
        elif quote is not None:
            older = [text("quote.history.older")] if is_older(quote, self._order.facts.catalog) else []
            self.told.setText("\n".join([*_told(quote), *older]))
        else:
            self.told.setText(text("quote.history.empty" if self._order.facts.path else "quote.history.no_file"))

    def _move(self, state: State) -> None:
        stored = self._current()
        if stored is None or stored.quote is None:
            return
        try:
            files.save_quote(stored.path, moved(stored.quote, state, now(), self._order.asked.prepared_by))
        except InputError as error:
            self.failed.emit(error)
            return
        row = self.table.currentRow()
        self.refresh()
        self.table.selectRow(row)
        self.changed.emit()

    def _again(self) -> None:
        stored = self._current()
        if stored is not None and stored.quote is not None:
            self.chosen.emit(stored.quote)

    def _compare(self) -> None:
        stored = self._current()
        if stored is None or stored.quote is None:
            return
        try:
            found = changes(stored.quote, self._order.facts.catalog)
        except InputError as error:
            self.failed.emit(error)
            return
        self.told.setText("\n".join(told(found, stored.quote.content.currency)))


def _told(quote: Quote) -> list[str]:
    """The history of a quote, an event a line."""
    lines = []
    for event in quote.history:
        said = f"{event.at[:16].replace('T', ' ')}  {text(f'report.state_of.{event.state.value}')}"
        lines.append(f"{said}  {event.who}".rstrip())
    return lines
