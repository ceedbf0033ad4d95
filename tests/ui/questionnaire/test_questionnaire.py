"""The questionnaire from the first page to a filled form, by real clicks and keys."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.scenario.currency import tariff_in
from gpuplanner.scenario.document import Availability, LoadKind, Scenario, WorkloadKind
from gpuplanner.texts import spoken_in, text
from gpuplanner.ui.fields.choice import Choice, Segmented
from gpuplanner.ui.fields.quantity import QuantityEdit
from gpuplanner.ui.questionnaire import sheet
from gpuplanner.ui.questionnaire.dialog import SUMMARY, Questionnaire
from gpuplanner.ui.questionnaire.filling import along_with_use, filled, first_answers
from gpuplanner.ui.questionnaire.questions import PAGES, USES, asked, pages
from gpuplanner.ui.window import MainWindow

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def dialog(window: MainWindow) -> Questionnaire:
    """Opened by its command."""
    window.actions_by_key["questionnaire"].trigger()
    assert window.question_desk.dialog is not None
    return window.question_desk.dialog


def type_in(qtbot: QtBot, editor: QWidget, said: str) -> None:
    assert isinstance(editor, QuantityEdit)
    editor.line.selectAll()
    qtbot.keyClicks(editor.line, said)


def press(qtbot: QtBot, editor: QWidget, place: int) -> None:
    assert isinstance(editor, Segmented)
    qtbot.mouseClick(editor.button(place), LEFT)


def choose(qtbot: QtBot, editor: QWidget, place: int) -> None:
    assert isinstance(editor, Choice)
    for _ in range(place):
        qtbot.keyClick(editor, Qt.Key.Key_Down)


def test_from_the_first_page_to_a_filled_form(window: MainWindow, dialog: Questionnaire, qtbot: QtBot) -> None:
    before = window.session.scenario
    qtbot.keyClicks(dialog.rows["customer"].editor, "Example Bank")
    choose(qtbot, dialog.rows["use"].editor, 1)
    assert dialog.answers["use"] == "knowledge"
    qtbot.mouseClick(dialog.next_button, LEFT)
    type_in(qtbot, dialog.rows["people"].editor, "2000")
    type_in(qtbot, dialog.rows["active"].editor, "15")
    qtbot.mouseClick(dialog.next_button, LEFT)
    type_in(qtbot, dialog.rows["input"].editor, "6k")
    qtbot.mouseClick(dialog.next_button, LEFT)
    press(qtbot, dialog.rows["speed"].editor, 2)
    press(qtbot, dialog.rows["percentile"].editor, 0)
    qtbot.mouseClick(dialog.next_button, LEFT)
    press(qtbot, dialog.rows["where"].editor, 0)
    press(qtbot, dialog.rows["spare"].editor, 1)
    type_in(qtbot, dialog.rows["growth"].editor, "30")
    qtbot.mouseClick(dialog.next_button, LEFT)
    type_in(qtbot, dialog.rows["budget"].editor, "3000000")
    qtbot.mouseClick(dialog.next_button, LEFT)
    assert dialog.page == SUMMARY
    assert "Example Bank" in dialog.summary.toPlainText()
    assert window.session.scenario is before
    qtbot.mouseClick(dialog.fill_button, LEFT)
    now = window.session.scenario
    assert now.customer == "Example Bank"
    assert (now.workload.kind, now.workload.load_kind, now.workload.load) == (WorkloadKind.SERVE, LoadKind.USERS, 300)
    assert (now.workload.input_tokens, now.workload.output_tokens, now.workload.think_time_s) == (6000, 500, 60)
    assert (now.targets.ttft_s, now.targets.tpot_s, now.targets.percentile) == (0.8, 0.03, 0.9)
    assert (now.deployment.availability, now.deployment.growth) == (Availability.N_PLUS_ONE, 0.3)
    assert now.money.budget == 3_000_000
    assert "Own room" in now.note
    assert "2,000" in now.note
    answer = window.session.answer()
    assert answer is not None
    assert answer.chosen is not None
    assert window.session.undo_stack.count() == 1
    window.actions_by_key["undo"].trigger()
    assert window.session.scenario == before


def test_a_wrong_number_holds_the_page(dialog: Questionnaire, qtbot: QtBot) -> None:
    qtbot.mouseClick(dialog.next_button, LEFT)
    type_in(qtbot, dialog.rows["people"].editor, "many")
    assert not dialog.next_button.isEnabled()
    assert dialog.rows["people"].remark.text()
    type_in(qtbot, dialog.rows["people"].editor, "50")
    assert dialog.next_button.isEnabled()
    qtbot.mouseClick(dialog.back_button, LEFT)
    assert dialog.page == "who"


def test_questions_follow_the_use(dialog: Questionnaire, qtbot: QtBot) -> None:
    choose(qtbot, dialog.rows["use"].editor, list(USES).index("tune"))
    qtbot.mouseClick(dialog.next_button, LEFT)
    assert list(dialog.rows) == ["samples", "epochs", "days"]
    assert "speed" not in pages(dialog.answers)


def test_other_load_other_questions(dialog: Questionnaire, qtbot: QtBot) -> None:
    qtbot.mouseClick(dialog.next_button, LEFT)
    press(qtbot, dialog.rows["given"].editor, 2)
    assert list(dialog.rows) == ["given", "per_day", "busy_hours"]


@pytest.mark.parametrize("use", USES)
def test_every_use_fills_a_scenario_that_has_an_answer(use: str, catalog: Catalog) -> None:
    from gpuplanner.engine.estimate import estimate

    answers = first_answers(Scenario()) | {"use": use} | along_with_use(use) | {"people": 200.0}
    scenario = filled(answers, Scenario(), catalog)
    assert scenario.workload.kind is USES[use]
    assert estimate(scenario, catalog).chosen is not None


def test_another_currency_brings_the_tariff_along(catalog: Catalog) -> None:
    answers = first_answers(Scenario()) | {"currency": "EUR"}
    money = filled(answers, Scenario(), catalog).money
    assert (money.currency, money.electricity_per_kwh) == ("EUR", 0.09)
    assert tariff_in(money, "EUR") == 0.09


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_sheet_is_a_pdf_and_markdown(
    window: MainWindow, dialog: Questionnaire, qtbot: QtBot, tmp_path: Path, language: str
) -> None:
    dialog.answers["customer"] = "A | B <i> 银行"
    asking = window.filing.asking
    with spoken_in(language):
        for form, empty in (("pdf", False), ("md", False), ("pdf", True)):
            asking.path = tmp_path / f"sheet{empty}.{form}"  # type: ignore[attr-defined]
            dialog.sheet_wanted.emit(form, empty)
        said = subprocess.run(["pdftotext", "-layout", tmp_path / "sheetFalse.pdf", "-"], capture_output=True, check=True)
        words = re.sub(r"\s", "", said.stdout.decode())
        for name in pages(dialog.answers):
            for question in asked(name, dialog.answers):
                assert all(word in words for word in text(f"ask.{question.key}").split())  # cells are wrapped
        assert "A|B<i>银行" in words
        written = (tmp_path / "sheetFalse.md").read_text(encoding="utf-8")
        assert r"A \| B \<i\> 银行" in written
    assert (tmp_path / "sheetTrue.pdf").read_bytes().startswith(b"%PDF")


def test_an_empty_sheet_asks_everything() -> None:
    found = sheet.rows(None, lambda _key, _value: "")
    assert sum(len(rows) for _, rows in found) == sum(map(len, PAGES.values()))
    assert all(said for _, rows in found for _, said in rows)
