"""How good is this estimate: the page by clicks and keys."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt, QThreadPool
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from gpuplanner import assets, texts
from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.evidence import score_file, scorecard
from gpuplanner.evidence.scorecard import VIEWS, Scorecard, compute
from gpuplanner.ui.evidence import page as evidence_page
from gpuplanner.ui.evidence.model import COLUMNS, ScoreModel
from gpuplanner.ui.evidence.page import EvidencePage
from gpuplanner.ui.menus import PAGES
from gpuplanner.ui.window import MainWindow


def _few() -> list[Path]:
    """Enough of the measurements for every side of the score, and few enough to compute often."""
    folder = assets.catalogs() / "measurements"
    return [
        folder / name for name in ("speed/tensorrt-llm.csv", "memory/llm-d-planner.csv", "memory/sglang.csv", "speed/others.csv")
    ]


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scorecard, "own_measurements", _few)


@cache
def _card() -> Scorecard:
    return compute(load_catalog(), lambda done, total: None)


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A committed score that fits the facts."""
    path = tmp_path / "score.json"
    path.write_text(score_file.as_text(_card()), encoding="utf-8")
    card = score_file.read(path)
    monkeypatch.setattr(score_file, "committed", lambda catalog: card)


@pytest.fixture
def unstored(monkeypatch: pytest.MonkeyPatch) -> None:
    """No committed score."""
    monkeypatch.setattr(score_file, "committed", lambda catalog: None)


def opened(window: MainWindow, qtbot: QtBot) -> EvidencePage:
    """The page, by its shortcut."""
    window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_7, Qt.KeyboardModifier.ControlModifier)
    page = window.bench.evidence
    assert page is not None
    assert page.isVisible()
    return page


def press(page: EvidencePage, view: str, qtbot: QtBot) -> None:
    qtbot.mouseClick(page.views.button(VIEWS.index(view)), Qt.MouseButton.LeftButton)


def labels(page: EvidencePage) -> list[str]:
    return [line.label for line in page.model.lines]


def test_the_switch_in_the_tool_bar_and_the_menu_change_the_page(window: MainWindow, qtbot: QtBot, stored: None) -> None:
    buttons = dict(zip(PAGES, window.menus.switch.buttons, strict=True))
    plan, evidence = buttons["page_plan"], buttons["page_evidence"]
    assert plan.isChecked()
    assert window.bench.evidence is None  # nothing is made before it is wanted
    qtbot.mouseClick(evidence, Qt.MouseButton.LeftButton)
    assert window.bench.pages.currentWidget() is window.bench.evidence
    assert evidence.isChecked()
    assert not plan.isChecked()
    qtbot.mouseClick(evidence, Qt.MouseButton.LeftButton)
    assert evidence.isChecked()  # a page stays down
    qtbot.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert window.bench.pages.currentWidget() is window.bench.page
    assert plan.isChecked()
    window.actions_by_key["page_evidence"].trigger()
    assert evidence.isChecked()


def test_the_why_panel_leads_there(window: MainWindow, qtbot: QtBot, stored: None) -> None:
    qtbot.waitUntil(lambda: "How good is this estimate?" in window.bench.why.browser.toPlainText())
    window.bench.why.browser.setFocus()
    qtbot.keyClick(window.bench.why.browser, Qt.Key.Key_Backtab)
    qtbot.keyClick(window.bench.why.browser, Qt.Key.Key_Return)
    assert window.bench.pages.currentWidget() is window.bench.evidence
    assert window.menus.switch.buttons[-1].isChecked()


def test_a_committed_score_is_there_at_once(window: MainWindow, qtbot: QtBot, stored: None) -> None:
    page = opened(window, qtbot)
    assert not page.background.busy
    assert len(page.model.lines) == len(_card().views["kind"])
    assert "published measurements computed" in page.summary.text()
    assert labels(page)[0] == "LLM: maximum throughput"
    assert not page.compute_button.isVisible()


def test_without_one_it_is_computed_with_progress(window: MainWindow, qtbot: QtBot, unstored: None) -> None:
    told: list[tuple[int, int]] = []
    page = opened(window, qtbot)
    assert page.background.busy
    assert page.stop_button.isVisible()
    page.background.progressed.connect(lambda done, total: told.append((done, total)))
    with qtbot.waitSignal(page.background.done, timeout=60_000):
        pass
    assert told
    assert {total for _, total in told} == {len(_card().predictions or ())}
    assert not page.stop_button.isVisible()
    assert len(page.model.lines) == len(_card().views["kind"])


def test_computing_can_be_stopped_and_taken_up_again(window: MainWindow, qtbot: QtBot, unstored: None) -> None:
    page = opened(window, qtbot)
    qtbot.mouseClick(page.stop_button, Qt.MouseButton.LeftButton)
    assert not page.background.busy
    assert QThreadPool.globalInstance().waitForDone(10_000)
    assert page.model.lines == []
    assert page.state.text() == "Not computed."
    with qtbot.waitSignal(page.background.done, timeout=60_000):
        qtbot.mouseClick(page.compute_button, Qt.MouseButton.LeftButton)
    assert page.model.lines


def test_closing_the_window_stops_the_work(window: MainWindow, qtbot: QtBot, unstored: None) -> None:
    page = opened(window, qtbot)
    assert page.background.busy
    window.close()
    assert not page.background.busy


def test_a_group_opens_into_its_rows(window: MainWindow, qtbot: QtBot, stored: None) -> None:
    page = opened(window, qtbot)
    page.view.setFocus()
    page.view.setCurrentIndex(page.model.index(0, 0))
    with qtbot.waitSignal(page.background.done, timeout=60_000):
        qtbot.keyClick(page.view, Qt.Key.Key_Right)  # the rows behind a committed score are computed now
    top = page.model.index(0, 0)
    assert page.view.isExpanded(top)
    rows = page.model.lines[0].rows
    assert rows is not None
    assert page.model.rowCount(top) == len(rows) + 1 == page.model.lines[0].group.score.rows + 1
    sizes = [abs(item.error) for item in rows if item.error is not None]
    assert sizes == sorted(sizes, reverse=True)
    first = page.model.words_of(rows[0])
    assert first.measured
    assert first.error.endswith("%")
    assert rows[0].row.source in str(page.model.index(1, 0, top).data(Qt.ItemDataRole.ToolTipRole))


def test_a_row_that_is_not_estimated_says_why(window: MainWindow, qtbot: QtBot, stored: None) -> None:
    page = opened(window, qtbot)
    with qtbot.waitSignal(page.background.done, timeout=60_000):
        page.compute()
    short = next(line for line in page.model.lines if line.group.score.done < line.group.score.rows)
    assert short.rows
    last = page.model.words_of(short.rows[-1])  # after all that have an error
    assert short.rows[-1].error is None
    assert last.reason
    assert last.estimated == "—"


@pytest.mark.parametrize("view", VIEWS)
def test_each_side_has_its_groups(window: MainWindow, qtbot: QtBot, stored: None, view: str) -> None:
    page = opened(window, qtbot)
    press(page, view, qtbot)
    assert len(page.model.lines) == len(_card().views[view])
    assert page.model.headerData(0, Qt.Orientation.Horizontal) == texts.text(f"evidence.view.{view}")
    width = sum(page.view.columnWidth(column) for column in range(len(COLUMNS)) if not page.view.isColumnHidden(column))
    assert width <= page.view.viewport().width()


def test_the_filter_scores_what_is_left(window: MainWindow, qtbot: QtBot, stored: None) -> None:
    page = opened(window, qtbot)
    all_rows = page.model.lines[0].group.score.rows
    page.filter_box.setFocus()
    with qtbot.waitSignal(page.background.done, timeout=60_000):
        qtbot.keyClicks(page.filter_box, "h100 tensorrt")
    qtbot.waitUntil(lambda: bool(page.model.lines) and page.model.lines[0].group.score.rows < all_rows)
    shown = page.model.lines[0]
    assert shown.rows is not None
    assert all("H100" in page.model.words_of(item).label for item in shown.rows)
    qtbot.keyClicks(page.filter_box, " nothing like it")
    qtbot.waitUntil(lambda: page.model.lines == [])
    page.filter_box.clear()
    qtbot.waitUntil(lambda: len(page.model.lines) == len(_card().views["kind"]))


def test_a_click_on_a_head_sorts(window: MainWindow, qtbot: QtBot, stored: None) -> None:
    page = opened(window, qtbot)
    header = page.view.header()
    column = COLUMNS.index("median")
    place = header.viewport().rect().center()
    place.setX(header.sectionViewportPosition(column) + 10)
    for ascending in (True, False):
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
        medians = [line.group.score.median for line in page.model.lines]
        known = [value for value in medians if value is not None]
        up = header.sortIndicatorOrder() is Qt.SortOrder.AscendingOrder
        assert known == sorted(known, reverse=not up), ascending
        assert medians[len(known) :] == [None] * (len(medians) - len(known))  # unknown last, either way


def test_copying_takes_groups_and_opened_rows(window: MainWindow, qtbot: QtBot, stored: None) -> None:
    page = opened(window, qtbot)
    qtbot.mouseClick(page.copy_button, Qt.MouseButton.LeftButton)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0] == "Kind of work\tRows\tDone\tMedian\tMean\tP90\tBias\tInside"
    assert len(lines) == len(page.model.lines) + 1
    with qtbot.waitSignal(page.background.done, timeout=60_000):
        page.compute()
    page.view.expand(page.model.index(1, 0))
    page.view.setFocus()
    qtbot.keyClick(page.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    more = QGuiApplication.clipboard().text().splitlines()
    rows = page.model.lines[1].rows or ()
    assert len(more) == len(lines) + 3 + len(rows)
    assert more[len(lines) + 2].startswith("Model and GPU\tEngine\tMeasured\tEstimated\tUnit\tError")


def test_another_catalogue_is_computed_anew(
    window: MainWindow, qtbot: QtBot, stored: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(window, qtbot)
    monkeypatch.setattr(score_file, "committed", lambda catalog: None)
    with qtbot.waitSignal(page.background.done, timeout=60_000):
        window.session.set_catalog(load_catalog())
        assert page.background.busy
    assert page.model.lines
    assert evidence_page.VIEWS == VIEWS


def test_chinese_and_what_was_open_stays_open(window: MainWindow, qtbot: QtBot, stored: None) -> None:
    page = opened(window, qtbot)
    with qtbot.waitSignal(page.background.done, timeout=60_000):
        page.compute()
    page.view.expand(page.model.index(0, 0))
    window.commander.choose_language("zh")
    assert page.title.text() == "估算有多准？"
    assert labels(page)[0] == "大模型：最大吞吐"
    assert page.view.isExpanded(page.model.index(0, 0))
    assert window.menus.switch.buttons[-1].text() == "依据与误差"


def test_the_model_keeps_qts_rules(qtbot: QtBot, catalog: Catalog) -> None:
    from gpuplanner.evidence.scorecard import members

    model = ScoreModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    card = _card()
    model.show("kind", card.views["kind"], None, catalog)
    assert model.rowCount(model.index(0, 0)) == 1
    model.show("family", card.views["family"], members(card.predictions or (), "family", catalog), catalog)
    child = model.index(3, 2, model.index(1, 0))
    assert model.parent(child) == model.index(1, 0)
    assert model.rowCount(child) == 0
    assert not model.index(99, 0).isValid()
    assert model.parent(QModelIndex()) == QModelIndex()
    model.sort(COLUMNS.index("rows"), Qt.SortOrder.AscendingOrder)
    assert tester is not None
