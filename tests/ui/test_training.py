"""Tuning and training in the window: by clicks and keys, from the form to the table."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gpuplanner.scenario.document import Scenario, TuningMethod, WorkloadKind
from gpuplanner.ui.fields.choice import Segmented
from gpuplanner.ui.fields.picker import Picker
from gpuplanner.ui.fields.quantity import QuantityEdit
from gpuplanner.ui.table.columns import BY_KEY, COLUMNS
from gpuplanner.ui.window import MainWindow

TUNE, TRAIN = 4, 5


def press(window: MainWindow, path: str, place: int) -> None:
    found = window.bench.form.rows[path].editor
    assert isinstance(found, Segmented)
    QTest.mouseClick(found.button(place), Qt.MouseButton.LeftButton)
    window.session.recompute()


def write(window: MainWindow, path: str, written: str) -> None:
    found = window.bench.form.rows[path].editor
    assert isinstance(found, QuantityEdit)
    found.line.selectAll()
    QTest.keyClicks(found.line, written)
    window.session.recompute()


def heads(window: MainWindow) -> list[str]:
    view = window.bench.page.table.view
    return [COLUMNS[column].key for column in view.columns.in_order()]


@pytest.fixture
def tuning(window: MainWindow) -> MainWindow:
    """A window that tunes a model of 8 B."""
    window.commander.choose_model("llama-3.1-8b")
    press(window, "workload.kind", TUNE)
    return window


def test_the_answer_speaks_of_training(tuning: MainWindow) -> None:
    answer = tuning.bench.page.answer
    assert "micro-batch" in answer.sentence.text()
    assert "replica" not in answer.sentence.text()
    keys = [button.shown.key for button in answer.strip.buttons]
    assert keys == ["memory_per_gpu", "gpus", "training_time", "step_time", "mfu", "purchase"]
    assert all(button.shown.number not in ("–", "unknown") for button in answer.strip.buttons[:5])


def test_more_gpus_are_named_by_what_they_share(tuning: MainWindow) -> None:
    press(tuning, "training.method", 0)
    tuning.session.set("deployment.gpu", "nvidia-l20")
    write(tuning, "deployment.tensor_parallel", "1")
    write(tuning, "deployment.pipeline_parallel", "1")
    plan = tuning.session.estimate.plan()
    assert plan is not None
    assert plan.gpus > 1
    assert "ZeRO-3" in tuning.bench.page.answer.sentence.text()


def test_the_chart_has_gradients_and_the_course_of_a_step(tuning: MainWindow) -> None:
    chart = tuning.bench.page.chart
    assert {"gradients", "optimizer"} <= {part for part, _ in chart.bars[0].parts}
    assert "kv_cache" not in {part for part, _ in chart.bars[0].parts}
    assert "CUDA and allocator" in chart.legend.accessibleName()
    assert "KV cache" not in chart.legend.accessibleName()
    assert chart.step.timeline.isVisible()
    peak = max(span.moment.need_bytes for span in chart.step.timeline.drawn.spans)
    assert peak == pytest.approx(chart.bars[0].need_bytes)
    copied = [line.split("\t") for line in chart.data_tsv().splitlines()]
    assert copied[-1][0] == "Within a step: optimizer"
    assert max(float(line[-1]) for line in copied[-4:]) == pytest.approx(peak, abs=1)
    press(tuning, "workload.kind", 0)
    assert not chart.step.timeline.isVisible()
    assert "Within a step" not in chart.data_tsv()


def test_columns_of_speed_are_gone(tuning: MainWindow) -> None:
    shown = heads(tuning)
    assert not {"ttft", "tpot", "throughput", "cost_per_million", "batch_time", "requests_fit"} & set(shown)
    assert {"layout", "memory", "memory_per_gpu", "training_time", "purchase"} <= set(shown)
    offered = [action.text() for action in _columns(tuning)]
    assert "First token" not in offered
    assert {"Recompute", "Model FLOPs utilisation"} <= set(offered)
    press(tuning, "workload.kind", 0)
    assert {"ttft", "tpot", "throughput"} <= set(heads(tuning))
    assert "micro_batch" not in heads(tuning)


def _columns(window: MainWindow) -> list:
    menu = window.bench.page.table.columns_menu
    menu.aboutToShow.emit()
    return menu.actions()


@pytest.mark.parametrize("key", ["memory_per_gpu", "gpus", "training_time", "step_time", "mfu"])
def test_every_figure_opens(tuning: MainWindow, qtbot: QtBot, key: str) -> None:
    button = next(button for button in tuning.bench.page.answer.strip.buttons if button.shown.key == key)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert tuning.bench.why.key == key
    assert tuning.bench.why.explanation is not None


def test_every_part_opens(tuning: MainWindow) -> None:
    chart, why = tuning.bench.page.chart, tuning.bench.why
    for part in [part for part, _ in chart.bars[0].segments()] + ["logits"]:
        chart.part_clicked.emit(chart.bars[0].gpu_id, part)
        assert why.explanation is not None or part == "logits", part


def test_a_click_on_the_course_opens_the_memory(tuning: MainWindow, qtbot: QtBot) -> None:
    tuning.bench.why.show_figure(None, "gpus")
    qtbot.mouseClick(tuning.bench.page.chart.step.timeline, Qt.MouseButton.LeftButton)
    assert tuning.bench.why.key == "memory_per_gpu"


def test_the_course_is_walked_by_keys(tuning: MainWindow, qtbot: QtBot) -> None:
    chart = tuning.bench.page.chart
    chart.step.timeline.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(chart.step.timeline, Qt.Key.Key_Right)
    qtbot.keyClick(chart.step.timeline, Qt.Key.Key_Left)
    qtbot.keyClick(chart.step.timeline, Qt.Key.Key_Left)
    qtbot.keyClick(chart.step.timeline, Qt.Key.Key_Left)
    qtbot.keyClick(chart.step.timeline, Qt.Key.Key_Left)
    assert chart.hint.text().startswith("forward: ")
    assert "Weights" in chart.hint.text()


def test_typing_changes_the_memory_and_undo_takes_it_back(tuning: MainWindow) -> None:
    before = tuning.session.estimate.plan("nvidia-h100-sxm5-80gb")
    write(tuning, "training.sequence_tokens", "16k")
    after = tuning.session.estimate.plan("nvidia-h100-sxm5-80gb")
    assert after.figures["tokens_per_step"].value == 4 * before.figures["tokens_per_step"].value
    assert after.memory.parts != before.memory.parts
    tuning.session.undo_stack.undo()
    tuning.session.recompute()
    assert tuning.session.estimate.plan("nvidia-h100-sxm5-80gb") == before


def test_what_was_saved_comes_back(tuning: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    press(tuning, "training.method", 2)
    write(tuning, "training.adapter_rank", "64")
    sentence = tuning.bench.page.answer.sentence.text()
    file = tmp_path / "tuned.gpuplan"
    tuning.filing.asking.path = file
    tuning.actions_by_key["save"].trigger()
    assert file.exists()
    tuning.session.undo_stack.setClean()
    tuning.session.start(Scenario())
    assert tuning.filing.open_path(file)
    tuning.session.recompute()
    asked = tuning.session.scenario
    assert (asked.workload.kind, asked.training.method, asked.training.adapter_rank) == (
        WorkloadKind.TUNE, TuningMethod.QLORA, 64,
    )  # fmt: skip
    assert tuning.bench.page.answer.sentence.text() == sentence
    assert not tuning.bench.form.rows["training.adapter_rank"].isHidden()


def test_what_cannot_be_trained_says_so(window: MainWindow) -> None:
    press(window, "workload.kind", TRAIN)
    window.commander.choose_model("yolov8n")
    window.session.recompute()
    assert window.session.estimate.refusal is not None
    assert "yolov8n" in window.bench.page.answer.sentence.text()
    assert not window.bench.page.chart.isVisible()


def test_an_encoder_can_be_picked_to_be_trained_alone(window: MainWindow, qtbot: QtBot) -> None:
    picker = window.bench.form.rows["model.id"].editor
    assert isinstance(picker, Picker)
    press(window, "workload.kind", TRAIN)
    picker.showPopup()
    qtbot.keyClicks(picker.list.line, "bert-base-uncased")
    qtbot.keyClick(picker.list.line, Qt.Key.Key_Return)
    assert window.session.value("model.id") == "bert-base-uncased"
    window.session.recompute()
    assert window.session.estimate.plan() is not None
    assert "110" in window.bench.form.rows["model.id"].remark.text() or "109" in window.bench.form.rows["model.id"].remark.text()
    press(window, "workload.kind", 0)
    assert window.session.value("model.id") == Scenario().model.id, "a model that writes, for one that doesn't"
    assert window.session.estimate.refusal is None
    window.session.undo_stack.undo()
    assert window.session.value("model.id") == "bert-base-uncased"
    assert window.session.value("workload.kind") is WorkloadKind.TRAIN


def test_every_column_has_a_place() -> None:
    assert len(BY_KEY) == len(COLUMNS)
