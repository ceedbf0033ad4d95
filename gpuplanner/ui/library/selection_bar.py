"""The bar below the list: what is selected, and the buttons for it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from gpuplanner.scenario.cards import Answer, Card
from gpuplanner.texts import text
from gpuplanner.ui.library.words import span_words


class SelectionBar(QWidget):
    """Names the selection.

    Signals:
        command: key of a command.
    """

    command = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chosen = QLabel(self)
        self.chosen.setProperty("quiet", True)
        self.buttons = {key: QPushButton(self) for key in ("tag", "archive", "trash", "compare")}
        self.buttons["compare"].setProperty("strong", True)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(8)
        row.addWidget(self.chosen, 1)
        for key, button in self.buttons.items():
            button.clicked.connect(partial(self.command.emit, key))
            row.addWidget(button)

    def retranslate(self) -> None:
        """Follow a change of language; what depends on the selection follows with it."""
        self.buttons["tag"].setText(text("library.tag"))
        self.buttons["trash"].setText(text("library.trash.short"))

    def show_selection(self, cards: Sequence[Card], answers: Sequence[Answer | None], most: int) -> None:
        """Name what is selected; ``most`` can be compared."""
        some, compared = bool(cards), 2 <= len(cards) <= most
        for key in ("tag", "archive", "trash"):
            self.buttons[key].setEnabled(some)
        compare = self.buttons["compare"]
        compare.setEnabled(compared)
        compare.setText(text("library.compare.count", count=len(cards)) if compared else text("library.compare"))
        compare.setToolTip(text("library.compare.help", most=most))
        unarchive = some and all(card.archived for card in cards)
        self.buttons["archive"].setText(text("library.unarchive" if unarchive else "library.archive"))
        if not some:
            self.chosen.setText(text("library.selected.none"))
            return
        customers = list(dict.fromkeys(card.customer for card in cards if card.customer))
        about = (customers[0] if len(customers) == 1 else "", span_words(answers), text("library.selected.clear"))
        self.chosen.setText(" · ".join(part for part in (text("library.selected", count=len(cards)), *about) if part))
