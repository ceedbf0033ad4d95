"""How a scenario file looks in a list: its name, and a quiet line below."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from gpuplanner.scenario.library import Entry
from gpuplanner.texts import text

PATH: Final = Qt.ItemDataRole.UserRole
QUIET: Final = Qt.ItemDataRole.UserRole + 1
ENTRY: Final = Qt.ItemDataRole.UserRole + 2
_Index = QModelIndex | QPersistentModelIndex


def quiet_line(entry: Entry) -> str:
    """Customer and model; or that the file can't be read."""
    if entry.problem is not None:
        return f"✕ {text('library.unreadable')}"
    return " · ".join(part for part in (entry.customer, entry.model_id) if part)


def day_of(entry: Entry) -> str:
    """The day of the last change, the year only where it is another one."""
    changed = entry.modified.astimezone()
    return changed.strftime("%m-%d" if changed.year == datetime.now().year else "%Y-%m-%d")


class ScenarioDelegate(QStyledItemDelegate):
    """Two lines; the name is edited in place."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:  # noqa: ARG002 - Qt's signature
        """Two lines and some air."""
        return QSize(120, option.fontMetrics.height() * 2 + 12)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw one file."""
        rect: QRect = option.rect
        palette: QPalette = option.palette
        state = option.state
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, palette.color(QPalette.ColorRole.Highlight))
        inner = rect.adjusted(8, 5, -8, -5)
        upper = inner.adjusted(0, 0, 0, -(inner.height() // 2))
        lower = inner.adjusted(0, inner.height() // 2, 0, 0)
        plain, quiet = palette.color(QPalette.ColorRole.Text), palette.color(QPalette.ColorRole.PlaceholderText)
        day = day_of(index.data(ENTRY))
        painter.setPen(quiet)
        painter.drawText(upper, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, day)
        room = painter.fontMetrics().horizontalAdvance(day) + 8
        self._line(painter, upper.adjusted(0, 0, -room, 0), str(index.data()), plain, bold=True)
        self._line(painter, lower, str(index.data(QUIET)), quiet)
        painter.restore()

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: _Index) -> None:  # noqa: ARG002
        """The editor covers the row."""
        editor.setGeometry(option.rect.adjusted(2, 4, -2, -4))

    @staticmethod
    def _line(painter: QPainter, rect: QRect, line: str, colour: object, *, bold: bool = False) -> None:
        font = QFont(painter.font())
        font.setBold(bold)
        painter.setFont(font)
        painter.setPen(colour)
        shown = painter.fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
