"""Undo belongs to the document: a field's own undo would swallow the keys and know nothing of other fields."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QKeyEvent, QKeySequence


def is_undo_key(event: QEvent) -> bool:
    """Whether Qt asks a focused field if it wants the keys of undo or redo for itself."""
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    return event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo)
