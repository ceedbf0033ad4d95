"""Which columns the reason of an impossible GPU runs across."""

from __future__ import annotations

from PySide6.QtWidgets import QHeaderView

from gpuplanner.ui.table.columns import COLUMNS


class Spans:
    """The longest run of neighbouring visible columns that belong to the plan.

    Worked out when columns change, not when they are painted.
    """

    def __init__(self, header: QHeaderView) -> None:
        """Nothing until :meth:`update`."""
        self._header = header
        self.columns: frozenset[str] = frozenset()
        self.width = 0

    def update(self) -> None:
        """After columns were moved, resized, shown or hidden."""
        best: list[int] = []
        run: list[int] = []
        for place in range(self._header.count()):
            column = self._header.logicalIndex(place)
            if self._header.isSectionHidden(column):
                continue
            run = [*run, column] if COLUMNS[column].of_plan else []
            if self._stretch(run) > self._stretch(best):
                best = run
        self.columns = frozenset(COLUMNS[column].key for column in best)
        self.width = self._stretch(best)

    def _stretch(self, run: list[int]) -> int:
        return sum(self._header.sectionSize(column) for column in run)
