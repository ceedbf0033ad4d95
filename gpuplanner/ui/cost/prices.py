"""The prices behind the answer: where each is from and how old it is; discounts by group; the own price list."""

from __future__ import annotations

from datetime import date
from functools import partial
from html import escape
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.engine.money.prices import card_price, line_price
from gpuplanner.format import SYMBOLS, format_money
from gpuplanner.report.names import gpu_name
from gpuplanner.report.price_age import is_stale, month_text
from gpuplanner.scenario.fields import Limits
from gpuplanner.scenario.money import Discount, OwnPrice
from gpuplanner.texts import text
from gpuplanner.ui.cost.given import Given
from gpuplanner.ui.fields.quantity import Asks, QuantityEdit
from gpuplanner.ui.repolish import set_flag
from gpuplanner.ui.session import Session
from gpuplanner.units import QuantityKind

_PRICE: Final = Limits(low=0.0, high=1e10, above=True, whole=False, empty=True)
_SHARE: Final = Limits(low=0.0, high=1.0, above=False, whole=False, empty=False)
GROUPS: Final = ("all", "servers", "storage", "network", "room")


class PricesField(QWidget):
    """The card's price with its source, discounts, and the way to an own list.

    Signals:
        import_wanted: a price list shall be read.
        lines_wanted: every line shall be shown with its price.
    """

    import_wanted = Signal()
    lines_wanted = Signal()

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
        self.own_label, self.own = (
            QLabel(self),
            QuantityEdit(Asks(QuantityKind.MONEY, _PRICE, empty="cost.prices.own.none"), self),
        )
        self.own_label.setBuddy(self.own)
        self.own.edited.connect(self._priced)
        self.lines_button = QPushButton(self)
        self.lines_button.clicked.connect(self.lines_wanted)
        self.import_button = QPushButton(self)
        self.import_button.clicked.connect(self.import_wanted)
        self.discount_heading = QLabel(self)
        for label in (self.heading, self.discount_heading):
            font = label.font()
            font.setBold(True)
            label.setFont(font)
        self.labels: dict[str, QLabel] = {}
        self.discounts: dict[str, QuantityEdit] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 6)
        column.setSpacing(6)
        for widget in (self.heading, self.known, self.age):
            column.addWidget(widget)
        own = QHBoxLayout()
        own.addWidget(self.own_label)
        own.addWidget(self.own, 1)
        column.addLayout(own)
        column.addWidget(self.lines_button)
        column.addWidget(self.import_button)
        column.addWidget(self.discount_heading)
        column.addLayout(self._discount_grid())
        session.scenario_changed.connect(self._refresh)
        self.retranslate()

    def _discount_grid(self) -> QGridLayout:
        """A field for each group."""
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
        return grid

    def show_given(self, given: Given) -> None:
        """Show the prices of the answer's card."""
        self._given = given
        self.retranslate()

    def retranslate(self) -> None:
        """Say everything again, in the current language."""
        self.import_button.setText(text("cost.prices.import"))
        self.lines_button.setText(text("cost.prices.lines"))
        self.lines_button.setToolTip(text("cost.prices.lines.hint"))
        self.own_label.setText(text("cost.prices.own"))
        self.own_label.setToolTip(text("field.money.prices.help"))
        self.own.setAccessibleName(text("cost.prices.own"))
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
        self.own.set_currency(given.currency)
        self.own.set_unit(f"{SYMBOLS[given.currency]} {text('cost.prices.each')}")
        self.own.retranslate()
        best = card_price(gpu, given.scenario.money)
        lines = []
        for price in gpu.prices if best is None or best in gpu.prices else (best, *gpu.prices):
            dated = month_text(price.date) or text("cost.offer.undated")
            told = f"{format_money(price.amount, price.currency)} · {text(f'price.{price.kind}')} · {dated}"
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
        gpu = self._card()
        self.own.setEnabled(gpu is not None)
        self.own.set_value(None if gpu is None else self._own_amount(gpu))

    def _card(self) -> Gpu | None:
        """The answer's card."""
        return self._given.catalog.gpus[self._given.plan.gpu_id] if self._given is not None else None

    def _own_amount(self, gpu: Gpu) -> float | None:
        """The own price of a card in the scenario's currency."""
        money = self._session.scenario.money
        found = line_price(money, (gpu.id,))
        return None if found is None else found.value

    def _priced(self, amount: object) -> None:
        gpu, money = self._card(), self._session.scenario.money
        if gpu is None:
            return
        kept = [price for price in money.prices if price.on != gpu.id]
        if isinstance(amount, int | float):
            entered = {"on": gpu.id, "amount": float(amount), "currency": money.currency, "entered_on": date.today()}
            kept.append(OwnPrice.model_validate(entered))
        self._session.set("money.prices", tuple(kept))

    def _discounted(self, group: str, share: object) -> None:
        kept = [item for item in self._session.scenario.money.discounts if item.on != group]
        if isinstance(share, int | float) and share > 0:
            kept.append(Discount(on=group, share=float(share)))
        self._session.set("money.discounts", tuple(kept))
