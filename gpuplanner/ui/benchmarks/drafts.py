"""The runs of benchmark files as a table that can be filled in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QFont

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.errors import Message
from gpuplanner.evidence.imports.draft import COLUMNS, NAMES, Draft, problems
from gpuplanner.format import format_number
from gpuplanner.report.calibration import measured_text
from gpuplanner.texts import text

Index = QModelIndex | QPersistentModelIndex
HEADS: Final = ("use", "file", "figure", *COLUMNS)
_FIRST: Final = len(HEADS) - len(COLUMNS)
_UNITS: Final = {"ttft_ms": "ms", "tpot_ms": "ms", "memory_bytes": "B"}
_BAD: Final = QColor(214, 69, 61)


class DraftModel(QAbstractTableModel):
    """A row a run. What the file doesn't say stands in italics; what can't be is red, with the reason as a tip.

    Signals:
        edited: something was changed.
    """

    edited = Signal()

    def __init__(self, drafts: Sequence[Draft], catalog: Catalog, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.drafts = list(drafts)
        self.catalog = catalog
        self._problems = [problems(draft, catalog) for draft in self.drafts]

    def wanted(self) -> list[Draft]:
        """The runs that are ticked."""
        return [draft for draft in self.drafts if draft.wanted]

    def first_problem(self) -> tuple[Draft, str, Message] | None:
        """The first thing that keeps a ticked run from being used."""
        for draft, found in zip(self.drafts, self._problems, strict=True):
            if draft.wanted and found:
                column = next(name for name in COLUMNS if name in found)
                return draft, column, found[column]
        return None

    def apply_to_all(self, index: Index) -> None:
        """Give every run the value of a cell."""
        if not index.isValid() or index.column() < _FIRST:
            return
        column = COLUMNS[index.column() - _FIRST]
        value = getattr(self.drafts[index.row()], column)
        for row in range(len(self.drafts)):
            self._change(row, self.drafts[row].changed(column, value))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        """Runs."""
        return 0 if parent.isValid() else len(self.drafts)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: ARG002, B008 - as Qt declares it
        """Fixed."""
        return len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles of the columns."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return text(f"benchmark.column.{HEADS[section]}")
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return int(_side(HEADS[section]))
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """What can be ticked and typed."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.column() == 0:
            return flags | Qt.ItemFlag.ItemIsUserCheckable
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() >= _FIRST else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell says."""
        draft = self.drafts[index.row()]
        name = HEADS[index.column()]
        problem = self._problems[index.row()].get(name)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._shown(draft, name)
        if role == Qt.ItemDataRole.EditRole and name in COLUMNS:
            return getattr(draft, name)
        if role == Qt.ItemDataRole.CheckStateRole and index.column() == 0:
            return Qt.CheckState.Checked if draft.wanted else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.ForegroundRole and problem is not None:
            return _BAD
        if role == Qt.ItemDataRole.FontRole and name in draft.assumed:
            font = QFont()
            font.setItalic(True)
            return font
        if role == Qt.ItemDataRole.ToolTipRole:
            return problem.sentence() if problem is not None else self._shown(draft, name)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(_side(name))
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Take a tick or an entry; what is no number is refused."""
        from dataclasses import replace

        draft = self.drafts[index.row()]
        if role == Qt.ItemDataRole.CheckStateRole and index.column() == 0:
            self._change(index.row(), replace(draft, wanted=Qt.CheckState(value) == Qt.CheckState.Checked))
            return True
        if role != Qt.ItemDataRole.EditRole or index.column() < _FIRST:
            return False
        column = HEADS[index.column()]
        entry = str(value).strip()
        try:
            self._change(index.row(), draft.changed(column, entry if column in NAMES else float(entry) if entry else None))
        except (ValueError, OverflowError):
            return False
        return True

    def _change(self, row: int, draft: Draft) -> None:
        self.drafts[row], self._problems[row] = draft, problems(draft, self.catalog)
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(HEADS) - 1))
        self.edited.emit()

    def _shown(self, draft: Draft, name: str) -> str:
        if name == "use":
            return ""
        if name == "file":
            return f"{draft.file} {draft.run.place}".strip()
        if name == "figure":
            return ", ".join(measured_text(value, _UNITS.get(metric, "tok/s")) for metric, value in draft.run.figures.items())
        value = getattr(draft, name)
        if value in (None, ""):
            return str(getattr(draft.run, name, "") or "?") if name in NAMES else "?" if name in self._problems_of(draft) else "–"
        return self._name(name, value) if name in NAMES else format_number(value)

    def _problems_of(self, draft: Draft) -> dict[str, Message]:
        return self._problems[self.drafts.index(draft)]

    def _name(self, column: str, value: str) -> str:
        return dict(self.choices(column)).get(value, value)

    def choices(self, column: str) -> list[tuple[str, str]]:
        """Ids of the catalogue that a column may hold, each with its name, by name."""
        facts = self.catalog
        if column == "model":
            held = [(model.id, model.name) for model in facts.models.values() if model.language is not None]
        elif column == "gpu":
            held = [(gpu.id, gpu.name) for gpu in facts.gpus.values()]
        elif column == "engine":
            held = [(engine.id, engine.name) for engine in facts.engines.values() if engine.profile is not None]
        else:
            suited = "kv_bits" if column == "kv" else "native"
            held = [(item.id, item.name) for item in facts.precisions.values() if getattr(item, suited) is not None]
        return sorted(held, key=lambda item: item[1].casefold())


def _side(name: str) -> Qt.AlignmentFlag:
    """Numbers stand to the right."""
    number = name in COLUMNS and name not in NAMES
    return (Qt.AlignmentFlag.AlignRight if number else Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter
