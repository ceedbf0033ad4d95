"""Number, customer's contact, dates and basis of a quote."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import QComboBox, QDateEdit, QFormLayout, QLabel, QLineEdit, QWidget

from gpuplanner.errors import InputError
from gpuplanner.report.compose_estate import has_works
from gpuplanner.report.content import Basis
from gpuplanner.texts import text
from gpuplanner.ui.quote.order import Order

_LONGEST = 200


class HeadForm(QWidget):
    """Edits the head of an order.

    Signals:
        changed: something is other now.
        rescoped: other workloads are quoted: the lines are others.
        failed: an :class:`InputError`: those workloads can't be offered.
    """

    changed = Signal()
    rescoped = Signal()
    failed = Signal(object)

    def __init__(self, order: Order, parent: QWidget) -> None:
        super().__init__(parent)
        self._order = order
        asked = order.asked
        self.number = self._line("number", asked.number)
        self.contact = self._line("contact", asked.contact)
        self.project = self._line("project", asked.project)
        self.prepared_by = self._line("prepared_by", asked.prepared_by)
        self.day = self._date("date", asked.day)
        self.valid_until = self._date("valid_until", asked.valid_until or asked.day)
        self.basis = QComboBox(self)
        for basis in Basis:
            self.basis.addItem(text(f"quote.basis.{basis.value}"), basis)
        self.basis.currentIndexChanged.connect(self._take)
        self.scope = QComboBox(self)
        for key, whole in (("all", True), ("own", False)):
            self.scope.addItem(text(f"quote.scope.{key}", n=len(order.facts.scenario.estate.more) + 1), whole)
        self.scope.setAccessibleName(text("quote.scope"))
        self.scope.currentIndexChanged.connect(self._rescope)
        self.state = QLabel(self)
        rows = QFormLayout(self)
        rows.setContentsMargins(0, 12, 0, 0)
        rows.setHorizontalSpacing(14)
        rows.setVerticalSpacing(9)
        rows.addRow(text("report.party.number"), self.number)
        rows.addRow(text("report.party.revision"), self.state)
        for key in ("contact", "project", "prepared_by"):
            rows.addRow(text(f"report.party.{key}"), getattr(self, key))
        rows.addRow(text("report.party.date"), self.day)
        rows.addRow(text("report.party.valid_until"), self.valid_until)
        if order.whole:
            rows.addRow(text("quote.scope"), self.scope)
        else:
            self.scope.hide()
        rows.addRow(text("quote.basis"), self.basis)
        self.basis.setAccessibleName(text("quote.basis"))
        self._show_state()

    def take_number(self, number: str) -> None:
        """Quote under another number."""
        self.number.setText(number)
        self.follow()

    def take_scope(self, *, whole: bool) -> None:
        """Quote all workloads, or the form's own, where there are several."""
        if has_works(self._order.facts.scenario):
            self.scope.setCurrentIndex(0 if whole else 1)

    def follow(self) -> None:
        """Take the version that comes next on what was kept."""
        self._take()

    def _line(self, key: str, said: str) -> QLineEdit:
        line = QLineEdit(said, self)
        line.setMaxLength(_LONGEST)
        line.setAccessibleName(text(f"report.party.{key}"))
        line.textChanged.connect(self._take)
        return line

    def _date(self, key: str, day: date) -> QDateEdit:
        edit = QDateEdit(QDate(day.year, day.month, day.day), self)
        edit.setCalendarPopup(True)
        edit.setDisplayFormat("yyyy-MM-dd")
        edit.setAccessibleName(text(f"report.party.{key}"))
        edit.dateChanged.connect(self._take)
        return edit

    def _take(self) -> None:
        order = self._order
        order.asked = replace(
            order.asked,
            contact=self.contact.text(),
            project=self.project.text(),
            prepared_by=self.prepared_by.text(),
            day=_day(self.day),
            valid_until=_day(self.valid_until),
            basis=Basis(self.basis.currentData()),
        )
        order.follow(self.number.text().strip() or order.asked.number)
        self._show_state()
        self.changed.emit()

    def _rescope(self) -> None:
        """Quote all workloads, or the form's own."""
        try:
            self._order.quote_whole(whole=self.scope.currentData())
        except InputError as error:
            self.scope.blockSignals(True)
            self.scope.setCurrentIndex(0 if self._order.whole else 1)
            self.scope.blockSignals(False)
            self.failed.emit(error)
            return
        self.rescoped.emit()

    def _show_state(self) -> None:
        self.state.setText(text("report.revision", n=self._order.revision, state=text("report.state_of.draft")))


def _day(edit: QDateEdit) -> date:
    shown = edit.date()
    return date(shown.year(), shown.month(), shown.day())
