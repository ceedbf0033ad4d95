"""The comparison of all GPUs: title line, filter, table."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from gpuplanner.engine.result import Estimate
from gpuplanner.format import format_integer
from gpuplanner.palette import Theme
from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import text
from gpuplanner.ui.bold import embolden
from gpuplanner.ui.table.columns import BY_KEY, COLUMNS
from gpuplanner.ui.table.filter import Filter
from gpuplanner.ui.table.menus import TickMenu
from gpuplanner.ui.table.model import GpuModel
from gpuplanner.ui.table.view import GpuView

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog


class GpuTable(QFrame):
    """Every GPU of the catalogue, with its plan or the reason why there is none.

    Signals:
        gpu_chosen: id of the GPU that the answer shall be given for.
        gpu_selected: list of the ids of the selected rows.
        state_changed: after sort, filter or columns changed; :meth:`state` is worth keeping.
    """

    gpu_chosen = Signal(str)
    gpu_selected = Signal(object)
    state_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """An empty table, best first."""
        super().__init__(parent)
        self.setProperty("card", True)
        self.model = GpuModel(self)
        self.view = GpuView(self.model, self)
        self.title = QLabel(self)
        embolden(self.title)
        self.summary = QLabel(self)
        self.summary.setProperty("quiet", True)
        self.summary.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.summary.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.filter_button, self.columns_button, self.copy_button = (QToolButton(self) for _ in range(3))
        self.filter_menu, self.columns_menu = TickMenu(parent=self), TickMenu(parent=self)
        self.filter_box = QLineEdit(self)
        self.filter_box.setClearButtonEnabled(True)
        self.filter_box.hide()
        self.find_action = QAction(self)
        self._connect()
        self._lay_out()
        self.retranslate()

    def set_estimate(self, estimate: Estimate, scenario: Scenario, catalog: Catalog) -> None:
        """Show ``estimate``; order, selection and scroll position stay."""
        self.view.set_workload(scenario.workload.kind)
        self.model.set_estimate(estimate, scenario, catalog)
        self.view.settle()
        self._summarise()

    def set_byte_unit(self, unit: str) -> None:
        """Show "GB" or "GiB"."""
        self.model.set_byte_unit(unit)

    def retranslate(self) -> None:
        """Say everything again, in the current language."""
        self.title.setText(text("results.table.title"))
        self.filter_button.setText(text("results.table.filter"))
        self.columns_button.setText(text("results.table.columns"))
        self.copy_button.setText(text("results.table.copy"))
        self.copy_button.setToolTip(text("results.table.copy.hint"))
        self.filter_box.setPlaceholderText(text("results.table.filter_box"))
        self.filter_box.setAccessibleName(text("results.table.filter_box"))
        self.find_action.setText(text("results.table.find"))
        self.view.setAccessibleName(text("results.table.title"))
        self.model.reword()
        self._summarise()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self.view.apply_theme(theme)
        sheet = (
            "QToolButton { border: 1px solid transparent; border-radius: 4px; padding: 2px 5px; background: transparent; }"
            f"QToolButton {{ color: {theme.quiet}; }}"
            f"QToolButton:hover {{ background: {theme.hover}; color: {theme.text}; }}"
            f"QToolButton:focus {{ border-color: {theme.accent}; }}"
            f'QToolButton[active="true"] {{ color: {theme.accent}; }}'
            "QToolButton::menu-indicator { image: none; }"
        )
        for button in (self.filter_button, self.columns_button, self.copy_button):
            button.setStyleSheet(sheet)

    def set_filter(self, wanted: Filter) -> None:
        """Show the GPUs that ``wanted`` accepts."""
        self.model.set_filter(wanted)
        if self.filter_box.text() != wanted.words:
            self.filter_box.setText(wanted.words)
        self._summarise()
        self.state_changed.emit()

    def sort_by(self, key: str, *, descending: bool = False) -> None:
        """Sort by a column; "state" is best first."""
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.view.sortByColumn(BY_KEY[key], order)

    def open_filter(self) -> None:
        """Open the filter box."""
        self.filter_box.show()
        self.filter_box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter_box.selectAll()

    def state(self) -> dict[str, Any]:
        """Sort, filters and columns, for the settings; plain JSON."""
        chosen = self.model.filter
        return {
            "sort": self.model.sort_key,
            "descending": self.model.descending,
            "fits_only": chosen.fits_only,
            "in_china": chosen.in_china,
            "priced": chosen.priced,
            "vendors": sorted(chosen.vendors),
            **self.view.columns.state(),
        }

    def restore_state(self, state: dict[str, Any]) -> None:
        """Take a former :meth:`state`; what isn't understood is passed over."""
        self.view.restore_columns(state)
        flags = {name: state.get(name) is True for name in ("fits_only", "in_china", "priced")}
        vendors = state.get("vendors")
        named = frozenset(str(name) for name in vendors) if isinstance(vendors, list) else frozenset[str]()
        self.set_filter(Filter(self.model.filter.words, vendors=named, **flags))
        key = state.get("sort")
        self.sort_by(key if isinstance(key, str) and key in BY_KEY else "state", descending=state.get("descending") is True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape in the filter box closes it."""
        if event.key() == Qt.Key.Key_Escape and self.filter_box.isVisible():
            self.filter_box.clear()
            self.filter_box.hide()
            self.view.setFocus()
        else:
            super().keyPressEvent(event)

    def _connect(self) -> None:
        self.view.chosen.connect(self.gpu_chosen)
        self.view.selected.connect(self.gpu_selected)
        self.view.header_menu_wanted.connect(self._open_columns)
        self.view.horizontalHeader().sortIndicatorChanged.connect(self._sorted)
        self.view.horizontalHeader().sectionMoved.connect(self._columns_changed)
        self.view.horizontalHeader().sectionResized.connect(self._columns_changed)
        self.filter_box.textChanged.connect(self._words_changed)
        self.filter_menu.aboutToShow.connect(self._fill_filters)
        self.columns_menu.aboutToShow.connect(self._fill_columns)
        self.filter_button.setMenu(self.filter_menu)
        self.columns_button.setMenu(self.columns_menu)
        for button in (self.filter_button, self.columns_button):
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        for button in (self.filter_button, self.columns_button, self.copy_button):
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.copy_button.clicked.connect(self.view.copy)
        self.find_action.setShortcut(QKeySequence(QKeySequence.StandardKey.Find))
        self.find_action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        self.find_action.triggered.connect(self.open_filter)
        self.addAction(self.find_action)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(13, 0, 8, 0)
        head.setSpacing(2)
        for widget in (self.title, self.summary, self.filter_button, self.columns_button, self.copy_button):
            head.addWidget(widget, 1 if widget is self.summary else 0)
        box = QHBoxLayout()
        box.setContentsMargins(13, 0, 13, 0)
        box.addWidget(self.filter_box)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 7, 1, 1)
        column.setSpacing(4)
        column.addLayout(head)
        column.addLayout(box)
        column.addWidget(self.view, 1)

    def _summarise(self) -> None:
        model = self.model
        parts = [text("results.table.fit", fit=format_integer(model.fitting()), all=format_integer(len(model.rows)))]
        if model.filter.active:
            parts.append(text("results.table.shown", shown=format_integer(len(model.shown_rows))))
        key = "results.table.best_first" if model.sort_key == "state" else "results.table.sorted"
        parts.append(text(key, column=text(f"results.column.{model.sort_key}.long")))
        self.summary.setText(" · ".join(parts))
        self.summary.setToolTip(self.summary.text())
        if self.filter_button.property("active") != model.filter.active:
            self.filter_button.setProperty("active", model.filter.active)
            self.filter_button.style().unpolish(self.filter_button)
            self.filter_button.style().polish(self.filter_button)

    def _sorted(self, _column: int, _order: Qt.SortOrder) -> None:
        self._summarise()
        self.state_changed.emit()

    def _words_changed(self, words: str) -> None:
        self.set_filter(replace(self.model.filter, words=words))

    def _fill_filters(self) -> None:
        menu, chosen = self.filter_menu, self.model.filter
        menu.clear()
        menu.addAction(self.find_action)
        menu.addSeparator()
        for name in ("fits_only", "in_china", "priced"):
            menu.tick(text(f"results.filter.{name}"), getattr(chosen, name), partial(self._flag, name))
        menu.addSection(text("results.filter.vendors"))
        for vendor in sorted({row.gpu.vendor for row in self.model.rows}, key=str.casefold):
            menu.tick(vendor, vendor in chosen.vendors, partial(self._vendor, vendor))
        menu.addSeparator()
        menu.entry(text("results.filter.clear"), partial(self.set_filter, Filter())).setEnabled(chosen.active)

    def _flag(self, name: str, on: bool) -> None:
        flags = {
            "fits_only": self.model.filter.fits_only,
            "in_china": self.model.filter.in_china,
            "priced": self.model.filter.priced,
        }
        self.set_filter(Filter(self.model.filter.words, vendors=self.model.filter.vendors, **{**flags, name: on}))

    def _vendor(self, vendor: str, on: bool) -> None:
        vendors = self.model.filter.vendors
        self.set_filter(replace(self.model.filter, vendors=vendors | {vendor} if on else vendors - {vendor}))

    def _fill_columns(self) -> None:
        menu = self.columns_menu
        menu.clear()
        kind = self.model.context.scenario.workload.kind
        for column in COLUMNS:
            if column.key in ("state", "gpu") or not column.applies(kind):
                continue  # a row without state and name says nothing
            menu.tick(
                text(f"results.column.{column.key}.long"),
                self.view.column_shown(column.key),
                partial(self._show_column, column.key),
            )
        menu.addSeparator()
        menu.entry(text("results.table.default_columns"), self._default_columns)

    def _show_column(self, key: str, shown: bool) -> None:
        self.view.show_column(key, shown)
        self.state_changed.emit()

    def _default_columns(self) -> None:
        self.view.default_columns()
        self.state_changed.emit()

    def _columns_changed(self, *_: int) -> None:
        if not self.view.columns.busy:
            self.state_changed.emit()

    def _open_columns(self, place: QPoint) -> None:
        self.columns_menu.popup(place)
