"""The rows and columns of the comparison for Qt; a new estimate changes and moves rows, it doesn't reset the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QAbstractItemModel, QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from gpuplanner.codes import code_text
from gpuplanner.engine.result import Estimate
from gpuplanner.format import format_figure, format_seconds
from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import text
from gpuplanner.ui.results.figures import limits, over_text, provenance_text
from gpuplanner.ui.table.column import Column, quantity
from gpuplanner.ui.table.columns import BY_KEY, COLUMNS
from gpuplanner.ui.table.filter import Filter
from gpuplanner.ui.table.order import ordered
from gpuplanner.ui.table.row import FITS, Context, Row, rows_of

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog

Index = QModelIndex | QPersistentModelIndex
RAW: Final = Qt.ItemDataRole.UserRole
_NO_INDEX: Final = QModelIndex()


class GpuModel(QAbstractTableModel):
    """Every GPU of the catalogue that the filter accepts, sorted.

    Order and choice are worked out here, once an estimate, and not by a QSortFilterProxyModel: that one asks Python for every
    comparison, which for 122 rows costs more than everything else together.

    Attributes:
        rows: all GPUs, in the catalogue's order.
        shown_rows: those that the filter accepts, in the order of the table.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        """An empty table, best first."""
        super().__init__(parent)
        self.rows: list[Row] = []
        self.shown_rows: list[Row] = []
        self.context = Context(Scenario())
        self.sort_key = "state"
        self.descending = False
        self.filter = Filter()

    def set_estimate(self, estimate: Estimate, scenario: Scenario, catalog: Catalog) -> None:
        """Show ``estimate``; rows move to their new places, selection with them."""
        context = Context(scenario, self.context.byte_unit)
        heads_change = context.currency != self.context.currency
        self.rows, self.context = rows_of(estimate, catalog), context
        self._rearrange()
        if heads_change:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)

    def set_filter(self, wanted: Filter) -> None:
        """Show other rows."""
        self.filter = wanted
        self._rearrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; -1 is best first."""
        self.sort_key = COLUMNS[column].key if column >= 0 else "state"
        self.descending = order is Qt.SortOrder.DescendingOrder
        self._rearrange()

    def set_byte_unit(self, unit: str) -> None:
        """Show "GB" or "GiB"."""
        self.context = Context(self.context.scenario, unit)
        self.reword()

    def reword(self) -> None:
        """Write all cells and heads again, in the current language."""
        for row in self.rows:
            row.texts.clear()
        self._tell_changed()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)

    def fitting(self) -> int:
        """How many GPUs carry the load within the targets."""
        return sum(row.plan.status in FITS for row in self.rows)

    def place_of(self, gpu_id: str) -> int:
        """The row of a GPU; -1 when it isn't shown."""
        return next((place for place, row in enumerate(self.shown_rows) if row.gpu.id == gpu_id), -1)

    def shown(self, row: Row, column: Column) -> str:
        """What a cell says; kept until the next estimate."""
        found = row.texts.get(column.key)
        if found is None:
            found = row.texts[column.key] = self._shown(row, column)
        return found

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        """One row a GPU that is shown."""
        return 0 if parent.isValid() else len(self.shown_rows)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        """All columns; the view hides some."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words, raw value, tooltip or alignment of a cell."""
        if not index.isValid():
            return None
        row, column = self.shown_rows[index.row()], COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.shown(row, column)
        if role == RAW:
            return column.value(row, self.context)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return column.alignment
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tooltip(row, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{column.title(self.context)}: {self.shown(row, column)}"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Title of a column, its long name as tooltip."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(COLUMNS):
            return None
        column = COLUMNS[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title(self.context)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return column.alignment
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return text(f"results.column.{column.key}.long")
        return None

    def range_text(self, row: Row, column: Column) -> str:
        """The range of a cell ("92–101", in the unit of the cell); kept until the next estimate."""
        key = f"{column.key} range"
        found = row.texts.get(key)
        if found is None:
            shown = format_figure(quantity(row, column.key), byte_unit=self.context.byte_unit, currency=self.context.currency)
            found = row.texts[key] = shown.range_text
        return found

    def _range(self, row: Row, column: Column) -> list[str]:
        """What the tooltip of a figure adds: its range, and by how much it is off target."""
        found = quantity(row, column.key)
        if found is None or found.value is None:
            return []
        span, lines = self.range_text(row, column), []
        if span:
            unit = format_figure(found, byte_unit=self.context.byte_unit, currency=self.context.currency).unit
            lines.append(text("results.range", range=f"{span} {unit}".strip()))
        limit = limits(self.context.scenario).get(column.key)
        if over := over_text(found, limit):
            lines.append(text("results.off_target", over=over, limit=str(format_seconds(limit))))
        return lines

    def _rearrange(self) -> None:
        """Work out which rows stand where, and tell the view as little as is true."""
        accepted = [row for row in self.rows if self.filter.accepts(row)]
        wanted = ordered(accepted, COLUMNS[BY_KEY[self.sort_key]], self.context, descending=self.descending)
        before = [row.gpu.id for row in self.shown_rows]
        after = [row.gpu.id for row in wanted]
        if before == after:
            self.shown_rows = wanted
            self._tell_changed()
        elif len(before) == len(after) and set(before) == set(after):
            self._move(wanted, after)
        else:
            self.beginResetModel()
            self.shown_rows = wanted
            self.endResetModel()

    def _move(self, wanted: list[Row], ids: list[str]) -> None:
        rows_only = QAbstractItemModel.LayoutChangeHint.VerticalSortHint  # else the head works out its columns anew
        _hinted(self.layoutAboutToBeChanged).emit([], rows_only)
        places = {gpu_id: place for place, gpu_id in enumerate(ids)}
        kept = self.persistentIndexList()
        moved = [self.createIndex(places[self.shown_rows[index.row()].gpu.id], index.column()) for index in kept]
        self.shown_rows = wanted
        self.changePersistentIndexList(kept, moved)
        _hinted(self.layoutChanged).emit([], rows_only)
        self._tell_changed()

    def _tell_changed(self) -> None:
        if self.shown_rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.shown_rows) - 1, len(COLUMNS) - 1))

    def _shown(self, row: Row, column: Column) -> str:
        if column.value(row, self.context) is not None:
            return column.shown(row, self.context)
        if row.impossible and column.of_plan:
            return "—"
        return text("unit.unknown") if column.of_plan or column.key == "price_date" else ""

    def _tooltip(self, row: Row, column: Column) -> str:
        if column.key == "gpu":
            yours = text("results.table.yours") if row.yours else ""
            fallback = code_text(row.plan.fallback, byte_unit=self.context.byte_unit) if row.plan.fallback else ""
            lines = [row.gpu.name, yours, fallback]
        elif row.impossible:
            remedy = row.remedy(self.context)
            lines = [row.reason(self.context), text("results.table.remedy", remedy=remedy) if remedy else ""]
        else:
            lines = [self.shown(row, column), *self._range(row, column), provenance_text(quantity(row, column.key))]
        return "\n".join(line for line in lines if line)


def _hinted(signal: Any) -> Any:
    """The overload of a layout signal that carries a hint; the stubs don't know of it."""
    return signal["QList<QPersistentModelIndex>,QAbstractItemModel::LayoutChangeHint"]
