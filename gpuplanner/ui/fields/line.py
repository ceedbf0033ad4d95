"""A line, or a few lines, of plain text."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Signal
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from gpuplanner.ui.fields.undoing import is_undo_key


class LineField(QLineEdit):
    """One line of text.

    Signals:
        edited: the text, at every keystroke.
    """

    edited = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMaxLength(200)
        self.textEdited.connect(self._typed)

    def event(self, event: QEvent) -> bool:
        """Leave undo and redo to the document."""
        if is_undo_key(event):
            event.ignore()
            return False
        return super().event(event)

    def set_value(self, value: object) -> None:
        """Show a text."""
        if self.text() != str(value):
            self.setText(str(value))
            self.setCursorPosition(0)  # a long name shows its beginning

    def retranslate(self) -> None:
        """Nothing in it is ours."""

    def _typed(self, written: str) -> None:
        self.edited.emit(written)


class NoteField(QPlainTextEdit):
    """A few lines of text; Tab leaves it.

    Signals:
        edited: the text, at every keystroke.
    """

    edited = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTabChangesFocus(True)
        self.setFixedHeight(76)
        self.textChanged.connect(self._changed)

    def event(self, event: QEvent) -> bool:
        """Leave undo and redo to the document."""
        if is_undo_key(event):
            event.ignore()
            return False
        return super().event(event)

    def minimumSizeHint(self) -> QSize:
        """As narrow as the form wants it."""
        return QSize(40, 40)

    def set_value(self, value: object) -> None:
        """Show a text."""
        if self.toPlainText() != str(value):
            with QSignalBlocker(self):
                self.setPlainText(str(value))

    def retranslate(self) -> None:
        """Nothing in it is ours."""

    def _changed(self) -> None:
        self.edited.emit(self.toPlainText()[:20_000])
