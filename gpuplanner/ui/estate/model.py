"""The workloads as a table model: a row each, then what is free, then all together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from gpuplanner.codes import code_text
from gpuplanner.engine.estate.result import Estate, Row
from gpuplanner.format import format_figure, format_number, format_share
from gpuplanner.report.names import gpu_name, model_name, precision_name
from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import text
from gpuplanner.ui.estate import words
from gpuplanner.ui.results.figures import GLYPHS, Verdict

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog

COLUMNS: Final = ("letter", "name", "model", "load", "hours", "target", "reached", "gpus", "share", "cost")
RIGHT: Final = frozenset(("load", "hours", "reached", "gpus", "share", "cost"))
_TIMES: Final = re.compile(r"\s*(\d{1,2})(?::(\d{2}))?\s*(?:-|–|—|to|至|~)\s*(\d{1,2})(?::(\d{2}))?\s*")
Index = QModelIndex | QPersistentModelIndex
SHARE_ROLE: Final = Qt.ItemDataRole.UserRole + 1
STATE_ROLE: Final = Qt.ItemDataRole.UserRole + 2
QUIET_ROLE: Final = Qt.ItemDataRole.UserRole + 3


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell shows, and what the pointer reads there."""

    shown: str = ""
    hint: str = ""
    share: float | None = None
    verdict: Verdict = Verdict.PLAIN


class WorksModel(QAbstractTableModel):
    """Follows the estate.

    Signals:
        renamed: row and the new name.
        timed: row, first and last hour.
    """

    renamed = Signal(int, str)
    timed = Signal(int, float, float)

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.estate = Estate()
        self._cells: list[dict[str, Cell]] = []
        self._currency = "CNY"
        self._whole = 0

    def set_estate(self, estate: Estate, scenario: Scenario, catalog: Catalog) -> None:
        """Show this one; rows stay where they are, so that a selection does."""
        self._currency = scenario.money.currency
        self._whole = len(estate.placement)
        cells = [self._row(row, catalog) for row in estate.rows]
        if any(row.plan is not None for row in estate.rows):
            cells += [self._free(estate), self._total(estate)]
        before, after = len(self._cells), len(cells)
        if before != after:
            self.beginResetModel()
        self.estate, self._cells = estate, cells
        if before != after:
            self.endResetModel()
        else:
            self.dataChanged.emit(self.index(0, 0), self.index(after - 1, len(COLUMNS) - 1))
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)

    def _row(self, row: Row, catalog: Catalog) -> dict[str, Cell]:
        scenario = row.scenario or Scenario()
        goal, reached, state = words.target(row)
        why = "\n".join(code_text(code) for code in row.reasons)
        cells = {
            "letter": Cell(row.letter, text("estate.own") if row.own else ""),
            "name": Cell(row.name or text("estate.unnamed"), f"{row.name}\n{text('estate.hint.edit')}".strip()),
            "model": Cell(f"{model_name(scenario, catalog)} · {precision_name(scenario.precision.weights, catalog)}"),
            "load": Cell(words.load_words(row)),
            "hours": Cell(words.hours_words(row), text("estate.hint.hours")),
        }
        if row.plan is None:
            return cells | {"target": Cell(why.split("\n")[0], why, verdict=Verdict.BAD)}
        plan = row.plan
        on = gpu_name(plan.gpu_id, catalog)
        cost = format_figure(row.cost, currency=self._currency)
        return cells | {
            "target": Cell(goal, verdict=state),
            "reached": Cell(reached, words.slowed(row), verdict=state),
            "gpus": Cell(words.gpus(row), words.gpus_hint(row, on)),
            "share": Cell(str(format_share(row.share)), share=row.share),
            "cost": Cell(f"{cost.number} {cost.unit}".strip(), text("estate.hint.cost")),
        }

    def _free(self, estate: Estate) -> dict[str, Cell]:
        spare = sum(gpu.spare for gpu in estate.placement)
        share = estate.free / self._whole
        cells = {
            "name": Cell(text("estate.free.with_spare", spare=spare) if spare else text("estate.free")),
            "gpus": Cell(format_number(estate.free + spare)),
            "share": Cell(str(format_share(share + spare / self._whole)), share=share + spare / self._whole),
        }
        whole = estate.figures.get("purchase")
        if whole is not None and whole.value is not None:
            import dataclasses

            part = dataclasses.replace(whole, value=whole.value * (share + spare / self._whole), low=None, high=None)
            cost = format_figure(part, currency=self._currency)
            cells["cost"] = Cell(f"{cost.number} {cost.unit}".strip())
        return cells

    def _total(self, estate: Estate) -> dict[str, Cell]:
        cost = format_figure(estate.figures.get("purchase"), currency=self._currency)
        return {
            "name": Cell(text("estate.together")),
            "gpus": Cell(format_number(float(self._whole))),
            "share": Cell(str(format_share(1.0))),
            "cost": Cell(f"{cost.number} {cost.unit}".strip()),
        }

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt calls it
        """Workloads, free, together."""
        return 0 if parent.isValid() else len(self._cells)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt calls it
        """As many as there are columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Names of the columns."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        key = COLUMNS[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return text(f"estate.column.{key}", gpus=self._whole)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if key in RIGHT else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell."""
        key = COLUMNS[index.column()]
        cell = self._cells[index.row()].get(key, Cell())
        if role == Qt.ItemDataRole.DisplayRole:
            return cell.shown
        if role == Qt.ItemDataRole.EditRole:
            return self._edited(index.row(), key)
        if role == Qt.ItemDataRole.ToolTipRole:
            return cell.hint or cell.shown
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{GLYPHS[cell.verdict]} {cell.shown}".strip()
        found = {SHARE_ROLE: cell.share, STATE_ROLE: cell.verdict, QUIET_ROLE: self.is_free(index.row())}
        return found.get(role)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """A new name, or other hours."""
        if role != Qt.ItemDataRole.EditRole or index.row() >= len(self.estate.rows):
            return False
        if COLUMNS[index.column()] == "name":
            self.renamed.emit(index.row(), str(value).strip()[:200])
            return True
        times = span_of(str(value))
        if times is not None:
            self.timed.emit(index.row(), *times)
        return times is not None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Name and hours of a workload can be edited in place."""
        if index.row() >= len(self.estate.rows):
            return Qt.ItemFlag.ItemIsEnabled
        usual = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return usual | Qt.ItemFlag.ItemIsEditable if COLUMNS[index.column()] in ("name", "hours") else usual

    def is_free(self, row: int) -> bool:
        """Whether a row is what is left over."""
        return row == len(self._cells) - 2 and row >= len(self.estate.rows)

    def is_total(self, row: int) -> bool:
        """Whether a row is the sum."""
        return row == len(self._cells) - 1 and row >= len(self.estate.rows)

    def tsv(self) -> str:
        """All cells with tabs."""
        head = [text(f"estate.column.{key}", gpus=self._whole) for key in COLUMNS]
        rows = [[cells.get(key, Cell()).shown for key in COLUMNS] for cells in self._cells]
        return "".join("\t".join(_plain(cell) for cell in line) + "\n" for line in (head, *rows))

    def _edited(self, row: int, key: str) -> str:
        if row >= len(self.estate.rows):
            return ""
        return self.estate.rows[row].name if key == "name" else words.hours_words(self.estate.rows[row])


def span_of(written: str) -> tuple[float, float] | None:
    """Two times of the day as they were written: "22-6", "8:30–20:00"; the whole day for its word. None if it is neither."""
    if not written.strip() or written.strip() == text("estate.hours.all"):
        return 0.0, 24.0
    found = _TIMES.fullmatch(written)
    if found is None:
        return None
    first, last = (int(found[at]) + int(found[at + 1] or 0) / 60 for at in (1, 3))
    return (first, last) if max(first, last) <= words.HOURS else None


def _plain(cell: str) -> str:
    """A cell may not be taken for a formula by a spreadsheet."""
    flat = " ".join(cell.split())
    return f"'{flat}" if flat[:1] in ("=", "+", "-", "@") and not flat[1:2].isdigit() else flat
