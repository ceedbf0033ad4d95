"""The page of an estate, by clicks and keys, with the real engine."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estate.memo import Memo
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.result import Estimate
from gpuplanner.scenario.document import Phase, Scenario
from gpuplanner.scenario.examples import examples
from gpuplanner.scenario.files import load_scenario
from gpuplanner.ui.estate.model import COLUMNS, span_of
from gpuplanner.ui.estate.page import EstatePage
from gpuplanner.ui.window import MainWindow
from tests.ui.conftest import Answers, MakeWindow

LEFT = Qt.MouseButton.LeftButton
INSURER = load_scenario(next(example.path for example in examples() if example.key == "insurer_estate")).scenario


def opened(window: MainWindow, qtbot: QtBot) -> EstatePage:
    button = next(one for one in window.menus.switch.buttons if one.defaultAction().objectName() == "page_estate")
    qtbot.mouseClick(button, LEFT)
    page = window.bench.estate
    assert page is not None
    assert page.isVisible()
    return page


@pytest.fixture
def page(make_window: MakeWindow, qtbot: QtBot) -> EstatePage:
    return opened(make_window(INSURER), qtbot)


def names(page: EstatePage) -> list[str]:
    assert page.estate is not None
    return [row.name for row in page.estate.rows]


def press(page: EstatePage, action: str, qtbot: QtBot) -> None:
    button = page.works.buttons[action]
    qtbot.mouseClick(button, LEFT, pos=QPoint(5, 5))


def pick(page: EstatePage, row: int, qtbot: QtBot) -> None:
    view = page.works.view
    spot = view.visualRect(view.model().index(row, COLUMNS.index("name"))).center()
    qtbot.mouseClick(view.viewport(), LEFT, pos=spot)
    assert page.works.row == row


def cell(page: EstatePage, row: int, column: str) -> str:
    return str(page.works.model.index(row, COLUMNS.index(column)).data())


def test_six_workloads_on_two_servers(page: EstatePage) -> None:
    assert page.estate is not None
    assert page.headline.text() == "2 servers · 16 × H20 96 GB carry all 6 workloads"
    assert [cell(page, row, "letter") for row in range(8)] == ["A", "B", "C", "D", "E", "F", "", ""]
    whole = sum(row.share for row in page.estate.rows) + page.estate.free / len(page.estate.placement)
    assert whole == pytest.approx(1.0)
    assert cell(page, 7, "share") == "100\N{NO-BREAK SPACE}%"
    assert page.placement.view.drawing.spoken.count("Server") >= 2
    assert "GPU server 1" in page.site.racks.drawing.spoken
    assert "Clients – Load balancer" in page.site.network.drawing.spoken


def test_each_alone_takes_more_servers(page: EstatePage, qtbot: QtBot) -> None:
    assert page.estate is not None
    together = page.estate.servers
    qtbot.mouseClick(page.view.button(1), LEFT)
    assert page.estate.servers > together
    assert page.headline.text().startswith("Each alone")
    assert all(len(gpu.shares) <= 1 for gpu in page.estate.placement)


def test_add_duplicate_and_remove_are_steps_of_the_history(page: EstatePage, qtbot: QtBot) -> None:
    session = page._session
    before = session.scenario
    press(page, "add", qtbot)
    assert names(page)[-1] == "Workload G"
    pick(page, 1, qtbot)
    press(page, "duplicate", qtbot)
    assert names(page)[2] == f"{names(page)[1]} (copy)"
    pick(page, 0, qtbot)
    press(page, "remove", qtbot)
    assert names(page)[0] == "代码助手"
    assert session.scenario.name == "代码助手"  # what was removed stood in the form: its neighbour does now
    assert len(names(page)) == 7
    assert [session.undo_stack.undoText()] == ["remove workload"]
    for _ in range(3):
        session.undo_stack.undo()
    assert session.scenario == before


def test_enter_brings_a_workload_to_the_form(page: EstatePage, qtbot: QtBot) -> None:
    window = page.window()
    assert isinstance(window, MainWindow)
    pick(page, 2, qtbot)
    qtbot.keyClick(page.works.view, Qt.Key.Key_Return)
    assert window.bench.pages.currentWidget() is window.bench.page
    assert window.session.scenario.model.id == "bge-m3"
    assert window.session.scenario.estate.position == 2
    assert names(opened(window, qtbot)) == names(page)
    window.session.undo_stack.undo()
    assert window.session.scenario == INSURER


def test_the_same_rows_are_estimated_once(page: EstatePage) -> None:
    asked: list[str] = []

    def counted(scenario: Scenario, catalog: Catalog) -> Estimate:
        asked.append(scenario.model.id)
        return estimate(scenario, catalog)

    page.memo = Memo(counted)
    page.renew()
    assert len(asked) == 6
    page._session.set("workload.load", 30)
    page._session.recompute()
    assert asked[6:] == ["qwen2.5-72b"]
    page._session.set("site.rack_kw", 12.0)
    page._session.recompute()
    assert len(asked) == 7


def test_names_and_hours_are_written_in_place(page: EstatePage) -> None:
    model = page.works.model
    assert model.setData(model.index(1, COLUMNS.index("name")), "Coding")
    assert names(page)[1] == "Coding"
    assert model.setData(model.index(1, COLUMNS.index("hours")), "9:00 - 18:00")
    assert cell(page, 1, "hours") == "09–18"
    assert not model.setData(model.index(1, COLUMNS.index("hours")), "whenever")
    assert (span_of("22-6"), span_of("25-3"), span_of("")) == ((22.0, 6.0), None, (0.0, 24.0))


def test_sharing_and_the_kind_of_gpu_are_fields(page: EstatePage, qtbot: QtBot) -> None:
    assert page.estate is not None
    shared = [gpu for gpu in page.estate.placement if len(gpu.shares) > 1 and len(gpu.shifts) == 1]
    assert shared
    page.sharing.setFocus()
    qtbot.keyClick(page.sharing, Qt.Key.Key_Up)
    page._session.recompute()
    assert not page._session.scenario.estate.shared
    assert not page._session.scenario.estate.slices
    assert not [gpu for gpu in page.estate.placement if len(gpu.shares) > 1 and len(gpu.shifts) == 1]
    page.sharing.setFocus()
    qtbot.keyClick(page.sharing, Qt.Key.Key_End)
    assert page._session.scenario.estate.slices
    page.gpu.edited.emit("own")
    assert page._session.scenario.estate.gpu is None
    assert not page._session.scenario.estate.common


def test_each_phase_is_shown_as_it_stands_that_day(page: EstatePage, qtbot: QtBot) -> None:
    assert page.phase.isHidden()
    phases = (Phase(name="Pilot", share=0.1), Phase(name="", share=1.0))
    page._session.set("site.phases", phases)
    page._session.recompute()
    assert not page.phase.isHidden()
    assert [page.phase.button(place).text() for place in range(3)] == ["Whole", "Pilot", "Phase 2"]
    assert page.estate is not None
    whole = page.estate
    pilot = dict(zip((line.key for line in whole.site.lines), (line.phases[0] for line in whole.site.lines), strict=True))
    qtbot.mouseClick(page.phase.button(1), LEFT)
    assert page.estate is not whole
    servers = {line.key: line.count for line in page.estate.site.lines if line.key.startswith("gpu_server")}
    assert servers == {key: count for key, count in pilot.items() if key.startswith("gpu_server") and count}
    assert page.estate.rows[0].scenario is not None
    assert page.estate.rows[0].scenario.workload.load == pytest.approx(page._session.scenario.workload.load * 0.1)
    qtbot.mouseClick(page.phase.button(0), LEFT)
    assert len(page.estate.placement) == len(whole.placement)


def test_drawings_are_kept_as_files(page: EstatePage, tmp_path: Path, qtbot: QtBot) -> None:
    window = page.window()
    assert isinstance(window, MainWindow)
    answers = window.filing.asking
    assert isinstance(answers, Answers)
    for kind in ("svg", "pdf"):
        answers.path = tmp_path / f"site.{kind}"
        qtbot.mouseClick(page.site.buttons[kind], LEFT, pos=QPoint(5, 5))
    root = ElementTree.fromstring((tmp_path / "site.svg").read_text(encoding="utf-8"))
    words = [str(part.text) for part in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "GPU server 1" in words
    assert (tmp_path / "site.pdf").read_bytes().startswith(b"%PDF-")
    qtbot.mouseClick(page.works.buttons["copy"], LEFT, pos=QPoint(5, 5))
    assert QGuiApplication.clipboard().text().count("\n") == 9


def test_the_page_takes_the_whole_width_and_gives_it_back(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(INSURER)
    sizes = window.bench.sizes()
    page = opened(window, qtbot)
    qtbot.waitUntil(lambda: page.width() >= window.bench.width() - 4)
    assert window.bench.sizes() == sizes
    window.actions_by_key["page_plan"].trigger()
    assert window.bench.form.isVisible()
    assert window.bench.why_visible


def test_a_row_of_the_scenario_before_does_nothing(page: EstatePage) -> None:
    page._session.start(Scenario(name="alone"))  # the estate shown is still the one before
    for action in ("edit", "duplicate", "remove"):
        page.act(action, 4)
    assert page._session.scenario == Scenario(name="alone")
