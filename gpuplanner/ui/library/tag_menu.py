"""A menu to file scenarios under tags."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget, QWidgetAction

from gpuplanner.scenario.cards import Card
from gpuplanner.texts import text
from gpuplanner.ui.faults import guarded

_LONGEST = 40
_MOST = 25


class TagMenu(QMenu):
    """A line for a new tag, and those there are: ticked where all selected scenarios have it.

    Signals:
        added, removed: a tag.
    """

    added = Signal(str)
    removed = Signal(str)

    def __init__(self, cards: Sequence[Card], tags: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = QLineEdit(self)
        self.line.setPlaceholderText(text("library.tag.new"))
        self.line.setAccessibleName(text("library.tag.new"))
        self.line.setMaxLength(_LONGEST)
        self.line.returnPressed.connect(self._typed)
        field = QWidgetAction(self)
        field.setDefaultWidget(self.line)
        self.addAction(field)
        if tags:
            self.addSeparator()
        for tag in tags[:_MOST]:
            has_it = all(tag.casefold() in (own.casefold() for own in card.tags) for card in cards)
            action = self.addAction(tag.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(has_it)
            action.triggered.connect(partial((self.removed if has_it else self.added).emit, tag))

    @guarded
    def showEvent(self, event: QShowEvent) -> None:
        """Ready to type."""
        super().showEvent(event)
        self.line.setFocus()

    def _typed(self) -> None:
        tag = " ".join(self.line.text().split())
        self.close()
        if tag:
            self.added.emit(tag)
