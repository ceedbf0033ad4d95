"""The page "Compare", by real clicks and keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from gpuplanner import texts
from gpuplanner.report.comparison import FigureRow, InputRow
from gpuplanner.scenario.document import Scenario, replace
from gpuplanner.scenario.files import save_scenario
from gpuplanner.ui.compare.page import ComparePage
from gpuplanner.ui.compare.rows import BarRow, MemoryRow, SameRow, SectionRow
from gpuplanner.ui.window import MainWindow
from tests.ui.conftest import Answers

_LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = []
    for number, load in enumerate((8.0, 64.0, 200.0)):
        path = tmp_path / f"load {number}.gpuplan"
        save_scenario(path, replace(Scenario(name=f"load {load:g}", customer="Acme"), "workload.load", load), "")
        paths.append(path)
    return paths


@pytest.fixture
def page(window: MainWindow, files: list[Path], qtbot: QtBot) -> ComparePage:
    window.desk.show_comparison(files)
    shown = window.desk.compare
    assert shown is not None
    qtbot.waitUntil(lambda: shown.found is not None and len(shown.found.sides) == 3)
    return shown


def titles(page: ComparePage) -> list[str]:
    assert page.found is not None
    return [side.title for side in page.found.sides]


def test_begins_with_the_scenario_of_the_window(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    page = window.desk.compare
    assert page is not None
    assert page.sources == (None,)
    assert page.empty.isVisible()
    window.session.set("name", "edited here")
    window.session.answer()
    assert titles(page) == ["edited here"]


def test_shows_what_differs_and_folds_what_is_the_same(page: ComparePage) -> None:
    rows = page.model.rows
    assert [row.path for row in rows if isinstance(row, InputRow)] == ["workload.load"]
    assert not any(isinstance(row, SameRow) for row in rows)
    assert {"gpus", "ttft", "memory_per_gpu"} <= {row.key for row in rows if isinstance(row, FigureRow)}
    assert sum(isinstance(row, MemoryRow) for row in rows) == 1
    assert any(isinstance(row, BarRow) for row in rows)
    QTest.mouseClick(page.views.button(1), _LEFT)
    assert any(isinstance(row, SameRow) for row in page.model.rows)


def test_a_heading_folds(page: ComparePage) -> None:
    place = next(at for at, row in enumerate(page.model.rows) if isinstance(row, SectionRow) and row.key == "answers")
    index = page.model.index(place, 0)
    page.view.scrollTo(index)
    QTest.mouseClick(page.view.viewport(), _LEFT, pos=page.view.visualRect(index).center())
    assert not any(isinstance(row, FigureRow) for row in page.model.rows)


def test_another_baseline_comes_first(page: ComparePage) -> None:
    assert page.found is not None
    before = page.found.figures[0].cells[1].change
    QTest.mouseClick(page.heads.heads[1].base_button, _LEFT)
    assert titles(page) == ["load 64", "load 8", "load 200"]
    assert page.heads.heads[0].badge.isVisible()
    after = page.found.figures[0].cells[1].change
    assert before[:1] != after[:1] or before == after == "same"


def test_one_leaves_and_another_joins(page: ComparePage, window: MainWindow, files: list[Path], qtbot: QtBot) -> None:
    QTest.mouseClick(page.heads.heads[2].leave_button, _LEFT)
    assert titles(page) == ["load 8", "load 64"]
    answers = window.filing.asking
    assert isinstance(answers, Answers)
    answers.path = files[2]
    page.file_wanted.emit()
    qtbot.waitUntil(lambda: titles(page) == ["load 8", "load 64", "load 200"])


def test_a_file_that_went_is_told_and_left_out(window: MainWindow, files: list[Path], qtbot: QtBot) -> None:
    files[1].unlink()
    window.desk.show_comparison(files)
    page = window.desk.compare
    assert page is not None
    qtbot.waitUntil(lambda: page.found is not None and titles(page) == ["load 8", "load 200"])
    assert files[1].name in window.notices.bars[0].sentence.text()


def test_no_more_than_six(page: ComparePage, tmp_path: Path) -> None:
    page.compare([tmp_path / str(number) for number in range(9)])
    assert len(page.sources) == 6


def test_is_copied_and_exported(page: ComparePage, window: MainWindow, tmp_path: Path) -> None:
    QTest.mouseClick(page.copy_button, _LEFT)
    copied = QGuiApplication.clipboard().text()
    assert copied.splitlines()[0].split("\t")[1:] == ["load 8 (baseline)", "load 64", "load 200"]
    answers = window.filing.asking
    assert isinstance(answers, Answers)
    for form in ("pdf", "csv", "tsv", "md"):
        answers.path = tmp_path / f"out.{form}"
        QTest.mouseClick(page.export_button, _LEFT)
        menu = next(menu for menu in page.findChildren(QMenu) if menu.isVisible())
        action = next(action for action in menu.actions() if action.text() == texts.text(f"compare.export.{form}"))
        QTest.mouseClick(menu, _LEFT, pos=menu.actionGeometry(action).center())
        assert answers.path.exists(), form
    assert (tmp_path / "out.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "out.csv").read_bytes().startswith("\ufeff".encode())
    assert "load 64" in (tmp_path / "out.md").read_text(encoding="utf-8")
    assert "out.md" in window.notices.bars[0].sentence.text()


def test_the_cost_over_the_life_stands_beside_the_purchase(page: ComparePage) -> None:
    rows = {row.key: row for row in page.model.rows if isinstance(row, FigureRow)}
    assert {"purchase_total", "running", "tco"} <= set(rows)
    assert all(cell.value for cell in rows["tco"].cells)


def test_summary_names_only_what_stands_out(page: ComparePage) -> None:
    assert "load 200 has the most throughput" in page.summary.text()


def test_speaks_both_languages(page: ComparePage, window: MainWindow) -> None:
    window.commander.choose_language("zh")
    assert page.title.text() == "对比 3 个方案"
    assert page.heads.heads[0].badge.text() == "基准"
