"""The switch in the tool bar between the pages of the centre."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget


class PageSwitch(QWidget):
    """A button for each page, one of them down; the pages' actions carry text, tip and shortcut."""

    def __init__(self, actions: Sequence[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        group = QActionGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.buttons: list[QToolButton] = []
        for place, action in enumerate(actions):
            group.addAction(action)
            button = QToolButton(self)
            button.setProperty("segment", True)
            button.setProperty("page", True)
            button.setProperty("place", "first" if place == 0 else "last" if place == len(actions) - 1 else "middle")
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
            button.setDefaultAction(action)
            row.addWidget(button)
            self.buttons.append(button)
