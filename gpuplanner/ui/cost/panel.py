"""The Cost tab: what the chosen plan costs over its life, and where it could be rented."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from gpuplanner.engine.result import Estimate
from gpuplanner.palette import LIGHT, Theme
from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import text
from gpuplanner.ui.why.browser import PageBrowser

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog
    from gpuplanner.ui.cost.given import Given


class CostPanel(QWidget):
    """Follows every estimate while it is seen.

    Signals:
        page_wanted: name of a page that shall come to the centre.
        figure_wanted: GPU id and key of a figure that shall be explained.
    """

    page_wanted = Signal(str)
    figure_wanted = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asked: tuple[Scenario, Catalog, Estimate] | None = None
        self._theme = LIGHT
        self._stale = False
        self.given: Given | None = None
        self.browser = PageBrowser(self)
        self.browser.anchorClicked.connect(self._follow)
        self.copy_button = QPushButton(self)
        self.copy_button.clicked.connect(self.copy)
        row = QHBoxLayout()
        row.addWidget(self.copy_button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 8, 10)
        column.setSpacing(8)
        column.addWidget(self.browser, 1)
        column.addLayout(row)
        self.retranslate()

    def set_estimate(self, estimate: Estimate, scenario: Scenario, catalog: Catalog) -> None:
        """Show the cost of another answer."""
        self._asked = (scenario, catalog, estimate)
        self._stale = True
        if self.isVisible():
            self.renew()

    def showEvent(self, event: QShowEvent) -> None:
        """What was answered while nobody looked is shown now."""
        super().showEvent(event)
        if self._stale:
            self.renew()

    def renew(self) -> None:
        """Work the money out and show it."""
        if self._asked is None:
            return
        from gpuplanner.ui.cost.given import given  # after the first answer

        self._stale = False
        self.given = given(*self._asked)
        self._show()

    def copy(self) -> None:
        """Put the figures on the clipboard as a table."""
        if self.given is not None:
            from gpuplanner.ui.cost.tab_page import table

            QGuiApplication.clipboard().setText(table(self.given))

    def retranslate(self) -> None:
        """Say everything again, in the current language."""
        self.copy_button.setText(text("results.why.copy_table"))
        self.browser.setAccessibleName(text("tab.cost"))
        self._show()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        self.browser.apply_theme(theme)
        self._show()

    def _show(self) -> None:
        if self._asked is None or self._stale:
            return
        from gpuplanner.ui.cost.tab_page import written

        self.copy_button.setEnabled(self.given is not None)
        self.browser.show_page(written(self.given, self._theme))

    def _follow(self, link: QUrl) -> None:
        kind, _, name = link.toString().partition(":")
        if kind == "page":
            self.page_wanted.emit(name)
        elif kind == "figure" and self.given is not None:
            self.figure_wanted.emit(self.given.plan.gpu_id, name)
