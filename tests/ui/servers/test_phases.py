"""Phases and parts of servers, by clicks and keys in the form."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gpuplanner.scenario.document import Scenario, replace
from gpuplanner.ui.fields.phases import MOST, PhasesField
from gpuplanner.ui.fields.quantity import QuantityEdit
from gpuplanner.ui.window import MainWindow
from gpuplanner.ui.workbench import SERVERS
from tests.ui.conftest import MakeWindow

LEFT = Qt.MouseButton.LeftButton
CHAT = replace(replace(Scenario(), "deployment.gpu", "nvidia-h100-sxm5-80gb"), "workload.load", 1600)


def phases(window: MainWindow) -> PhasesField:
    found = window.bench.form.rows["site.phases"].editor
    assert isinstance(found, PhasesField)
    return found


def test_a_pilot_and_three_phases_each_its_own_column(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(CHAT)
    window.bench.right_tabs.setCurrentIndex(SERVERS)
    field, session = phases(window), window.session
    qtbot.mouseClick(field.usual_button, LEFT)
    session.recompute()
    assert [(phase.name, phase.share) for phase in session.scenario.site.phases] == [
        ("Pilot", 0.1), ("Phase 1", 0.4), ("Phase 2", 0.7), ("Phase 3", 1.0),
    ]  # fmt: skip
    panel = window.bench.servers
    assert panel.site is not None
    main = panel.site.lines[0]
    assert len(main.phases) == 4
    assert main.phases[-1] == main.count > main.phases[0] >= 1
    shown = panel.browser.toPlainText()
    assert "By phase" in shown
    assert all(name in shown for name in ("Pilot", "Phase 1", "Phase 2", "Phase 3"))


def test_a_phase_is_named_shared_and_taken_away_and_all_is_undone(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(CHAT)
    field, session = phases(window), window.session
    qtbot.mouseClick(field.add_button, LEFT)
    qtbot.mouseClick(field.add_button, LEFT)
    row = field.rows[0]
    row.name.selectAll()
    QTest.keyClicks(row.name, "Trial")
    row.share.line.selectAll()
    QTest.keyClicks(row.share.line, "25")
    assert (session.scenario.site.phases[0].name, session.scenario.site.phases[0].share) == ("Trial", pytest.approx(0.25))
    row.share.line.selectAll()
    QTest.keyClicks(row.share.line, "much")
    assert session.scenario.site.phases[0].share == pytest.approx(0.25)  # the last good one stays
    qtbot.mouseClick(field.rows[1].remove, LEFT)
    assert [phase.name for phase in session.scenario.site.phases] == ["Trial"]
    window.actions_by_key["undo"].trigger()
    assert len(session.scenario.site.phases) == 2
    assert len(field.rows) == 2
    while session.scenario.site.phases:
        window.actions_by_key["undo"].trigger()
    assert not field.rows


def test_no_more_phases_than_a_scenario_holds(make_window: MakeWindow, qtbot: QtBot) -> None:
    field = phases(make_window(CHAT))
    for _ in range(MOST):
        qtbot.mouseClick(field.add_button, LEFT)
    assert len(field.rows) == MOST
    assert not field.add_button.isEnabled()


def test_parts_of_a_server_are_asked_for_and_those_too_small_are_said(make_window: MakeWindow) -> None:
    window = make_window(CHAT)
    window.bench.right_tabs.setCurrentIndex(SERVERS)
    session, panel = window.session, window.bench.servers
    for path, written in (("site.cores", "48"), ("site.ram_gb", "128"), ("site.client_cards", "3")):
        editor = window.bench.form.rows[path].editor
        assert isinstance(editor, QuantityEdit)
        editor.line.selectAll()
        QTest.keyClicks(editor.line, written)
    session.recompute()
    assert panel.site is not None
    host = {key: figure.value for key, figure in panel.site.hosts[0].figures.items()}
    assert (host["cores_fitted"], host["ram_fitted"], host["client_cards"]) == (48, 128e9, 3)
    assert [code.code for code in panel.site.warnings if code.code.endswith("_short")] == [
        "site.warning.cores_short", "site.warning.ram_short",
    ]  # fmt: skip
    assert "48 cores are fitted" in panel.browser.toPlainText()
    cards = next(line for line in panel.site.lines if line.key == "network-card-client")
    assert cards.count == 3 * sum(line.count for line in panel.site.lines if line.key.startswith("gpu_server"))


def test_what_is_fitted_leads_to_its_field(make_window: MakeWindow) -> None:
    window = make_window(CHAT)
    window.bench.right_tabs.setCurrentIndex(SERVERS)
    panel = window.bench.servers
    assert "change" in panel.browser.toPlainText()
    panel.browser.anchorClicked.emit(QUrl("edit:site.ram_gb"))
    row = window.bench.form.rows["site.ram_gb"]
    assert row.isVisible()
    assert row.editor.focusProxy() is window.focusWidget()
