"""A card whose picture and numbers can be copied by its context menu."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QFrame, QMenu, QWidget

from gpuplanner.texts import text


class CopiedCard(QFrame):
    """What cards with charts have in common; each says what its numbers are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """An empty card."""
        super().__init__(parent)
        self.setProperty("card", True)
        self.copy_picture_action, self.copy_data_action = QAction(self), QAction(self)
        self.copy_picture_action.triggered.connect(self.copy_picture)
        self.copy_data_action.triggered.connect(self.copy_data)

    def data_tsv(self) -> str:
        """The numbers as a table with tabs; empty where there are none."""
        raise NotImplementedError

    def copy_data(self) -> None:
        """Put the numbers on the clipboard."""
        QGuiApplication.clipboard().setText(self.data_tsv())

    def copy_picture(self) -> None:
        """Put the picture on the clipboard."""
        QGuiApplication.clipboard().setPixmap(self.grab())

    def menu(self) -> QMenu:
        """The context menu."""
        menu = QMenu(self)
        menu.addActions([self.copy_picture_action, self.copy_data_action])
        return menu

    def retranslate(self) -> None:
        """Say everything again, in the current language."""
        self.copy_picture_action.setText(text("results.chart.copy_picture"))
        self.copy_data_action.setText(text("results.chart.copy_data"))

    def open_menu(self, place: QPoint) -> None:
        """Open the context menu at a global position."""
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)
