"""Looking benchmark runs over before they are taken in."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from gpuplanner.evidence.imports.importing import Opened
from gpuplanner.format import format_integer
from gpuplanner.texts import text
from gpuplanner.ui.benchmarks.choosing import NameDelegate
from gpuplanner.ui.benchmarks.drafts import HEADS, DraftModel
from gpuplanner.ui.repolish import set_flag

_WIDEST = 190


class ImportDialog(QDialog):
    """The runs, what is assumed of them and what is missing; does not stop the window.

    Signals:
        accepted_runs: the list of :class:`Draft` to take in, and the catalogue to estimate them with.
    """

    accepted_runs = Signal(object, object)

    def __init__(self, opened: Opened, parent: QWidget) -> None:
        super().__init__(parent)
        self._opened = opened
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(text("benchmark.dialog.title"))
        self.model = DraftModel(opened.drafts, opened.catalog, self)
        self.table = QTableView(self)
        self.lead, self.told, self.left_out = (QLabel(self) for _ in range(3))
        self.all_button = QPushButton(text("benchmark.dialog.all"), self)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.import_button = self.buttons.addButton(text("benchmark.dialog.import"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.import_button.setDefault(True)
        self._lay_out()
        self.model.edited.connect(self._check)
        self.all_button.clicked.connect(lambda: self.model.apply_to_all(self.table.currentIndex()))
        self.buttons.accepted.connect(self._accept)
        self.buttons.rejected.connect(self.reject)
        self._check()

    def _lay_out(self) -> None:
        self._set_up_table()
        self.lead.setText(text("benchmark.dialog.lead"))
        for label in (self.lead, self.told, self.left_out):
            label.setWordWrap(True)
        for label in (self.lead, self.left_out):
            label.setProperty("quiet", True)
        refused = self._opened.refused
        self.left_out.setVisible(bool(refused))
        if refused:
            first = f"{refused[0].file} {refused[0].record.place}: {refused[0].record.reason.sentence()}"
            self.left_out.setText(text("benchmark.dialog.refused", count=format_integer(len(refused)), first=first))
        line = QHBoxLayout()
        line.addWidget(self.told, 1)
        line.addWidget(self.all_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(10)
        column.addWidget(self.lead)
        column.addWidget(self.table, 1)
        column.addWidget(self.left_out)
        column.addLayout(line)
        column.addWidget(self.buttons)
        self.resize(1120, 420)

    def _set_up_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setItemDelegate(NameDelegate(self.model, table))
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        edits = QAbstractItemView.EditTrigger
        table.setEditTriggers(edits.DoubleClicked | edits.EditKeyPressed | edits.AnyKeyPressed | edits.SelectedClicked)
        table.verticalHeader().hide()
        table.setTabKeyNavigation(False)
        table.setAccessibleName(text("benchmark.dialog.title"))
        table.setAlternatingRowColors(True)
        table.setShowGrid(False)
        metrics = QFontMetrics(table.font())
        head = table.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for at in range(len(HEADS)):
            texts = [str(self.model.index(row, at).data() or "") for row in range(min(self.model.rowCount(), 50))]
            widest = max([metrics.horizontalAdvance(item) for item in [*texts, text(f"benchmark.column.{HEADS[at]}")]])
            table.setColumnWidth(at, min(widest + 26, _WIDEST))
        head.setStretchLastSection(True)

    def _check(self) -> None:
        """Say what is missing; only whole runs can be taken in."""
        problem, count = self.model.first_problem(), len(self.model.wanted())
        self.import_button.setEnabled(problem is None and count > 0)
        set_flag(self.told, "wrong", on=problem is not None)
        if problem is None:
            self.told.setText(text(f"benchmark.dialog.{'ready' if count else 'none'}", count=format_integer(count)))
            return
        draft, column, reason = problem
        place = f"{draft.file} {draft.run.place}".strip()
        name = text(f"benchmark.column.{column}")
        self.told.setText(text("benchmark.dialog.problem", place=place, column=name, reason=reason.sentence()))

    def _accept(self) -> None:
        self.accepted_runs.emit(self.model.wanted(), self._opened.catalog)
        self.accept()
