"""The Servers tab: the bill of materials of the chosen plan."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from gpuplanner.engine.site.build import site_of
from gpuplanner.scenario.document import Availability, Scenario, replace
from gpuplanner.scenario.examples import examples
from gpuplanner.scenario.files import load_scenario
from gpuplanner.ui.workbench import SERVERS
from tests.ui.conftest import MakeWindow

CHAT = replace(replace(Scenario(), "deployment.gpu", "nvidia-h100-sxm5-80gb"), "workload.load", 400)


def test_lines_follow_the_answer_and_are_copied(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(replace(CHAT, "deployment.availability", Availability.N_PLUS_ONE))
    window.bench.right_tabs.setCurrentIndex(SERVERS)
    panel, session = window.bench.servers, window.session
    assert panel.isVisible()
    assert session.catalog is not None
    assert session.estimate is not None
    assert panel.site == site_of(session.scenario, session.catalog, session.estimate)
    shown = panel.browser.toPlainText()
    assert "Load balancer" in shown
    assert "stand by so that the load survives" in shown
    qtbot.mouseClick(panel.copy_button, Qt.MouseButton.LeftButton)
    rows = [row.split("\t") for row in QGuiApplication.clipboard().text().splitlines()]
    assert len(rows) == 1 + len(panel.site.lines)
    counts = {row[1]: int(row[2]) for row in rows[1:]}
    assert counts["Load balancer"] == 2
    before = panel.site
    session.set("workload.load", 4000)
    session.recompute()
    assert panel.site is not before
    assert panel.site.figures["servers"].value > before.figures["servers"].value


def test_nothing_is_worked_out_while_another_tab_is_shown(make_window: MakeWindow) -> None:
    window = make_window(CHAT)
    assert window.bench.servers.site is None


def test_a_plan_that_cannot_run_needs_nothing(make_window: MakeWindow) -> None:
    window = make_window(replace(CHAT, "deployment.max_gpus", 1))
    window.bench.right_tabs.setCurrentIndex(SERVERS)
    window.session.set("workload.input_tokens", 1_000_000)
    window.session.recompute()
    assert "nothing to buy" in window.bench.servers.browser.toPlainText()


def test_an_estate_shows_all_workloads_at_a_click(make_window: MakeWindow) -> None:
    insurer = load_scenario(next(example.path for example in examples() if example.key == "insurer_estate")).scenario
    window = make_window(insurer)
    window.bench.right_tabs.setCurrentIndex(SERVERS)
    panel = window.bench.servers
    assert panel.site is not None
    alone = panel.site
    panel.browser.anchorClicked.emit(QUrl("scope:whole"))
    assert panel.site.figures["servers"].value == 2
    assert "All workloads" in panel.browser.toPlainText()
    panel.browser.anchorClicked.emit(QUrl("scope:alone"))
    assert panel.site == alone


def test_a_figure_opens_in_why(make_window: MakeWindow) -> None:
    window = make_window(CHAT)
    window.bench.right_tabs.setCurrentIndex(SERVERS)
    window.bench.servers.browser.anchorClicked.emit(QUrl("why:site.ram"))
    assert window.bench.why.isVisible()
    assert window.bench.why.explanation is not None
    assert window.bench.why.explanation.formula_id == "site.ram"
