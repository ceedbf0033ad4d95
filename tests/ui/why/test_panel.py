"""The Why panel: following links by mouse and keyboard, going back, copying, narrow and wide."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage, QTextDocument
from pytestqt.qtbot import QtBot

from gpuplanner import texts
from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.result import Estimate, Status
from gpuplanner.palette import DARK
from gpuplanner.scenario.document import Scenario
from gpuplanner.ui.why import page, thumbs
from gpuplanner.ui.why.panel import WhyPanel


@cache
def known() -> tuple[Estimate, Scenario, Catalog]:
    catalog = load_catalog()
    return estimate(Scenario(), catalog), Scenario(), catalog


@pytest.fixture
def panel(qtbot: QtBot) -> WhyPanel:
    panel = WhyPanel()
    qtbot.addWidget(panel)
    panel.resize(292, 700)
    panel.set_estimate(*known())
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


def said(panel: WhyPanel) -> str:
    return panel.browser.toPlainText()


def test_it_begins_with_the_memory(panel: WhyPanel) -> None:
    assert panel.key == "memory_per_gpu"
    assert "M = W + KV + A + C + N" in said(panel)


def test_a_figure_opens_into_what_it_is_made_of_and_back(panel: WhyPanel, qtbot: QtBot) -> None:
    panel.show_figure(None, "tpot")
    assert not panel.back_button.isVisible()
    panel.browser.anchorClicked.emit(QUrl("open:tpot_mean"))
    assert panel.key == "tpot_mean"
    assert panel.back_button.text() == "← Per token, p95"
    panel.browser.anchorClicked.emit(QUrl("open:decode_step"))
    qtbot.mouseClick(panel.back_button, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(panel.back_button, Qt.MouseButton.LeftButton)
    assert panel.key == "tpot"
    assert not panel.back_button.isVisible()


def test_links_are_followed_by_keyboard(panel: WhyPanel, qtbot: QtBot) -> None:
    panel.browser.setFocus()
    qtbot.keyClick(panel.browser, Qt.Key.Key_Tab)
    with qtbot.waitSignal(panel.browser.anchorClicked) as followed:
        qtbot.keyClick(panel.browser, Qt.Key.Key_Return)
    assert followed.args == [QUrl("open:weights")]
    assert panel.key == "weights"


def test_an_input_is_asked_for(panel: WhyPanel, qtbot: QtBot) -> None:
    panel.show_figure(None, "kv_cache")
    with qtbot.waitSignal(panel.edit_requested) as wanted:
        panel.browser.anchorClicked.emit(QUrl("edit:precision.kv_cache"))
    assert wanted.args == ["precision.kv_cache"]


def test_it_follows_the_estimate(panel: WhyPanel) -> None:
    panel.show_figure(None, "kv_cache")
    answer, scenario, catalog = known()
    other = next(plan.gpu_id for plan in answer.plans if plan.status is not Status.IMPOSSIBLE and plan.gpu_id != answer.chosen)
    before = said(panel)
    panel.set_estimate(replace(answer, chosen=other), scenario, catalog)
    assert said(panel) != before
    assert panel.key == "kv_cache"


def test_another_gpu_stays_when_the_answer_changes(panel: WhyPanel) -> None:
    answer, scenario, catalog = known()
    other = next(plan.gpu_id for plan in answer.plans if plan.status is not Status.IMPOSSIBLE and plan.gpu_id != answer.chosen)
    panel.show_figure(other, "weights")
    before = said(panel)
    panel.set_estimate(answer, scenario, catalog)
    assert said(panel) == before


def test_free_memory_opens_the_room_for_cache(panel: WhyPanel) -> None:
    panel.show_figure(None, "free")
    assert panel.key == "pool"
    assert "KV cache that fits" in said(panel)


def test_a_gpu_that_cannot_run_says_why(panel: WhyPanel) -> None:
    answer, _, _ = known()
    cannot = next(plan for plan in answer.plans if plan.status is Status.IMPOSSIBLE and plan.remedies)
    panel.show_figure(cannot.gpu_id, "weights")
    assert "→" in said(panel)
    assert not panel.copy_formula_button.isEnabled()


def test_an_unknown_price_says_so(panel: WhyPanel) -> None:
    answer, _, _ = known()
    runs = [plan for plan in answer.plans if plan.status is not Status.IMPOSSIBLE]
    priceless = next(plan for plan in runs if plan.figures["purchase"].value is None)
    panel.show_figure(priceless.gpu_id, "purchase")
    assert "not known for this GPU" in said(panel)


def test_copying(panel: WhyPanel, qtbot: QtBot) -> None:
    panel.show_figure(None, "kv_cache")
    qtbot.mouseClick(panel.copy_formula_button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text().startswith("KV = R · ⌈T ÷ B_t⌉")
    qtbot.mouseClick(panel.copy_table_button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text().splitlines()[0] == "Symbol\tMeaning\tValue\tUnit\tSource"


def test_wide_has_a_column_for_the_source(panel: WhyPanel, qtbot: QtBot) -> None:
    panel.show_figure(None, "kv_cache")
    assert "Source" not in said(panel)
    panel.resize(640, 700)
    qtbot.waitUntil(lambda: "Source" in said(panel))
    panel.resize(292, 700)
    qtbot.waitUntil(lambda: "Source" not in said(panel))


@pytest.mark.parametrize("width", [292, 640])
@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_nothing_is_wider_than_the_panel(panel: WhyPanel, qtbot: QtBot, width: int, lang: str) -> None:
    texts.set_language(lang)
    panel.resize(width, 700)
    panel.retranslate()
    for key in ("memory_per_gpu", "kv_cache", "activations", "ttft", "tpot", "cost_per_million", "decode.kv_read"):
        panel.show_figure(None, key)
        assert panel.browser.document().idealWidth() <= panel.browser.viewport().width() + 1, key


def test_chinese_and_dark(panel: WhyPanel) -> None:
    texts.set_language("zh")
    panel.retranslate()
    panel.show_figure(None, "kv_cache")
    panel.apply_theme(DARK)
    assert "每卡 KV 缓存" in said(panel)
    assert panel.copy_formula_button.text() == "复制算式"


def test_pages_load_nothing_but_drawn_errors(panel: WhyPanel) -> None:
    image = QTextDocument.ResourceType.ImageResource.value
    assert isinstance(panel.browser.loadResource(image, QUrl("error:0.5")), QImage)
    assert panel.browser.loadResource(image, QUrl("file:///etc/passwd")) is None
    assert panel.browser.loadResource(image, QUrl("https://example.org/x.png")) is None


def test_hidden_it_writes_nothing(qtbot: QtBot) -> None:
    panel = WhyPanel()
    qtbot.addWidget(panel)
    panel.set_estimate(*known())
    assert said(panel) == ""


def test_rules_of_thumb_stand_beside_the_figure(panel: WhyPanel) -> None:
    """64 query heads share 8 KV heads: the width of the hidden state gives eight times too much."""
    answer, scenario, catalog = known()
    plan = answer.plan()
    assert plan is not None
    lines = thumbs.lines_of(scenario, catalog, answer, plan, "kv_cache", "GB")
    line = next(line for line in lines if "hidden" in line.name)
    assert (line.sign, line.off) == ("✕", "8 times")
    panel.show_figure(None, "kv_cache")
    assert "64 query heads share 8 KV heads" in said(panel)
    for wide in (True, False):
        paper = page.Paper(DARK, wide, 13, "monospace", "GB", "CNY")
        assert "8 times".replace(" ", "&nbsp;") in thumbs.section(lines, paper)
        assert thumbs.section((), paper) == ""
