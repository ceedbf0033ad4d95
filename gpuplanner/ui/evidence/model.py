"""Groups of the score with their rows below them, as a tree."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.evidence.predict import Prediction
from gpuplanner.evidence.scorecard import Group, Key
from gpuplanner.format import format_integer
from gpuplanner.texts import text
from gpuplanner.ui.evidence.wording import RowText, group_label, row_text, share, signed

Index = QModelIndex | QPersistentModelIndex
COLUMNS: Final = ("group", "rows", "done", "median", "mape", "p90", "bias", "inside", "errors")
HEAD: Final = 0  # the first line below a group names the columns of its rows
_TOP: Final = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A group as it is listed, and its rows, the farthest off first; None as long as they aren't computed."""

    group: Group
    label: str
    rows: tuple[Prediction, ...] | None


class ScoreModel(QAbstractItemModel):
    """Two levels: groups, and under each a head line and its rows."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lines: list[Line] = []
        self.view = "kind"
        self._catalog: Catalog | None = None
        self._texts: dict[str, RowText] = {}
        self._sort: tuple[int, bool] | None = None

    def show(self, view: str, groups: Sequence[Group], rows: Mapping[Key, Sequence[Prediction]] | None, catalog: Catalog) -> None:
        """Show the groups of a view; ``rows`` of each where they are known."""
        self.beginResetModel()
        self.view, self._catalog = view, catalog
        self.lines = [
            Line(group, group_label(view, group.score.group), None if rows is None else _ordered(rows.get(group.score.group, ())))
            for group in groups
        ]
        self._order()
        self.endResetModel()

    def reword(self) -> None:
        """Follow a change of language."""
        self._texts.clear()
        self.beginResetModel()
        self.lines = [Line(line.group, group_label(self.view, line.group.score.group), line.rows) for line in self.lines]
        self.endResetModel()

    def line_of(self, index: Index) -> Line:
        """The group that an index is in."""
        return self.lines[index.row() if index.internalId() == _TOP else int(index.internalId()) - 1]

    def row_of(self, index: Index) -> Prediction | None:
        """The row at an index; None for groups, head lines, and where rows aren't computed."""
        if not index.isValid() or index.internalId() == _TOP or index.row() == HEAD:
            return None
        rows = self.line_of(index).rows
        return None if rows is None else rows[index.row() - 1]

    def is_head(self, index: Index) -> bool:
        """Whether this is the line that names the columns of rows."""
        return index.isValid() and index.internalId() != _TOP and index.row() == HEAD

    def words_of(self, item: Prediction) -> RowText:
        """A row in words; kept."""
        assert self._catalog is not None
        known = self._texts.get(item.row.id)
        if known is None:
            known = self._texts[item.row.id] = row_text(item, self._catalog)
        return known

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008 - as Qt declares it
        """The index of a cell."""
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, parent.row() + 1 if parent.isValid() else _TOP)

    def parent(self, index: Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]  # noqa: B008 - as Qt declares it
        """The group of a row."""
        if not index.isValid() or index.internalId() == _TOP:
            return QModelIndex()
        return self.createIndex(int(index.internalId()) - 1, 0, _TOP)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        """Groups; below a group its rows and their head line."""
        if not parent.isValid():
            return len(self.lines)
        if parent.internalId() != _TOP or parent.column() > 0:
            return 0
        rows = self.lines[parent.row()].rows
        return 1 if rows is None else len(rows) + 1

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: ARG002, B008 - as Qt declares it
        """The same on both levels."""
        return len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell says; what rows say is laid out by the delegate."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self._said(index)
        if role == Qt.ItemDataRole.ToolTipRole:
            item = self.row_of(index)
            return self.words_of(item).hint if item is not None else self._group_hint(index)
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() > 0:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles of the columns."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._title(section)
        if role == Qt.ItemDataRole.ToolTipRole:
            return text(f"evidence.column.{COLUMNS[section]}.hint")
        if role == Qt.ItemDataRole.TextAlignmentRole and section > 0:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort the groups by a column; what a group lacks comes last. A column below 0 is the order they came in."""
        self._sort = None if column < 0 else (column, order is Qt.SortOrder.DescendingOrder)
        self.beginResetModel()
        self._order()
        self.endResetModel()

    def _order(self) -> None:
        if self._sort is None:
            return
        column, descending = self._sort
        if column == 0:
            self.lines.sort(key=lambda line: line.label.casefold(), reverse=descending)
            return
        value = _VALUES[COLUMNS[column]]
        sign = -1.0 if descending else 1.0

        def place(line: Line) -> tuple[bool, float]:
            found = value(line.group)
            return (found is None, sign * (found or 0.0))

        self.lines.sort(key=place)

    def _title(self, section: int) -> str:
        if section == 0:
            return text(f"evidence.view.{self.view}")
        if COLUMNS[section] == "errors" and self.view == "reason":
            return ""
        return text(f"evidence.column.{COLUMNS[section]}")

    def _said(self, index: Index) -> str:
        item = self.row_of(index)
        if item is not None:
            return self.words_of(item).label if index.column() == 0 else ""
        if self.is_head(index):
            known = self.line_of(index).rows is not None
            return "" if index.column() else text("evidence.row.label" if known else "evidence.row.waiting")
        line = self.line_of(index)
        return line.label if index.column() == 0 else cell(line.group, COLUMNS[index.column()])

    def _group_hint(self, index: Index) -> str | None:
        line = self.line_of(index)
        reasons = line.group.score.reasons
        if self.is_head(index) or not reasons:
            return None
        listed = sorted(reasons.items(), key=lambda entry: -entry[1])
        lines = [f"{format_integer(rows)}  {text(f'evidence.reason.{reason}')}" for reason, rows in listed]
        return "\n".join((text("validate.not_done"), *lines))


_VALUES: Final[dict[str, Callable[[Group], float | None]]] = {
    "rows": lambda item: item.score.rows,
    "done": lambda item: item.score.done,
    "median": lambda item: item.score.median,
    "mape": lambda item: item.score.mape,
    "p90": lambda item: item.score.p90,
    "bias": lambda item: None if item.score.bias is None else abs(item.score.bias),
    "inside": lambda item: item.score.inside,
    "errors": lambda item: None if item.low is None or item.high is None else item.high - item.low,
}


def cell(group: Group, column: str) -> str:
    """What a group says in a column."""
    score = group.score
    if column in ("rows", "done"):
        return format_integer(score.rows if column == "rows" else score.done)
    if column == "errors" or not score.done:
        return ""
    if column == "median" and score.agree is not None and score.median is None:
        return text("evidence.right", share=share(score.agree))
    if column == "bias":
        return "" if score.bias is None else signed(score.bias)
    value: float | None = getattr(score, column)
    return "" if value is None else share(value)


def _ordered(rows: Sequence[Prediction]) -> tuple[Prediction, ...]:
    """The farthest off first, those not computed last."""
    return tuple(sorted(rows, key=lambda item: (item.value is None, -abs(item.error or 0.0))))
