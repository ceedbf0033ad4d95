"""The measurements a scenario holds: a switch, the runs, and what they change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.errors import Message
from gpuplanner.format import format_integer
from gpuplanner.report.calibration import effect_lines, ratio_text, row_texts
from gpuplanner.report.names import gpu_name
from gpuplanner.scenario.calibration import Calibration, CalibrationRow
from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import text
from gpuplanner.ui.heads import title_columns
from gpuplanner.ui.session import Session

_METRICS: Final = {
    "throughput": "tokens_per_s_total_output", "prefill": "tokens_per_s_total", "ttft": "ttft_ms", "tpot": "tpot_ms",
    "memory": "memory_bytes",
}  # fmt: skip
_ROWS: Final = ("file", "model", "gpu", "figure", "measured", "estimated", "ratio")
_EFFECT: Final = ("figure", "before", "after", "ratio")
_NUMBERS: Final = 3  # the last columns of both


class MeasurementsDialog(QDialog):
    """Follows the scenario while it is open; does not stop the window.

    Signals:
        import_wanted: benchmark files shall be chosen.
    """

    import_wanted = Signal()

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(text("benchmark.page.title"))
        self.switch = QCheckBox(text("benchmark.page.switch"), self)
        self.rows, self.effect = QTableWidget(0, len(_ROWS), self), QTableWidget(0, len(_EFFECT), self)
        self.told, self.effect_title = QLabel(self), QLabel(self)
        self.import_button = QPushButton(text("benchmark.page.import"), self)
        self.remove_button = QPushButton(text("benchmark.page.remove"), self)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        self._lay_out()
        self.switch.clicked.connect(lambda on: session.set("calibration.enabled", bool(on), merges=False))
        self.import_button.clicked.connect(self.import_wanted)
        self.remove_button.clicked.connect(self._remove)
        self.buttons.rejected.connect(self.close)
        session.estimate_ready.connect(self._fill)
        self._fill()

    def _lay_out(self) -> None:
        for table, names in ((self.rows, _ROWS), (self.effect, _EFFECT)):
            table.verticalHeader().hide()
            table.setTabKeyNavigation(False)
            table.setAccessibleName(text("benchmark.page.title"))
            table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
            table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
            table.setShowGrid(False)
            table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
            title_columns(table, [text(f"benchmark.column.{name}") for name in names], range(len(names) - _NUMBERS, len(names)))
        self.told.setWordWrap(True)
        self.told.setProperty("quiet", True)
        self.told.setAlignment(Qt.AlignmentFlag.AlignTop)
        top = QHBoxLayout()
        top.addWidget(self.switch, 1)
        top.addWidget(self.import_button)
        top.addWidget(self.remove_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(10)
        column.addLayout(top)
        column.addWidget(self.told)
        column.setStretchFactor(self.told, 0)
        column.addWidget(self.rows, 3)
        column.addWidget(self.effect_title)
        column.addWidget(self.effect, 4)
        column.addStretch()
        column.addWidget(self.buttons)
        self.resize(860, 640)

    def _remove(self) -> None:
        after = self._session.scenario.model_copy(update={"calibration": Calibration()})
        self._session.set_whole(after, "remove_measurements")

    def _fill(self, *_estimate: object) -> None:
        scenario, catalog = self._session.scenario, self._session.catalog
        held = scenario.calibration.rows
        self.switch.setChecked(scenario.calibration.enabled)
        self.switch.setEnabled(bool(held))
        self.remove_button.setEnabled(bool(held))
        for widget in (self.rows, self.effect, self.effect_title):
            widget.setVisible(bool(held))
        if not held or catalog is None:
            self.told.setText(text("benchmark.page.empty"))
            return
        self.told.setText(said(scenario, catalog))
        _set(self.rows, [_line(row, catalog) for row in held], [_hint(row) for row in held])
        self._fill_effect(scenario, catalog)

    def _fill_effect(self, scenario: Scenario, catalog: Catalog) -> None:
        from gpuplanner.engine.own.effect import effect  # numpy comes with it

        found = effect(scenario, catalog)
        self.effect_title.setText("" if found is None else text("benchmark.page.effect", gpu=gpu_name(found.gpu_id, catalog)))
        lines = effect_lines(found, scenario) if found is not None else []
        _set(self.effect, lines, [""] * len(lines))


def said(scenario: Scenario, catalog: Catalog) -> str:
    """The factors in a sentence, and whether they are of the facts in force."""
    from gpuplanner.engine.own.correction import KINDS, fitting, found_in

    found = found_in(fitting(scenario.calibration.rows, scenario, catalog), catalog)
    lines = []
    for gpu, correction in found.items():
        factors = [
            Message(
                f"benchmark.page.factor.{kind}",
                {"factor": ratio_text(getattr(correction, kind).value), "runs": format_integer(getattr(correction, kind).runs)},
            ).sentence()
            for kind in KINDS
            if getattr(correction, kind).runs
        ]
        lines.append(text("benchmark.page.factors", gpu=gpu_name(gpu, catalog), factors=text("list.comma").join(factors)))
    if not lines:
        lines.append(text("benchmark.page.no_fit"))
    if scenario.calibration.facts != catalog.digest:
        lines.append(text("benchmark.page.old"))
    return "\n".join(lines)


def _line(row: CalibrationRow, catalog: Catalog) -> tuple[str, ...]:
    model = catalog.models.get(row.model)
    measured, estimated = row_texts(row)
    gpus = f"{format_integer(row.gpus)}\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}{gpu_name(row.gpu, catalog)}"
    figure = text(f"benchmark.metric.{_METRICS[row.figure]}")
    ratio = ratio_text(row.measured / row.estimated) if row.counts else f"({ratio_text(row.measured / row.estimated)})"
    return (row.file, model.name if model is not None else row.model, gpus, figure, measured, estimated, ratio)


def _hint(row: CalibrationRow) -> str:
    return "" if row.counts else text("benchmark.page.not_counted")


def _set(table: QTableWidget, lines: Sequence[tuple[str, ...]], hints: Sequence[str]) -> None:
    table.setRowCount(len(lines))
    numbers = table.columnCount() - _NUMBERS
    for at, (cells, hint) in enumerate(zip(lines, hints, strict=True)):
        for column, said_ in enumerate(cells):
            item = QTableWidgetItem(said_)
            if column >= numbers:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setToolTip(hint or said_)
            table.setItem(at, column, item)
