"""Own prices and discounts typed in by a user: in the tab, in the table of every line; undone again."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QLineEdit
from pytestqt.qtbot import QtBot

from gpuplanner.engine.money.prices import card_amount
from gpuplanner.scenario.document import Scenario, replace
from gpuplanner.ui.cost.page import CostPage
from gpuplanner.ui.cost.price_model import DISCOUNT, OWN, PUBLISHED
from gpuplanner.ui.cost.price_table import PriceTable
from gpuplanner.ui.window import MainWindow
from tests.ui.conftest import MakeWindow

LEFT = Qt.MouseButton.LeftButton
H100 = "nvidia-h100-sxm5-80gb"
ASKED = replace(replace(Scenario(), "model.id", "llama-3.1-8b"), "deployment.gpu", H100)


def shown(window: MainWindow) -> CostPage:
    window.actions_by_key["page_cost"].trigger()
    page = window.cost_desk.page
    assert page is not None
    return page


def whole(page: CostPage) -> tuple[float, bool]:
    page._session.answer()
    assert page.given is not None
    bought = page.given.money.life.figures["purchase_total"]
    assert bought.value is not None
    return bought.value, bought.at_least


def table_of(window: MainWindow, qtbot: QtBot, page: CostPage) -> PriceTable:
    page.side.tabs.setCurrentIndex(1)
    qtbot.mouseClick(page.side.price_list.lines_button, LEFT)
    table = window.cost_desk.prices
    assert table is not None
    assert table.isVisible()
    return table


def write(qtbot: QtBot, dialog: PriceTable, row: int, column: int, words: str) -> None:
    """As a user: go to the cell, type, Enter."""
    dialog.table.setCurrentIndex(dialog.model.index(row, column))
    dialog.table.setFocus()
    qtbot.keyClick(dialog.table, Qt.Key.Key_F2)
    editor = next(line for line in dialog.table.findChildren(QLineEdit) if line.isVisible())
    editor.selectAll()
    if words:
        editor.insert(words)  # as an input method does: "万" and "€" are no keys
    else:
        qtbot.keyClick(editor, Qt.Key.Key_Delete)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.table.state() is not QAbstractItemView.State.EditingState)
    dialog._session.answer()


def test_a_card_gets_its_price_in_the_tab(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(ASKED)
    page = shown(window)
    before, _ = whole(page)
    page.side.tabs.setCurrentIndex(1)
    field = page.side.price_list.own
    field.line.setFocus()
    qtbot.keyClicks(field.line, "100000")
    money = window.session.scenario.money
    assert [(price.on, price.amount, price.currency) for price in money.prices] == [(H100, 100_000, "CNY")]
    assert card_amount(page.side.price_list._given.catalog.gpus[H100], money) == 100_000  # type: ignore[union-attr]
    now, _ = whole(page)
    assert now != before
    assert "100" in page.side.price_list.known.text()
    assert window.session.answer() is not None
    assert window.session.estimate is not None
    plan = window.session.estimate.plan()
    assert plan is not None
    assert plan.figures["purchase"].value == pytest.approx(plan.bought * 100_000)
    window.actions_by_key["undo"].trigger()
    assert window.session.scenario.money.prices == ()
    assert whole(page)[0] == before


def test_every_line_priced_closes_the_sum(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(ASKED)
    page = shown(window)
    assert whole(page)[1]
    dialog = table_of(window, qtbot, page)
    lines = [place for place, row in enumerate(dialog.model.rows) if row.kind == "line"]
    for place in lines:
        write(qtbot, dialog, place, OWN, "1,000")
    value, is_open = whole(page)
    assert not is_open
    assert value == pytest.approx(1000 * sum(dialog.model.rows[place].count for place in lines))
    assert "≥" not in dialog.total.text()
    qtbot.mouseClick(dialog.clear_button, LEFT)
    assert window.session.scenario.money.prices == ()
    assert whole(page)[1]


@pytest.mark.parametrize(
    ("words", "amount", "currency"), [("12.8万", 128_000, "CNY"), ("$ 2,500", 2_500, "USD"), ("900 €", 900, "EUR")]
)
def test_prices_as_people_write_them(make_window: MakeWindow, qtbot: QtBot, words: str, amount: float, currency: str) -> None:
    window = make_window(ASKED)
    dialog = table_of(window, qtbot, shown(window))
    write(qtbot, dialog, 0, OWN, words)
    (price,) = window.session.scenario.money.prices
    assert (price.on, price.amount, price.currency) == (H100, amount, currency)
    assert price.entered_on is not None
    write(qtbot, dialog, 0, OWN, "")
    assert window.session.scenario.money.prices == ()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nonsense_is_a_sentence_and_changes_nothing(make_window: MakeWindow, qtbot: QtBot, language: str) -> None:
    window = make_window(ASKED, language=language)
    dialog = table_of(window, qtbot, shown(window))
    for column, words in ((OWN, "cheap"), (OWN, "-5"), (OWN, "=1+1"), (DISCOUNT, "150"), (DISCOUNT, "x")):
        place = next(place for place, row in enumerate(dialog.model.rows) if row.kind == "line")
        write(qtbot, dialog, place, column, words)
        assert dialog.wrong.text()
        assert window.session.scenario.money.prices == ()
        assert window.session.scenario.money.discounts == ()
        assert dialog.model.index(place, column).data(Qt.ItemDataRole.EditRole) == ""


def test_a_discount_on_one_line(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(ASKED)
    page = shown(window)
    before, _ = whole(page)
    dialog = table_of(window, qtbot, page)
    place, row = next((place, row) for place, row in enumerate(dialog.model.rows) if row.on.startswith("gpu_server"))
    write(qtbot, dialog, place, DISCOUNT, "10 %")
    assert {item.on: item.share for item in window.session.scenario.money.discounts} == dict.fromkeys(row.lines, 0.1)
    assert whole(page)[0] == pytest.approx(0.9 * before)
    assert dialog.model.index(place, PUBLISHED).data() not in ("", "–")


def test_a_double_click_on_the_list_goes_to_its_prices(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(ASKED)
    page = shown(window)
    once = page.lists.once
    row = once.rect().topLeft()
    row.setX(30)
    row.setY(6 + round(1.5 * once._pitch()))
    qtbot.mouseDClick(once, LEFT, pos=row)
    dialog = window.cost_desk.prices
    assert dialog is not None
    assert dialog.isVisible()
    assert dialog.model.rows[dialog.table.currentIndex().row()].on.startswith("gpu_server")


def test_the_table_follows_the_answer(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(ASKED)
    dialog = table_of(window, qtbot, shown(window))
    window.session.set("deployment.gpu", "nvidia-l40s")
    window.session.answer()
    assert dialog.model.rows[0].on == "nvidia-l40s"
    window.session.set("money.currency", "USD")
    window.session.answer()
    assert "USD" in str(dialog.model.headerData(OWN, Qt.Orientation.Horizontal))


def test_the_table_of_gpus_leads_to_a_cards_price(make_window: MakeWindow, qtbot: QtBot) -> None:
    """A card that nobody published a price of gets one, and is then ranked by it."""
    window = make_window(replace(ASKED, "deployment.gpu", None))
    view = window.bench.page.table.view
    shown_rows = view._model.shown_rows
    card = next(row for row in shown_rows if row.gpu.id == "amd-mi355x")
    menu = view.menu_of(view._model.index(shown_rows.index(card), 1))
    next(action for action in menu.actions() if action.objectName() == "price").trigger()
    dialog = window.cost_desk.prices
    assert dialog is not None
    assert dialog.isVisible()
    assert dialog.model.rows[dialog.table.currentIndex().row()].on == "amd-mi355x"
    assert window.session.estimate is not None
    before = [plan.gpu_id for plan in window.session.estimate.plans].index("amd-mi355x")
    write(qtbot, dialog, dialog.table.currentIndex().row(), OWN, "$ 1")
    after = [plan.gpu_id for plan in window.session.estimate.plans].index("amd-mi355x")
    assert after < before
    plan = window.session.estimate.plan("amd-mi355x")
    assert plan is not None
    assert plan.figures["purchase"].value == pytest.approx(7.1 * plan.bought)
    assert not menu.isVisible()


def test_a_row_is_chosen_from_its_menu(make_window: MakeWindow) -> None:
    window = make_window(replace(ASKED, "deployment.gpu", None))
    view = window.bench.page.table.view
    wanted = view._model.shown_rows[3].gpu.id
    menu = view.menu_of(view._model.index(3, 1))
    next(action for action in menu.actions() if action.objectName() == "choose").trigger()
    assert window.session.scenario.deployment.gpu == wanted
