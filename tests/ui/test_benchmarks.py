"""Importing measurements in the window: looked over, filled in, taken in, switched off, undone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from gpuplanner import texts
from gpuplanner.evidence.imports.store import users_measurements
from gpuplanner.scenario.document import Scenario, replace
from gpuplanner.ui.benchmarks.dialog import ImportDialog
from gpuplanner.ui.benchmarks.drafts import HEADS
from gpuplanner.ui.benchmarks.page import MeasurementsDialog
from gpuplanner.ui.evidence.page import VIEWS
from gpuplanner.ui.window import MainWindow
from tests.ui.conftest import Answers, MakeWindow

H100 = "nvidia-h100-sxm5-80gb"
SCENARIO = replace(replace(Scenario(), "model.id", "qwen3-32b"), "deployment.gpu", H100)
TABLE = """\
model,gpus,tp,engine,weights,isl,osl,concurrency,throughput_tok_s,ttft_ms,tpot_ms
Qwen3-32B,2,2,vllm,fp8,2048,512,32,1240,310,24.8
Qwen3-32B,2,2,vllm,fp8,2048,512,64,1990,520,30.6
"""


@pytest.fixture
def window(make_window: MakeWindow) -> MainWindow:
    """A window with a model on a GPU."""
    return make_window(SCENARIO)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Two runs that don't say on which GPU."""
    path = tmp_path / "notes.csv"
    path.write_text(TABLE)
    return path


def opened(window: MainWindow, *files: Path) -> ImportDialog:
    """The dialog over some files."""
    assert window.measurements.open(files)
    dialog = window.measurements.dialog
    assert dialog is not None
    return dialog


def click(widget: object) -> None:
    """A click with the left button."""
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)  # type: ignore[call-overload]


def shown(dialog: ImportDialog, row: int, name: str) -> str:
    """What a cell says."""
    return str(dialog.model.index(row, HEADS.index(name)).data())


def open_editor(dialog: ImportDialog, row: int, name: str) -> None:
    """Begin to edit a cell by a double click."""
    at = dialog.model.index(row, HEADS.index(name))
    dialog.table.scrollTo(at)
    place: QPoint = dialog.table.visualRect(at).center()
    QTest.mouseClick(dialog.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(dialog.table.viewport(), Qt.MouseButton.LeftButton, pos=place)


def editor(dialog: ImportDialog, kind: type) -> object:
    """The editor that is open."""
    return next(widget for widget in dialog.table.viewport().findChildren(kind) if widget.isVisible())


def value(window: MainWindow, key: str) -> float:
    """A figure of the plan shown."""
    answer = window.session.answer()
    assert answer is not None
    plan = answer.plan(H100)
    assert plan is not None
    return plan.figures[key].value or 0.0


def test_runs_are_taken_in_and_the_estimate_follows(window: MainWindow, table: Path) -> None:
    before = value(window, "cost_per_million")
    dialog = opened(window, table)
    assert dialog.model.rowCount() == 2
    assert shown(dialog, 0, "gpu") == "NVIDIA H100 SXM5 80GB"  # the scenario's, the file doesn't say
    assert dialog.model.index(0, HEADS.index("gpu")).data(Qt.ItemDataRole.FontRole).italic()
    assert "2" in dialog.told.text()
    click(dialog.import_button)
    assert len(window.session.scenario.calibration.rows) == 6
    assert value(window, "cost_per_million") != before
    assert len(users_measurements()) == 1
    assert "6 figures of 2 runs" in window.notices.bars[0].notice.said.sentence()
    window.session.undo_stack.undo()
    assert window.session.scenario == SCENARIO
    assert value(window, "cost_per_million") == before


def test_a_run_that_is_not_ticked_stays_out(window: MainWindow, table: Path) -> None:
    dialog = opened(window, table)
    at = dialog.model.index(1, 0)
    assert dialog.model.setData(at, Qt.CheckState.Unchecked, Qt.ItemDataRole.CheckStateRole)
    click(dialog.import_button)
    assert len(window.session.scenario.calibration.rows) == 3


def test_an_unknown_model_is_chosen_for_all_rows(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "notes.csv"
    path.write_text(TABLE.replace("Qwen3-32B", "our-model"))
    dialog = opened(window, path)
    assert not dialog.import_button.isEnabled()
    assert "our-model" in dialog.told.text()
    assert "our-model" in str(dialog.model.index(0, HEADS.index("model")).data(Qt.ItemDataRole.ToolTipRole))
    open_editor(dialog, 0, "model")
    box = cast(QComboBox, editor(dialog, QComboBox))
    box.setCurrentIndex(box.findData("qwen3-32b"))
    box.activated.emit(box.currentIndex())
    assert shown(dialog, 0, "model") == "Qwen3-32B"
    assert not dialog.import_button.isEnabled()  # the second row still asks
    dialog.table.setCurrentIndex(dialog.model.index(0, HEADS.index("model")))
    click(dialog.all_button)
    assert dialog.import_button.isEnabled()
    click(dialog.import_button)
    assert {row.model for row in window.session.scenario.calibration.rows} == {"qwen3-32b"}


def test_numbers_are_typed_and_checked(window: MainWindow, table: Path) -> None:
    dialog = opened(window, table)
    for typed, wanted, whole in (("3", "3", False), ("4", "4", True), ("x", "4", True)):
        open_editor(dialog, 0, "gpus")
        line = cast(QLineEdit, editor(dialog, QLineEdit))
        line.selectAll()
        QTest.keyClicks(line, typed)
        QTest.keyClick(line, Qt.Key.Key_Return)
        QApplication.processEvents()  # the line takes the key before the cell takes the entry
        assert shown(dialog, 0, "gpus") == wanted
        assert dialog.import_button.isEnabled() is whole  # three GPUs aren't pairs


def test_a_broken_file_says_why_and_changes_nothing(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text('{"model_id": "x", "total_output')
    assert not window.measurements.open([path])
    assert "run.json" in window.notices.bars[0].notice.said.sentence()
    assert window.measurements.dialog is None
    assert window.session.scenario == SCENARIO
    assert users_measurements() == []


def test_what_was_left_out_is_told(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "notes.csv"
    path.write_text(TABLE + "Qwen3-32B,2,2,vllm,fp8,2048,512,128,-4,310,24.8\n")
    dialog = opened(window, path)
    assert dialog.model.rowCount() == 2
    assert dialog.left_out.isVisibleTo(dialog)
    assert "notes.csv 4" in dialog.left_out.text()


def test_the_menu_asks_for_files(window: MainWindow, table: Path) -> None:
    answers = window.filing.asking
    assert isinstance(answers, Answers)
    answers.path = table
    window.actions_by_key["import_benchmark"].trigger()
    assert answers.asked == ["benchmarks"]
    assert window.measurements.dialog is not None


def page_of(window: MainWindow) -> MeasurementsDialog:
    """The list of what the scenario holds."""
    window.actions_by_key["measurements"].trigger()
    page = window.measurements.page
    assert page is not None
    return page


def test_the_list_switches_the_correction_and_shows_its_effect(window: MainWindow, table: Path) -> None:
    before = value(window, "cost_per_million")
    click(opened(window, table).import_button)
    corrected = value(window, "cost_per_million")
    page = page_of(window)
    assert page.rows.rowCount() == 6
    assert "H100" in page.told.text()
    assert page.effect.item(0, 0).text() == "GPUs"
    figures = {page.effect.item(row, 0).text(): page.effect.item(row, 3).text() for row in range(page.effect.rowCount())}
    assert figures[texts.text("results.figure.cost_per_million")] == f"×\N{NO-BREAK SPACE}{corrected / before:.3g}"
    page.switch.click()
    assert value(window, "cost_per_million") == before
    assert not window.session.scenario.calibration.enabled
    page.switch.click()
    assert value(window, "cost_per_million") == corrected
    click(page.remove_button)
    window.session.answer()
    assert window.session.scenario == SCENARIO
    assert not page.rows.isVisibleTo(page)
    assert not page.switch.isEnabled()


def test_the_form_has_the_switch_once_there_are_rows(window: MainWindow, table: Path) -> None:
    row = window.bench.form.rows["calibration.enabled"]
    assert not row.isVisibleTo(window)
    click(opened(window, table).import_button)
    window.session.answer()
    assert not row.isHidden()


def test_why_shows_the_term(window: MainWindow, table: Path, qtbot: QtBot) -> None:
    click(opened(window, table).import_button)
    window.session.answer()
    window.bench.why.open("tpot")
    qtbot.waitUntil(lambda: "your measurements" in window.bench.why.browser.toPlainText())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_both_languages_fit(make_window: Callable[..., MainWindow], table: Path, language: str) -> None:
    window = make_window(SCENARIO, language=language)
    dialog = opened(window, table)
    QApplication.processEvents()
    for at, name in enumerate(HEADS):
        assert dialog.table.columnWidth(at) >= 30, name
    assert json.dumps(dialog.lead.text())


def test_the_evidence_page_shows_them_apart(window: MainWindow, table: Path, qtbot: QtBot) -> None:
    window.actions_by_key["page_evidence"].trigger()
    page = window.bench.evidence
    assert page is not None
    own = page.views.button(len(VIEWS))
    assert not own.isVisible()
    window.actions_by_key["page_plan"].trigger()
    click(opened(window, table).import_button)
    window.actions_by_key["page_evidence"].trigger()
    assert own.isVisible()
    qtbot.waitUntil(lambda: not page.background.busy, timeout=60_000)
    click(own)
    qtbot.waitUntil(lambda: page.model.view == "own" and len(page.model.lines) == 1, timeout=60_000)
    (line,) = page.model.lines
    assert line.label == "notes.csv"
    assert line.rows is not None
    assert {item.row.metric for item in line.rows} == {"tokens_per_s_total_output", "ttft_ms", "tpot_ms"}
    page.filter_box.setText("nothing like it")
    qtbot.waitUntil(lambda: page.model.lines == [])
