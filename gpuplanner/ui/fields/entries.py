"""A list of things to pick from, found by any of their words, in groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

ENTRY: Final = Qt.ItemDataRole.UserRole
ROW_PX: Final = 26
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to pick.

    ``detail`` stands quietly at the right; ``words`` is what a search looks through besides title and detail; ``mark`` a
    short note such as "yours".
    """

    value: object
    title: str
    detail: str = ""
    group: str = ""
    words: str = ""
    mark: str = ""
    haystack: str = field(default="", compare=False)

    def found_by(self) -> str:
        """What a search looks through."""
        return self.haystack or _folded(f"{self.title} {self.detail} {self.words} {self.group} {self.mark}")


class EntryModel(QAbstractListModel):
    """Entries that match a search, under the names of their groups."""

    def __init__(self) -> None:
        super().__init__()
        self._all: tuple[tuple[str, Entry], ...] = ()
        self._rows: list[Entry | str] = []

    def set_entries(self, entries: Sequence[Entry]) -> None:
        """What there is, in order; entries of one group side by side."""
        self._all = tuple((entry.found_by(), entry) for entry in entries)
        self.search("")

    def search(self, query: str) -> None:
        """Keep what contains all words of the query, spaces and hyphens apart or together; best matches first."""
        words = _folded(query).split()
        tight = "".join(words)
        hits = [(hay, entry) for hay, entry in self._all if _matches(hay, words, tight)]
        if words:
            hits.sort(key=lambda hit: _rank(hit[0], words[0]))
        self.beginResetModel()
        self._rows = _grouped([entry for _, entry in hits])
        self.endResetModel()

    def entry(self, row: int) -> Entry | None:
        """The entry of a row; None for the name of a group."""
        found = self._rows[row] if 0 <= row < len(self._rows) else None
        return found if isinstance(found, Entry) else None

    def first(self) -> int:
        """The first row with an entry, -1 when nothing was found."""
        return next((row for row, item in enumerate(self._rows) if isinstance(item, Entry)), -1)

    def row_of(self, value: object) -> int:
        """The row of an entry's value, -1 when it isn't listed."""
        return next((row for row, item in enumerate(self._rows) if isinstance(item, Entry) and item.value == value), -1)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Rows, names of groups included."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts and entries of a row."""
        item = self._rows[index.row()]
        if role == ENTRY:
            return item
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return item if isinstance(item, str) else item.title
        if role == Qt.ItemDataRole.AccessibleTextRole and isinstance(item, Entry):
            return ", ".join(part for part in (item.title, item.detail, item.mark) if part)
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Names of groups can't be picked."""
        if isinstance(self._rows[index.row()], str):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class EntryDelegate(QStyledItemDelegate):
    """Title at the left, mark and detail quietly at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:  # noqa: ARG002 - Qt's signature
        """Rows are of one height that follows the font."""
        return QSize(100, max(ROW_PX, option.fontMetrics.height() + 9))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw one row."""
        item = index.data(ENTRY)
        rect: QRect = option.rect.adjusted(8, 0, -8, 0)
        palette: QPalette = option.palette
        quiet, plain = palette.color(QPalette.ColorRole.PlaceholderText), palette.color(QPalette.ColorRole.Text)
        font = QFont(option.font)
        painter.save()
        if isinstance(item, str):
            font.setBold(True)
            painter.setFont(font)
            painter.setPen(quiet)
            painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, item)
        else:
            if option.state & QStyle.StateFlag.State_Selected:
                painter.fillRect(option.rect, palette.color(QPalette.ColorRole.Highlight))
            self._paint_entry(painter, rect, item, plain, quiet)
        painter.restore()

    @staticmethod
    def _paint_entry(painter: QPainter, rect: QRect, entry: Entry, plain: Any, quiet: Any) -> None:
        metrics = painter.fontMetrics()
        note = " · ".join(part for part in (entry.mark, entry.detail) if part)
        wide = min(metrics.horizontalAdvance(note) + 4, int(rect.width() * 0.6)) if note else 0
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(quiet)
        shown = metrics.elidedText(note, Qt.TextElideMode.ElideRight, wide)
        painter.drawText(rect, Qt.AlignmentFlag.AlignRight | middle, shown)
        painter.setPen(plain)
        left = rect.adjusted(0, 0, -(wide + 12) if wide else 0, 0)
        painter.drawText(
            left, Qt.AlignmentFlag.AlignLeft | middle, metrics.elidedText(entry.title, Qt.TextElideMode.ElideRight, left.width())
        )


def _folded(words: str) -> str:
    return words.casefold().replace("_", "-")


def _matches(haystack: str, words: list[str], tight: str) -> bool:
    return all(word in haystack for word in words) or (len(tight) > 2 and tight in haystack.replace("-", "").replace(" ", ""))


def _rank(haystack: str, word: str) -> int:
    """0 when the title begins with the word, 1 when a word begins with it, 2 otherwise."""
    if haystack.startswith(word):
        return 0
    return 1 if f" {word}" in haystack or f"-{word}" in haystack else 2


def _grouped(entries: list[Entry]) -> list[Entry | str]:
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.group, []).append(entry)
    return [row for name, members in groups.items() for row in ([name] if name else []) + members]
