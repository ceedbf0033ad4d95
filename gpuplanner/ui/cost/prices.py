"""The prices behind the answer: where each is from and how old it is; discounts by group; the own price list."""

from __future__ import annotations

from datetime import date
from functools import partial
from html import escape
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gpuplanner.format import format_money
from gpuplanner.report.names import gpu_name
from gpuplanner.report.price_age import is_stale, month_text
from gpuplanner.scenario.fields import Limits
from gpuplanner.scenario.money import Discount
from gpuplanner.texts import text
from gpuplanner.ui.cost.given import Given
from gpuplanner.ui.fields.quantity import Asks, QuantityEdit
from gpuplanner.ui.repolish import set_flag
from gpuplanner.ui.session import Session
from gpuplanner.units import QuantityKind

_SHARE: Final = Limits(low=0.0, high=1.0, above=False, whole=False, empty=False)
GROUPS: Final = ("all", "servers", "storage", "network", "room")


class PricesField(QWidget):
    """The card's price with its source, discounts, and the way to an own list.

    Signals:
        import_wanted: a price list shall be read.
    """

    import_wanted = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._given: Given | None = None
        self.heading, self.known = QLabel(self), QLabel(self)
        self.known.setWordWrap(True)
        self.known.setTextFormat(Qt.TextFormat.RichText)
        self.known.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.age = QLabel(self)
        self.age.setWordWrap(True)
        set_flag(self.age, "wrong", on=True)
        self.import_button = QPushButton(self)
        self.import_button.clicked.connect(self.import_wanted)
        self.discount_heading = QLabel(self)
        for label in (self.heading, self.discount_heading):
            font = label.font()
            font.setBold(True)
            label.setFont(font)
        self.labels: dict[str, QLabel] = {}
        self.discounts: dict[str, QuantityEdit] = {}
        grid = QGridLayout()
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for row, group in enumerate(GROUPS):
            label, editor = QLabel(self), QuantityEdit(Asks(QuantityKind.PERCENT, _SHARE), self)
            editor.edited.connect(partial(self._discounted, group))
            grid.addWidget(label, row, 0)
            grid.addWidget(editor, row, 1)
            label.setBuddy(editor)
            self.labels[group], self.discounts[group] = label, editor
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 6)
        column.setSpacing(6)
        for widget in (self.heading, self.known, self.age, self.import_button, self.discount_heading):
            column.addWidget(widget)
        column.addLayout(grid)
        session.scenario_changed.connect(self._refresh)
        self.retranslate()

    def show_given(self, given: Given) -> None:
        """Show the prices of the answer's card."""
        self._given = given
        self.retranslate()

    def retranslate(self) -> None:
        """Say everything again, in the current language."""
        self.import_button.setText(text("cost.prices.import"))
        self.discount_heading.setText(text("field.money.discounts"))
        self.discount_heading.setToolTip(text("field.money.discounts.help"))
        for group in GROUPS:
            name = text("cost.prices.all" if group == "all" else f"site.group.{group}")
            self.labels[group].setText(name)
            self.discounts[group].setAccessibleName(f"{text('field.money.discounts')}: {name}")
            self.discounts[group].set_unit("%")
            self.discounts[group].retranslate()
        self._refresh(None)
        given = self._given
        if given is None:
            return
        gpu = given.catalog.gpus[given.plan.gpu_id]
        self.heading.setText(text("cost.prices.card", gpu=gpu_name(gpu.id, given.catalog)))
        best = gpu.best_price(given.currency)
        lines = []
        for price in gpu.prices:
            told = f"{format_money(price.amount, price.currency)} · {text(f'price.{price.kind}')} · {month_text(price.date)}"
            place = f" · {price.region}" if price.region else ""
            line = escape(told + place)
            lines.append(f"<b>{line}</b>" if price is best else line)
        self.known.setText("<br>".join(lines) or escape(text("cost.prices.none")))
        old = best is not None and is_stale(best.date, date.today())
        self.age.setText(text("cost.prices.old") if old else "")
        self.age.setVisible(old)

    def _refresh(self, _path: object) -> None:
        given = {item.on: item.share for item in self._session.scenario.money.discounts}
        for group, editor in self.discounts.items():
            editor.set_value(given.get(group, 0.0))

    def _discounted(self, group: str, share: object) -> None:
        kept = [item for item in self._session.scenario.money.discounts if item.on != group]
        if isinstance(share, int | float) and share > 0:
            kept.append(Discount(on=group, share=float(share)))
        self._session.set("money.discounts", tuple(kept))
