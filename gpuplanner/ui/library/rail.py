"""The rail at the left of the library: what the list is restricted to, with counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QPoint, QRect, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from gpuplanner.errors import shown
from gpuplanner.palette import LIGHT, Theme
from gpuplanner.texts import text
from gpuplanner.ui.library.arrange import STATES, Scope
from gpuplanner.ui.library.model import Index
from gpuplanner.ui.library.words import GLYPHS

SCOPE: Final = Qt.ItemDataRole.UserRole
COUNT: Final = Qt.ItemDataRole.UserRole + 1
_MOST_TAGS: Final = 40
Entry = tuple[Scope | None, str, int]


class Rail(QWidget):
    """Library, folders, tags and states.

    Signals:
        chosen: a :class:`Scope`.
        folder_wanted: a folder shall be added.
        folder_dropped: a folder shall leave the library; nothing happens to its files.
    """

    chosen = Signal(object)
    folder_wanted = Signal()
    folder_dropped = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.list = QListWidget(self)
        self.delegate = _RailDelegate(self.list)
        self.list.setItemDelegate(self.delegate)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._open_menu)
        self.list.currentItemChanged.connect(self._changed)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.add_button = QPushButton(self)
        self.add_button.setProperty("flat", True)
        self.add_button.clicked.connect(self.folder_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 6, 4, 8)
        column.setSpacing(4)
        column.addWidget(self.list, 1)
        column.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._shown: list[Entry] = []

    @property
    def scope(self) -> Scope:
        """What is chosen."""
        found = self.list.currentIndex().data(SCOPE)
        return Scope(*found) if found else Scope()

    def show_counts(self, found: Mapping[Scope, int], roots: Sequence[Path]) -> None:
        """List the scopes; the chosen one stays, where there still is such."""
        entries = _entries(found, roots)
        if entries == self._shown:
            return
        kept = self.scope
        self._shown = entries
        with QSignalBlocker(self.list):
            self.list.clear()
            for scope, label, count in entries:
                self._add(scope, label, count)
            self._select(kept)
        if self.scope != kept:
            self.chosen.emit(self.scope)

    def retranslate(self) -> None:
        """Follow a change of language."""
        self.add_button.setText(text("library.rail.add"))
        self.list.setAccessibleName(text("library.rail"))
        self._shown = []

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self.delegate.theme = theme
        self.list.viewport().update()

    def choose(self, scope: Scope) -> None:
        """Restrict the list."""
        self._select(scope)

    def _select(self, scope: Scope) -> None:
        place = next((row for row in range(self.list.count()) if self.list.item(row).data(SCOPE) == tuple(scope)), 1)
        self.list.setCurrentRow(place)

    def _add(self, scope: Scope | None, label: str, count: int) -> None:
        item = QListWidgetItem(label, self.list)
        if scope is None:
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            return
        item.setData(SCOPE, tuple(scope))
        item.setData(COUNT, count)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{label}, {count}")
        if scope.kind == "folder":
            item.setToolTip(shown(scope.value, 400))

    def _changed(self, item: QListWidgetItem | None) -> None:
        if item is not None and item.data(SCOPE):
            self.chosen.emit(self.scope)

    def _open_menu(self, place: QPoint) -> None:
        item = self.list.itemAt(place)
        if item is None or not item.data(SCOPE) or item.data(SCOPE)[0] != "folder":
            return
        menu = QMenu(self)
        leave = menu.addAction(text("library.rail.remove"))
        if menu.exec(self.list.viewport().mapToGlobal(place)) is leave:
            self.folder_dropped.emit(Path(item.data(SCOPE)[1]))
        menu.deleteLater()


class _RailDelegate(QStyledItemDelegate):
    """A label and a count; heads quiet and bold."""

    theme = LIGHT

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Heads have air above."""
        height = option.fontMetrics.height()
        return QSize(60, height + (9 if index.data(SCOPE) else 18))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One line."""
        rect: QRect = option.rect.adjusted(8, 0, -8, 0)
        scope, theme = index.data(SCOPE), self.theme
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        font = QFont(option.font)
        font.setBold(chosen or not scope)
        painter.save()
        painter.setFont(font)
        if not scope:
            painter.setPen(QColor(theme.quiet))
            painter.drawText(
                rect.adjusted(0, 8, 0, 0), int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), str(index.data())
            )
            painter.restore()
            return
        if chosen:
            painter.fillRect(option.rect, QColor(theme.accent_ground))
        middle = Qt.AlignmentFlag.AlignVCenter
        count = str(index.data(COUNT))
        metrics = QFontMetrics(font)
        painter.setPen(QColor(theme.quiet))
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignRight | middle), count)
        room = rect.width() - metrics.horizontalAdvance(count) - 8
        if scope[0] == "state":
            inks = {"good": theme.good, "caution": theme.caution, "bad": theme.bad}
            painter.setPen(QColor(inks.get(scope[1], theme.quiet)))
            painter.drawText(rect, int(Qt.AlignmentFlag.AlignLeft | middle), GLYPHS[scope[1]])
            rect = rect.adjusted(16, 0, 0, 0)
            room -= 16
        painter.setPen(QColor(theme.text))
        how = Qt.TextElideMode.ElideMiddle if scope[0] == "folder" else Qt.TextElideMode.ElideRight
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignLeft | middle), metrics.elidedText(str(index.data()), how, room))
        painter.restore()


def _entries(found: Mapping[Scope, int], roots: Sequence[Path]) -> list[Entry]:
    listed: list[Entry] = [(None, text("library.rail"), 0)]
    for kind in ("all", "week", "templates", "archive"):
        listed.append((Scope(kind), text(f"library.scope.{kind}"), found.get(Scope(kind), 0)))
    listed.append((None, text("library.rail.folders"), 0))
    for root in roots:
        scope = Scope("folder", str(root))
        listed.append((scope, _short(root), found.get(scope, 0)))
    tags = sorted((scope for scope in found if scope.kind == "tag"), key=lambda scope: (-found[scope], scope.value.casefold()))
    tags = sorted(tags[:_MOST_TAGS], key=lambda scope: scope.value.casefold())
    if tags:
        listed.append((None, text("library.rail.tags"), 0))
        listed += [(scope, scope.value, found[scope]) for scope in tags]
    states = [Scope("state", state) for state in STATES if found.get(Scope("state", state))]
    if states:
        listed.append((None, text("library.rail.states"), 0))
        listed += [(scope, text(f"library.state.{scope.value}"), found[scope]) for scope in states]
    return listed


def _short(path: Path) -> str:
    """A folder with the home as a tilde."""
    try:
        return shown(f"~/{path.relative_to(Path.home()).as_posix()}", 300)
    except (ValueError, RuntimeError):
        return shown(str(path), 300)
