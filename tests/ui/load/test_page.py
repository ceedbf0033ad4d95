"""The page on load and what-if, by clicks and keys, with the real engine."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt, QThreadPool
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from gpuplanner.engine.load.curve import load_curve
from gpuplanner.engine.result import Verdict
from gpuplanner.scenario.document import Scenario, WorkloadKind, replace
from gpuplanner.ui.charts.card import ChartCard
from gpuplanner.ui.load.live import HeavyCard
from gpuplanner.ui.load.page import LoadPage
from gpuplanner.ui.menus import PAGES
from gpuplanner.ui.window import MainWindow
from tests.ui.conftest import MakeWindow

LEFT = Qt.MouseButton.LeftButton


def opened(window: MainWindow, qtbot: QtBot) -> LoadPage:
    """The page, by its button in the tool bar."""
    qtbot.mouseClick(window.menus.switch.buttons[PAGES.index("page_load")], LEFT)
    page = window.bench.load
    assert page is not None
    assert page.isVisible()
    return page


def found(card: HeavyCard, qtbot: QtBot) -> None:
    """Wait for what a card works out beside the window."""
    with qtbot.waitSignal(card.background.done, timeout=60_000):
        pass


def press(button: QAbstractButton, qtbot: QtBot) -> None:
    qtbot.mouseClick(button, LEFT, pos=QPoint(8, 8))


def small(scenario: Scenario | None = None) -> Scenario:
    """A scenario that is quickly answered, on a card of its own."""
    scenario = replace(scenario or Scenario(), "model.id", "llama-3.1-8b")
    return replace(replace(scenario, "deployment.gpu", "h100-sxm-80gb"), "workload.load", 100)


@pytest.fixture
def page(make_window: MakeWindow, qtbot: QtBot) -> LoadPage:
    return opened(make_window(), qtbot)


def test_nothing_is_made_before_the_page_is_shown(window: MainWindow, qtbot: QtBot) -> None:
    assert window.bench.load is None
    page = opened(window, qtbot)
    assert window.actions_by_key["page_load"].isChecked()
    assert page.given is not None
    assert page.given.curve is not None
    before = page.given
    window.actions_by_key["page_plan"].trigger()
    window.session.set("workload.load", 333)
    qtbot.waitUntil(lambda: window.session.estimate is not before.estimate)
    assert page.given is before  # hidden: nothing is followed
    assert not any(card.background.busy for card in page.cards if isinstance(card, HeavyCard))
    window.actions_by_key["page_load"].trigger()
    assert page.given is not before


def test_the_curve_is_the_engines(window: MainWindow, qtbot: QtBot) -> None:
    page = opened(window, qtbot)
    session = window.session
    assert session.estimate is not None
    assert session.catalog is not None
    plan = session.estimate.plan()
    assert plan is not None
    curve = load_curve(session.scenario, session.catalog, plan)
    picture = page.latency.field.picture
    assert picture is not None
    main = next(line for line in picture.curves if line.bold)
    assert main.name == "p95"
    assert list(main.ys) == curve.ttft["p95"].value.tolist()
    assert list(main.xs) == curve.in_flight.tolist()
    assert [rule.value for rule in picture.rules if rule.horizontal] == [session.scenario.targets.ttft_s]
    rows = [line.split("\t") for line in page.latency.data_tsv().splitlines()]
    assert len(rows) == len(curve.in_flight) + 1
    assert {len(row) for row in rows} == {len(rows[0])}
    assert float(rows[1][0]) == pytest.approx(curve.in_flight[0], rel=1e-5)


def test_a_percentile_is_a_change_of_the_scenario(page: LoadPage, qtbot: QtBot) -> None:
    session = page._session
    press(page.latency.percentiles.button(3), qtbot)
    assert session.scenario.targets.percentile == 0.99
    qtbot.waitUntil(lambda: page.given is not None and page.given.percentile == "p99")
    session.undo_stack.undo()
    assert session.scenario.targets.percentile == 0.95


def test_another_figure_is_drawn_in_all_charts(page: LoadPage, qtbot: QtBot) -> None:
    found(page.distribution, qtbot)
    press(page.latency.figures.button(1), qtbot)
    assert page.latency.title.text() == "Per token against load"
    assert page.distribution.title.text() == "Per token: simulated requests"
    picture = page.distribution.field.picture
    assert picture is not None
    assert sum(bin_.height for bin_ in picture.bins) == pytest.approx(1)


def test_typing_moves_the_curve_at_once(window: MainWindow, qtbot: QtBot) -> None:
    page = opened(window, qtbot)
    before = page.latency.field.picture
    line = window.bench.form.rows["workload.load"].editor.line
    line.selectAll()
    qtbot.keyClicks(line, "64")
    qtbot.waitUntil(lambda: page.latency.field.picture is not before)
    assert "64" in page.headline.text()


def test_the_present_load_is_spoken_and_reached_by_keys(page: LoadPage, qtbot: QtBot) -> None:
    field = page.latency.field
    assert field.accessibleName() == "First token against load"
    assert len(field.accessibleDescription().splitlines()) > 10
    field.setFocus(Qt.FocusReason.TabFocusReason)
    first = field.stop
    assert first is not None
    qtbot.keyClick(field, Qt.Key.Key_Right)
    assert field.stop is not None
    assert field.stop.x > first.x
    assert page.latency.hint.text() == field.stop.said
    qtbot.keyClick(field, Qt.Key.Key_End)
    qtbot.keyClick(field, Qt.Key.Key_Home)
    assert field.stop == first


def test_a_plan_of_the_front_is_taken_by_a_click(page: LoadPage, qtbot: QtBot) -> None:
    found(page.front, qtbot)
    session, field = page._session, page.front.field
    assert field.picture is not None
    stop = max(field.picture.stops, key=lambda stop: stop.y)
    point = page.front._found.points[int(stop.key)]  # type: ignore[union-attr]
    at = field.to_pixels(stop.x, stop.y).toPoint()
    assert field.stop_at(at.toPointF()) is not None
    before = session.scenario
    qtbot.mouseClick(field, LEFT, pos=at)
    chosen = session.scenario
    assert chosen.deployment.gpu is not None
    assert (chosen.deployment.gpu, chosen.precision.weights) == (point.gpu_id, point.precision)
    session.undo_stack.undo()
    assert session.scenario == before
    assert len(page.front.data_tsv().splitlines()) == len(page.front._found.points) + 1  # type: ignore[union-attr]


def test_the_same_seed_gives_the_same_distribution(page: LoadPage, qtbot: QtBot) -> None:
    found(page.distribution, qtbot)
    first = page.distribution.data_tsv()
    press(page.distribution.again, qtbot)
    found(page.distribution, qtbot)
    other = page.distribution.data_tsv()
    page.distribution.seed -= 2
    press(page.distribution.again, qtbot)
    found(page.distribution, qtbot)
    assert page.distribution.data_tsv() == first
    assert "\t" in other


def test_a_simulation_can_be_stopped(page: LoadPage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: page.distribution.background.busy)
    page.distribution._show_state()
    press(page.distribution.stop_button, qtbot)
    assert not page.distribution.background.busy
    assert page.distribution.again.isVisible()
    QThreadPool.globalInstance().waitForDone()
    assert page.distribution._found is None


def test_what_an_older_load_found_is_dropped(page: LoadPage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: page.front.background.busy)
    page._session.set("workload.input_tokens", 4000)
    found(page.front, qtbot)
    assert page.given is not None
    assert page.given.scenario.workload.input_tokens == 4000
    assert page.front.given is page.given


def test_any_number_over_any_figure(page: LoadPage, qtbot: QtBot) -> None:
    press(page.views.button(1), qtbot)
    card = page.sweep
    found(card, qtbot)
    assert card.title.text() == "First token, p95 against Load"
    card.along.set_value("workload.output_tokens")
    card.along.edited.emit("workload.output_tokens")
    found(card, qtbot)
    card.low.line.selectAll()
    qtbot.keyClicks(card.low.line, "100")
    found(card, qtbot)
    rows = [line.split("\t") for line in card.data_tsv().splitlines()]
    assert float(rows[1][0]) == 100
    assert rows[0][0] == "Output length"
    place = [card.figure.itemData(row, Qt.ItemDataRole.ToolTipRole) for row in range(card.figure.count())].index("GPUs")
    card.figure.activated.emit(place)
    assert "GPUs against" in card.title.text()
    card.copy_data_action.trigger()
    assert QGuiApplication.clipboard().text() == card.data_tsv()
    card.copy_picture_action.trigger()
    assert QGuiApplication.clipboard().image().width() == card.width()


def test_lengths_and_the_old_rule(page: LoadPage, qtbot: QtBot) -> None:
    press(page.views.button(1), qtbot)
    found(page.lengths, qtbot)
    rows = [line.split("\t") for line in page.lengths.data_tsv().splitlines()[1:]]
    cache = [float(row[2]) for row in rows]
    assert cache == sorted(cache)
    fits = [int(float(row[3])) for row in rows if row[3]]
    assert fits[0] > fits[-1]
    assert "GPUs = concurrency" in page.rule.formula.text()
    assert page.rule.why.text()
    assert page.rule.table.rowCount() >= 5


def test_an_overload_is_said(make_window: MakeWindow, qtbot: QtBot) -> None:
    scenario = replace(replace(small(), "deployment.max_gpus", 1), "workload.load", 4000)
    page = opened(make_window(scenario), qtbot)
    assert page.given is not None
    if page.given.curve is None:
        assert page.headline.text()
        return
    assert page.given.curve.verdict is Verdict.OVERLOADED
    assert page.headline.text().startswith("Overloaded at 4")


@pytest.mark.parametrize("kind", [WorkloadKind.TRAIN, WorkloadKind.TUNE])
def test_training_is_drawn_against_gpus(make_window: MakeWindow, qtbot: QtBot, kind: WorkloadKind) -> None:
    scenario = replace(replace(Scenario(), "workload.kind", kind), "model.id", "llama-3.1-8b")
    page = opened(make_window(scenario), qtbot)
    assert not page.latency.isVisible()
    found(page.scale, qtbot)
    rows = [line.split("\t") for line in page.scale.data_tsv().splitlines()[1:]]
    times = [float(row[1]) for row in rows if row[1]]
    assert len(times) > 3
    assert times[0] > times[-1]


def test_without_an_answer_words_stand_there(make_window: MakeWindow, qtbot: QtBot) -> None:
    page = opened(make_window(replace(Scenario(), "model.id", "no-such-model")), qtbot)
    assert page.latency.message.isVisible()
    assert "no-such-model" in page.headline.text()
    for card in page.cards:
        assert card.data_tsv() == ""


def test_chinese_dark_and_gib(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(language="zh", theme="dark")
    page = opened(window, qtbot)
    assert page.latency.title.text() == "首 token 时延随负载变化"
    window.commander.set_byte_unit("GiB")
    window.commander.choose_language("en")
    assert page.latency.title.text() == "First token against load"
    assert all(isinstance(card, ChartCard) for card in page.cards)


def test_the_plan_behind_it_is_drawn_when_it_comes_back(window: MainWindow, qtbot: QtBot) -> None:
    page, plan = opened(window, qtbot), window.bench.page
    said = plan.answer.strip.buttons[1].shown
    window.session.set("workload.input_tokens", 9000)
    qtbot.waitUntil(lambda: page.given is not None and page.given.scenario.workload.input_tokens == 9000)
    assert plan.answer.strip.buttons[1].shown == said
    window.actions_by_key["page_plan"].trigger()
    assert plan.answer.strip.buttons[1].shown != said
