"""The table of the comparison."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyleOptionViewItem, QTreeView, QWidget

from gpuplanner.palette import Theme
from gpuplanner.ui.compare.delegate import CompareDelegate
from gpuplanner.ui.compare.model import CompareModel
from gpuplanner.ui.compare.rows import SectionRow

NAMES_PX: Final = 176


class CompareView(QTreeView):
    """Rows of differing height under headings that fold.

    Signals:
        resized: the columns have other widths.
    """

    resized = Signal()

    def __init__(self, model: CompareModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.delegate = CompareDelegate(model, self)
        self.delegate.set_font(self.font())
        self.setModel(model)
        self.setItemDelegate(self.delegate)
        self.setRootIsDecorated(False)
        self.setItemsExpandable(False)
        self.setHeaderHidden(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.header().setStretchLastSection(False)
        self.header().setMinimumSectionSize(20)
        model.modelReset.connect(self.share_width)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self.delegate.apply_theme(theme)
        self.viewport().update()

    def column_width(self) -> int:
        """Of each side."""
        sides = max(1, self._model.columnCount() - 1)
        return max(60, (self.viewport().width() - NAMES_PX) // sides)

    def share_width(self) -> None:
        """Give every side the same width."""
        if self._model.columnCount() == 0:
            return
        self.setColumnWidth(0, NAMES_PX)
        for column in range(1, self._model.columnCount()):
            self.setColumnWidth(column, self.column_width())
        self.resized.emit()

    def drawRow(self, painter: QPainter, options: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """Headings reach across all columns."""
        row = self._model.row(index)
        rect: QRect = options.rect
        if isinstance(row, SectionRow):
            here = self.hasFocus() and index.row() == self.currentIndex().row()
            self.delegate.section(painter, rect, row, current=here)
            return
        super().drawRow(painter, options, index)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Columns follow."""
        super().resizeEvent(event)
        self.share_width()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A heading folds its rows."""
        row = self._model.row(self.indexAt(event.position().toPoint()))
        if event.button() is Qt.MouseButton.LeftButton and isinstance(row, SectionRow):
            self._model.toggle(row.key)
            return
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space fold."""
        row = self._model.row(self.currentIndex())
        if isinstance(row, SectionRow) and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            place = self.currentIndex().row()
            self._model.toggle(row.key)
            self.setCurrentIndex(self._model.index(place, 0))
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Rows follow the font."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange and hasattr(self, "delegate"):
            self.delegate.set_font(self.font())
