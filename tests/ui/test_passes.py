"""Images, video and encoding in the window: by clicks and keys, from the form to the table."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gpuplanner.scenario.document import Scenario, WorkloadKind, replace
from gpuplanner.ui.fields.choice import Choice, Segmented
from gpuplanner.ui.fields.picker import Picker
from gpuplanner.ui.table.columns import COLUMNS
from gpuplanner.ui.why import page
from gpuplanner.ui.window import MainWindow

SERVE, BATCH, GENERATE, ENCODE, TUNE, TRAIN = range(6)
GENERATING = {"generation.images", "generation.width", "generation.height", "generation.steps", "generation.guidance",
              "generation.batch", "generation.offload", "generation.decode"}  # fmt: skip
OF_TEXT = {"workload.input_tokens", "workload.output_tokens", "precision.kv_cache", "targets.ttft_s", "targets.tpot_s",
           "deployment.max_seqs"}  # fmt: skip


def press(window: MainWindow, path: str, place: int) -> None:
    found = window.bench.form.rows[path].editor
    assert isinstance(found, Segmented)
    QTest.mouseClick(found.button(place), Qt.MouseButton.LeftButton)
    window.session.recompute()


def applying(window: MainWindow) -> set[str]:
    return {path for path, row in window.bench.form.rows.items() if not row.isHidden()}


def listed(window: MainWindow) -> set[object]:
    picker = window.bench.form.rows["model.id"].editor
    assert isinstance(picker, Picker)
    picker.showPopup()
    model = picker.list.model
    found = {entry.value for row in range(model.rowCount()) if (entry := model.entry(row)) is not None}
    picker.hidePopup()
    return found


def test_images_have_their_own_fields_and_models(window: MainWindow) -> None:
    press(window, "workload.kind", GENERATE)
    assert window.session.value("model.id") == "flux.1-dev"
    assert window.session.value("precision.weights") == "bf16"
    assert applying(window) >= GENERATING | {"workload.load", "targets.e2e_s"}
    assert applying(window).isdisjoint(OF_TEXT | {"generation.frames"})
    assert {"flux.1-dev", "sdxl-base-1.0", "wan2.1-t2v-14b"} <= listed(window)
    assert listed(window).isdisjoint({"llama-3.3-70b", "bge-m3", "resnet-50"})
    assert window.session.undo_stack.count() == 1
    window.session.undo_stack.undo()
    assert window.session.scenario == Scenario()
    assert applying(window).isdisjoint(GENERATING)


def test_only_a_video_has_frames(window: MainWindow) -> None:
    press(window, "workload.kind", GENERATE)
    window.commander.choose_model("wan2.1-t2v-14b")
    assert "generation.frames" in applying(window)


@pytest.mark.parametrize(
    ("model", "field"),
    [
        ("bge-m3", "encoding.tokens"),
        ("bge-reranker-v2-m3", "encoding.tokens"),
        ("vit-l-16", "encoding.image_px"),
        ("resnet-50", "encoding.image_px"),
        ("clip-vit-large-patch14", "encoding.image_px"),
        ("whisper-large-v3", "encoding.audio_s"),
    ],
)
def test_what_is_encoded_is_measured_in_its_own_unit(window: MainWindow, model: str, field: str) -> None:
    window.commander.choose_model(model)
    assert window.session.value("workload.kind") is WorkloadKind.ENCODE, "the kind of work follows the model"
    assert window.session.undo_stack.count() == 1
    measured = {"encoding.tokens", "encoding.image_px", "encoding.audio_s"}
    assert applying(window) & measured == {field}
    assert applying(window).isdisjoint(OF_TEXT | GENERATING)


def test_a_model_that_suits_stays(window: MainWindow) -> None:
    press(window, "workload.kind", TRAIN)
    assert window.session.value("model.id") == Scenario().model.id
    press(window, "workload.kind", BATCH)
    assert window.session.value("model.id") == Scenario().model.id
    assert window.session.value("precision.weights") == Scenario().precision.weights


def test_a_file_with_a_model_of_another_kind_says_so(window: MainWindow) -> None:
    window.session.start(replace(Scenario(), "model.id", "bge-m3"))
    said = window.bench.form.rows["model.id"].remark.text()
    assert "bge-m3" in said
    assert "embedding" in said
    assert "Serve" in said


def test_yes_no_and_as_published(window: MainWindow) -> None:
    press(window, "workload.kind", GENERATE)
    found = window.bench.form.rows["generation.guidance"].editor
    assert isinstance(found, Choice)
    assert found.currentText() == "As published"
    found.setFocus()
    QTest.keyClick(found, Qt.Key.Key_Down)
    assert window.session.value("generation.guidance") is True
    QTest.keyClick(found, Qt.Key.Key_Down)
    assert window.session.value("generation.guidance") is False


def test_users_pause_to_think(window: MainWindow) -> None:
    assert "workload.think_time_s" not in applying(window)
    press(window, "workload.load_kind", 3)
    assert "workload.think_time_s" in applying(window)


def test_the_six_kinds_are_readable(make_window: object) -> None:
    for language in ("en", "zh"):
        window = make_window(language=language)  # type: ignore[operator]
        window.resize(1280, 720)
        for path in ("workload.kind", "workload.load_kind"):
            editor = window.bench.form.rows[path].editor
            assert isinstance(editor, Segmented)
            buttons = [editor.button(place) for place in range(len(editor.findChildren(type(editor.button(0)))))]
            assert editor.width() >= editor.minimumSizeHint().width()
            assert all(button.width() >= button.minimumWidth() for button in buttons)
            assert all(button.geometry().right() < editor.width() for button in buttons)


SPOKEN = {"flux.1-dev": "image", "wan2.1-t2v-1.3b": "clip", "bge-m3": "text", "resnet-50": "picture", "whisper-large-v3": "audio"}


@pytest.mark.parametrize("model", SPOKEN)
def test_the_answer_speaks_of_passes_and_every_figure_opens(window: MainWindow, qtbot: QtBot, model: str) -> None:
    window.commander.choose_model(model)
    window.session.recompute()
    plan = window.session.estimate.plan()
    assert plan is not None
    assert plan.passes is not None
    assert plan.passes.item == SPOKEN[model]
    answer, why = window.bench.page.answer, window.bench.why
    assert f"batch {plan.batch}" in answer.sentence.text().replace("\N{THIN SPACE}", "")
    assert "TP" not in answer.sentence.text()
    keys = [button.shown.key for button in answer.strip.buttons]
    assert keys[:2] == ["memory_per_gpu", "e2e"]
    assert not {"ttft", "tpot", "throughput", "cost_per_million"} & set(keys)
    for button in answer.strip.buttons:
        assert button.shown.number not in ("–", "")
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert why.key == button.shown.key
        assert why.explanation is not None or button.shown.number == "unknown", button.shown.key
    for part, _ in window.bench.page.chart.bars[0].segments():
        window.bench.page.chart.part_clicked.emit(window.bench.page.chart.bars[0].gpu_id, part)
        assert why.explanation is not None, part


def opened(window: MainWindow, key: str, seen: set[str]) -> None:
    """Open a figure and all it opens into."""
    if key in seen or len(seen) > 60:
        return
    seen.add(key)
    why = window.bench.why
    why.show_figure(None, key)
    assert why.explanation is not None, key
    assert page.title(key, window.session.scenario)
    for term in why.explanation.terms:
        if term.opens:
            opened(window, term.opens, seen)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_figure_opens_down_to_the_catalogue(make_window: object, language: str) -> None:
    window = make_window(language=language)  # type: ignore[operator]
    window.commander.choose_model("sdxl-base-1.0")
    window.session.recompute()
    seen: set[str] = set()
    for key in ("memory_per_gpu", "e2e", "item_rate", "step_time"):
        opened(window, key, seen)
    assert len(seen) > 10


def test_columns_follow_the_kind_of_work(window: MainWindow) -> None:
    press(window, "workload.kind", ENCODE)
    view = window.bench.page.table.view
    shown = [COLUMNS[column].key for column in view.columns.in_order()]
    assert {"e2e", "item_rate", "purchase", "memory"} <= set(shown)
    assert not {"ttft", "tpot", "throughput", "requests_fit", "micro_batch"} & set(shown)
    press(window, "workload.kind", SERVE)
    shown = [COLUMNS[column].key for column in view.columns.in_order()]
    assert {"ttft", "tpot", "throughput"} <= set(shown)
    assert not {"e2e", "item_rate", "batch"} & set(shown)
