"""Menus of tick boxes that stay open while one ticks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import cast

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QMenu, QWidget


class TickMenu(QMenu):
    """A menu whose checkable entries don't close it, by mouse and by space bar."""

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        """An empty menu."""
        super().__init__(title, parent)
        self.setToolTipsVisible(True)

    def tick(self, words: str, on: bool, changed: Callable[[bool], None]) -> QAction:
        """Add a tick box; ``changed`` is told its new state."""
        action = self.addAction(words)
        action.setCheckable(True)
        action.setChecked(on)
        action.toggled.connect(changed)
        return action

    def entry(self, words: str, chosen: Callable[[], object]) -> QAction:
        """Add a plain entry, which closes the menu."""
        action = self.addAction(words)
        action.triggered.connect(partial(_call, chosen))
        return action

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A tick box changes and the menu stays."""
        action = cast("QAction | None", self.activeAction())
        if (
            action is not None
            and action.isCheckable()
            and action.isEnabled()
            and self.actionAt(event.position().toPoint()) is action
        ):
            action.trigger()
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space ticks, Enter does what it does in every menu."""
        action = cast("QAction | None", self.activeAction())
        if event.key() == Qt.Key.Key_Space and action is not None and action.isCheckable() and action.isEnabled():
            action.trigger()
        else:
            super().keyPressEvent(event)


def _call(chosen: Callable[[], object], _checked: bool = False) -> None:
    chosen()
