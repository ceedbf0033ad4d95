"""Which columns are shown, where and how wide: by default, as the user chose, as it was remembered."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtWidgets import QHeaderView

from gpuplanner.scenario.document import WorkloadKind
from gpuplanner.ui.table.columns import BY_KEY, COLUMNS

NARROWEST_NAME: Final = 112
_NAME: Final = BY_KEY["gpu"]
_WIDTHS: Final = range(20, 2001)


class Arrangement:
    """Hides and sizes the sections of a head; the name takes the width that the other columns leave.

    Attributes:
        busy: whether sections change by our own doing, not by the user's.
    """

    def __init__(self, header: QHeaderView) -> None:
        """The usual columns."""
        self._header = header
        self._hidden: dict[str, bool] = {}
        self._name_width: int | None = None
        self.workload = WorkloadKind.SERVE
        self.busy = False

    def set_usual(self) -> None:
        """Forget which columns were chosen, where they stand and how wide they are."""
        self._hidden.clear()
        self._name_width = None
        self.busy = True
        for place, column in enumerate(COLUMNS):
            self._header.moveSection(self._header.visualIndex(place), place)
            self._header.resizeSection(place, self.scaled(column.width))
        self.busy = False

    def shown(self, key: str, width: int) -> bool:
        """Whether a column is shown, as the user chose or by default in a table of ``width`` pixels."""
        column = COLUMNS[BY_KEY[key]]
        if column.only is not None and column.only is not self.workload:
            return False
        return not self._hidden.get(key, not column.default or width < column.from_width)

    def show(self, key: str, shown: bool) -> None:
        """Show or hide a column from now on."""
        self._hidden[key] = not shown

    def apply(self, width: int) -> None:
        """Hide what is hidden in a table of ``width`` pixels, and give the name what is left."""
        self.busy = True
        for place, column in enumerate(COLUMNS):
            self._header.setSectionHidden(place, not self.shown(column.key, width))
        taken = sum(self._header.sectionSize(column) for column in self.in_order() if column != _NAME)
        self._header.resizeSection(_NAME, self._name_width or max(self.scaled(NARROWEST_NAME), width - taken))
        self.busy = False

    def resized(self, column: int, width: int) -> None:
        """The user gave a column another width."""
        if column == _NAME:
            self._name_width = width

    def in_order(self) -> list[int]:
        """The visible columns as they stand."""
        order = [self._header.logicalIndex(place) for place in range(self._header.count())]
        return [column for column in order if not self._header.isSectionHidden(column)]

    def state(self) -> dict[str, Any]:
        """Order, choice and widths, as plain JSON."""
        visible = {COLUMNS[column].key: self._header.sectionSize(column) for column in self.in_order() if column != _NAME}
        return {
            "order": [COLUMNS[self._header.logicalIndex(place)].key for place in range(self._header.count())],
            "hidden": dict(sorted(self._hidden.items())),
            "widths": dict(sorted(visible.items())),
            "name_width": self._name_width,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take a former :meth:`state`; what doesn't belong there is passed over."""
        self.busy = True
        for place, key in enumerate(_keys(state.get("order"))):
            self._header.moveSection(self._header.visualIndex(BY_KEY[key]), place)
        for key, width in _entries(state.get("widths")).items():
            if isinstance(width, int) and width in _WIDTHS:
                self._header.resizeSection(BY_KEY[key], width)
        self._hidden = {key: flag is True for key, flag in _entries(state.get("hidden")).items()}
        width = state.get("name_width")
        self._name_width = width if isinstance(width, int) and width in _WIDTHS else None
        self.busy = False

    def scaled(self, pixels: int) -> int:
        """Pixels at the usual text size, at the present one."""
        return round(pixels * self._header.fontInfo().pixelSize() / 13)


def _keys(found: object) -> list[str]:
    known = [key for key in found if isinstance(key, str) and key in BY_KEY] if isinstance(found, list) else []
    return list(dict.fromkeys(known))


def _entries(found: object) -> dict[str, Any]:
    return {key: value for key, value in found.items() if key in BY_KEY} if isinstance(found, dict) else {}
