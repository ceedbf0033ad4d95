"""Every price behind the answer in one table: own prices and discounts are typed in, the sums follow at once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
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

from gpuplanner.format import format_figure
from gpuplanner.texts import text
from gpuplanner.ui.cost.given import Given
from gpuplanner.ui.cost.price_model import NAME, OWN, PriceModel
from gpuplanner.ui.cost.price_rows import rows_of
from gpuplanner.ui.repolish import set_flag
from gpuplanner.ui.session import Session


class PriceTable(QDialog):
    """Follows the answer; an edit is one of the scenario and can be undone. Does not stop the window.

    Signals:
        import_wanted: a price list shall be read.
    """

    import_wanted = Signal()

    def __init__(self, session: Session, given: Callable[[], Given | None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._given = session, given
        self.intro, self.total, self.wrong = QLabel(self), QLabel(self), QLabel(self)
        self.also = ""  # a card that isn't the answer's
        self.model = PriceModel(session)
        self.table = QTableView(self)
        self.table.setModel(self.model)
        self.import_button, self.clear_button = QPushButton(self), QPushButton(self)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        self._lay_out()
        self.model.told.connect(self._say)
        self.import_button.clicked.connect(self.import_wanted)
        self.clear_button.clicked.connect(self._clear)
        self.buttons.rejected.connect(self.reject)
        session.estimate_ready.connect(self._answered)
        self.retranslate()

    def retranslate(self) -> None:
        """Say everything again, in the current language."""
        self.setWindowTitle(text("cost.lines.title"))
        self.intro.setText(text("cost.lines.intro"))
        self.import_button.setText(text("cost.prices.import"))
        self.clear_button.setText(text("cost.lines.clear"))
        self.buttons.button(QDialogButtonBox.StandardButton.Close).setText(text("dialog.close"))
        self.table.setAccessibleName(text("cost.lines.title"))
        self.refresh()

    def focus_row(self, on: str) -> None:
        """Put the cursor on the own price of a card, a line or a group; on the first where none is named."""
        names = [(row.on, *row.lines, *row.groups) for row in self.model.rows]
        place = next((place for place, known in enumerate(names) if on in known), 0)
        self.table.setCurrentIndex(self.model.index(place, OWN))
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self) -> None:
        """Show the prices as they are now; the cursor stays."""
        given = self._given()
        if given is None:
            self.model.set_rows((), self._session.scenario.money.currency)
            self.total.setText("")
            return
        also = [self.also] if self.also in given.catalog.gpus else []
        cards = dict.fromkeys([*also, given.plan.gpu_id, *given.cards])
        lines, plain = given.site.lines, given.plain_lines()
        self.model.set_rows(rows_of(given.scenario, given.catalog, cards, lines, plain, self.model.today), given.currency)
        bought = format_figure(given.money.life.figures["purchase_total"], currency=given.currency)
        self.total.setText(f"{text('money.figure.purchase_total')}: <b>{bought}</b>")
        self.clear_button.setEnabled(bool(given.scenario.money.prices))

    def _say(self, words: str) -> None:
        set_flag(self.wrong, "wrong", on=bool(words))
        self.wrong.setText(words)

    def _clear(self) -> None:
        self._session.set("money.prices", (), merges=False)

    def _answered(self, _estimate: object) -> None:
        if self.isVisible():
            self.refresh()

    def _lay_out(self) -> None:
        for label in (self.intro, self.wrong):
            label.setWordWrap(True)
        for button in (self.import_button, self.clear_button, self.buttons.button(QDialogButtonBox.StandardButton.Close)):
            button.setAutoDefault(False)  # Enter belongs to the cells
        self.intro.setProperty("quiet", True)
        self.total.setTextFormat(Qt.TextFormat.RichText)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        wanted = QAbstractItemView.EditTrigger
        self.table.setEditTriggers(wanted.DoubleClicked | wanted.AnyKeyPressed | wanted.EditKeyPressed | wanted.SelectedClicked)
        head = self.table.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        head.setSectionResizeMode(OWN, QHeaderView.ResizeMode.Fixed)
        head.resizeSection(OWN, 150)
        low = QHBoxLayout()
        low.addWidget(self.import_button)
        low.addWidget(self.clear_button)
        low.addStretch(1)
        low.addWidget(self.total)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        column.addWidget(self.intro)
        column.addWidget(self.table, 1)
        column.addWidget(self.wrong)
        column.addLayout(low)
        column.addWidget(self.buttons)
        self.resize(860, 560)
