"""Importing a price list and asking what a budget buys, by clicks and keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gpuplanner import paths
from gpuplanner.scenario.document import Scenario, replace
from gpuplanner.ui.cost.import_dialog import PriceListDialog
from gpuplanner.ui.window import MainWindow
from tests.ui.conftest import Answers, MakeWindow

LEFT = Qt.MouseButton.LeftButton
H100 = "nvidia-h100-sxm5-80gb"
ASKED = replace(replace(Scenario(), "model.id", "llama-3.1-8b"), "deployment.gpu", H100)


def dialog_of(window: MainWindow, path: Path) -> PriceListDialog:
    asking = window.filing.asking
    assert isinstance(asking, Answers)
    asking.path = path
    window.actions_by_key["import_prices"].trigger()
    dialog = window.cost_desk.dialog
    assert dialog is not None
    return dialog


def bought(window: MainWindow) -> float:
    assert window.session.estimate is not None
    plan = window.session.estimate.plan(H100)
    assert plan is not None
    value = plan.figures["purchase"].value
    assert value is not None
    return value / plan.bought


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_list_is_imported(make_window: MakeWindow, qtbot: QtBot, tmp_path: Path, language: str) -> None:
    paths.set_home(tmp_path / "home")
    file = tmp_path / "list.csv"
    file.write_text(f"型号,单价,备注\n{H100},123456,x\nwarp drive,5,y\n", encoding="utf-8")
    window = make_window(ASKED, language=language)
    dialog = dialog_of(window, file)
    assert dialog.isVisible()
    assert dialog.book is not None
    assert (len(dialog.book.rows), dialog.book.error_count) == (1, 1)
    assert dialog.table.rowCount() == 2
    before = window.session.catalog
    qtbot.mouseClick(dialog.take, LEFT)
    assert window.session.catalog is not before
    assert bought(window) == pytest.approx(123_456)


def test_columns_are_chosen_by_hand(make_window: MakeWindow, qtbot: QtBot, tmp_path: Path) -> None:
    paths.set_home(tmp_path / "home")
    file = tmp_path / "list.csv"
    file.write_text(f"what,how much\n{H100},20000\n", encoding="utf-8")
    window = make_window(ASKED)
    dialog = dialog_of(window, file)
    assert not dialog.take.isEnabled()
    for name, place in (("item", 1), ("price", 2)):
        dialog.columns[name].setFocus()
        qtbot.keyClick(dialog.columns[name], Qt.Key.Key_Home)
        for _ in range(place):
            qtbot.keyClick(dialog.columns[name], Qt.Key.Key_Down)
    dialog.currency.setCurrentIndex(1)
    assert dialog.book is not None
    assert dialog.book.rows[0].currency == "USD"
    qtbot.mouseClick(dialog.take, LEFT)
    assert bought(window) == pytest.approx(20_000 * 7.1)


def test_a_file_that_is_none_is_told_and_nothing_changes(make_window: MakeWindow, tmp_path: Path) -> None:
    paths.set_home(tmp_path / "home")
    file = tmp_path / "list.xlsx"
    file.write_bytes(b"PK\x03\x04 nothing")
    window = make_window(ASKED)
    asking = window.filing.asking
    assert isinstance(asking, Answers)
    asking.path = file
    before = window.session.catalog
    window.actions_by_key["import_prices"].trigger()
    assert window.cost_desk.dialog is None
    assert window.session.catalog is before
    assert not (tmp_path / "home" / "data" / "catalog").exists()


def test_a_budget_is_searched_for(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(replace(ASKED, "money.budget", 3_000_000.0))
    window.actions_by_key["page_cost"].trigger()
    page = window.cost_desk.page
    assert page is not None
    page.side.tabs.setCurrentIndex(1)
    label = page.side.budget
    qtbot.waitUntil(lambda: not label.busy, timeout=60_000)
    assert "It buys" in label.text()
    window.session.set("money.budget", 10.0)
    qtbot.waitUntil(lambda: label.busy)
    qtbot.waitUntil(lambda: not label.busy, timeout=60_000)
    assert "no working setup" in label.text()


def test_what_a_budget_buys_is_taken_by_a_click(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(replace(replace(ASKED, "money.budget", 3_000_000.0), "deployment.gpu", None))
    window.actions_by_key["page_cost"].trigger()
    page = window.cost_desk.page
    assert page is not None
    label = page.side.budget
    qtbot.waitUntil(lambda: bool(label.found), timeout=60_000)
    best = label.found[0]
    assert "href='0'" in label.text()
    before = window.session.scenario
    label.linkActivated.emit("0")  # what a click or Enter on the link sends
    assert window.session.scenario.workload.load == best.load
    assert window.session.scenario.deployment.gpu == best.gpu_id
    answer = window.session.answer()
    assert answer is not None
    plan = answer.plan()
    assert plan is not None
    assert plan.bought == best.plan.bought
    window.actions_by_key["undo"].trigger()
    assert window.session.scenario == before
