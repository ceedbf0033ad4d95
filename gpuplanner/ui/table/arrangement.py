"""Which columns are shown, where and how wide: by default, as the user chose, as it was remembered."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtWidgets import QHeaderView

from gpuplanner.scenario.document import WorkloadKind
from gpuplanner.ui.table.columns import BY_KEY, COLUMNS

NARROWEST_NAME: Final = 112
USUAL_NAME: Final = 150  # of what is left beyond, the layout takes half
MORE_LAYOUT: Final = 40
_WIDTHS: Final = range(20, 2001)


class Arrangement:
    """Hides and sizes the sections of a head; name and layout take the width that the other columns leave.

    Attributes:
        busy: whether sections change by our own doing, not by the user's.
    """

    def __init__(self, header: QHeaderView) -> None:
        """The usual columns."""
        self._header = header
        self._hidden: dict[str, bool] = {}
        self._widths: dict[str, int] = {}
        self.workload = WorkloadKind.SERVE
        self.busy = False

    def set_usual(self) -> None:
        """Forget which columns were chosen, where they stand and how wide they are."""
        self._hidden.clear()
        self._widths.clear()
        self.busy = True
        for place in range(len(COLUMNS)):
            self._header.moveSection(self._header.visualIndex(place), place)
        self.busy = False

    def shown(self, key: str, width: int) -> bool:
        """Whether a column is shown, as the user chose or by default in a table of ``width`` pixels."""
        column = COLUMNS[BY_KEY[key]]
        if not column.applies(self.workload):
            return False
        return not self._hidden.get(key, not column.default or width < column.from_width)

    def show(self, key: str, shown: bool) -> None:
        """Show or hide a column from now on."""
        self._hidden[key] = not shown

    def apply(self, width: int) -> None:
        """Hide what is hidden in a table of ``width`` pixels, and give name and layout what is left."""
        self.busy = True
        shown = {column.key: column for column in COLUMNS if self.shown(column.key, width)}
        sizes = {key: self._widths.get(key) or self.scaled(column.width) for key, column in shown.items()}
        left = width - sum(sizes.values()) + sizes["gpu"]
        if "layout" in sizes and "layout" not in self._widths:
            more = max(0, min(self.scaled(MORE_LAYOUT), (left - self.scaled(USUAL_NAME)) // 2))
            sizes["layout"] += more
            left -= more
        if "gpu" not in self._widths:
            sizes["gpu"] = max(self.scaled(NARROWEST_NAME), left)
        for place, column in enumerate(COLUMNS):
            self._header.setSectionHidden(place, column.key not in shown)
            if column.key in sizes:
                self._header.resizeSection(place, sizes[column.key])
        self.busy = False

    def resized(self, column: int, width: int) -> None:
        """The user gave a column another width."""
        self._widths[COLUMNS[column].key] = width

    def in_order(self) -> list[int]:
        """The visible columns as they stand."""
        order = [self._header.logicalIndex(place) for place in range(self._header.count())]
        return [column for column in order if not self._header.isSectionHidden(column)]

    def state(self) -> dict[str, Any]:
        """Order, choice and widths as far as the user set them, as plain JSON."""
        return {
            "order": [COLUMNS[self._header.logicalIndex(place)].key for place in range(self._header.count())],
            "hidden": dict(sorted(self._hidden.items())),
            "widths": dict(sorted(self._widths.items())),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take a former :meth:`state`; what doesn't belong there is passed over."""
        self.busy = True
        for place, key in enumerate(_keys(state.get("order"))):
            self._header.moveSection(self._header.visualIndex(BY_KEY[key]), place)
        widths = _entries(state.get("widths")).items()
        self._widths = {key: width for key, width in widths if isinstance(width, int) and width in _WIDTHS}
        self._hidden = {key: flag is True for key, flag in _entries(state.get("hidden")).items()}
        self.busy = False

    def scaled(self, pixels: int) -> int:
        """Pixels at the usual text size, at the present one."""
        table = self._header.parentWidget() or self._header  # the head's own text is smaller
        return round(pixels * table.fontInfo().pixelSize() / 13)


def _keys(found: object) -> list[str]:
    known = [key for key in found if isinstance(key, str) and key in BY_KEY] if isinstance(found, list) else []
    return list(dict.fromkeys(known))


def _entries(found: object) -> dict[str, Any]:
    return {key: value for key, value in found.items() if key in BY_KEY} if isinstance(found, dict) else {}
