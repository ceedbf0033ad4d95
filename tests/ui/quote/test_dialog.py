"""The quote dialog, by real clicks and keys."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from gpuplanner import assets
from gpuplanner.report.content import Basis, State
from gpuplanner.report.quotes import files
from gpuplanner.report.totals import totals
from gpuplanner.scenario.files import load_scenario
from gpuplanner.ui.quote.dialog import QuoteDialog
from gpuplanner.ui.selftest import opened
from tests.ui.conftest import Answers

pytestmark = pytest.mark.gui


@pytest.fixture
def case(tmp_path: Path) -> Path:
    example = next((assets.resources() / "examples").glob("07*.gpuplan"))
    return Path(shutil.copy(example, tmp_path / "case.gpuplan"))


@pytest.fixture
def window(case: Path, qtbot: QtBot):
    made = opened(case, "en", "light")
    qtbot.addWidget(made)
    return made


@pytest.fixture
def dialog(window, tmp_path: Path, qtbot: QtBot) -> QuoteDialog:
    return fresh(window, tmp_path, qtbot)


def fresh(window, tmp_path: Path, qtbot: QtBot) -> QuoteDialog:
    window.commander.create_quote()
    made = window.findChildren(QuoteDialog)[-1]
    made.folder.setText(str(tmp_path / "out"))
    for key, box in made.formats.items():
        box.setChecked(key == "md")
    qtbot.waitUntil(lambda: made.pages.paper.count > 2)
    return made


def click(button: QPushButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_price_is_typed_and_the_total_follows(dialog: QuoteDialog, qtbot: QtBot) -> None:
    dialog.tabs.setCurrentIndex(1)
    table = dialog.lines.table
    assert dialog.order.lines[2].unit_price is None
    table.setCurrentCell(2, 2)
    table.editItem(table.item(2, 2))
    editor = table.findChild(QLineEdit)
    qtbot.keyClicks(editor, "46 000")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.order.lines[2].unit_price == 46_000)
    table.item(2, 2).setText("=1+1")
    assert dialog.order.lines[2].unit_price == 46_000
    table.item(2, 3).setText("250 %")
    assert dialog.order.lines[2].discount == 0
    dialog.lines.discount.setValue(8)
    dialog.lines.tax.setValue(13)
    assert {(line.discount, line.tax) for line in dialog.order.lines} == {(0.08, 0.13)}
    shown = dialog.lines.total.text().replace("\u2009", "")
    assert f"{totals(dialog.order.lines).gross:.2f}" in shown
    life = {figure.key: figure.value for figure in dialog.order.quote().content.life.figures}
    assert life["purchase_total"] == pytest.approx(totals(dialog.order.lines).gross, abs=0.05)


def test_a_service_is_added_named_and_removed(dialog: QuoteDialog) -> None:
    before = len(dialog.order.lines)
    click(dialog.lines.add_button)
    row = before
    dialog.lines.table.item(row, 0).setText("Support, 3 years")
    dialog.lines.table.item(row, 1).setText("3")
    dialog.lines.table.item(row, 2).setText("53000")
    line = dialog.order.lines[row]
    assert (line.count, line.unit_price, line.name.params["word"]) == (3, 53_000, "Support, 3 years")
    assert not dialog.lines.table.item(0, 0).flags() & Qt.ItemFlag.ItemIsEditable
    dialog.lines.table.setCurrentCell(0, 0)
    click(dialog.lines.remove_button)
    assert len(dialog.order.lines) == before + 1  # what the site needs stays
    dialog.lines.table.setCurrentCell(row, 0)
    click(dialog.lines.remove_button)
    assert len(dialog.order.lines) == before


def test_versions(dialog: QuoteDialog, window, case: Path, tmp_path: Path, qtbot: QtBot) -> None:
    dialog.head.contact.setText("Ms Chen")
    dialog.head.basis.setCurrentIndex(1)
    with qtbot.waitSignal(dialog.written):
        click(dialog.create_button)
    [kept] = files.quotes_of(case)
    assert kept.path.parent == tmp_path / "case.quotes"
    meta = kept.quote.metadata
    assert (meta.revision, meta.state, meta.contact, meta.basis) == (1, State.DRAFT, "Ms Chen", Basis.CAUTIOUS)
    assert "cautious end" in next((tmp_path / "out").glob("*.md")).read_text(encoding="utf-8")

    second = fresh(window, tmp_path, qtbot)
    assert second.order.revision == 1  # a draft is written over
    second.history.table.selectRow(0)
    assert not second.history.buttons[State.ACCEPTED].isEnabled()
    click(second.history.buttons[State.SENT])
    assert second.order.revision == 2
    assert "2 (draft)" in second.head.state.text()
    click(second.history.again)
    assert second.head.contact.text() == "Ms Chen"
    with qtbot.waitSignal(second.written):
        click(second.create_button)
    states = {one.quote.metadata.revision: one.quote.metadata.state for one in files.quotes_of(case)}
    assert states == {1: State.REPLACED, 2: State.DRAFT}
    assert [one.quote.metadata.replaces for one in files.quotes_of(case)] == ["v1", ""]


def test_what_would_change(dialog: QuoteDialog, window, tmp_path: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(dialog.written):
        click(dialog.create_button)
    second = fresh(window, tmp_path, qtbot)
    second.history.table.selectRow(0)
    click(second.history.compare)
    assert second.history.told.text() == "Today the same would be offered."


def test_a_logo_that_is_none_is_a_sentence(window, tmp_path: Path, qtbot: QtBot) -> None:
    logo = tmp_path / "logo.png"
    logo.write_text("no picture", encoding="utf-8")
    window.preferences.update(company={"name": "Yunheng", "logo": str(logo)})
    window.commander.create_quote()
    assert window.findChildren(QuoteDialog) == []
    assert "logo.png" in window.notices.bars[0].sentence.text()


def test_pages_are_drawn(dialog: QuoteDialog) -> None:
    image = dialog.pages.paper.grab().toImage()
    colours = {image.pixelColor(x, y).name() for x in range(20, image.width(), 7) for y in range(20, image.height() // 2, 7)}
    assert len(colours) > 10


def test_every_part_has_a_name(dialog: QuoteDialog) -> None:
    head, lines = dialog.head, dialog.lines
    parts = (head.number, head.contact, head.project, head.prepared_by, head.day, head.valid_until, head.basis)
    for part in (*parts, lines.table, lines.discount, lines.tax, dialog.history.table, dialog.pages, dialog.folder, dialog.stem):
        assert part.accessibleName(), part


def tick(dialog: QuoteDialog, row: int) -> None:
    """A click on the box of an alternative."""
    view = dialog.options.list
    view.scrollToItem(view.item(row))
    place = view.visualItemRect(view.item(row))
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place.left() + 12, place.center().y()))


def test_alternatives_are_chosen(dialog: QuoteDialog, case: Path) -> None:
    dialog.tabs.setCurrentIndex(2)
    assert len(dialog.order.quote().content.options) == 4
    for row in range(3):
        tick(dialog, row)
    assert dialog.order.quote().content.options == ()
    tick(dialog, 4)
    [_, other] = dialog.order.quote().content.options
    assert other.gpu_name in dialog.options.list.item(4).text()


def test_a_scenario_stands_beside_and_leaves_again(dialog: QuoteDialog, window, tmp_path: Path) -> None:
    larger = next((assets.resources() / "examples").glob("08*.gpuplan"))
    window.filing.asking = Answers()
    dialog.options._asking = window.filing.asking
    window.filing.asking.path = larger
    dialog.tabs.setCurrentIndex(2)
    click(dialog.options.add_button)
    names = [option.name for option in dialog.order.quote().content.options]
    assert load_scenario(larger).scenario.name in names
    dialog.options.list.setCurrentRow(0)
    assert dialog.options.remove_button.isEnabled()
    click(dialog.options.remove_button)
    assert not any(option.name for option in dialog.order.quote().content.options)
    broken = tmp_path / "broken.gpuplan"
    broken.write_text("{", encoding="utf-8")
    dialog.options.add(broken)
    assert "broken.gpuplan" in dialog.trouble.text()


def test_a_line_is_offered_beside(dialog: QuoteDialog) -> None:
    before = totals(dialog.order.lines)
    dialog.tabs.setCurrentIndex(1)
    item = dialog.lines.table.item(0, 6)
    assert item.checkState() is Qt.CheckState.Unchecked
    dialog.lines.table.setCurrentItem(item)
    QTest.keyClick(dialog.lines.table, Qt.Key.Key_Space)
    assert dialog.order.lines[0].optional
    assert totals(dialog.order.lines).net != before.net
    QTest.keyClick(dialog.lines.table, Qt.Key.Key_Space)
    assert totals(dialog.order.lines) == before


def test_an_estate_and_its_own_workload(tmp_path: Path, qtbot: QtBot) -> None:
    example = next((assets.resources() / "examples").glob("*insurer*.gpuplan"))
    window = opened(Path(shutil.copy(example, tmp_path / "estate.gpuplan")), "en", "light")
    qtbot.addWidget(window)
    made = fresh(window, tmp_path, qtbot)
    assert made.head.scope.isVisibleTo(made.head)
    assert len(made.order.quote().content.works) == 6
    assert not made.options.list.isEnabled()
    made.lines.discount.setValue(8)
    made.head.scope.setFocus()
    qtbot.keyClick(made.head.scope, Qt.Key.Key_Down)
    alone = made.order.quote().content
    assert alone.works == ()
    assert {line.discount for line in alone.lines if line.key in {"management", "storage"}} <= {0.08}
    assert made.options.list.count() > 3
    assert made.lines.table.rowCount() == len(alone.lines)
    qtbot.keyClick(made.head.scope, Qt.Key.Key_Up)
    with qtbot.waitSignal(made.written):
        click(made.create_button)
    [kept] = files.quotes_of(tmp_path / "estate.gpuplan")
    assert len(kept.quote.content.works) == 6
    again = fresh(window, tmp_path, qtbot)
    again.history.table.selectRow(0)
    click(again.history.compare)
    assert again.history.told.text() == "Today the same would be offered."
