"""The comparison on the screen: choosing, selecting, sorting, filtering, columns, copying, remembering."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from gpuplanner import texts
from gpuplanner.palette import DARK, LIGHT
from gpuplanner.scenario.document import Scenario
from gpuplanner.scenario.document import replace as asked
from gpuplanner.ui.table.columns import BY_KEY, COLUMNS
from gpuplanner.ui.table.filter import Filter
from gpuplanner.ui.table.painter import RowPainter
from gpuplanner.ui.table.row import Row
from gpuplanner.ui.table.table import GpuTable
from tests.ui import builders


@pytest.fixture
def table(qtbot: QtBot) -> GpuTable:
    return made(qtbot)


def made(qtbot: QtBot, width: int = 900) -> GpuTable:
    table = GpuTable()
    qtbot.addWidget(table)
    table.resize(width, 300)
    table.apply_theme(LIGHT)
    table.set_estimate(builders.estimate(), Scenario(), builders.catalog())
    with qtbot.waitExposed(table):
        table.show()
    return table


def cell(table: GpuTable, gpu_id: str, key: str = "gpu") -> QPoint:
    return table.view.visualRect(table.model.index(table.model.place_of(gpu_id), BY_KEY[key])).center()


def head(table: GpuTable, key: str) -> QPoint:
    header = table.view.horizontalHeader()
    return QPoint(header.sectionViewportPosition(BY_KEY[key]) + 12, header.height() // 2)


def order(table: GpuTable) -> list[str]:
    return [row.gpu.id for row in table.model.shown_rows]


def shown_columns(table: GpuTable) -> list[str]:
    return [COLUMNS[column].key for column in table.view.columns.in_order()]


def click_entry(qtbot: QtBot, menu: QMenu, words: str) -> None:
    action = next(action for action in menu.actions() if action.text() == words)
    qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())


def test_a_double_click_chooses(table: GpuTable, qtbot: QtBot) -> None:
    with qtbot.waitSignal(table.gpu_chosen) as chosen:
        qtbot.mouseClick(table.view.viewport(), Qt.MouseButton.LeftButton, pos=cell(table, "l20"))
        qtbot.mouseDClick(table.view.viewport(), Qt.MouseButton.LeftButton, pos=cell(table, "l20"))
    assert chosen.args == ["l20"]


def test_keys_select_and_choose(table: GpuTable, qtbot: QtBot) -> None:
    qtbot.mouseClick(table.view.viewport(), Qt.MouseButton.LeftButton, pos=cell(table, "h20"))
    with qtbot.waitSignal(table.gpu_selected) as selected:
        qtbot.keyClick(table.view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert selected.args == [["h20", "h200"]]
    with qtbot.waitSignal(table.gpu_chosen) as chosen:
        qtbot.keyClick(table.view, Qt.Key.Key_Return)
    assert chosen.args == ["h200"]


def test_a_click_on_a_head_sorts_and_again_turns(table: GpuTable, qtbot: QtBot) -> None:
    header = table.view.horizontalHeader().viewport()
    qtbot.mouseClick(header, Qt.MouseButton.LeftButton, pos=head(table, "ttft"))
    assert order(table) == ["h20", "h200", "ascend", "l20", "t4"]
    qtbot.mouseClick(header, Qt.MouseButton.LeftButton, pos=head(table, "ttft"))
    assert order(table) == ["l20", "ascend", "h200", "h20", "t4"]
    assert table.summary.text() == "3 of 5 fit · sorted by First token"


def test_selection_survives_estimate_sort_and_filter(table: GpuTable, qtbot: QtBot) -> None:
    qtbot.mouseClick(table.view.viewport(), Qt.MouseButton.LeftButton, pos=cell(table, "ascend"))
    table.sort_by("ttft", descending=True)
    table.set_estimate(builders.estimate(), Scenario(), builders.catalog())
    table.set_filter(Filter(fits_only=True))
    assert [row.gpu.id for row in table.view.selected_rows()] == ["ascend"]
    assert table.view.currentIndex().row() == table.model.place_of("ascend")


def test_ctrl_c_copies_the_selection_with_a_head(table: GpuTable, qtbot: QtBot) -> None:
    qtbot.mouseClick(table.view.viewport(), Qt.MouseButton.LeftButton, pos=cell(table, "h20"))
    qtbot.keyClick(table.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert lines[0] == [
        "State",
        "GPU",
        "Layout",
        "GPUs",
        "Servers",
        "Memory used, share",
        "First token, s",
        "Per token, s",
        "Throughput, tok/s",
        "GPU cost, CNY",
        "Cost per million tokens, CNY",
    ]
    assert lines[1] == [
        "meets",
        "H20 141 GB",
        "4 × TP4",
        "16",
        "2",
        "0.6815602837",
        "0.74",
        "0.027",
        "7410",
        "2360000",
        "4.12",
    ]
    assert len(lines) == 2


def test_the_copy_button_copies_all_rows_with_reasons(table: GpuTable, qtbot: QtBot) -> None:
    qtbot.mouseClick(table.copy_button, Qt.MouseButton.LeftButton)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert len(lines) == 6
    assert lines[-1].startswith("cannot run\tT4\t")
    assert lines[-1].endswith("are usable")
    assert "unknown" not in lines[2]  # an empty cell, which a spreadsheet can tell from a word


def test_ctrl_f_filters_and_escape_ends_it(table: GpuTable, qtbot: QtBot) -> None:
    qtbot.mouseClick(table.view.viewport(), Qt.MouseButton.LeftButton, pos=cell(table, "h20"))
    qtbot.keyClick(table.view, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert table.filter_box.hasFocus()
    qtbot.keyClicks(table.filter_box, "ascend")
    assert order(table) == ["ascend"]
    assert table.summary.text() == "3 of 5 fit · 1 shown · best first"
    qtbot.keyClick(table.filter_box, Qt.Key.Key_Escape)
    assert len(order(table)) == 5
    assert not table.filter_box.isVisible()


def test_the_filter_menu_stays_open_while_one_ticks(table: GpuTable, qtbot: QtBot) -> None:
    menu = table.filter_menu
    menu.popup(table.mapToGlobal(QPoint(0, 0)))
    click_entry(qtbot, menu, "Only GPUs that Fit")
    assert menu.isVisible()
    assert order(table) == ["h20", "h200", "ascend"]
    click_entry(qtbot, menu, "Huawei")
    assert menu.isVisible()
    assert order(table) == ["ascend"]
    click_entry(qtbot, menu, "Only GPUs that Fit")
    assert table.model.filter == Filter(vendors=frozenset({"Huawei"}))
    menu.close()
    menu.popup(table.mapToGlobal(QPoint(0, 0)))
    click_entry(qtbot, menu, "Clear All Filters")
    assert not table.model.filter.active


def test_columns_are_chosen_in_a_menu_that_stays_open(table: GpuTable, qtbot: QtBot) -> None:
    menu = table.columns_menu
    menu.popup(table.mapToGlobal(QPoint(0, 0)))
    with qtbot.waitSignal(table.state_changed):
        click_entry(qtbot, menu, "Vendor")
    click_entry(qtbot, menu, "Layout")
    assert menu.isVisible()
    assert "vendor" in shown_columns(table)
    assert "layout" not in shown_columns(table)
    menu.close()
    menu.popup(table.mapToGlobal(QPoint(0, 0)))
    click_entry(qtbot, menu, "Restore Usual Columns")
    assert "vendor" not in shown_columns(table)
    assert "layout" in shown_columns(table)


def test_space_ticks_in_the_menu(table: GpuTable, qtbot: QtBot) -> None:
    menu = table.columns_menu
    menu.popup(table.mapToGlobal(QPoint(0, 0)))
    menu.setActiveAction(next(action for action in menu.actions() if action.text() == "Vendor"))
    qtbot.keyClick(menu, Qt.Key.Key_Space)
    assert menu.isVisible()
    assert "vendor" in shown_columns(table)
    menu.close()


def test_a_right_click_on_the_head_opens_the_column_menu(table: GpuTable, qtbot: QtBot) -> None:
    header = table.view.horizontalHeader()
    header.customContextMenuRequested.emit(QPoint(5, 5))
    assert table.columns_menu.isVisible()
    table.columns_menu.close()


def test_a_batch_shows_its_own_columns(table: GpuTable) -> None:
    assert "ttft" in shown_columns(table)
    table.set_estimate(builders.estimate(), asked(Scenario(), "workload.kind", "batch"), builders.catalog())
    assert "ttft" not in shown_columns(table)
    assert "batch_time" in shown_columns(table)


def test_a_narrow_table_leaves_out_what_the_user_did_not_choose(qtbot: QtBot) -> None:
    narrow = made(qtbot, 660)
    assert "gpus" not in shown_columns(narrow)
    narrow.view.show_column("gpus", True)
    assert "gpus" in shown_columns(narrow)
    assert "gpus" in shown_columns(made(qtbot, 1000))


def test_state_is_plain_json_and_comes_back(table: GpuTable, qtbot: QtBot) -> None:
    table.sort_by("tpot", descending=True)
    table.view.show_column("vendor", True)
    table.view.show_column("servers", False)
    header = table.view.horizontalHeader()
    header.moveSection(header.visualIndex(BY_KEY["purchase"]), 2)
    header.resizeSection(BY_KEY["purchase"], 133)
    table.set_filter(Filter(in_china=True, vendors=frozenset({"Huawei", "NVIDIA"})))
    state = json.loads(json.dumps(table.state()))

    other = made(qtbot)
    other.restore_state(state)
    assert other.state() == state
    assert shown_columns(other) == shown_columns(table)
    assert shown_columns(other)[2] == "purchase"
    assert other.view.columnWidth(BY_KEY["purchase"]) == 133
    assert order(other) == order(table) == ["ascend", "l20"]  # equals stand best first


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"sort": "nothing", "order": "x", "hidden": [1], "widths": {"ttft": "wide"}, "vendors": 3},
        {"order": ["gone", 7, "ttft"], "widths": {"ttft": 10**9, "gone": 3}, "hidden": {"gone": True}},
        {"sort": None, "descending": "yes", "order": [[1], {}]},
    ],
)
def test_a_damaged_state_is_harmless(table: GpuTable, state: dict[str, object]) -> None:
    table.restore_state(state)
    assert len(order(table)) == 5
    assert "ttft" in shown_columns(table)


def pixels_of(table: GpuTable, colour: str) -> Callable[[str], bool]:
    image = table.view.viewport().grab().toImage()

    def found(gpu_id: str) -> bool:
        rect = table.view.visualRect(table.model.index(table.model.place_of(gpu_id), BY_KEY["memory"]))
        middle = rect.center().y()
        return any(image.pixelColor(x, middle) == QColor(colour) for x in range(rect.left(), rect.right()))

    return found


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_memory_bars_are_painted(table: GpuTable, theme: object) -> None:
    table.apply_theme(theme)  # type: ignore[arg-type]
    within, over = pixels_of(table, theme.weights), pixels_of(table, theme.bad)  # type: ignore[attr-defined]
    assert within("h20")
    assert not over("h20")
    assert over("t4")


def test_reasons_run_across_the_figures(table: GpuTable) -> None:
    assert table.view.spans.columns == {"ttft", "batch_time", "tpot", "throughput", "purchase", "cost_per_million"} - {
        "batch_time"
    }
    header = table.view.horizontalHeader()
    header.moveSection(header.visualIndex(BY_KEY["memory"]), header.count() - 1)
    assert {"layout", "servers", "ttft"} <= table.view.spans.columns


def test_chinese(table: GpuTable) -> None:
    texts.set_language("zh")
    table.retranslate()
    assert table.title.text() == "可承载该负载的 GPU"
    assert table.summary.text() == "5 款中 3 款可用 · 按优劣排序"
    assert table.model.headerData(BY_KEY["ttft"], Qt.Orientation.Horizontal) == "首 token"
    assert table.model.index(0, BY_KEY["throughput"]).data() == "7,410"


def test_an_empty_table_can_be_painted_and_copied(qtbot: QtBot) -> None:
    table = GpuTable()
    qtbot.addWidget(table)
    table.show()
    table.view.copy()
    assert QGuiApplication.clipboard().text().startswith("State\tGPU")
    assert not table.grab().isNull()


def test_a_new_estimate_is_painted_once(table: GpuTable, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    painted: list[str] = []
    real = RowPainter.paint_row

    def counted(self: RowPainter, painter: object, row: Row, *rest: object, **more: object) -> None:
        painted.append(row.gpu.id)
        real(self, painter, row, *rest, **more)  # type: ignore[arg-type]

    QApplication.processEvents()
    monkeypatch.setattr(RowPainter, "paint_row", counted)
    reordered = replace(builders.estimate(), plans=builders.estimate().plans[::-1])
    table.set_estimate(reordered, Scenario(), builders.catalog())
    for _ in range(3):
        QApplication.processEvents()
    assert painted == ["t4", "l20", "ascend", "h200", "h20"]
