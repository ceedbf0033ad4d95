"""Choosing a name of the catalogue in a cell."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QObject, Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from gpuplanner.evidence.imports.draft import NAMES
from gpuplanner.ui.benchmarks.drafts import HEADS, DraftModel, Index


class NameDelegate(QStyledItemDelegate):
    """Names are chosen from a list, numbers typed."""

    def __init__(self, model: DraftModel, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:  # noqa: ARG002 - as Qt declares it
        """A list for names, a line for numbers."""
        name = HEADS[index.column()]
        if name not in NAMES:
            return QLineEdit(parent)  # not the spin box that a number would get: it may stay empty
        box = QComboBox(parent)
        for key, label in self._model.choices(name):
            box.addItem(label, key)
        box.setMaxVisibleItems(16)
        box.activated.connect(lambda _at: self._chosen(box))
        return box

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Show what the cell holds."""
        value = index.data(Qt.ItemDataRole.EditRole)
        if isinstance(editor, QComboBox):
            editor.setCurrentIndex(editor.findData(value))
        elif isinstance(editor, QLineEdit):
            editor.setText("" if value is None else f"{value:.10g}")

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Take what was chosen or typed."""
        if isinstance(editor, QComboBox):
            if editor.currentIndex() >= 0:
                model.setData(index, editor.currentData())
        elif isinstance(editor, QLineEdit):
            model.setData(index, editor.text())

    def _chosen(self, box: QComboBox) -> None:
        self.commitData.emit(box)
        self.closeEditor.emit(box)
