"""The model as Qt sees it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from gpuplanner import texts
from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.result import Code, Estimate
from gpuplanner.scenario.document import Scenario
from gpuplanner.scenario.document import replace as asked
from gpuplanner.ui.table.columns import BY_KEY, COLUMNS
from gpuplanner.ui.table.filter import Filter
from gpuplanner.ui.table.model import RAW, GpuModel
from tests.ui import builders


@pytest.fixture
def model(qapp: object) -> GpuModel:
    model = GpuModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    model.set_estimate(builders.estimate(), Scenario(), builders.catalog())
    return model


def shown(model: GpuModel, gpu_id: str, key: str) -> str:
    return str(model.index(model.place_of(gpu_id), BY_KEY[key]).data())


def order(model: GpuModel) -> list[str]:
    return [row.gpu.id for row in model.shown_rows]


def test_cells(model: GpuModel) -> None:
    assert [
        shown(model, "h20", key)
        for key in ("gpu", "layout", "gpus", "servers", "ttft", "tpot", "throughput", "purchase", "cost_per_million")
    ] == [
        "H20 141 GB",
        "4 × TP4",
        "16",
        "2",
        "740\xa0ms",
        "27\xa0ms",
        "7\u2009410",
        "2.36 M",
        "4.12",
    ]
    assert shown(model, "h200", "purchase") == "unknown"
    assert shown(model, "t4", "ttft") == "—"
    assert shown(model, "h20", "memory") == "68\u2009%"
    assert shown(model, "h20", "china") == ""
    assert shown(model, "l20", "china") == "sold"
    assert shown(model, "h20", "price_date") == "2026-10"


def test_raw_values_are_not_rounded(model: GpuModel) -> None:
    assert model.index(model.place_of("h20"), BY_KEY["ttft"]).data(RAW) == 0.74
    assert model.index(model.place_of("h20"), BY_KEY["kv_tokens_fit"]).data(RAW) == 360_000
    assert model.index(model.place_of("t4"), BY_KEY["ttft"]).data(RAW) is None


def test_heads_carry_the_currency(model: GpuModel) -> None:
    head = BY_KEY["cost_per_million"]
    assert model.headerData(head, Qt.Orientation.Horizontal) == "¥ / M tok"
    model.set_estimate(builders.estimate(), asked(Scenario(), "money.currency", "USD"), builders.catalog())
    assert model.headerData(head, Qt.Orientation.Horizontal) == "$ / M tok"


def test_a_new_order_moves_rows_and_what_points_at_them(model: GpuModel, qtbot: QtBot) -> None:
    kept = QPersistentModelIndex(model.index(model.place_of("l20"), 3))
    reordered = replace(builders.estimate(), plans=builders.estimate().plans[::-1])
    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.dataChanged):
        model.set_estimate(reordered, Scenario(), builders.catalog())
    assert order(model) == ["t4", "l20", "ascend", "h200", "h20"]
    assert model.shown_rows[kept.row()].gpu.id == "l20"
    assert kept.column() == 3


def test_the_same_order_only_changes_cells(model: GpuModel, qtbot: QtBot) -> None:
    with (
        qtbot.assertNotEmitted(model.layoutChanged),
        qtbot.assertNotEmitted(model.modelReset),
        qtbot.waitSignal(model.dataChanged),
    ):
        model.set_estimate(builders.estimate(), Scenario(), builders.catalog())


def test_sorting(model: GpuModel) -> None:
    model.sort(BY_KEY["ttft"], Qt.SortOrder.DescendingOrder)
    assert order(model) == ["l20", "ascend", "h200", "h20", "t4"]
    model.sort(BY_KEY["purchase"], Qt.SortOrder.AscendingOrder)
    assert order(model) == ["l20", "h20", "ascend", "h200", "t4"]
    model.sort(-1)
    assert order(model) == ["h20", "h200", "ascend", "l20", "t4"]


def test_filtering(model: GpuModel) -> None:
    model.set_filter(Filter(fits_only=True))
    assert order(model) == ["h20", "h200", "ascend"]
    assert model.fitting() == 3
    model.set_filter(Filter("no such"))
    assert model.rowCount() == 0
    model.set_filter(Filter())
    assert model.rowCount() == 5


def test_a_refusal_keeps_all_gpus_with_the_reason(model: GpuModel) -> None:
    model.set_estimate(Estimate(refusal=Code("refusal.unknown_model", {"id": "nope"})), Scenario(), builders.catalog())
    assert model.rowCount() == 5
    tip = model.index(0, BY_KEY["ttft"]).data(Qt.ItemDataRole.ToolTipRole)
    assert "nope" in tip


def test_tips_tell_reason_and_way_out(model: GpuModel) -> None:
    tip = model.index(model.place_of("t4"), BY_KEY["ttft"]).data(Qt.ItemDataRole.ToolTipRole)
    assert tip.splitlines() == [
        "weights and workspace need 36.9\xa0GB per GPU with 16 in a replica; 14\xa0GB are usable",
        "Would do with: weights of 4 bits or less would fit",
    ]
    assert "Your own entry" in model.index(model.place_of("l20"), BY_KEY["gpu"]).data(Qt.ItemDataRole.ToolTipRole)
    assert model.index(model.place_of("h20"), BY_KEY["ttft"]).data(Qt.ItemDataRole.AccessibleTextRole) == "First token: 740\xa0ms"


@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_every_cell_of_a_real_estimate_can_be_shown(qapp: object, lang: str) -> None:
    texts.set_language(lang)
    catalog, scenario = load_catalog(), Scenario()
    model = GpuModel()
    model.set_estimate(estimate(scenario, catalog), scenario, catalog)
    assert model.rowCount() == len(catalog.gpus) >= 122
    for place in range(model.rowCount()):
        for column in range(len(COLUMNS)):
            index = model.index(place, column)
            assert isinstance(index.data(), str)
            assert "None" not in index.data()
            assert "{" not in f"{index.data()}{index.data(Qt.ItemDataRole.ToolTipRole)}"
    for column in range(len(COLUMNS)):
        model.sort(column, Qt.SortOrder.DescendingOrder)
    assert not model.index(0, 0, QModelIndex()).parent().isValid()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)  # asks thousands of times a sort
    for column in range(2):
        model.sort(column, Qt.SortOrder.AscendingOrder)


def test_layouts_name_what_is_cut(model: GpuModel) -> None:
    good = builders.estimate().plans[0]
    for plan, shown_as in (
        (good, "4 × TP4"),
        (replace(good, pipeline_parallel=2), "4 × TP4·PP2"),
        (replace(good, tensor_parallel=1, pipeline_parallel=8), "4 × PP8"),
        (replace(good, tensor_parallel=1, spare_replicas=2), "4+2 × TP1"),
    ):
        model.set_estimate(Estimate((plan,), "h20"), Scenario(), builders.catalog())
        assert shown(model, "h20", "layout") == shown_as


@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_every_column_has_a_head_and_a_long_name(model: GpuModel, lang: str) -> None:
    texts.set_language(lang)
    assert len({column.key for column in COLUMNS}) == len(COLUMNS)
    for place, column in enumerate(COLUMNS):
        assert model.headerData(place, Qt.Orientation.Horizontal) or column.key == "state"
        assert model.headerData(place, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
        assert column.copied_title(model.context)


def test_tips_tell_range_and_how_far_off_target(model: GpuModel) -> None:
    row = model.shown_rows[model.place_of("h20")]
    value = row.plan.figures["ttft"].value
    assert value is not None
    column = model.index(model.place_of("h20"), BY_KEY["ttft"])
    assert any(line.startswith("Range ") for line in column.data(Qt.ItemDataRole.ToolTipRole).splitlines())
    strict = asked(model.context.scenario, "targets.ttft_s", value / 1.5)
    model.set_estimate(builders.estimate(), strict, builders.catalog())
    tip = model.index(model.place_of("h20"), BY_KEY["ttft"]).data(Qt.ItemDataRole.ToolTipRole)
    assert "Off target: +50\xa0%" in tip
