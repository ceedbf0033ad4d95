"""All settings in one dialog; what is changed is in force at once and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFrame, QScrollArea, QTabWidget, QVBoxLayout, QWidget

from gpuplanner.texts import text
from gpuplanner.ui.settings.company import CompanyPage
from gpuplanner.ui.settings.folders import FoldersPage
from gpuplanner.ui.settings.general import GeneralPage

if TYPE_CHECKING:
    from gpuplanner.ui.window import MainWindow

PAGES = ("general", "folders", "company")


class SettingsDialog(QDialog):
    """Does not stop the window; follows the language while it is open."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.tabs = QTabWidget(self)
        self.general, self.folders, self.company = GeneralPage(window), FoldersPage(window), CompanyPage(window)
        for page in (self.general, self.folders, self.company):
            self.tabs.addTab(_scrolled(page, self.tabs), "")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        self.buttons.button(QDialogButtonBox.StandardButton.Close).setDefault(True)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 14)
        column.setSpacing(12)
        column.addWidget(self.tabs, 1)
        column.addWidget(self.buttons)
        window.session.texts_changed.connect(self.retranslate)
        self.retranslate()
        self.resize(680, 600)

    def show_page(self, name: str) -> None:
        """Bring "general", "folders" or "company" to the front."""
        self.tabs.setCurrentIndex(PAGES.index(name))

    def retranslate(self) -> None:
        """Follow a change of language."""
        self.setWindowTitle(text("settings.title"))
        for place, name in enumerate(PAGES):
            self.tabs.setTabText(place, text(f"settings.page.{name}"))
        for page in (self.general, self.folders, self.company):
            page.retranslate()
        close = self.buttons.button(QDialogButtonBox.StandardButton.Close)
        close.setText(text("settings.close"))


def _scrolled(page: QWidget, parent: QWidget) -> QScrollArea:
    """A page that can be scrolled where the screen is small."""
    area = QScrollArea(parent)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(page)
    return area
