"""Order and choice of the rows. Both are worked out in Python, once an estimate; Qt only carries them out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt

from gpuplanner.ui.table.columns import BY_KEY, COLUMNS, Column
from gpuplanner.ui.table.model import GpuModel
from gpuplanner.ui.table.row import FITS, Context, Row

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Filter:
    """Which GPUs to show. ``words`` must all stand in the name, vendor, architecture or id; no vendors means all."""

    words: str = ""
    fits_only: bool = False
    in_china: bool = False
    priced: bool = False
    vendors: frozenset[str] = field(default_factory=frozenset)

    @property
    def active(self) -> bool:
        """Whether anything may be left out."""
        return bool(self.words.strip() or self.fits_only or self.in_china or self.priced or self.vendors)

    def accepts(self, row: Row) -> bool:
        """Whether a row is shown."""
        gpu = row.gpu
        if self.fits_only and row.plan.status not in FITS:
            return False
        if self.in_china and gpu.export.china_new_sale is not True:
            return False
        if self.priced and not gpu.prices:
            return False
        if self.vendors and gpu.vendor not in self.vendors:
            return False
        searched = f"{gpu.name} {gpu.vendor} {gpu.architecture} {gpu.id}".casefold()
        return all(word in searched for word in self.words.casefold().split())


class GpuProxy(QSortFilterProxyModel):
    """Sorted and filtered view of a :class:`GpuModel`; unknown values stand last in both directions."""

    def __init__(self, model: GpuModel, parent: QObject | None = None) -> None:
        """Best first, all rows."""
        super().__init__(parent)
        self._model = model
        self.key = "state"
        self.direction = Qt.SortOrder.AscendingOrder
        self.filter = Filter()
        self._places: list[int] = []
        self._accepted: list[bool] = []
        self.setDynamicSortFilter(False)
        model.modelReset.connect(self._prepare)  # before Qt's own slot, which asks for the order at once
        self.setSourceModel(model)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; -1 goes back to best first."""
        self.key = COLUMNS[column].key if column >= 0 else "state"
        self.direction = order
        self._places = self._worked_out()
        super().sort(0, Qt.SortOrder.AscendingOrder)  # the direction is in the places already

    def set_filter(self, wanted: Filter) -> None:
        """Show other rows."""
        self.filter = wanted
        self.refresh()

    def refresh(self) -> None:
        """After an estimate: carry out what changed in order and choice, nothing else."""
        before = (self._places, self._accepted)
        self._prepare()
        if self._accepted != before[1]:
            self.invalidateRowsFilter()
        if (self._places, self._accepted) != before:
            super().sort(0, Qt.SortOrder.AscendingOrder)

    @property
    def context(self) -> Context:
        """The question, and how figures are shown."""
        return self._model.context

    def shown(self, row: Row, column: Column) -> str:
        """What a cell says."""
        return self._model.shown(row, column)

    def row_at(self, index: Index) -> Row:
        """The GPU that a cell belongs to."""
        return self._model.rows[self.mapToSource(index).row()]

    def row_of(self, gpu_id: str) -> int:
        """The proxy's row of a GPU; -1 when it is filtered out."""
        for place, row in enumerate(self._model.rows):
            if row.gpu.id == gpu_id:
                return self.mapFromSource(self._model.index(place, 0)).row()
        return -1

    def lessThan(self, left: Index, right: Index) -> bool:
        """By the places worked out before; Qt's own comparison breaks on integers from 2**31 on and on None."""
        return self._places[left.row()] < self._places[right.row()]

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:  # noqa: ARG002
        """By what was worked out before."""
        return self._accepted[source_row]

    def _worked_out(self) -> list[int]:
        """The place of each source row."""
        column = BY_KEY[self.key]
        rows = self._model.rows
        values = [self._model.value(place, column) for place in range(len(rows))]
        known = [place for place, value in enumerate(values) if value is not None]
        unknown = [place for place, value in enumerate(values) if value is None]
        by_rank = sorted(known, key=lambda place: rows[place].rank)  # equals stand best first in both directions
        ordered = sorted(
            by_rank, key=lambda place: _comparable(values[place]), reverse=self.direction is Qt.SortOrder.DescendingOrder
        )
        order = [*ordered, *sorted(unknown, key=lambda place: rows[place].rank)]
        places = [0] * len(rows)
        for place, source_row in enumerate(order):
            places[source_row] = place
        return places

    def _prepare(self) -> None:
        self._accepted = [self.filter.accepts(row) for row in self._model.rows]
        self._places = self._worked_out()


def _comparable(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
