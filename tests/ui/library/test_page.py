"""The page "Scenarios", by real clicks and keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.report.content import Metadata
from gpuplanner.report.quotes.files import quote_path, quotes_folder, save_quote
from gpuplanner.report.quotes.make import draft
from gpuplanner.scenario import library
from gpuplanner.scenario.cards import Card
from gpuplanner.scenario.document import Scenario, replace
from gpuplanner.scenario.files import load_scenario, save_scenario
from gpuplanner.scenario.receipt import receipt_of
from gpuplanner.settings import Settings, default_scenario_folder
from gpuplanner.ui.library.arrange import Head, Scope
from gpuplanner.ui.library.page import LibraryPage
from gpuplanner.ui.library.pane import QUOTES
from gpuplanner.ui.window import MainWindow
from tests.ui.conftest import Answers, MakeWindow

_PLACE = Qt.MouseButton.LeftButton


def write(path: Path, catalog: Catalog | None = None, **fields: object) -> Path:
    scenario = Scenario()
    for name, value in fields.items():
        scenario = replace(scenario, name.replace("__", "."), value)
    path.parent.mkdir(parents=True, exist_ok=True)
    receipt = None
    if catalog is not None:
        answer = estimate(scenario, catalog)
        receipt = receipt_of(answer, scenario.money.currency, catalog.digest, catalog.date, "2026-11-21")
    save_scenario(path, scenario, catalog.digest if catalog else "", receipt=receipt)
    return path


@pytest.fixture
def folder(own_home: Path, catalog: Catalog) -> Path:
    del own_home
    place = default_scenario_folder()
    write(place / "Acme – support.gpuplan", catalog, name="support", customer="Acme", library__tags=("chat",))
    write(place / "Acme – coding.gpuplan", name="coding", customer="Acme", workload__load=3.0)
    write(place / "pharma.gpuplan", name="文献问答", customer="青禾制药", note="Branch staff")
    return place


@pytest.fixture
def page(folder: Path, make_window: MakeWindow, qtbot: QtBot) -> LibraryPage:
    window = make_window()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    shown = window.desk.library
    assert shown is not None
    qtbot.waitUntil(lambda: len(shown.model.cards) == 3 and not shown.busy)
    return shown


def window_of(page: LibraryPage) -> MainWindow:
    window = page.window()
    assert isinstance(window, MainWindow)
    return window


def names(page: LibraryPage) -> list[str]:
    return [row.name for row in page.model.rows if isinstance(row, Card)]


def path_of(page: LibraryPage, name: str) -> Path:
    return next(card.path for card in page.model.cards if card.name == name)


def click(page: LibraryPage, name: str, column: int = 1, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    table = page.centre.table
    index = page.model.index_of(path_of(page, name)).siblingAtColumn(column)
    QTest.mouseClick(table.viewport(), _PLACE, modifier, table.visualRect(index).center())


def settled(page: LibraryPage, qtbot: QtBot, done: Callable[[], bool]) -> None:
    qtbot.waitUntil(lambda: done() and not page.busy)


def test_lists_scenarios_under_their_customers(page: LibraryPage) -> None:
    heads = [page.model.head_words(row)[0] for row in page.model.rows if isinstance(row, Head)]
    assert heads == ["Acme", "青禾制药"]
    assert set(names(page)) == {"support", "coding", "文献问答"}
    assert page.centre.count.text() == "3 in 2 customers"


def test_answers_without_a_receipt_are_estimated(page: LibraryPage, catalog: Catalog) -> None:
    for card in page.model.cards:
        answer = page.model.answer(card)
        assert answer is not None
        plan = estimate(load_scenario(card.path).scenario, catalog).plan()
        assert plan is not None
        assert (answer.gpu_id, answer.gpus, answer.status) == (plan.gpu_id, plan.gpus, plan.status.value)
        assert answer.today == (card.name != "support")


@pytest.mark.parametrize(
    ("typed", "found"), [("acme", 2), ("qhzy", 1), ("wxwd", 1), ("branch", 1), ("chat acme", 1), ("nothing", 0)]
)
def test_search_as_you_type(page: LibraryPage, qtbot: QtBot, typed: str, found: int) -> None:
    QTest.keyClick(page, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert page.centre.search.hasFocus()
    qtbot.keyClicks(page.centre.search, typed)
    qtbot.waitUntil(lambda: len(names(page)) == found)
    assert page.centre.empty.isVisible() == (found == 0)
    QTest.keyClick(page.centre.search, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: len(names(page)) == 3)


def test_details_show_the_answer_and_what_became_of_the_receipt(page: LibraryPage, qtbot: QtBot) -> None:
    click(page, "support")
    settled(page, qtbot, lambda: page.pane.title.text() == "support")
    assert page.pane.sentence.text()
    assert page.pane.figures.lines
    assert page.pane.saved.lines[0].glyph == "✓"
    assert {line.glyph for line in page.pane.since.lines} == {"✓"}
    click(page, "coding")
    settled(page, qtbot, lambda: page.pane.title.text() == "coding")
    assert page.pane.saved.lines[0].glyph == ""
    assert page.pane.since.lines == ()


def test_quotes_of_a_scenario_are_listed(page: LibraryPage, qtbot: QtBot, catalog: Catalog) -> None:
    path = path_of(page, "support")
    scenario = load_scenario(path).scenario
    meta = Metadata("Q-2026-7", date(2026, 11, 20), "0.1.0", revision=2)
    quote = draft(scenario, estimate(scenario, catalog), catalog, meta, "2026-11-20T09:00:00+00:00")
    save_quote(quote_path(quotes_folder(path), quote), quote)
    (quotes_folder(path) / "broken.gpuquote").write_text("{", encoding="utf-8")
    click(page, "support")
    settled(page, qtbot, lambda: page.pane.tabs.tabText(QUOTES) == "Quotes 2")
    lines = {line.name: line for line in page.pane.quotes.lines}
    assert lines["Q-2026-7 v2"].quiet == "draft · 2026-11-20"
    assert lines["broken.gpuquote"].glyph == "✕"
    click(page, "coding")
    settled(page, qtbot, lambda: page.pane.tabs.tabText(QUOTES) == "Quotes")
    assert not page.pane.unquoted.isHidden()


def test_a_heading_folds_its_group(page: LibraryPage) -> None:
    table = page.centre.table
    QTest.mouseClick(table.viewport(), _PLACE, pos=table.visualRect(page.model.index(0, 1)).center())
    assert names(page) == ["文献问答"]
    table.setFocus()
    table.setCurrentIndex(page.model.index(0, 1))
    QTest.keyClick(table, Qt.Key.Key_Right)
    assert len(names(page)) == 3


def test_a_header_sorts_and_sorts_back(page: LibraryPage) -> None:
    header = page.centre.table.header()
    page.centre.groups.edited.emit("none")
    place = QPoint(header.sectionViewportPosition(1) + 10, header.height() // 2)
    QTest.mouseClick(header.viewport(), _PLACE, pos=place)
    assert names(page) == ["coding", "support", "文献问答"]
    QTest.mouseClick(header.viewport(), _PLACE, pos=place)
    assert names(page) == ["文献问答", "support", "coding"]
    assert window_of(page).preferences.values.library["sort"] == "name"


def test_the_rail_restricts_and_counts(page: LibraryPage) -> None:
    page.rail.choose(Scope("tag", "chat"))
    assert names(page) == ["support"]
    page.rail.choose(Scope())
    assert len(names(page)) == 3
    counts = page.model.counts(page.lister.roots)
    assert (counts[Scope()], counts[Scope("tag", "chat")], counts[Scope("archive")]) == (3, 1, 0)


def test_enter_opens_and_shows_the_plan(page: LibraryPage) -> None:
    window = window_of(page)
    click(page, "support")
    QTest.keyClick(page.centre.table, Qt.Key.Key_Return)
    assert window.document.path == path_of(page, "support")
    assert not page.isVisible()
    assert window.bench.page.isVisible()


def test_ticks_select_and_ctrl_d_compares(page: LibraryPage, qtbot: QtBot) -> None:
    click(page, "support", 0)
    assert not page.centre.bar.buttons["compare"].isEnabled()
    click(page, "coding", 0)
    assert len(page.selected()) == 2
    QTest.keyClick(page.centre.table, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    compared = window_of(page).desk.compare
    assert compared is not None
    assert compared.isVisible()
    qtbot.waitUntil(lambda: compared.found is not None and len(compared.found.sides) == 2)


def test_f2_renames_in_place(page: LibraryPage, qtbot: QtBot, folder: Path) -> None:
    click(page, "support")
    QTest.keyClick(page.centre.table, Qt.Key.Key_F2)
    line = page.centre.table.viewport().findChild(QLineEdit)
    assert line is not None
    line.selectAll()
    qtbot.keyClicks(line, "helpdesk")
    QTest.keyClick(line, Qt.Key.Key_Return)
    settled(page, qtbot, lambda: "helpdesk" in names(page))
    assert load_scenario(folder / "Acme – helpdesk.gpuplan").scenario.name == "helpdesk"
    assert [card.name for card in page.selected()] == ["helpdesk"]


def test_a_variant_is_made_and_listed_below_its_parent(page: LibraryPage, qtbot: QtBot) -> None:
    click(page, "support")
    settled(page, qtbot, lambda: page.pane.title.text() == "support")
    QTest.mouseClick(page.pane.variant_button, _PLACE)
    settled(page, qtbot, lambda: len(page.model.cards) == 4)
    variant = next(card for card in page.model.cards if card.parent)
    assert variant.parent == path_of(page, "support").name
    assert page.selected() == [variant]
    QTest.keyClick(page.centre.table.viewport().findChild(QLineEdit), Qt.Key.Key_Escape)
    click(page, "support")
    settled(page, qtbot, lambda: [line.name for line in page.pane.variants.lines] == [variant.name])
    QTest.mouseClick(page.pane.variants, _PLACE, pos=QPoint(10, 5))
    settled(page, qtbot, lambda: page.pane.title.text() == variant.name)


def test_delete_goes_to_the_trash_and_comes_back(
    page: LibraryPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setattr(library, "trash", Path.unlink)
    path = path_of(page, "support")
    before = path.read_bytes()
    click(page, "support")
    QTest.keyClick(page.centre.table, Qt.Key.Key_Delete)
    settled(page, qtbot, lambda: "support" not in names(page))
    assert not path.exists()
    bar = window_of(page).notices.bars[0]
    assert "support" in bar.sentence.text()
    QTest.mouseClick(bar.buttons[0], _PLACE)
    settled(page, qtbot, lambda: "support" in names(page))
    assert path.read_bytes() == before


def test_the_archive_holds_what_was_archived(page: LibraryPage, qtbot: QtBot) -> None:
    click(page, "coding")
    QTest.mouseClick(page.centre.bar.buttons["archive"], _PLACE)
    settled(page, qtbot, lambda: "coding" not in names(page))
    page.rail.choose(Scope("archive"))
    assert names(page) == ["coding"]


def test_a_tag_is_typed(page: LibraryPage, qtbot: QtBot) -> None:
    click(page, "coding")
    QTest.mouseClick(page.centre.bar.buttons["tag"], _PLACE)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    line = menu.findChild(QLineEdit)
    assert line is not None
    qtbot.keyClicks(line, "tender 2026")
    QTest.keyClick(line, Qt.Key.Key_Return)
    settled(page, qtbot, lambda: Scope("tag", "tender 2026") in page.model.counts(()))
    assert load_scenario(path_of(page, "coding")).scenario.library.tags == ("tender 2026",)


def test_others_changes_on_disk_are_noticed(page: LibraryPage, qtbot: QtBot, folder: Path) -> None:
    write(folder / "later.gpuplan", name="later")
    settled(page, qtbot, lambda: "later" in names(page))
    (folder / "later.gpuplan").unlink()
    settled(page, qtbot, lambda: "later" not in names(page))


def test_a_broken_file_is_listed_with_its_sentence(page: LibraryPage, qtbot: QtBot, folder: Path) -> None:
    (folder / "broken.gpuplan").write_text("{", encoding="utf-8")
    settled(page, qtbot, lambda: "broken" in names(page))
    click(page, "broken")
    settled(page, qtbot, lambda: "broken.gpuplan" in page.pane.empty.text())
    assert not page.pane.open_button.isEnabled()


def drop(view: QWidget, paths: list[Path]) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    action, place = Qt.DropAction.CopyAction, QPointF(20, 20)
    event = QDropEvent(place, action, mime, _PLACE, Qt.KeyboardModifier.NoModifier)
    view.dropEvent(event)


def test_files_are_dragged_in_and_out(page: LibraryPage, qtbot: QtBot, tmp_path: Path, folder: Path) -> None:
    outside = write(tmp_path / "mail" / "new one.gpuplan", name="from mail")
    drop(page.centre.table, [outside, tmp_path])
    settled(page, qtbot, lambda: "from mail" in names(page))
    assert (folder / "new one.gpuplan").read_bytes() == outside.read_bytes()
    mime = page.model.mimeData([page.model.index_of(path_of(page, "from mail"))])
    assert [url.toLocalFile() for url in mime.urls()] == [str(folder / "new one.gpuplan")]


def test_a_template_begins_an_unsaved_copy(page: LibraryPage, qtbot: QtBot) -> None:
    click(page, "support")
    page.commands.actions["template"].trigger()
    settled(page, qtbot, lambda: any(card.template for card in page.model.cards))
    click(page, "support")
    QTest.keyClick(page.centre.table, Qt.Key.Key_Return)
    window = window_of(page)
    assert window.document.path is None
    assert window.document.modified
    assert window.session.scenario.name == "support"
    assert not window.session.scenario.library.template


def test_folders_join_and_leave(page: LibraryPage, qtbot: QtBot, tmp_path: Path) -> None:
    window = window_of(page)
    write(tmp_path / "stick" / "a.gpuplan", name="on the stick")
    answers = window.filing.asking
    assert isinstance(answers, Answers)
    answers.path = tmp_path / "stick"
    QTest.mouseClick(page.rail.add_button, _PLACE)
    settled(page, qtbot, lambda: "on the stick" in names(page))
    page.rail.choose(Scope("folder", str(tmp_path / "stick")))
    assert names(page) == ["on the stick"]
    page.rail.folder_dropped.emit(tmp_path / "stick")
    settled(page, qtbot, lambda: "on the stick" not in names(page))
    assert (tmp_path / "stick" / "a.gpuplan").exists()


def test_cards_show_the_same_and_are_kept(page: LibraryPage, make_window: MakeWindow) -> None:
    QTest.mouseClick(page.centre.views.button(1), _PLACE)
    assert page.centre.cards.isVisible()
    assert len(names(page)) == 3
    assert not any(isinstance(row, Head) for row in page.model.rows)
    kept = window_of(page).preferences.values.library
    again = make_window(settings=Settings(library=kept))
    again.bench.show_page("scenarios")
    assert again.desk.library is not None
    assert again.desk.library.centre.shown_view == "cards"


def test_speaks_both_languages(page: LibraryPage) -> None:
    window_of(page).commander.choose_language("zh")
    assert page.centre.bar.buttons["tag"].text() == "标签…"
    assert page.rail.list.item(1).text() == "全部方案"
    assert page.pane.open_button.text() == "打开"


def test_saving_keeps_a_receipt(window: MainWindow, tmp_path: Path) -> None:
    window.session.set("workload.load", 11.0)
    assert window.document.save_as(tmp_path / "a.gpuplan")
    receipt = load_scenario(tmp_path / "a.gpuplan").receipt
    assert receipt is not None
    answer = window.session.answer()
    assert answer is not None
    plan = answer.plan()
    assert plan is not None
    assert (receipt.gpu_id, receipt.counts["gpus"]) == (plan.gpu_id, plan.gpus)
