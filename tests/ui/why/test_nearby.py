"""Measurements nearby arrive in the panel beside the window's work, and move nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gpuplanner import texts
from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.result import Unit
from gpuplanner.ui.window import MainWindow


@pytest.fixture
def fresh(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """A window whose catalogue nothing has been computed for."""
    with qtbot.waitSignal(window.bench.nearby.arrived):
        window.session.set_catalog(load_catalog(user_dir=Path("/nonexistent")))
    return window


def said(window: MainWindow) -> str:
    return window.bench.why.browser.toPlainText()


def test_they_come_by_themselves_and_below_everything_else(fresh: MainWindow, qtbot: QtBot) -> None:
    bench = fresh.bench
    throughput = bench.page.answer.strip.buttons[3]
    with qtbot.waitSignal(bench.nearby.arrived):
        qtbot.mouseClick(throughput, Qt.MouseButton.LeftButton)
        before = said(fresh)
        assert bench.why.key == "throughput"
    qtbot.waitUntil(lambda: "nearby" in said(fresh))
    after = said(fresh)
    assert after.startswith(before.rstrip())  # nothing above has moved
    assert "How good is this estimate?" in after
    assert "5 measurements nearby" in after


def test_a_second_time_they_are_there_at_once(fresh: MainWindow) -> None:
    assert "measurements nearby" in said(fresh)
    fresh.session.set("workload.output_tokens", 700)
    fresh.session.recompute()
    assert "measurements nearby" in said(fresh)
    assert not fresh.bench.nearby._background.busy


def test_what_stands_in_for_the_figure_is_named(fresh: MainWindow) -> None:
    assert fresh.bench.why.key == "memory_per_gpu"
    assert "Weights as the engine loaded them" in said(fresh)
    fresh.commander.choose_language("zh")
    assert "引擎加载后的权重" in said(fresh)
    assert texts.language() == "zh"


def test_rows_are_short_and_in_the_units_of_the_figure(fresh: MainWindow, qtbot: QtBot) -> None:
    session, nearby = fresh.session, fresh.bench.nearby
    plan = session.estimate.plan("nvidia-h100-sxm5-80gb")
    with qtbot.waitSignal(nearby.arrived):
        assert nearby(session.scenario, plan, "tpot") == ()
    found = nearby(session.scenario, plan, "tpot")
    assert found
    assert {row.unit for row in found} == {Unit.SECONDS}
    assert all(1e-4 < row.measured < 10 for row in found)
    assert all(len(row.label) < 60 and len(row.engine) < 30 and len(row.source) <= 40 for row in found)
    assert all(row.source in row.detail or "MLPerf" in row.source or "/" in row.detail for row in found)


def test_a_catalogue_that_was_replaced_is_not_waited_for(fresh: MainWindow, qtbot: QtBot) -> None:
    session, nearby = fresh.session, fresh.bench.nearby
    with qtbot.waitSignal(nearby.arrived):
        session.set_catalog(load_catalog(user_dir=Path("/nonexistent")))
        session.set_catalog(load_catalog(user_dir=Path("/nonexistent")))
    qtbot.waitUntil(lambda: "measurements nearby" in said(fresh))


def test_the_evidence_is_a_click_away(fresh: MainWindow, qtbot: QtBot) -> None:
    browser = fresh.bench.why.browser
    browser.setFocus()
    with qtbot.waitSignal(fresh.bench.why.evidence_requested):
        qtbot.keyClick(browser, Qt.Key.Key_Backtab)
        qtbot.keyClick(browser, Qt.Key.Key_Return)
