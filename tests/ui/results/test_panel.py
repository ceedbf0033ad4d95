"""The answer panel, clicked and typed at."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from gpuplanner import texts
from gpuplanner.engine.result import Code, Estimate
from gpuplanner.palette import DARK, LIGHT
from gpuplanner.scenario.document import Scenario
from gpuplanner.ui.results.flow import FlowLayout
from gpuplanner.ui.results.panel import AnswerPanel
from tests.ui import builders


@pytest.fixture
def panel(qtbot: QtBot) -> AnswerPanel:
    panel = AnswerPanel()
    qtbot.addWidget(panel)
    panel.resize(820, 160)
    panel.set_estimate(builders.estimate(), Scenario(), builders.catalog())
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


def test_a_click_on_a_figure_asks_for_it(panel: AnswerPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.figure_clicked) as clicked:
        qtbot.mouseClick(panel.strip.buttons[1], Qt.MouseButton.LeftButton)
    assert clicked.args == ["ttft"]


def test_figures_are_reached_and_pressed_by_keyboard(panel: AnswerPanel, qtbot: QtBot) -> None:
    first = panel.strip.buttons[0]
    first.setFocus()
    qtbot.keyClick(first, Qt.Key.Key_Right)
    assert panel.strip.buttons[1].hasFocus()
    with qtbot.waitSignal(panel.figure_clicked) as clicked:
        qtbot.keyClick(panel.strip.buttons[1], Qt.Key.Key_Space)
    assert clicked.args == ["ttft"]


def test_the_figure_explained_is_marked(panel: AnswerPanel) -> None:
    panel.mark("tpot")
    assert [button.shown.key for button in panel.strip.buttons if button.isChecked()] == ["tpot"]
    panel.mark(None)
    assert not any(button.isChecked() for button in panel.strip.buttons)


def test_buttons_stay_from_estimate_to_estimate(panel: AnswerPanel) -> None:
    before = list(panel.strip.buttons)
    panel.set_estimate(replace(builders.estimate(), chosen="l20"), Scenario(), builders.catalog())
    assert panel.strip.buttons == before
    assert panel.strip.buttons[1].shown.number == "1\u2009420"


def test_the_height_of_the_figures_does_not_depend_on_what_they_say(panel: AnswerPanel) -> None:
    before = panel.strip.buttons[0].height()
    for chosen in ("h200", "l20", "t4"):
        panel.set_estimate(replace(builders.estimate(), chosen=chosen), Scenario(), builders.catalog())
        assert {button.height() for button in panel.strip.buttons} == {before}


def test_both_languages(panel: AnswerPanel) -> None:
    texts.set_language("zh")
    panel.retranslate()
    assert panel.sentence.text().startswith("2 台服务器")
    assert panel.strip.buttons[0].accessibleName().startswith("每卡显存: 96.1 GB")


def test_notes_open_and_close(panel: AnswerPanel, qtbot: QtBot) -> None:
    note = Code("warning.over_pcie", {"tensor_parallel": 4})
    plan = replace(builders.estimate().plans[0], warnings=(note,))
    panel.set_estimate(Estimate((plan,), "h20"), Scenario(), builders.catalog())
    assert panel.notes_button.isVisible()
    assert not panel.notes.isVisible()
    qtbot.mouseClick(panel.notes_button, Qt.MouseButton.LeftButton)
    assert panel.notes.isVisible()
    assert panel.notes.text() == "! 4 GPUs exchange data over PCIe"


def test_a_refusal_leaves_no_figures(panel: AnswerPanel) -> None:
    refused = Estimate(refusal=Code("refusal.unknown_model", {"id": "nope"}))
    panel.set_estimate(refused, Scenario(), builders.catalog())
    assert "nope" in panel.sentence.text()
    assert not panel.strip.isEnabled()


def test_themes_paint_differently(panel: AnswerPanel) -> None:
    panel.apply_theme(LIGHT)
    light = panel.strip.grab().toImage()
    panel.apply_theme(DARK)
    assert panel.strip.grab().toImage() != light


@pytest.mark.parametrize("width", [520, 690, 820, 1200])
def test_no_number_is_cut_at_usual_widths(panel: AnswerPanel, width: int) -> None:
    panel.resize(width, 200)
    for button in panel.strip.buttons:
        needed = button.fontMetrics().horizontalAdvance(button.shown.number)
        assert needed < button.width()


def test_the_flow_keeps_the_height_it_took(qtbot: QtBot) -> None:
    """Pills come and go while someone types; what stands below stays where it is, until the words are others altogether."""
    place = QWidget()
    qtbot.addWidget(place)
    flow = FlowLayout(place)
    words = [QLabel("word " * 8, place) for _ in range(3)]
    for label in words:
        flow.addWidget(label)
    width = words[0].sizeHint().width() + 20
    three = flow.heightForWidth(width)
    words[2].hide()
    assert flow.heightForWidth(width) == three
    assert flow.heightForWidth(width * 4) < three  # another width is another matter
    flow.forget()
    assert flow.heightForWidth(width) < three
