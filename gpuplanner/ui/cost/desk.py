"""Puts the page on cost into a window: what it asks for, the window's parts do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from gpuplanner.errors import InputError, Message
from gpuplanner.ui.notices import Notice

if TYPE_CHECKING:
    from gpuplanner.ui.cost.given import Given
    from gpuplanner.ui.cost.import_dialog import PriceListDialog
    from gpuplanner.ui.cost.page import CostPage
    from gpuplanner.ui.cost.price_table import PriceTable
    from gpuplanner.ui.window import MainWindow

COST = "cost"


class CostDesk(QObject):
    """Makes the page when it is first shown.

    Attributes:
        page: None until then.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.page: CostPage | None = None
        self.dialog: PriceListDialog | None = None
        self.prices: PriceTable | None = None  # once it was wanted
        window.bench.makers[COST] = self._make
        window.bench.editors.append(self._edit_field)
        window.bench.page.table.view.price_wanted.connect(self.show_card_price)

    def import_prices(self) -> None:
        """Ask for a price list and show what is in it."""
        window = self._window
        path = window.filing.asking.prices_to_import(window.filing.folder())
        if path is not None:
            self.read_prices(path)

    def read_prices(self, path: Path) -> None:
        """Show what is in a price list; what can't be read at all is said under the tool bar."""
        from gpuplanner.catalog.prices.sheet import read_sheet
        from gpuplanner.ui.cost.import_dialog import PriceListDialog

        window, session = self._window, self._window.session
        if session.catalog is None:
            return
        try:
            rows = read_sheet(path)
        except InputError as error:
            window.notices.add(Notice(error, "bad", "prices"))
            return
        dialog = PriceListDialog(path, rows, session.catalog, session.scenario.money.currency, window)
        dialog.taken.connect(self._taken)
        self.dialog = dialog
        dialog.open()

    def show_card_price(self, gpu_id: str) -> None:
        """Show the prices, the cursor on that of a card, be it in the answer or not."""
        self.show_prices(gpu_id, gpu_id)

    def show_prices(self, key: str = "", card: str = "") -> None:
        """Show the price of every line, the cursor on that of a card, line or group; with a further card, if one is named."""
        from gpuplanner.ui.cost.price_table import PriceTable

        if self.prices is None:
            self.prices = PriceTable(self._window.session, self._given, self._window)
            self.prices.import_wanted.connect(self.import_prices)
        self.prices.also = card
        self.prices.retranslate()
        self.prices.show()
        self.prices.raise_()
        self.prices.focus_row(key)

    def _given(self) -> Given | None:
        """What the page shows; the scenario's own where it was never opened."""
        from gpuplanner.ui.cost.given import given

        session = self._window.session
        if session.catalog is None or session.estimate is None:
            return None
        if self.page is not None and self.page.whole:
            return self.page.fresh()
        return given(session.scenario, session.catalog, session.estimate)

    def _taken(self, count: int) -> None:
        """Work with the new prices from now on."""
        from gpuplanner.catalog.load import load_catalog

        self._window.session.set_catalog(load_catalog())
        self._window.notices.add(Notice(Message("notice.prices", {"count": count}), "info", "prices"))

    def _edit_field(self, path: str) -> bool:
        return self.page is not None and self.page.isVisible() and self.page.side.edit_field(path)

    def _make(self, parent: QWidget) -> CostPage:
        from gpuplanner.ui.cost.page import CostPage

        page = CostPage(self._window.session, parent)
        page.figure_wanted.connect(self._window.bench.explain)
        page.side.price_list.import_wanted.connect(self.import_prices)
        page.prices_wanted.connect(self.show_prices)
        self.page = page
        return page
