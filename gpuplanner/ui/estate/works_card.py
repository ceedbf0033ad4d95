"""The card of workloads: table, and what can be done with a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QGuiApplication, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from gpuplanner.engine.estate.result import Estate
from gpuplanner.palette import LIGHT, Theme
from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import text
from gpuplanner.ui.bold import embolden
from gpuplanner.ui.estate.model import COLUMNS, QUIET_ROLE, RIGHT, SHARE_ROLE, STATE_ROLE, WorksModel
from gpuplanner.ui.results.figures import GLYPHS, Verdict

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog

_ROW: Final = 26
_WIDTHS: Final = {"letter": 29, "load": 80, "hours": 57, "target": 130, "reached": 74, "gpus": 86, "share": 90, "cost": 78}
_FIRST_TO_GO: Final = (("model", 620), ("hours", 540), ("reached", 480), ("target", 430))  # below such a width of the table
ACTIONS: Final = ("add", "duplicate", "edit", "remove", "copy")


class WorksCard(QFrame):
    """Workloads as rows.

    Signals:
        wanted: one of :data:`ACTIONS` and the row it is meant for.
        renamed, timed: as those of the model.
    """

    wanted = Signal(str, int)
    renamed = Signal(int, str)
    timed = Signal(int, float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self.title = QLabel(self)
        embolden(self.title)
        self.model = WorksModel(self)
        self.view = WorksView(self.model, self)
        self.buttons = {key: QPushButton(self) for key in ACTIONS}
        self.actions_by_key = {key: QAction(self) for key in ACTIONS}
        for key in ACTIONS:
            self.buttons[key].setProperty("flat", True)
            self.buttons[key].clicked.connect(self.actions_by_key[key].trigger)
            self.actions_by_key[key].triggered.connect(lambda _=False, key=key: self._want(key))
        self.model.renamed.connect(self.renamed)
        self.model.timed.connect(self.timed)
        self.view.opened.connect(lambda row: self.wanted.emit("edit", row))
        self.view.removed.connect(lambda: self._want("remove"))
        self.view.menu_wanted.connect(self._open_menu)
        self.view.selectionModel().selectionChanged.connect(self._enable)
        self._lay_out()
        self.retranslate()

    def set_estate(self, estate: Estate, scenario: Scenario, catalog: Catalog) -> None:
        """Show the workloads; the own one is picked where none is."""
        row = self.row
        self.model.set_estate(estate, scenario, catalog)
        own = next((place for place, work in enumerate(estate.rows) if work.own), 0)
        self.view.selectRow(row if 0 <= row < len(estate.rows) else own)
        self.view.setFixedHeight(self.view.horizontalHeader().height() + self.model.rowCount() * _ROW + 4)
        self.view.arrange()
        self._enable()

    @property
    def row(self) -> int:
        """The row that is picked; -1 for none."""
        rows = self.view.selectionModel().selectedRows()
        return rows[0].row() if rows else -1

    def retranslate(self) -> None:
        """Say everything again, in the current language."""
        self.title.setText(text("estate.works"))
        self.view.setAccessibleName(text("estate.works"))
        for key in ACTIONS:
            self.buttons[key].setText(text(f"estate.action.{key}"))
            self.buttons[key].setToolTip(text(f"estate.action.{key}.hint"))
            self.actions_by_key[key].setText(text(f"estate.action.{key}"))
        self.model.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self.view.cells.theme = theme
        self.view.viewport().update()

    def copy(self) -> None:
        """Put the table on the clipboard."""
        QGuiApplication.clipboard().setText(self.model.tsv())

    def _want(self, key: str) -> None:
        if key == "copy":
            self.copy()
        else:
            self.wanted.emit(key, self.row)

    def _enable(self) -> None:
        picked = 0 <= self.row < len(self.model.estate.rows)
        for key in ("duplicate", "edit", "remove"):
            possible = picked and (key != "remove" or len(self.model.estate.rows) > 1)
            self.actions_by_key[key].setEnabled(possible)
            self.buttons[key].setEnabled(possible)

    def _open_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(list(self.actions_by_key.values()))
        menu.popup(place)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(0)
        head.addWidget(self.title)
        head.addStretch(1)
        for button in self.buttons.values():
            head.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(13, 6, 8, 6)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.view)


class WorksView(QTableView):
    """The table itself.

    Signals:
        opened: a row that was picked by Enter or double click.
        removed: Delete was pressed.
        menu_wanted: global position of a right click.
    """

    opened = Signal(int)
    removed = Signal()
    menu_wanted = Signal(QPoint)

    def __init__(self, model: WorksModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cells = WorkCells(self)
        self.setModel(model)
        self.setItemDelegate(self.cells)
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        self.verticalHeader().setMinimumSectionSize(_ROW)
        head = self.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setHighlightSections(False)
        head.setMinimumSectionSize(20)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(lambda at: self.menu_wanted.emit(self.viewport().mapToGlobal(at)))
        self.doubleClicked.connect(lambda index: self.opened.emit(index.row()))

    def arrange(self) -> None:
        """Give name and model the width that the others leave; the least important columns go first."""
        room = self.viewport().width()
        gone = {key for key, least in _FIRST_TO_GO if room < least}
        for place, key in enumerate(COLUMNS):
            self.setColumnHidden(place, key in gone)
        fixed = sum(width for key, width in _WIDTHS.items() if key not in gone)
        left = max(100, room - fixed)
        for place, key in enumerate(COLUMNS):
            share = 1.0 if "model" in gone else 0.47 if key == "name" else 0.53
            self.setColumnWidth(place, _WIDTHS.get(key) or int(left * share))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Columns follow the width."""
        super().resizeEvent(event)
        self.arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter brings a workload to the form, Delete takes it away."""
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex().row())
        elif key is Qt.Key.Key_Delete:
            self.removed.emit()
        else:
            super().keyPressEvent(event)


class WorkCells(QStyledItemDelegate):
    """Draws cells: the letter in a box, the state beside the target, the share as a bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = LIGHT

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """A cell."""
        key, model = COLUMNS[index.column()], index.model()
        place: QRect = option.rect
        picked = bool(option.state & QStyle.StateFlag.State_Selected)
        if picked:
            painter.fillRect(place, QColor(self.theme.accent_ground))
        painter.fillRect(QRect(place.left(), place.bottom(), place.width(), 1), QColor(self.theme.line))
        total = isinstance(model, WorksModel) and model.is_total(index.row())
        font = option.font
        font.setBold(total or (key == "name" and not index.data(QUIET_ROLE)))
        painter.setFont(font)
        if key == "letter":
            self._letter(painter, place, str(index.data() or ""), picked)
            return
        left = self._state(painter, place, index) if key == "target" else place.left() + 6
        if key == "share":
            self._share(painter, place, index.data(SHARE_ROLE))
        self._words(painter, QRect(left, place.top(), place.right() - left - 5, place.height()), index, key)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: ARG002
        """Rows of one height."""
        return QSize(60, _ROW)

    def _words(self, painter: QPainter, place: QRect, index: QModelIndex | QPersistentModelIndex, key: str) -> None:
        state = index.data(STATE_ROLE)
        missed = state in (Verdict.MISS, Verdict.BAD) and key in ("reached", "target")
        quiet = index.data(QUIET_ROLE) or key in ("load", "hours")
        painter.setPen(QColor(self.theme.caution if missed else self.theme.quiet if quiet else self.theme.text))
        side = Qt.AlignmentFlag.AlignRight if key in RIGHT else Qt.AlignmentFlag.AlignLeft
        said = painter.fontMetrics().elidedText(str(index.data() or ""), Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, side | Qt.AlignmentFlag.AlignVCenter, said)

    def _letter(self, painter: QPainter, place: QRect, letter: str, picked: bool) -> None:
        if not letter:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(self.theme.accent if picked else self.theme.quiet)
        painter.setPen(colour)
        box = QRectF(place.left() + 4.5, place.center().y() - 8.5, 18, 18)
        painter.drawRoundedRect(box, 4, 4)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, letter)
        painter.restore()

    def _state(self, painter: QPainter, place: QRect, index: QModelIndex | QPersistentModelIndex) -> int:
        state = index.data(STATE_ROLE)
        glyph = GLYPHS.get(state, "")
        colours = {Verdict.GOOD: self.theme.good, Verdict.BAD: self.theme.bad}
        painter.setPen(QColor(colours.get(state, self.theme.caution)))
        painter.drawText(QRect(place.left() + 4, place.top(), 14, place.height()), Qt.AlignmentFlag.AlignVCenter, glyph)
        return place.left() + 20

    def _share(self, painter: QPainter, place: QRect, share: float | None) -> None:
        if share is None:
            return
        bar = QRect(place.left() + 8, place.center().y() - 3, 30, 7)
        painter.fillRect(bar, QColor(self.theme.free))
        if share > 0:
            painter.fillRect(
                QRect(bar.left(), bar.top(), max(1, round(bar.width() * share)), bar.height()), QColor(self.theme.chart_own)
            )
