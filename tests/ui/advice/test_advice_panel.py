"""The Advice tab: counted beside the window, applied by a click, undone in one step."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt, QThreadPool
from pytestqt.qtbot import QtBot

from gpuplanner import texts
from gpuplanner.engine.advice.result import Advice, Aim
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.result import Code
from gpuplanner.palette import DARK
from gpuplanner.scenario.document import Scenario, replace
from gpuplanner.ui.advice.wording import advice_text
from gpuplanner.ui.window import MainWindow
from gpuplanner.ui.workbench import ADVICE, WHY

ASKED = replace(replace(Scenario(), "deployment.gpu", "nvidia-h20-96gb"), "deployment.availability", "n_plus_1")
MakeWindow = Callable[..., MainWindow]


@pytest.fixture
def window(make_window: MakeWindow, qtbot: QtBot) -> MainWindow:
    window = make_window(ASKED)
    with qtbot.waitSignal(window.bench.advice.counted, timeout=30_000):
        open_tab(window, qtbot)
    return window


def open_tab(window: MainWindow, qtbot: QtBot, tab: int = ADVICE) -> None:
    bar = window.bench.right_tabs
    place = bar.tabRect(tab).center()
    place.setX(bar.tabRect(tab).left() + 16)
    qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=place)
    assert bar.currentIndex() == tab


def test_the_tab_carries_the_number(window: MainWindow) -> None:
    bench = window.bench
    assert bench.advice.advice
    assert bench.badge.isVisible()
    assert bench.badge.text() == str(len(bench.advice.advice))
    assert [row.isVisible() for row in bench.advice.rows] == [True] * len(bench.advice.advice)


def test_it_is_counted_while_why_is_shown(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(ASKED)
    assert window.bench.right_tabs.currentIndex() == WHY
    with qtbot.waitSignal(window.bench.advice.counted, timeout=30_000):
        pass
    assert window.bench.badge.isVisible()


def test_a_hidden_panel_counts_nothing(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(ASKED)
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_F4)
    assert not window.bench.why_visible
    assert not window.bench.advice.background.busy
    with qtbot.waitSignal(window.bench.advice.counted, timeout=30_000):
        qtbot.keyClick(window, Qt.Key.Key_F4)  # shown again, it goes on


def test_a_click_applies_and_undo_takes_it_back_in_one_step(window: MainWindow, qtbot: QtBot) -> None:
    bench, session = window.bench, window.session
    row = bench.advice.rows[0]
    advice = row.advice
    assert advice is not None
    with qtbot.waitSignal(bench.advice.counted, timeout=30_000):
        qtbot.mouseClick(row, Qt.MouseButton.LeftButton)
        assert session.undo_stack.count() == 1
        for path, value in advice.change:
            assert session.value(path) == value
        qtbot.waitSignal(session.estimate_ready)
    assert session.estimate is not None
    assert session.estimate.plan() == advice.plan  # what was promised has come
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert session.scenario == ASKED


def test_by_keyboard(window: MainWindow, qtbot: QtBot) -> None:
    row = window.bench.advice.rows[1]
    row.setFocus()
    advice = row.advice
    assert advice is not None
    qtbot.keyClick(row, Qt.Key.Key_Space)
    assert all(window.session.value(path) == value for path, value in advice.change)


def test_rows_say_what_to_do_what_it_saves_and_what_then(window: MainWindow) -> None:
    rows = {row.advice.code.code: row for row in window.bench.advice.rows if row.advice is not None}
    spare = rows["advice.no_spare"]
    assert spare.title.text() == "Do without the spare server (N + 1)"
    assert spare.gain.text().startswith("−\N{NO-BREAK SPACE}¥")
    assert spare.answer.text().startswith("then ")
    assert "GPU\N{NO-BREAK SPACE}cost" in spare.effects.text()
    assert "→" in spare.effects.text()
    assert spare.note.text()
    assert spare.accessibleName() == "Apply: Do without the spare server (N + 1)"


@pytest.mark.parametrize("lang", texts.LANGUAGES)
@pytest.mark.parametrize("size", [(1440, 900), (1280, 720)])
def test_no_word_is_cut(window: MainWindow, qtbot: QtBot, lang: str, size: tuple[int, int]) -> None:
    window.resize(*size)
    window.commander.choose_language(lang)
    window.bench.advice.apply_theme(DARK)
    bar = window.bench.advice._area.horizontalScrollBar()
    assert bar.maximum() == 0
    for row in window.bench.advice.rows:
        for label in (row.title, row.answer, row.effects, row.note):
            if not label.isHidden():
                assert label.height() >= label.heightForWidth(label.width()), label.text()
        assert row.gain.width() >= row.gain.sizeHint().width()


def test_chinese(window: MainWindow) -> None:
    window.commander.choose_language("zh")
    assert window.bench.right_tabs.tabText(ADVICE) == "建议"
    assert "不设备用服务器（N + 1）" in {row.title.text() for row in window.bench.advice.rows}


def test_a_new_question_drops_the_old_one(window: MainWindow, qtbot: QtBot) -> None:
    advice, session = window.bench.advice, window.session
    with qtbot.waitSignal(advice.counted, timeout=30_000):
        for tokens in (600, 700, 800):
            session.set("workload.output_tokens", tokens)
            session.recompute()
    scenario = session.scenario
    for item in advice.advice:
        changed = scenario
        for path, value in item.change:
            changed = replace(changed, path, value)
        assert session.catalog is not None
        assert estimate(changed, session.catalog).plan() == item.plan


def test_nothing_to_advise_says_so(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.bench.advice.counted, timeout=30_000) as counted:
        window.session.set("model.id", "not-there")
        window.session.recompute()
    assert counted.args == [0]
    assert not window.bench.badge.isVisible()
    assert window.bench.advice.state.text() == "There is nothing to compare with yet."


def test_closing_stops_the_work(window: MainWindow) -> None:
    window.session.set("workload.output_tokens", 900)
    window.session.recompute()
    window.bench.advice.compute()
    assert window.bench.advice.background.busy
    window.session.undo_stack.setClean()
    window.close()
    assert not window.bench.advice.background.busy
    assert QThreadPool.globalInstance().waitForDone(10_000)


def test_a_figure_that_is_asked_for_brings_why_to_the_front(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.mouseClick(window.bench.page.answer.strip.buttons[1], Qt.MouseButton.LeftButton)
    assert window.bench.right_tabs.currentIndex() == WHY


def test_a_loss_that_has_no_words_of_ours_is_told_in_the_catalogues(window: MainWindow) -> None:
    session = window.session
    assert session.estimate is not None
    assert session.catalog is not None
    plan = session.estimate.plan()
    assert plan is not None
    note = Code("advice.quality.mine", {"impact": "fine for drafts"})
    advice = Advice(Code("advice.fewer_bits", {"precision": "MINE"}), Aim.SAFER, (), plan, (), None, None, note)
    said = advice_text(advice, session.scenario, session.catalog, "GB")
    assert said.note == "Quality: fine for drafts"
    assert said.title == "Weights in MINE"
