"""The comparison as a table: a column for the names, one for each scenario."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from gpuplanner.report.comparison import Comparison, InputRow
from gpuplanner.ui.compare.rows import MemoryRow, SameRow, SectionRow, TableRow, table_rows

ROW: Final = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


class CompareModel(QAbstractTableModel):
    """Rows of a :class:`Comparison`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.found: Comparison | None = None
        self.folded: frozenset[str] = frozenset(("same",))
        self.rows: list[TableRow] = []

    def show(self, found: Comparison | None) -> None:
        """Show a comparison; None for nothing."""
        self.beginResetModel()
        self.found = found
        self.rows = table_rows(found, self.folded) if found is not None else []
        self.endResetModel()

    def toggle(self, key: str) -> None:
        """Fold or unfold a section."""
        self.folded ^= {key}
        self.show(self.found)

    def set_everything(self, everything: bool) -> None:
        """Show the inputs that are the same too, or only the differences."""
        if everything == ("same" in self.folded):
            self.toggle("same")

    def row(self, index: Index) -> TableRow | None:
        """What a row is."""
        return self.rows[index.row()] if index.isValid() and index.row() < len(self.rows) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Headings and rows."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Names, then the sides."""
        return 0 if parent.isValid() or self.found is None else len(self.found.sides) + 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts of a cell; the delegate draws."""
        row = self.row(index)
        if row is None:
            return None
        if role == ROW:
            return row
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        return _said(row, index.column())


def _said(row: TableRow, column: int) -> str:
    if isinstance(row, SectionRow):
        return f"{row.title} {row.about}".strip() if column == 0 else ""
    if column == 0:
        return row.name
    place = column - 1
    if isinstance(row, InputRow):
        return row.cells[place]
    if isinstance(row, SameRow):
        return row.value
    if isinstance(row, MemoryRow):
        return ""
    cell = row.cells[place]
    return " · ".join(part for part in (str(cell.shown), cell.change, cell.shown.range_text) if part)
