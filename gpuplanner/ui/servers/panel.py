"""The Servers tab: the bill of materials of the chosen plan."""

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
    from gpuplanner.engine.estate.memo import Memo
    from gpuplanner.engine.site.result import Site


class ServersPanel(QWidget):
    """Follows every estimate while it is seen.

    Signals:
        page_wanted: name of a page that shall come to the centre.
        figure_wanted: GPU id and key of a figure that shall be explained.
    """

    page_wanted = Signal(str)
    figure_wanted = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._given: tuple[Estimate, Scenario, Catalog] | None = None
        self._theme = LIGHT
        self._byte_unit = "GB"
        self._stale = False
        self.site: Site | None = None
        self.whole = False  # all workloads of the estate, not the scenario's own alone
        self._memo: Memo | None = None
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
        """Show the servers of another answer."""
        self._given = (estimate, scenario, catalog)
        self._stale = True
        if self.isVisible():
            self.renew()

    def showEvent(self, event: QShowEvent) -> None:
        """What was answered while nobody looked is shown now."""
        super().showEvent(event)
        if self._stale:
            self.renew()

    def renew(self) -> None:
        """Work out the bill of materials and show it."""
        if self._given is None:
            return
        from gpuplanner.engine.site.build import site_of  # after the first answer

        self._stale = False
        estimate, scenario, catalog = self._given
        self.whole = self.whole and bool(scenario.estate.more)
        self.site = self._together(scenario, catalog) if self.whole else site_of(scenario, catalog, estimate)
        self._show()

    def _together(self, scenario: Scenario, catalog: Catalog) -> Site:
        from gpuplanner.engine.estate.build import estate_of
        from gpuplanner.engine.estate.memo import Memo

        self._memo = self._memo or Memo()
        return estate_of(scenario, catalog, self._memo).site

    def copy(self) -> None:
        """Put the lines on the clipboard as a table."""
        if self.site is not None and self._given is not None:
            from gpuplanner.ui.servers.page import table

            QGuiApplication.clipboard().setText(table(self.site, self._given[1], self._byte_unit))

    def set_byte_unit(self, unit: str) -> None:
        """Show "GB" or "GiB"."""
        self._byte_unit = unit
        self._show()

    def retranslate(self) -> None:
        """Say everything again, in the current language."""
        self.copy_button.setText(text("results.why.copy_table"))
        self.browser.setAccessibleName(text("tab.servers"))
        self._show()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        self.browser.apply_theme(theme)
        self._show()

    def _show(self) -> None:
        if self.site is None or self._given is None:
            return
        from gpuplanner.ui.servers.page import written

        self.copy_button.setEnabled(bool(self.site.lines))
        self.browser.show_page(written(self.site, self._given[1], self._theme, self._byte_unit, whole=self.whole))

    def _follow(self, link: QUrl) -> None:
        kind, _, name = link.toString().partition(":")
        if kind == "page":
            self.page_wanted.emit(name)
        elif kind == "scope":
            self.whole = name == "whole"
            self.renew()
        elif kind == "why" and self._given is not None and self._given[0].chosen is not None:
            self.figure_wanted.emit(self._given[0].chosen, name)
