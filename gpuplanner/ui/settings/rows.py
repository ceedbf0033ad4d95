"""Labelled rows of a settings page that follow the language."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gpuplanner.texts import has, text

_LABEL_PX = 130


class SettingsPage(QWidget):
    """A column of rows; ``settings.<key>`` names a row, ``settings.<key>.help`` explains it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[str, QLabel, QWidget, QLabel]] = []
        self._buttons: list[tuple[str, QPushButton]] = []
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.rows = QFormLayout(self)
        self.rows.setContentsMargins(16, 16, 16, 12)
        self.rows.setHorizontalSpacing(14)
        self.rows.setVerticalSpacing(10)
        self.rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)

    def add(self, key: str, editor: QWidget, *beside: QWidget) -> None:
        """Put a row below the others."""
        label, remark = QLabel(self), QLabel(self)
        label.setBuddy(editor)
        label.setFixedWidth(_LABEL_PX)
        label.setWordWrap(True)
        remark.setWordWrap(True)
        remark.setTextFormat(Qt.TextFormat.PlainText)
        remark.setProperty("quiet", True)
        column = QVBoxLayout()
        column.setSpacing(3)
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(editor, 1)
        for widget in beside:
            line.addWidget(widget)
        column.addLayout(line)
        column.addWidget(remark)
        self.rows.addRow(label, column)
        self._rows.append((key, label, editor, remark))

    def button(self, key: str) -> QPushButton:
        """A button whose text is ``settings.<key>``."""
        made = QPushButton(self)
        made.setAutoDefault(False)
        self._buttons.append((key, made))
        return made

    def retranslate(self) -> None:
        """Follow a change of language."""
        for key, label, editor, remark in self._rows:
            name, helps = text(f"settings.{key}"), f"settings.{key}.help"
            said = text(helps) if has(helps) else ""
            label.setText(name)
            remark.setText(said)
            remark.setVisible(bool(said))
            for widget in (editor, editor.focusProxy()):
                if widget is not None:
                    widget.setAccessibleName(name)
                    widget.setAccessibleDescription(said)
        for key, button in self._buttons:
            button.setText(text(f"settings.{key}"))
