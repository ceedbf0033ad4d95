"""The panel at the left of the page: money, prices, the load over the day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from gpuplanner.palette import Theme
from gpuplanner.texts import text
from gpuplanner.ui.cost.budget import BudgetLabel
from gpuplanner.ui.cost.day_curve import DayCurveField
from gpuplanner.ui.cost.form import SectionsForm
from gpuplanner.ui.cost.given import Given
from gpuplanner.ui.cost.prices import PricesField
from gpuplanner.ui.cost.specs import CURVE_SECTIONS, MONEY_SECTIONS, PRICE_SECTIONS
from gpuplanner.ui.session import Session

if TYPE_CHECKING:
    from gpuplanner.engine.money.budget import Bought

TABS: Final = ("money", "prices", "curve")


class CostSide(QWidget):
    """Three tabs of fields."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.tabs = QTabBar(self)
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.stack = QStackedWidget(self)
        self.money = SectionsForm(session, MONEY_SECTIONS, self.stack)
        self.prices = SectionsForm(session, PRICE_SECTIONS, self.stack)
        self.curve = SectionsForm(session, CURVE_SECTIONS, self.stack)
        self.price_list = PricesField(session, self.prices.widget())
        self.day = DayCurveField(session, self.curve.widget())
        self.budget = BudgetLabel(self.prices.widget())
        self.budget.taken.connect(self._take_load)
        self.prices.column.insertWidget(0, self.price_list)
        self.prices.sections[-1].add_below(self.budget)
        self.curve.column.insertWidget(0, self.day)
        for form in (self.money, self.prices, self.curve):
            self.tabs.addTab("")
            self.stack.addWidget(form)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs)
        column.addWidget(self.stack)
        self.tabs.currentChanged.connect(self.stack.setCurrentIndex)
        session.scenario_changed.connect(self._scenario_changed)
        self._scenario_changed(None)
        self.retranslate()

    def show_given(self, given: Given) -> None:
        """Show the prices behind the answer."""
        self.price_list.show_given(given)
        self.budget.show_given(given)

    def edit_field(self, path: str) -> bool:
        """Give a field the focus; says whether there is one."""
        if path in ("money.discounts", "money.day_curve"):
            self.tabs.setCurrentIndex(1 if path == "money.discounts" else 2)
            (self.price_list.discounts["all"] if path == "money.discounts" else self.day.curve).setFocus()
            return True
        for place, form in enumerate((self.money, self.prices, self.curve)):
            row = form.rows.get(path)
            if row is not None and not row.isHidden():
                self.tabs.setCurrentIndex(place)
                form.focus_field(path)
                return True
        return False

    def retranslate(self) -> None:
        """Say everything again, in the current language; the forms do by themselves."""
        for place, name in enumerate(TABS):
            self.tabs.setTabText(place, text(f"cost.tab.{name}"))
        self.price_list.retranslate()
        self.day.retranslate()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self.day.curve.apply_theme(theme)

    def _take_load(self, bought: Bought) -> None:
        """What the budget buys becomes the question, in one step of the history."""
        from gpuplanner.engine.money.budget import load_path

        values = {load_path(self._session.scenario): bought.load, "deployment.gpu": bought.gpu_id}
        self._session.set_many("money.budget", values)

    def _scenario_changed(self, _path: object) -> None:
        self.day.refresh(self._session.scenario)
