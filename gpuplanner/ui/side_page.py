"""A tab at the right that shows a page of text, follows every estimate while it is seen, and can be copied as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from gpuplanner.engine.result import Estimate
from gpuplanner.palette import LIGHT, Theme
from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import text
from gpuplanner.ui.faults import guarded
from gpuplanner.ui.why.browser import PageBrowser

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog


class SidePage(QWidget):
    """What the Servers and the Cost tab have in common; each works its own matter out and words it.

    Signals:
        page_wanted: name of a page that shall come to the centre.
        figure_wanted: GPU id and key of a figure that shall be explained.
        field_wanted: dotted path of a field of the form that shall be edited.
    """

    page_wanted = Signal(str)
    figure_wanted = Signal(str, str)
    field_wanted = Signal(str)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        """An empty page.

        Args:
            title: key of its name.
            parent: owns it.
        """
        super().__init__(parent)
        self._title = title
        self._asked: tuple[Estimate, Scenario, Catalog] | None = None
        self._theme = LIGHT
        self._stale = False
        self.browser = PageBrowser(self)
        self.browser.anchorClicked.connect(self._opened)
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

    def work_out(self, estimate: Estimate, scenario: Scenario, catalog: Catalog) -> None:
        """Find what is to be shown."""
        raise NotImplementedError

    def page(self) -> str | None:
        """The page as rich text; None before anything was worked out."""
        raise NotImplementedError

    def table(self) -> str:
        """The page as a table with tabs; empty where there is nothing to copy."""
        raise NotImplementedError

    def follow(self, kind: str, name: str) -> None:
        """Go where a link of the page leads, other than to another page."""
        raise NotImplementedError

    def set_estimate(self, estimate: Estimate, scenario: Scenario, catalog: Catalog) -> None:
        """Show another answer, now or when the page is seen."""
        self._asked = (estimate, scenario, catalog)
        self._stale = True
        if self.isVisible():
            self.renew()

    @guarded
    def showEvent(self, event: QShowEvent) -> None:
        """What was answered while nobody looked is shown now."""
        super().showEvent(event)
        if self._stale:
            self.renew()

    def renew(self) -> None:
        """Work everything out and show it."""
        if self._asked is not None:
            self._stale = False
            self.work_out(*self._asked)
            self.show_again()

    def show_again(self) -> None:
        """Word what was worked out."""
        shown = self.page() if self._asked is not None and not self._stale else None
        if shown is not None:
            self.copy_button.setEnabled(bool(self.table()))
            self.browser.show_page(shown)

    def copy(self) -> None:
        """Put the table on the clipboard."""
        if self._asked is not None:
            QGuiApplication.clipboard().setText(self.table())

    def retranslate(self) -> None:
        """Say everything again, in the current language."""
        self.copy_button.setText(text("results.why.copy_table"))
        self.browser.setAccessibleName(text(self._title))
        self.show_again()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        self.browser.apply_theme(theme)
        self.show_again()

    def _opened(self, link: QUrl) -> None:
        kind, _, name = link.toString().partition(":")
        if kind == "page":
            self.page_wanted.emit(name)
        elif kind == "edit":
            self.field_wanted.emit(name)
        else:
            self.follow(kind, name)
