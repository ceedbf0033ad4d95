"""The old rule of thumb beside the plan, and the load along its curve as a table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QLabel,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gpuplanner.codes import code_text
from gpuplanner.format import format_integer, format_number, format_seconds
from gpuplanner.texts import text
from gpuplanner.ui.bold import embolden
from gpuplanner.ui.faults import guarded
from gpuplanner.ui.load.given import Given
from gpuplanner.ui.load.latency import asked_now, bands_of, load_of, loads
from gpuplanner.ui.load.scales import seconds

if TYPE_CHECKING:
    from gpuplanner.engine.load.curve import LoadCurve
    from gpuplanner.engine.planner.rule import OldRule

_TALL = 270
_SHARES = (0.25, 0.5, 0.75, 0.9, 1.0)


class RuleCard(QFrame):
    """Words and a small table; both follow the answer at once."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self.given: Given | None = None
        self.rule_title, self.formula, self.numbers, self.why, self.table_title = (QLabel(self) for _ in range(5))
        embolden(self.rule_title, self.table_title)
        for label in (self.formula, self.numbers, self.why):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.formula.setProperty("quiet", True)
        self.why.setProperty("quiet", True)
        self.table = QTableWidget(0, 4, self)
        self._set_table()
        column = QVBoxLayout(self)
        column.setContentsMargins(13, 8, 13, 8)
        column.setSpacing(4)
        for widget in (self.rule_title, self.formula, self.numbers, self.why, self.table_title):
            column.addWidget(widget)
        column.insertSpacing(4, 6)
        column.addWidget(self.table, 1)
        column.addStretch(0)
        self.reword()

    def set_given(self, given: Given) -> None:
        """Follow another answer."""
        self.given = given
        if self.isVisible():
            self.renew(given)

    def renew(self, given: Given) -> None:
        """Show what the rule says, and the curve."""
        found = _rule(given)
        self.formula.setVisible(found is not None)
        self.why.setVisible(found is not None)
        if found is None:
            self.numbers.setText(text("load.rule.none"))
        else:
            self._show_rule(found, given)
        self._fill(given)

    def reword(self) -> None:
        """Say everything again, in the current language."""
        self.rule_title.setText(text("load.rule.title"))
        self.formula.setText(text("load.rule.formula"))
        self.table_title.setText(text("load.table.title"))
        self.table.setAccessibleName(text("load.table.title"))
        if self.given is not None and self.isVisible():
            self.renew(self.given)

    @guarded
    def showEvent(self, event: QShowEvent) -> None:
        """What came while nobody looked is shown now."""
        super().showEvent(event)
        if self.given is not None:
            self.renew(self.given)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is no room for both, the rule stays: the chart has the numbers of the table too."""
        super().resizeEvent(event)
        self._make_room()

    def stop(self) -> None:
        """Nothing runs beside the window."""

    def _show_rule(self, found: OldRule, given: Given) -> None:
        assert given.plan is not None
        numbers = text(
            "load.rule.numbers",
            concurrency=format_number(found.concurrency),
            time=str(format_seconds(found.time_s)),
            latency=str(format_seconds(found.latency_s)),
            width=format_integer(given.plan.gpus_per_replica),
            gpus=format_integer(found.gpus),
        )
        self.numbers.setText(f"{numbers} {text('load.rule.beside', planned=format_integer(found.planned_gpus))}")
        self.why.setText(" ".join(code_text(code) for code in found.codes))

    def _fill(self, given: Given) -> None:
        curve = given.curve
        self._make_room()
        if curve is None:
            return
        heads, rows, here = _rows(given, curve)
        self.table.setHorizontalHeaderLabels(heads)
        self.table.setRowCount(len(rows))
        for place, cells in enumerate(rows):
            for column, words in enumerate(cells):
                item = QTableWidgetItem(words)
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                font = item.font()
                font.setBold(place == here)
                item.setFont(font)
                self.table.setItem(place, column, item)

    def _make_room(self) -> None:
        shown = self.given is not None and self.given.curve is not None and self.height() >= _TALL
        self.table.setVisible(shown)
        self.table_title.setVisible(shown)

    def _set_table(self) -> None:
        table = self.table
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(24)
        table.setShowGrid(False)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setTabKeyNavigation(False)
        table.setMinimumHeight(60)
        table.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        head = table.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        head.setHighlightSections(False)


def _rule(given: Given) -> OldRule | None:
    if given.plan is None or not given.scenario.workload.kind.writes:
        return None
    from gpuplanner.engine.planner.rule import old_rule

    return old_rule(given.scenario, given.catalog, given.plan)


def _rows(given: Given, curve: LoadCurve) -> tuple[list[str], list[list[str]], int]:
    """Heads, rows, and which row is the present load."""
    xs, now, full = loads(given, curve), asked_now(given, curve), load_of(given, curve.saturation)
    picked = sorted({*(full * share for share in _SHARES), min(now, float(xs[-1]))})
    ttft, tpot = (bands_of(curve, figure)[given.percentile].value for figure in ("ttft", "tpot"))
    units = [seconds(float(np.interp(picked[-1], xs, values))) for values in (ttft, tpot)]
    rows = []
    for load in picked:
        cells = [format_number(load) if given.by_rate else format_integer(math.floor(load + 0.5))]
        for key, values, (factor, _) in zip(("ttft", "tpot"), (ttft, tpot), units, strict=True):
            value, limit = float(np.interp(load, xs, values)), given.limit(key)
            mark = "! " if limit is not None and value > limit * (1 + 1e-9) else ""
            cells.append(mark + format_number(value / factor))
        rows.append([*cells, format_number(float(np.interp(load, xs, curve.throughput.value)))])
    heads = [
        text("load.table.load"),
        *(f"{text(f'load.table.{key}')}, {unit}" for key, (_, unit) in zip(("ttft", "tpot"), units, strict=True)),
    ]
    return [*heads, text("load.table.rate")], rows, picked.index(min(now, float(xs[-1])))
