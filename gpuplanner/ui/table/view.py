"""The table on the screen: columns, keys, selection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from gpuplanner.palette import Theme
from gpuplanner.scenario.document import WorkloadKind
from gpuplanner.ui.table.columns import BY_KEY, COLUMNS
from gpuplanner.ui.table.header import GpuHeader
from gpuplanner.ui.table.model import GpuModel
from gpuplanner.ui.table.painter import Cell, RowPainter
from gpuplanner.ui.table.row import Row
from gpuplanner.ui.table.spans import Spans
from gpuplanner.ui.table.tsv import as_tsv

ROW_HEIGHT: Final = 28
NARROWEST_NAME: Final = 108
_NAME: Final = BY_KEY["gpu"]
_MEMORY: Final = BY_KEY["memory"]
_NARROW: Final = 740  # below, the memory bar gives width to the name
_MEMORY_NARROW: Final = 70


class GpuView(QTableView):
    """Rows of a fixed height; the name takes the width that the other columns leave.

    Signals:
        chosen: id of the GPU that was picked by Enter or double click.
        selected: ids of the selected GPUs, in the order of the table.
        columns_changed: after columns were moved, shown or hidden.
        header_menu_wanted: global position of a right click on the head.
    """

    chosen = Signal(str)
    selected = Signal(object)
    columns_changed = Signal()
    header_menu_wanted = Signal(QPoint)

    def __init__(self, model: GpuModel, parent: QWidget | None = None) -> None:
        """A view of ``model``."""
        super().__init__(parent)
        self._model = model
        self._hidden_by_user: dict[str, bool] = {}
        self._named_width: int | None = None
        self._workload = WorkloadKind.SERVE
        self._narrow_memory = False
        self.arranging = True  # widths set here are not the user's
        self.head = GpuHeader(self)
        self.setHorizontalHeader(self.head)
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
        if kind is not self._workload:
            self._workload = kind
            self.arrange()

    def column_shown(self, key: str) -> bool:
        """Whether a column is shown, as the user chose or by default at this width."""
        column = COLUMNS[BY_KEY[key]]
        if column.only is not None and column.only is not self._workload:
            return False
        return not self._hidden_by_user.get(key, not column.default or self.viewport().width() < column.from_width)

    def show_column(self, key: str, shown: bool) -> None:
        """Show or hide a column from now on."""
        self._hidden_by_user[key] = not shown
        self.arrange()

    def default_columns(self) -> None:
        """Forget which columns were chosen, where they stand and how wide they are."""
        self._hidden_by_user.clear()
        self._named_width = None
        self.arranging = True
        for place, column in enumerate(COLUMNS):
            self.horizontalHeader().moveSection(self.horizontalHeader().visualIndex(place), place)
            self.setColumnWidth(place, self._scaled(column.width))
        self.arranging = False
        self.arrange()

    def columns_in_order(self) -> list[int]:
        """The visible columns as they stand."""
        header = self.horizontalHeader()
        order = [header.logicalIndex(place) for place in range(header.count())]
        return [column for column in order if not self.isColumnHidden(column)]

    def arrange(self) -> None:
        """Hide what is hidden, give the name the width that is left."""
        self.arranging = True
        for place, column in enumerate(COLUMNS):
            self.setColumnHidden(place, not self.column_shown(column.key))
        if self._narrow_memory != (self.viewport().width() < _NARROW):
            self._narrow_memory = not self._narrow_memory
            self.setColumnWidth(_MEMORY, self._scaled(_MEMORY_NARROW if self._narrow_memory else COLUMNS[_MEMORY].width))
        taken = sum(self.columnWidth(column) for column in self.columns_in_order() if column != _NAME)
        left = max(self._scaled(NARROWEST_NAME), self.viewport().width() - taken)
        self.setColumnWidth(_NAME, self._named_width or left)
        self.arranging = False
        self.spans.update()
        self.columns_changed.emit()

    def selected_rows(self) -> list[Row]:
        """The selected GPUs, in the order of the table."""
        return [
            self._model.shown_rows[index.row()] for index in sorted(self.selectionModel().selectedRows(), key=QModelIndex.row)
        ]

    def copy(self) -> None:
        """Put the selected rows, or all, on the clipboard."""
        QGuiApplication.clipboard().setText(self.tsv())

    def tsv(self) -> str:
        """The selected rows, or all, with the visible columns and raw numbers."""
        rows = self.selected_rows() or self._model.shown_rows
        return as_tsv(rows, [COLUMNS[column] for column in self.columns_in_order()], self._model.context)

    def column_state(self) -> dict[str, Any]:
        """Order, choice and widths of the columns."""
        header = self.horizontalHeader()
        return {
            "order": [COLUMNS[header.logicalIndex(place)].key for place in range(header.count())],
            "hidden": {key: hidden for key, hidden in sorted(self._hidden_by_user.items())},
            "widths": {
                column.key: self.columnWidth(place)
                for place, column in enumerate(COLUMNS)
                if not self.isColumnHidden(place) and place != _NAME
            },
            "name_width": self._named_width,
        }

    def restore_columns(self, state: dict[str, Any]) -> None:
        """Take a former :meth:`column_state`; what doesn't belong there is passed over."""
        header = self.horizontalHeader()
        self.arranging = True
        known = [key for key in _list(state.get("order")) if key in BY_KEY]
        for place, key in enumerate(known):
            header.moveSection(header.visualIndex(BY_KEY[key]), place)
        for key, width in _dict(state.get("widths")).items():
            if key in BY_KEY and isinstance(width, int) and 20 <= width <= 2000:
                self.setColumnWidth(BY_KEY[key], width)
        hidden = _dict(state.get("hidden"))
        self._hidden_by_user = {key: bool(flag) for key, flag in hidden.items() if key in BY_KEY}
        width = state.get("name_width")
        self._named_width = width if isinstance(width, int) and 40 <= width <= 2000 else None
        self.arranging = False
        self.arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        """All visible rows in one pass."""
        cells = self._visible_cells()
        painter = QPainter(self.viewport())
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
        painter.end()

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
            self.verticalHeader().setDefaultSectionSize(self._scaled(ROW_HEIGHT))

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
        self.verticalHeader().setDefaultSectionSize(self._scaled(ROW_HEIGHT))
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
        for place, column in enumerate(COLUMNS):
            self.setColumnWidth(place, self._scaled(column.width))

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
            for column in self.columns_in_order()
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

    def _scaled(self, pixels: int) -> int:
        return round(pixels * self.fontInfo().pixelSize() / 13)

    def _resized(self, column: int, _old: int, new: int) -> None:
        if self.arranging or self.isColumnHidden(column):
            return
        if column == _NAME:
            self._named_width = new
        self.spans.update()
        self.viewport().update()

    def _moved(self, _column: int, _old: int, _new: int) -> None:
        if not self.arranging:
            self.spans.update()
            self.viewport().update()

    def _ask_menu(self, place: QPoint) -> None:
        self.header_menu_wanted.emit(self.horizontalHeader().mapToGlobal(place))

    def _tell_selection(self, *_: object) -> None:
        self.selected.emit([row.gpu.id for row in self.selected_rows()])

    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(self._model.shown_rows[index.row()].gpu.id)


def _list(found: object) -> list[Any]:
    return found if isinstance(found, list) else []


def _dict(found: object) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}
