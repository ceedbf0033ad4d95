"""The rows and columns of the comparison for Qt; a new estimate changes cells, it doesn't reset the table."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.result import Estimate
from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import text
from gpuplanner.ui.results.figures import provenance_text
from gpuplanner.ui.table.columns import COLUMNS, Column, Value, quantity
from gpuplanner.ui.table.row import FITS, Context, Row, rows_of

Index = QModelIndex | QPersistentModelIndex
RAW: Final = Qt.ItemDataRole.UserRole
_NO_INDEX: Final = QModelIndex()


class GpuModel(QAbstractTableModel):
    """Every GPU of the catalogue, always in the catalogue's order; the proxy sorts."""

    def __init__(self, parent: QObject | None = None) -> None:
        """An empty table."""
        super().__init__(parent)
        self.rows: list[Row] = []
        self.context = Context(Scenario())

    def set_estimate(self, estimate: Estimate, scenario: Scenario, catalog: Catalog) -> None:
        """Show ``estimate``; rows stay where the catalogue's GPUs are the same."""
        rows = rows_of(estimate, catalog)
        context = Context(scenario, self.context.byte_unit)
        same = [row.gpu.id for row in rows] == [row.gpu.id for row in self.rows]
        if not same:
            self.beginResetModel()
        heads_change = context.currency != self.context.currency
        self.rows, self.context = rows, context
        if not same:
            self.endResetModel()
        elif rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(COLUMNS) - 1))
            if heads_change:
                self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)

    def set_byte_unit(self, unit: str) -> None:
        """Show "GB" or "GiB"."""
        self.context = Context(self.context.scenario, unit)
        self.reword()

    def reword(self) -> None:
        """Write all cells and heads again, in the current language."""
        for row in self.rows:
            row.texts.clear()
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, len(COLUMNS) - 1))
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)

    def fitting(self) -> int:
        """How many GPUs carry the load within the targets."""
        return sum(row.plan.status in FITS for row in self.rows)

    def value(self, row: int, column: int) -> Value:
        """The raw value of a cell."""
        return COLUMNS[column].value(self.rows[row], self.context)

    def shown(self, row: Row, column: Column) -> str:
        """What a cell says; kept until the next estimate."""
        found = row.texts.get(column.key)
        if found is None:
            found = row.texts[column.key] = self._shown(row, column)
        return found

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        """One row a GPU."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        """All columns; the view hides some."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words, raw value, tooltip or alignment of a cell."""
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.shown(row, column)
        if role == RAW:
            return column.value(row, self.context)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
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
            side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return text(f"results.column.{column.key}.long")
        return None

    def _shown(self, row: Row, column: Column) -> str:
        if column.value(row, self.context) is not None:
            return column.shown(row, self.context)
        if row.impossible and column.of_plan:
            return "—"
        return text("unit.unknown") if column.of_plan or column.key == "price_date" else ""

    def _tooltip(self, row: Row, column: Column) -> str:
        if column.key == "gpu":
            return "\n".join(
                part for part in (row.gpu.name, text("results.table.yours") if row.yours else "", self._fallback(row)) if part
            )
        if row.impossible:
            remedy = row.remedy(self.context)
            return "\n".join(
                part for part in (row.reason(self.context), text("results.table.remedy", remedy=remedy) if remedy else "") if part
            )
        found = quantity(row, column.key)
        return "\n".join(part for part in (self.shown(row, column), provenance_text(found)) if part)

    def _fallback(self, row: Row) -> str:
        from gpuplanner.codes import code_text

        return code_text(row.plan.fallback, byte_unit=self.context.byte_unit) if row.plan.fallback else ""
