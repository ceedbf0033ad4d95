"""The memory chart on the screen: mouse and keys open parts, numbers are copied and spoken."""

from __future__ import annotations

import subprocess
import sys

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication
from pytestqt.qtbot import QtBot

from gpuplanner import texts
from gpuplanner.engine.result import Code, Estimate
from gpuplanner.palette import DARK, LIGHT
from gpuplanner.scenario.document import Scenario
from gpuplanner.ui.charts.bars import BAR_HEIGHT, ROW_PITCH, TOP
from gpuplanner.ui.charts.memory import MemoryChart
from tests.ui import builders


@pytest.fixture
def chart(qtbot: QtBot) -> MemoryChart:
    chart = MemoryChart()
    qtbot.addWidget(chart)
    chart.resize(820, 200)
    chart.apply_theme(LIGHT)
    chart.set_estimate(builders.estimate(), Scenario(), builders.catalog())
    with qtbot.waitExposed(chart):
        chart.show()
    return chart


def middle(chart: MemoryChart, row: int, part: str) -> QPoint:
    piece = next(piece for piece in chart.canvas.placed.segments if piece.row == row and piece.part == part)
    return QPoint(round((piece.left + piece.right) / 2), TOP + row * ROW_PITCH + BAR_HEIGHT // 2)


def test_names_and_totals(chart: MemoryChart) -> None:
    assert [entry.first for entry in chart.names.entries] == [
        "16 × H20 141 GB",
        "4 × H200 SXM 141 GB",
        "16 × Ascend 910B 64 GB (280T, Atlas 800I A2 class)",
    ]
    assert chart.names.entries[0].bold
    assert [(entry.first, entry.rest) for entry in chart.totals.entries] == [
        ("96.1", " / 141"),
        ("106", " / 141"),
        ("49.7", " / 64"),
    ]


def test_a_click_opens_the_part(chart: MemoryChart, qtbot: QtBot) -> None:
    with qtbot.waitSignal(chart.part_clicked) as clicked:
        qtbot.mouseClick(chart.canvas, Qt.MouseButton.LeftButton, pos=middle(chart, 0, "kv_cache"))
    assert clicked.args == ["h20", "kv_cache"]


def test_arrows_and_enter(chart: MemoryChart, qtbot: QtBot) -> None:
    chart.canvas.clearFocus()
    chart.canvas.setFocus(Qt.FocusReason.TabFocusReason)
    assert chart.canvas.current is not None
    assert chart.canvas.current.part == "weights"
    qtbot.keyClick(chart.canvas, Qt.Key.Key_Right)
    qtbot.keyClick(chart.canvas, Qt.Key.Key_Down)
    assert (chart.canvas.current.row, chart.canvas.current.part) == (1, "kv_cache")
    assert chart.canvas.accessibleDescription() == "H200 SXM 141 GB · KV cache: 73.1\xa0GB (51.8\xa0% of the card)"
    assert chart.hint.text() == chart.canvas.accessibleDescription()
    with qtbot.waitSignal(chart.part_clicked) as opened:
        qtbot.keyClick(chart.canvas, Qt.Key.Key_Return)
    assert opened.args == ["h200", "kv_cache"]
    qtbot.keyClick(chart.canvas, Qt.Key.Key_End)
    assert chart.canvas.current.part == "free"
    qtbot.keyClick(chart.canvas, Qt.Key.Key_Home)
    assert chart.canvas.current.part == "weights"


def test_the_part_in_focus_survives_an_estimate(chart: MemoryChart, qtbot: QtBot) -> None:
    qtbot.mouseClick(chart.canvas, Qt.MouseButton.LeftButton, pos=middle(chart, 0, "activations"))
    chart.set_estimate(builders.estimate(), Scenario(), builders.catalog())
    assert chart.canvas.current is not None
    assert chart.canvas.current.part == "activations"


def test_colours_of_the_palette_are_on_the_screen(chart: MemoryChart) -> None:
    for theme in (LIGHT, DARK):
        chart.apply_theme(theme)
        image = chart.canvas.grab().toImage()
        corner = middle(chart, 0, "weights") - QPoint(0, BAR_HEIGHT // 2 - 3)
        assert image.pixelColor(corner) == QColor(theme.weights)
        corner = middle(chart, 0, "kv_cache") - QPoint(0, BAR_HEIGHT // 2 - 3)
        assert image.pixelColor(corner) == QColor(theme.kv_cache)


def test_selected_gpus_stand_beside_the_chosen_one(chart: MemoryChart) -> None:
    chart.show_gpus(["t4"])
    assert [bar.gpu_id for bar in chart.bars] == ["h20", "t4"]
    assert chart.totals.entries[1].bad
    assert chart.totals.entries[1].first == "✕ 36.9"
    chart.show_gpus([])
    assert [bar.gpu_id for bar in chart.bars] == ["h20", "h200", "ascend"]


def test_data_is_copied_as_plain_numbers(chart: MemoryChart) -> None:
    menu = chart.menu()
    next(action for action in menu.actions() if action.text() == "Copy as Data").trigger()
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert lines[0][:2] == ["GPU", "Weights"]
    assert lines[1] == [
        "H20 141 GB",
        "17800000000",
        "63400000000",
        "6900000000",
        "4800000000",
        "3200000000",
        "96100000000",
        "126900000000",
        "141000000000",
    ]
    assert {len(line) for line in lines} == {9}


def test_the_picture_is_copied(chart: MemoryChart) -> None:
    chart.copy_picture_action.trigger()
    assert QGuiApplication.clipboard().image().width() == chart.width()


def test_gib_and_chinese(chart: MemoryChart) -> None:
    chart.set_byte_unit("GiB")
    assert chart.totals.entries[0].first == "89.5"
    assert chart.hint.text().startswith("GiB")
    texts.set_language("zh")
    chart.retranslate()
    assert chart.title.text() == "每卡显存"
    assert "KV 缓存 59" in chart.spoken()


def test_all_numbers_are_spoken(chart: MemoryChart) -> None:
    first = chart.canvas.accessibleDescription().splitlines()[0]
    assert first == (
        "H20 141 GB: Weights 17.8, KV cache 63.4, Activations 6.9, "
        "Engine and CUDA 4.8, Communication 3.2, Free 44.9; 96.1 of 141 GB"
    )


def test_without_plans_there_is_no_chart(chart: MemoryChart) -> None:
    chart.set_estimate(Estimate(refusal=Code("refusal.unknown_model", {"id": "x"})), Scenario(), builders.catalog())
    assert not chart.isVisible()
    chart.set_estimate(builders.estimate(), Scenario(), builders.catalog())
    assert chart.isVisible()


def test_neither_pyqtgraph_nor_numpy_is_loaded_for_it() -> None:
    program = "import sys, gpuplanner.ui.charts.memory; sys.exit('pyqtgraph' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
