"""The money of all workloads on the page: switched to, read, copied."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from gpuplanner import assets
from gpuplanner.scenario.document import Scenario, replace
from gpuplanner.scenario.files import load_scenario
from gpuplanner.ui.cost.page import CostPage
from gpuplanner.ui.window import MainWindow
from tests.ui.conftest import MakeWindow

LEFT = Qt.MouseButton.LeftButton


def estate() -> Scenario:
    path = next(path for path in (assets.resources() / "examples").glob("*.gpuplan") if "estate" in path.name)
    return load_scenario(path).scenario


def shown(window: MainWindow) -> CostPage:
    window.actions_by_key["page_cost"].trigger()
    page = window.cost_desk.page
    assert page is not None
    return page


def switch(qtbot: QtBot, page: CostPage, place: int) -> None:
    qtbot.mouseClick(page.scope, LEFT, pos=page.scope.tabRect(place).center())


def test_one_workload_has_no_switch(make_window: MakeWindow) -> None:
    page = shown(make_window(Scenario()))
    assert page.scope.isHidden()
    assert page.works.isHidden()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_all_workloads_together(make_window: MakeWindow, qtbot: QtBot, language: str) -> None:
    asked = estate()
    window = make_window(asked, language=language)
    page = shown(window)
    assert not page.scope.isHidden()
    assert page.offers.isVisible()
    switch(qtbot, page, 1)
    assert page.whole
    assert page.works.isVisible()
    assert page.offers.isHidden()
    assert page.phases.isHidden()
    count = 1 + len(asked.estate.more)
    assert page.works.table.rowCount() == count + 1
    assert str(count) in page.headline.text()
    given = page.given
    assert given is not None
    assert given.whole is not None
    qtbot.mouseClick(page.works.copy_button, LEFT)
    rows = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert len(rows) == count + 2
    assert sum(float(row[2]) for row in rows[2:]) == pytest.approx(float(rows[1][2]))
    switch(qtbot, page, 0)
    assert not page.whole
    assert page.offers.isVisible()


def test_the_page_agrees_with_the_estate(make_window: MakeWindow, qtbot: QtBot) -> None:
    """The sums of the page Cost are those of the page Estate."""
    window = make_window(estate())
    page = shown(window)
    switch(qtbot, page, 1)
    from gpuplanner.engine.estate.build import estate_of

    assert window.session.catalog is not None
    assert page.given is not None
    figures = estate_of(window.session.scenario, window.session.catalog).figures
    for key in ("purchase_total", "running", "tco", "energy_year"):
        assert page.given.money.life.figures[key].value == pytest.approx(figures[key].value)


def test_phases_are_columns(make_window: MakeWindow, qtbot: QtBot) -> None:
    asked = replace(replace(estate(), "site.growth_per_year", 0.5), "site.growth_years", 2)
    page = shown(make_window(asked))
    switch(qtbot, page, 1)
    assert page.phases.isVisible()
    assert page.phases.table.columnCount() == 4
    rows = [line.split("\t") for line in page.phases.data_tsv().splitlines()]
    added, bought = rows[1], rows[2]
    assert sum(float(cell) for cell in added[1:]) == pytest.approx(float(bought[-1]))


def test_an_edit_is_followed_and_the_scope_goes_with_its_workloads(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(estate())
    page = shown(window)
    switch(qtbot, page, 1)
    assert page.given is not None
    before = page.given.money.life.figures["tco"].value
    window.session.set("money.electricity_per_kwh", 2.0)
    window.session.answer()
    assert page.given.money.life.figures["tco"].value != before
    window.session.set("estate.more", ())
    window.session.answer()
    assert not page.whole
    assert page.scope.isHidden()
    assert page.offers.isVisible()
