"""The table on the screen: columns, keys, selection."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QModelIndex, QPoint, QRect, Qt, Signal, SignalInstance
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from gpuplanner.palette import Theme
from gpuplanner.scenario.document import WorkloadKind
from gpuplanner.texts import text
from gpuplanner.ui.table.arrangement import Arrangement
from gpuplanner.ui.table.columns import BY_KEY, COLUMNS
from gpuplanner.ui.table.header import GpuHeader
from gpuplanner.ui.table.model import GpuModel
from gpuplanner.ui.table.painter import Cell, RowPainter
from gpuplanner.ui.table.row import Row
from gpuplanner.ui.table.spans import Spans
from gpuplanner.ui.table.tsv import as_tsv

ROW_HEIGHT: Final = 28
_NAME: Final = BY_KEY["gpu"]


class GpuView(QTableView):
    """Rows of a fixed height; the name takes the width that the other columns leave.

    Signals:
        chosen: id of the GPU that was picked by Enter or double click.
        selected: ids of the selected GPUs, in the order of the table.
        header_menu_wanted: global position of a right click on the head.
        price_wanted: id of the GPU whose own price shall be entered.
    """

    chosen = Signal(str)
    selected = Signal(object)
    header_menu_wanted = Signal(QPoint)
    price_wanted = Signal(str)

    def __init__(self, model: GpuModel, parent: QWidget | None = None) -> None:
        """A view of ``model``."""
        super().__init__(parent)
        self._model = model
        self.head = GpuHeader(self)
        self.setHorizontalHeader(self.head)
        self.columns = Arrangement(self.head)
        self.setModel(model)
        self.spans = Spans(self.horizontalHeader())
        self.row_painter = RowPainter(model, self.spans)
        self._set_manners()
        self._set_header()
        self.selectionModel().selectionChanged.connect(self._tell_selection)
        self._kept: tuple[set[str], str | None] = (set(), None)
        model.modelAboutToBeReset.connect(self._keep_selection)
        model.modelReset.connect(self._restore_selection)
        self.doubleClicked.connect(self._choose)
        self.arrange()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self.head.apply_theme(theme)
        self.row_painter.apply_theme(theme)
        self.viewport().update()

    def set_workload(self, kind: WorkloadKind) -> None:
        """Show the columns of this kind of work."""
        if kind is not self.columns.workload:
            self.columns.workload = kind
            self.arrange()

    def column_shown(self, key: str) -> bool:
        """Whether a column is shown."""
        return self.columns.shown(key, self.viewport().width())

    def show_column(self, key: str, shown: bool) -> None:
        """Show or hide a column from now on."""
        self.columns.show(key, shown)
        self.arrange()

    def default_columns(self) -> None:
        """Forget which columns were chosen, where they stand and how wide they are."""
        self.columns.set_usual()
        self.arrange()

    def arrange(self) -> None:
        """Give each column its place at the present width."""
        self.columns.apply(self.viewport().width())
        self.spans.update()
        self.viewport().update()

    def settle(self) -> None:
        """Do at once what Qt would do after the next paint, and then paint a second time for."""
        self.head.executeDelayedItemsLayout()
        self.executeDelayedItemsLayout()

    def selected_rows(self) -> list[Row]:
        """The selected GPUs, in the order of the table."""
        return [
            self._model.shown_rows[index.row()] for index in sorted(self.selectionModel().selectedRows(), key=QModelIndex.row)
        ]

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Choose a row, enter its price, copy."""
        at = self.indexAt(event.pos()) if event.reason() is QContextMenuEvent.Reason.Mouse else self.currentIndex()
        menu = self.menu_of(at)
        menu.popup(event.globalPos())

    def menu_of(self, at: QModelIndex) -> QMenu:
        """The menu of a row; what is about one is greyed where there is none."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        gpu_id = self._model.shown_rows[at.row()].gpu.id if at.isValid() else ""
        for key, signal in (("choose", self.chosen), ("price", self.price_wanted)):
            action = menu.addAction(text(f"results.table.{key}"))
            action.setObjectName(key)
            action.setEnabled(bool(gpu_id))
            action.triggered.connect(partial(_tell, signal, gpu_id))
        menu.addSeparator()
        menu.addAction(text("results.table.copy")).triggered.connect(self.copy)
        return menu

    def copy(self) -> None:
        """Put the selected rows, or all, on the clipboard."""
        QGuiApplication.clipboard().setText(self.tsv())

    def tsv(self) -> str:
        """The selected rows, or all, with the visible columns and raw numbers."""
        rows = self.selected_rows() or self._model.shown_rows
        return as_tsv(rows, [COLUMNS[column] for column in self.columns.in_order()], self._model.context)

    def restore_columns(self, state: dict[str, Any]) -> None:
        """Take a former state of the columns; what doesn't belong there is passed over."""
        self.columns.restore(state)
        self.arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        """All visible rows in one pass."""
        cells = self._visible_cells()
        with QPainter(self.viewport()) as painter:
            height = self.verticalHeader().defaultSectionSize()
            offset = self.verticalOffset()
            first = max(0, (event.rect().top() + offset) // height)
            last = min(len(self._model.shown_rows) - 1, (event.rect().bottom() + offset) // height)
            chosen = self.selectionModel()
            for place in range(first, last + 1):
                selected = chosen.isRowSelected(place, QModelIndex())
                row = self._model.shown_rows[place]
                self.row_painter.paint_row(painter, row, cells, place * height - offset, height, selected=selected)
            self._paint_rest(painter, event.rect(), cells, (last + 1) * height - offset)
            if self.hasFocus() and self.currentIndex().isValid():
                self.row_painter.paint_focus(painter, self.visualRect(self.currentIndex()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter chooses, Ctrl+C copies."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._choose(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The name gives and takes."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.arrange()

    def changeEvent(self, event: QEvent) -> None:
        """Rows and columns grow with the text size."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange and hasattr(self, "row_painter"):
            self.row_painter.set_font(self.font())
            self.verticalHeader().setDefaultSectionSize(self.columns.scaled(ROW_HEIGHT))

    def _set_manners(self) -> None:
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().setVisible(False)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(self.columns.scaled(ROW_HEIGHT))
        self.row_painter.set_font(self.font())

    def _set_header(self) -> None:
        header = self.horizontalHeader()
        small = header.font()
        small.setPixelSize(max(10, round(self.fontInfo().pixelSize() * 0.92)))
        header.setFont(small)
        header.customContextMenuRequested.connect(self._ask_menu)
        header.sectionResized.connect(self._resized)
        header.sectionMoved.connect(self._moved)
        header.setSortIndicator(BY_KEY["state"], Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        self.columns.set_usual()

    def _paint_rest(self, painter: QPainter, area: QRect, cells: Sequence[Cell], bottom: int) -> None:
        """The ground beside and below the rows; the viewport is opaque, so that nothing is painted under it."""
        right = cells[-1].left + cells[-1].width if cells else 0
        ground = self.row_painter.ground
        if right <= area.right():
            painter.fillRect(right, area.top(), area.right() + 1 - right, area.height(), ground)
        if bottom <= area.bottom():
            painter.fillRect(area.left(), bottom, area.width(), area.bottom() + 1 - bottom, ground)

    def _visible_cells(self) -> list[Cell]:
        header = self.horizontalHeader()
        return [
            Cell(COLUMNS[column], header.sectionViewportPosition(column), header.sectionSize(column))
            for column in self.columns.in_order()
        ]

    def _keep_selection(self) -> None:
        current = self.currentIndex()
        held = self._model.shown_rows[current.row()].gpu.id if current.isValid() else None
        self._kept = ({row.gpu.id for row in self.selected_rows()}, held)

    def _restore_selection(self) -> None:
        selected, current = self._kept
        found = QItemSelection()
        for place, row in enumerate(self._model.shown_rows):
            if row.gpu.id in selected:
                found.select(self._model.index(place, 0), self._model.index(place, len(COLUMNS) - 1))
        place = self._model.place_of(current) if current else -1
        if place >= 0:
            self.selectionModel().setCurrentIndex(self._model.index(place, _NAME), QItemSelectionModel.SelectionFlag.NoUpdate)
        self.selectionModel().select(found, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def _resized(self, column: int, _old: int, new: int) -> None:
        if self.columns.busy or self.isColumnHidden(column):
            return
        self.columns.resized(column, new)
        self.spans.update()
        self.viewport().update()

    def _moved(self, _column: int, _old: int, _new: int) -> None:
        if not self.columns.busy:
            self.spans.update()
            self.viewport().update()

    def _ask_menu(self, place: QPoint) -> None:
        self.header_menu_wanted.emit(self.horizontalHeader().mapToGlobal(place))

    def _tell_selection(self, *_: object) -> None:
        self.selected.emit([row.gpu.id for row in self.selected_rows()])

    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(self._model.shown_rows[index.row()].gpu.id)


def _tell(signal: SignalInstance, gpu_id: str, _checked: bool = False) -> None:
    signal.emit(gpu_id)
