"""Bold words: titles of cards, headlines of pages."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


def embolden(*labels: QWidget) -> None:
    """Write these bold."""
    for label in labels:
        font = label.font()
        font.setBold(True)
        label.setFont(font)


def headline(label: QWidget, page: QWidget, larger: float) -> None:
    """Write a label bold and ``larger`` times the size of the words of its page."""
    font = label.font()
    font.setBold(True)
    font.setPixelSize(round(page.fontInfo().pixelSize() * larger))
    label.setFont(font)
