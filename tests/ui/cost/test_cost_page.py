"""The page on cost, by clicks and keys, with the real engine."""

from __future__ import annotations

from datetime import date

import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from gpuplanner.engine.money.build import money_of
from gpuplanner.engine.site.build import site_of
from gpuplanner.report.price_age import is_stale, last_day, month_text
from gpuplanner.scenario.document import CloudTerm, Scenario, WorkloadKind, replace
from gpuplanner.scenario.money import Discount
from gpuplanner.ui.cost.day_curve import USUAL
from gpuplanner.ui.cost.page import CostPage
from gpuplanner.ui.window import MainWindow
from gpuplanner.ui.workbench import COST
from tests.ui.conftest import MakeWindow

LEFT = Qt.MouseButton.LeftButton
H100 = "nvidia-h100-sxm5-80gb"


def asked(**values: object) -> Scenario:
    scenario = replace(replace(Scenario(), "model.id", "llama-3.1-8b"), "deployment.gpu", H100)
    for name, value in values.items():
        scenario = replace(scenario, f"money.{name}", value)
    return scenario


def opened(window: MainWindow, qtbot: QtBot) -> CostPage:
    """The page, by its button in the tool bar."""
    button = next(
        button for button in window.menus.switch.buttons if button.defaultAction() is window.actions_by_key["page_cost"]
    )
    qtbot.mouseClick(button, LEFT)
    page = window.cost_desk.page
    assert page is not None
    assert page.isVisible()
    return page


@pytest.fixture
def page(make_window: MakeWindow, qtbot: QtBot) -> CostPage:
    return opened(make_window(asked(api_output_per_million=8.0)), qtbot)


def renewed(page: CostPage, qtbot: QtBot) -> None:
    before = page.given
    qtbot.waitUntil(lambda: page.given is not before)


def test_the_page_has_the_window_for_itself(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(asked())
    assert window.cost_desk.page is None
    opened(window, qtbot)
    assert window.bench.form.isHidden() or not window.bench.form.isVisible()
    assert not window.bench.why.isVisible()
    window.actions_by_key["page_plan"].trigger()
    assert window.bench.form.isVisible()
    assert window.bench.why.isVisible()


def test_the_figures_are_the_engines(page: CostPage) -> None:
    session = page._session
    assert session.estimate is not None
    assert session.catalog is not None
    plan = session.estimate.plan()
    assert plan is not None
    site = site_of(session.scenario, session.catalog, session.estimate, plan)
    money = money_of(session.scenario, session.catalog, session.estimate, plan, site)
    assert page.given is not None
    assert page.given.money.life.figures["tco"] == money.life.figures["tco"]
    picture = page.over_time.field.picture
    assert picture is not None
    own = next(curve for curve in picture.curves if curve.bold)
    assert own.ys == money.life.own
    assert page.over_time.data_tsv().splitlines()[-1].split("\t")[1] == f"{money.life.own[-1]:.10g}"
    assert len(page.strip.buttons) == 6
    assert page.headline.text()


def test_an_edit_at_the_left_moves_the_figures(page: CostPage, qtbot: QtBot) -> None:
    assert page.given is not None
    before = page.given.money.life.figures["tco"].value
    row = page.side.money.rows["money.lifetime_years"]
    row.editor.setFocus()
    line = row.editor.focusProxy()
    assert line is not None
    line.selectAll()  # type: ignore[attr-defined]
    qtbot.keyClicks(line, "5")
    renewed(page, qtbot)
    after = page.given.money.life.figures["tco"].value
    assert before is not None
    assert after is not None
    assert after > before
    assert page._session.scenario.money.lifetime_years == 5


def test_a_discount_is_given_by_group(page: CostPage, qtbot: QtBot) -> None:
    page.side.tabs.setCurrentIndex(1)
    assert page.given is not None
    before = page.given.money.life.figures["purchase_total"].value
    line = page.side.price_list.discounts["all"].line
    line.selectAll()
    qtbot.keyClicks(line, "20")
    renewed(page, qtbot)
    assert page._session.scenario.money.discounts == (Discount(on="all", share=0.2),)
    assert page.given.money.life.figures["purchase_total"].value == pytest.approx(before * 0.8)  # type: ignore[operator]


def test_the_day_is_drawn_and_set_by_keys(page: CostPage, qtbot: QtBot) -> None:
    page.side.tabs.setCurrentIndex(2)
    day = page.side.day
    qtbot.mouseClick(day.buttons["office"], LEFT)
    assert page._session.scenario.money.day_curve == USUAL["office"]
    renewed(page, qtbot)
    day.curve.setFocus()
    qtbot.keyClick(day.curve, Qt.Key.Key_Up)
    changed = page._session.scenario.money.day_curve
    assert changed[9] == pytest.approx(USUAL["office"][9] + 0.05)
    qtbot.mouseClick(day.curve, LEFT, pos=QPoint(day.curve.width() - 8, day.curve.height() - 30))
    assert page._session.scenario.money.day_curve[23] < 0.3
    qtbot.mouseClick(day.buttons["even"], LEFT)
    assert page._session.scenario.money.day_curve == ()


def test_an_instance_is_chosen_in_the_table(page: CostPage, qtbot: QtBot) -> None:
    view, model = page.offers.view, page.offers.model
    assert model.rowCount() > 5
    other = model.offers[3].instance_id
    view.selectRow(3)
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert page._session.scenario.money.cloud_instance == other
    renewed(page, qtbot)
    assert page.given is not None
    assert page.given.money.cloud is not None
    assert page.given.money.cloud.instance_id == other
    assert view.currentIndex().row() == model.place_of(other)


def test_the_table_is_searched_sorted_and_copied(page: CostPage, qtbot: QtBot) -> None:
    model = page.offers.model
    every = model.rowCount()
    qtbot.keyClicks(page.offers.search, "google")
    assert 0 < model.rowCount() < every
    assert {offer.provider for offer in model.offers} == {"gcp"}
    page.offers.search.clear()
    model.sort(5, Qt.SortOrder.DescendingOrder)
    prices = [offer.hourly[CloudTerm.ON_DEMAND] for offer in model.offers if CloudTerm.ON_DEMAND in offer.hourly]
    assert prices == sorted(prices, reverse=True)
    qtbot.mouseClick(page.offers.copy_button, LEFT)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert len(lines) == every + 1
    assert len({line.count("\t") for line in lines}) == 1


@pytest.mark.parametrize("kind", list(WorkloadKind))
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_kind_of_work_is_told(kind: WorkloadKind, language: str, make_window: MakeWindow, qtbot: QtBot) -> None:
    from gpuplanner.scenario.examples import examples
    from gpuplanner.scenario.files import load_scenario

    found = (load_scenario(example.path).scenario for example in examples())
    scenario = next(one for one in found if one.workload.kind is kind)
    page = opened(make_window(scenario, language=language), qtbot)
    assert page.headline.text()
    assert page.given is not None
    assert all(button.shown.number for button in page.strip.buttons)


def test_what_cannot_run_has_no_cost(make_window: MakeWindow, qtbot: QtBot) -> None:
    scenario = replace(replace(Scenario(), "model.id", "deepseek-r1"), "deployment.gpu", "nvidia-t4")
    page = opened(make_window(replace(scenario, "deployment.max_gpus", 1)), qtbot)
    assert page.given is None
    assert page.strip.isHidden()
    assert page.headline.text()


def test_unknown_prices_are_told_not_zeroed(make_window: MakeWindow, qtbot: QtBot) -> None:
    page = opened(make_window(replace(asked(), "deployment.gpu", "amd-mi325x")), qtbot)
    assert page.given is not None
    assert page.given.money.life.figures["tco"].value is None
    assert page.strip.buttons[0].shown.number in ("unknown", "–")


def test_levers_are_read_by_keys(page: CostPage, qtbot: QtBot) -> None:
    chart = page.tornado.chart
    chart.setFocus()
    qtbot.keyClick(chart, Qt.Key.Key_Down)
    assert chart.current == 0
    assert chart.accessibleName() == chart.said(chart.levers[0])


def test_the_age_of_prices() -> None:
    today = date(2026, 11, 21)
    assert not is_stale("2026-06", today)
    assert is_stale("2026-04", today)
    assert is_stale("2026-04-30", today)
    assert not is_stale("2026", today)
    assert is_stale("", today)
    assert last_day("2026-02") == date(2026, 2, 28)
    assert last_day("2025-12") == date(2025, 12, 31)
    assert last_day("2026-13") is None
    assert month_text("2026-04-05") == "Apr 2026"
    assert month_text("2026") == "2026"


def test_a_figure_is_explained_and_leads_to_its_field(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(asked())
    page = opened(window, qtbot)
    button = next(button for button in page.strip.buttons if button.shown.key == "life.tco")
    qtbot.mouseClick(button, LEFT)
    why = window.bench.why
    assert why.isVisible()
    assert why.explanation is not None
    assert why.explanation.formula_id == "money.tco"
    why.open("life.running")
    why.edit_requested.emit("money.electricity_per_kwh")
    assert window.focusWidget() is page.side.money.rows["money.electricity_per_kwh"].editor.focusProxy()
    why.edit_requested.emit("deployment.gpu")
    assert not page.isVisible()
    assert window.bench.form.isVisible()


def test_the_tab_tells_the_same_and_leads_to_the_page(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(asked())
    window.bench.right_tabs.setCurrentIndex(COST)
    panel = window.bench.costs
    assert panel.isVisible()
    assert panel.given is not None
    assert "Per TFLOPS, dense" in panel.browser.toPlainText()
    panel.browser.anchorClicked.emit(QUrl("figure:life.purchase_total"))
    assert window.bench.why.key == "life.purchase_total"
    window.bench.right_tabs.setCurrentIndex(COST)
    qtbot.mouseClick(panel.copy_button, LEFT)
    assert f"\t{panel.given.money.life.figures['tco'].value:.10g}\n" in QGuiApplication.clipboard().text()
    panel.browser.anchorClicked.emit(QUrl("page:cost"))
    assert window.cost_desk.page is not None
    assert window.cost_desk.page.isVisible()
