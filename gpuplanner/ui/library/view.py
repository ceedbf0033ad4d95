"""The views of the library: a table with groups, and cards. Both list the same model."""

from __future__ import annotations

from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QListView, QStyleOptionViewItem, QTreeView, QWidget

from gpuplanner.palette import Theme
from gpuplanner.scenario.files import SUFFIX
from gpuplanner.ui.library.arrange import COLUMNS, SORTS, Head
from gpuplanner.ui.library.delegate import CardDelegate, RowDelegate
from gpuplanner.ui.library.model import LibraryModel

_AT: Final = {name: place for place, name in enumerate(COLUMNS)}
#: Of the room that is left after the tick; the narrowest in pixels.
_SHARES: Final = {"name": (0.23, 120), "model": (0.19, 100), "answer": (0.22, 110), "price": (0.0, 84), "changed": (0.0, 100)}
_TICK_PX: Final = 30
_LEAST_TAGS: Final = 44


def dropped(event: QDragEnterEvent | QDragMoveEvent | QDropEvent) -> list[Path]:
    """The scenario files that are dragged from elsewhere."""
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return [path for path in paths if path.suffix.lower() == SUFFIX]


if TYPE_CHECKING:
    _View = QAbstractItemView
else:
    _View = object  # a view has one base of Qt's; this stands before it


class _Shelf(_View):
    """What both views have in common: how rows are chosen, files that are dragged in, the font."""

    delegate: RowDelegate | CardDelegate
    dropped: Signal

    def behave(self) -> None:
        """Rows are chosen, renamed and dragged alike."""
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.CopyAction)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files from elsewhere may come in."""
        self._accept(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Anywhere."""
        self._accept(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Copy what was dropped into the library."""
        if event.source() is not self and (paths := dropped(event)):
            event.acceptProposedAction()
            self.dropped.emit(paths)

    def changeEvent(self, event: QEvent) -> None:
        """Rows and cards follow the font."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange and hasattr(self, "delegate"):
            self.delegate.set_font(self.font())

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self.delegate.apply_theme(theme)
        self.viewport().update()

    def _accept(self, event: QDragEnterEvent | QDragMoveEvent) -> None:
        if event.source() is not self and dropped(event):
            event.acceptProposedAction()
        else:
            event.ignore()


class TableView(_Shelf, QTreeView):
    """Rows under the heads of their groups.

    Signals:
        sort_wanted: name of a column.
        dropped: paths of files dragged in.
    """

    delegate: RowDelegate
    sort_wanted = Signal(str)
    dropped = Signal(object)

    def __init__(self, model: LibraryModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._places: list[tuple[str, int, int]] = []
        self.delegate = RowDelegate(model, self)
        self.delegate.set_font(self.font())
        self.setModel(model)
        model.rearranged.connect(self._share_out)
        self.setItemDelegate(self.delegate)
        self.setRootIsDecorated(False)
        self.setItemsExpandable(False)
        self.setUniformRowHeights(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.behave()
        header = self.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setStretchLastSection(True)
        header.setSectionsClickable(True)
        header.setMinimumSectionSize(20)
        header.sectionClicked.connect(self._header_clicked)

    def show_order(self) -> None:
        """Mark the column that the list is sorted by."""
        self._model.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)

    def drawRow(self, painter: QPainter, options: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """Heads reach across all columns; the row with the focus has a bar at its left."""
        row = self._model.row(index)
        here = index.row() == self.currentIndex().row() and self.hasFocus()
        rect: QRect = options.rect
        if isinstance(row, Head):
            self.delegate.head(painter, rect, row, current=here)
            return
        if row is not None:
            self.delegate.row(painter, rect, row, self._places, chosen=self.selectionModel().isRowSelected(index.row()))
        if index.row() == self.currentIndex().row():
            painter.fillRect(rect.left(), rect.top(), 3, rect.height() - 1, self.palette().highlight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Columns share the width."""
        super().resizeEvent(event)
        self._share_out()

    def _share_out(self) -> None:
        """Where nothing is tagged, the others have the room of the tags."""
        whole = self.viewport().width()
        widths = {
            "tick": _TICK_PX,
            **{name: max(least, round((whole - _TICK_PX) * share)) for name, (share, least) in _SHARES.items()},
        }
        rest = whole - sum(widths.values())
        if not any(card.tags for card in self._model.shown) and rest > _LEAST_TAGS:
            for name in ("name", "answer", "model"):
                widths[name] += (rest - _LEAST_TAGS) // 3
            rest = _LEAST_TAGS
        widths["tags"] = max(20, rest)
        lefts = accumulate(widths.values(), initial=0)
        places = [(name, left, wide) for left, (name, wide) in zip(lefts, widths.items(), strict=False)]
        if places != self._places:
            self._places = places
            for name, _, wide in places:
                self.setColumnWidth(_AT[name], wide)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A head folds its group; a tick adds its row to the selection or takes it out."""
        index = self.indexAt(event.position().toPoint())
        row = self._model.row(index)
        if event.button() is Qt.MouseButton.LeftButton and isinstance(row, Head):
            self._model.toggle(row)
            return
        if event.button() is Qt.MouseButton.LeftButton and row is not None and index.column() == 0:
            flags = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(index.siblingAtColumn(1), flags.NoUpdate)
            self.selectionModel().select(index, flags.Toggle | flags.Rows)
            return
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter, Space, Left and Right fold the group whose head is current."""
        row = self._model.row(self.currentIndex())
        if isinstance(row, Head) and event.key() in (
            Qt.Key.Key_Return,
            Qt.Key.Key_Enter,
            Qt.Key.Key_Space,
            Qt.Key.Key_Left,
            Qt.Key.Key_Right,
        ):
            place = self.currentIndex().row()
            if event.key() not in (Qt.Key.Key_Left, Qt.Key.Key_Right) or (row.key in self._model.folded) == (
                event.key() == Qt.Key.Key_Right
            ):
                self._model.toggle(row)
                self.setCurrentIndex(self._model.index(place, 1))
            return
        super().keyPressEvent(event)

    def _header_clicked(self, section: int) -> None:
        if COLUMNS[section] in SORTS:
            self.sort_wanted.emit(COLUMNS[section])


class CardView(_Shelf, QListView):
    """The same as cards.

    Signals:
        dropped: paths of files dragged in.
    """

    delegate: CardDelegate
    dropped = Signal(object)

    def __init__(self, model: LibraryModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.delegate = CardDelegate(model, self)
        self.delegate.set_font(self.font())
        self.setModel(model)
        self.setModelColumn(1)
        self.setItemDelegate(self.delegate)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setSpacing(0)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.behave()
