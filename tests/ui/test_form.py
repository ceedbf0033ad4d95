"""The form: edits reach the scenario, the scenario reaches the form."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gpuplanner.scenario.document import LoadKind, Scenario, TuningMethod, WorkloadKind, replace
from gpuplanner.scenario.fields import paths
from gpuplanner.scenario.serving import Batching, Speculation
from gpuplanner.ui.fields.choice import Choice, Segmented
from gpuplanner.ui.fields.picker import Picker
from gpuplanner.ui.fields.quantity import QuantityEdit
from gpuplanner.ui.form.specs import SECTIONS
from gpuplanner.ui.window import MainWindow

GENERATE, ENCODE, TUNE, TRAIN = 2, 3, 4, 5
NOT_IN_FORM = {"model.custom", "money.rate_date"}  # set along with the model and with the rate
ELSEWHERE = (
    "site.",
    "money.",
    "estate",
    "library.",
    "calibration.",
    "workload.mix",
)  # on pages of their own


def editor(window: MainWindow, path: str) -> QWidget:
    return window.bench.form.rows[path].editor


def quantity(window: MainWindow, path: str) -> QuantityEdit:
    found = editor(window, path)
    assert isinstance(found, QuantityEdit)
    return found


def type_into(window: MainWindow, path: str, written: str) -> None:
    line = quantity(window, path).line
    line.selectAll()
    QTest.keyClicks(line, written)


def press_segment(window: MainWindow, path: str, place: int) -> None:
    found = editor(window, path)
    assert isinstance(found, Segmented)
    QTest.mouseClick(found.button(place), Qt.MouseButton.LeftButton)


def test_every_field_of_the_document_is_in_the_form() -> None:
    shown = {field.path for section in SECTIONS for field in section.fields}
    assert not shown & NOT_IN_FORM
    elsewhere = {path for path in paths() if path.startswith(ELSEWHERE)}
    assert set(paths()) - NOT_IN_FORM - elsewhere <= shown <= set(paths())


def test_typing_reaches_scenario_and_answer(window: MainWindow, qtbot: QtBot) -> None:
    before = window.session.estimate
    with qtbot.waitSignal(window.session.estimate_ready):
        type_into(window, "workload.input_tokens", "32k")
    assert window.session.value("workload.input_tokens") == 32_768
    assert window.session.estimate is not before


def test_nonsense_changes_nothing_and_is_said_below_the_field(window: MainWindow) -> None:
    type_into(window, "workload.output_tokens", "many")
    row = window.bench.form.rows["workload.output_tokens"]
    assert row.remark.isVisible()
    assert "many" in row.remark.text()
    assert window.session.scenario == Scenario()
    assert not window.document.modified


def test_fields_that_do_not_apply_are_gone(window: MainWindow) -> None:
    rows = window.bench.form.rows
    assert rows["targets.ttft_s"].isVisible()
    assert not rows["workload.batch_requests"].isVisible()
    assert not rows["workload.busy_hours"].isVisible()
    press_segment(window, "workload.load_kind", 2)
    assert window.session.value("workload.load_kind") is LoadKind.PER_DAY
    assert rows["workload.busy_hours"].isVisible()
    press_segment(window, "workload.kind", 1)
    assert window.session.value("workload.kind") is WorkloadKind.BATCH
    assert rows["workload.batch_requests"].isVisible()
    assert not rows["workload.load"].isVisible()
    assert not any(section.isVisible() for section in window.bench.form.sections if section.key == "targets")


SERVING_ALONE = {
    "precision.weights", "workload.output_tokens", "targets.ttft_s", "deployment.engine", "deployment.growth",
    "deployment.max_seqs", "deployment.availability", "money.pue", "money.electricity_per_kwh",
}  # fmt: skip
TRAINING_ALONE = {
    "training.sequence_tokens", "training.global_batch", "training.micro_batch", "training.precision", "training.optimizer",
    "training.sharding", "training.recompute", "training.offload", "training.kernels", "training.virtual_stages",
}  # fmt: skip
ADAPTERS_ALONE = {"training.adapter_rank", "training.adapter_targets"}


def applying(window: MainWindow) -> set[str]:
    return {path for path, row in window.bench.form.rows.items() if not row.isHidden()}


def test_each_workload_has_its_own_fields(window: MainWindow) -> None:
    assert applying(window).isdisjoint(path for path in paths() if path.startswith("training."))
    press_segment(window, "workload.kind", TUNE)
    assert window.session.value("workload.kind") is WorkloadKind.TUNE
    assert applying(window) >= TRAINING_ALONE | ADAPTERS_ALONE | {"training.method"}
    assert applying(window).isdisjoint(SERVING_ALONE)
    press_segment(window, "training.method", 0)
    assert window.session.value("training.method") is TuningMethod.FULL
    assert applying(window).isdisjoint(ADAPTERS_ALONE)
    press_segment(window, "workload.kind", TRAIN)
    assert applying(window) >= TRAINING_ALONE
    assert "training.method" not in applying(window)
    assert not any(section.isVisible() for section in window.bench.form.sections if section.key in ("serving", "precision"))
    assert applying(window) >= {"training.within_days", "training.gpus", "training.budget_samples", "training.epochs"}
    assert "training.budget_tokens" not in applying(window)
    window.session.undo_stack.undo()
    window.session.undo_stack.undo()
    window.session.undo_stack.undo()
    assert window.session.scenario == Scenario()
    assert applying(window) >= SERVING_ALONE - {"deployment.max_seqs"}


def test_serving_options_apply_where_they_have_an_effect(window: MainWindow) -> None:
    options = {path for path in applying(window) if path.startswith("serving.")}
    assert options == {
        "serving.speculation",
        "serving.chunked_prefill",
        "serving.cuda_graphs",
        "serving.adapters",
        "serving.balancing",
        "serving.batching",
        "serving.disaggregated",
    }
    window.session.set("serving.batching", Batching.DYNAMIC)
    assert "serving.dynamic_delay_s" in applying(window)
    window.session.set("serving.batching", Batching.CONTINUOUS)
    assert not applying(window) & {"serving.host_kv_gib", "workload.reuse_s"}
    window.session.set("workload.reused_prefix", 0.5)
    assert applying(window) >= {"serving.host_kv_gib", "workload.reuse_s"}
    window.session.set("serving.speculation", Speculation.HEADS)
    assert applying(window) >= {"serving.draft_tokens", "serving.acceptance"}
    assert "serving.draft_model" not in applying(window)
    window.session.set("serving.speculation", Speculation.DRAFT)
    assert "serving.draft_model" in applying(window)
    window.session.set("serving.adapters", 4)
    assert "serving.adapter_rank" in applying(window)
    window.session.set("deployment.engine", "llama-cpp")
    assert "serving.gpu_layers" in applying(window)
    window.commander.choose_model("qwen2.5-vl-7b")
    assert "serving.images" in applying(window)
    assert "serving.image_width" not in applying(window)
    window.session.set("serving.images", 2)
    assert "serving.image_width" in applying(window)


def test_a_small_model_is_picked_from_all(window: MainWindow, qtbot: QtBot) -> None:
    window.session.set("serving.speculation", Speculation.DRAFT)
    window.bench.form.focus_field("serving.draft_model")
    picker = editor(window, "serving.draft_model")
    assert isinstance(picker, Picker)
    picker.showPopup()
    qtbot.keyClicks(picker.list.line, "llama-3.2-1b")
    qtbot.keyClick(picker.list.line, Qt.Key.Key_Return)
    assert window.session.value("serving.draft_model") == "llama-3.2-1b"
    assert "3.2" in picker.currentText()


def test_experts_are_spread_only_where_there_are_any(window: MainWindow) -> None:
    press_segment(window, "workload.kind", TUNE)
    assert "training.expert_parallel" not in applying(window)
    window.commander.choose_model("gpt-oss-120b")
    assert "training.expert_parallel" in applying(window)


def test_a_pipeline_of_one_has_no_virtual_stages(window: MainWindow) -> None:
    press_segment(window, "workload.kind", TRAIN)
    assert "training.virtual_stages" in applying(window)
    window.bench.form.focus_field("deployment.pipeline_parallel")
    type_into(window, "deployment.pipeline_parallel", "1")
    assert "training.virtual_stages" not in applying(window)


def test_speed_decides_nothing_where_none_is_known(window: MainWindow) -> None:
    found = editor(window, "deployment.objective")
    assert isinstance(found, Choice)
    assert found.count() == 3
    press_segment(window, "workload.kind", TUNE)
    assert found.count() == 2


def test_a_change_of_training_is_named(window: MainWindow) -> None:
    press_segment(window, "workload.kind", TUNE)
    type_into(window, "training.sequence_tokens", "8k")
    assert window.session.value("training.sequence_tokens") == 8192
    assert window.session.undo_stack.undoText() == "change of sequence length"
    window.session.undo_stack.undo()
    assert window.session.value("training.sequence_tokens") == Scenario().training.sequence_tokens


def test_the_load_is_read_in_its_own_unit(window: MainWindow) -> None:
    press_segment(window, "workload.load_kind", 2)
    type_into(window, "workload.load", "1.5w")
    assert window.session.value("workload.load") == 15_000
    assert quantity(window, "workload.load").unit_label.text() == "req/day"


def test_the_dot_marks_what_differs_and_reset_takes_it_back(window: MainWindow) -> None:
    row = window.bench.form.rows["workload.input_tokens"]
    assert not row.dot.isVisible()
    type_into(window, "workload.input_tokens", "4k")
    assert row.dot.isVisible()
    row.reset_wanted.emit("workload.input_tokens")
    assert window.session.value("workload.input_tokens") == Scenario().workload.input_tokens
    assert not row.dot.isVisible()


def test_a_choice_shows_values_of_files_that_it_does_not_offer(window: MainWindow) -> None:
    window.session.start(replace(Scenario(), "deployment.engine", "an-engine-of-tomorrow"))
    found = editor(window, "deployment.engine")
    assert isinstance(found, Choice)
    assert found.placeholderText() == "an-engine-of-tomorrow"


def test_model_is_found_by_any_of_its_words_and_picked_by_keys(window: MainWindow, qtbot: QtBot) -> None:
    picker = editor(window, "model.id")
    assert isinstance(picker, Picker)
    picker.showPopup()
    qtbot.keyClicks(picker.list.line, "r1 671b")
    qtbot.keyClick(picker.list.line, Qt.Key.Key_Return)
    assert window.session.value("model.id") == "deepseek-r1"
    row = window.bench.form.rows["model.id"]
    assert "671\N{NO-BREAK SPACE}B parameters" in row.remark.text()
    assert "MLA" in row.remark.text()


def test_nothing_found_says_so(window: MainWindow, qtbot: QtBot) -> None:
    picker = editor(window, "model.id")
    assert isinstance(picker, Picker)
    picker.showPopup()
    qtbot.keyClicks(picker.list.line, "no such model anywhere")
    assert picker.list.nothing.isVisible()
    qtbot.keyClick(picker.list.line, Qt.Key.Key_Return)
    assert window.session.scenario == Scenario()


def test_a_quantised_checkpoint_brings_its_format_in_one_step(window: MainWindow) -> None:
    window.commander.choose_model("gpt-oss-120b")
    assert window.session.value("precision.weights") == "mxfp4"
    assert window.session.undo_stack.count() == 1
    window.commander.choose_model("llama-3.3-70b")
    assert window.session.value("precision.weights") == Scenario().precision.weights
    window.session.undo_stack.undo()
    window.session.undo_stack.undo()
    assert window.session.scenario == Scenario()


def test_an_unknown_model_is_said_at_its_field(window: MainWindow) -> None:
    window.session.start(replace(Scenario(), "model.id", "model-of-another-catalogue"))
    assert "model-of-another-catalogue" in window.bench.form.rows["model.id"].remark.text()


def test_the_rate_gets_the_day_it_was_entered(window: MainWindow) -> None:
    assert window.session.value("money.rate_date") is None
    type_into(window, "money.cny_per_usd", "7.25")
    assert window.session.value("money.cny_per_usd") == pytest.approx(7.25)
    assert window.session.value("money.rate_date") is not None
    assert window.session.undo_stack.count() == 1


def test_folds_are_remembered(window: MainWindow) -> None:
    section = next(section for section in window.bench.form.sections if section.key == "money")
    QTest.mouseClick(section.heading, Qt.MouseButton.LeftButton)
    assert not section.body.isVisible()
    assert window.preferences.values.folded_sections == {"money": True}


def test_a_field_asked_for_is_unfolded_and_has_the_focus(window: MainWindow) -> None:
    window.bench.edit_field("deployment.max_seqs")
    assert editor(window, "deployment.max_seqs").isVisible()
    assert window.focusWidget() is quantity(window, "deployment.max_seqs").line


def test_every_field_has_a_name_for_screen_readers(window: MainWindow) -> None:
    for path, row in window.bench.form.rows.items():
        assert (row.editor.focusProxy() or row.editor).accessibleName(), path


def test_tab_follows_the_eye(window: MainWindow) -> None:
    for section in window.bench.form.sections:
        section.set_folded(False)
    start = window.bench.form.sections[0].heading
    seen = [start.mapTo(window.bench.form.widget(), start.rect().topLeft()).y()]
    widget: QWidget | None = start
    for _ in range(400):
        widget = widget.nextInFocusChain() if widget else None
        if widget is None or widget is start:
            break
        focusable = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible()
        if focusable and window.bench.form.widget().isAncestorOf(widget):
            seen.append(widget.mapTo(window.bench.form.widget(), widget.rect().topLeft()).y())
    assert len(seen) > 25
    assert seen == sorted(seen)
