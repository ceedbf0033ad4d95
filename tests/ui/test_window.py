"""The window as a whole, driven by real clicks and keys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from gpuplanner import assets, texts
from gpuplanner.palette import DARK, LIGHT
from gpuplanner.scenario.document import Scenario, replace
from gpuplanner.scenario.files import save_scenario
from gpuplanner.settings import load_settings
from gpuplanner.ui.actions import plain
from gpuplanner.ui.fields.quantity import QuantityEdit
from gpuplanner.ui.menus import PAGES
from gpuplanner.ui.window import MainWindow
from tests.ui.conftest import Answers, MakeWindow

CONFIG = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 2048, "intermediate_size": 5632,
    "num_hidden_layers": 22, "num_attention_heads": 32, "num_key_value_heads": 4, "vocab_size": 32000,
    "tie_word_embeddings": False, "max_position_embeddings": 2048, "torch_dtype": "bfloat16",
}  # fmt: skip


def line_of(window: MainWindow, path: str) -> QuantityEdit:
    editor = window.bench.form.rows[path].editor
    assert isinstance(editor, QuantityEdit)
    return editor


def type_into(window: MainWindow, path: str, written: str) -> None:
    line = line_of(window, path).line
    line.selectAll()
    QTest.keyClicks(line, written)


def drop(window: MainWindow, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    none = Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, none))


def test_undo_and_redo_reach_every_change_and_name_it(window: MainWindow) -> None:
    undo, redo = window.actions_by_key["undo"], window.actions_by_key["redo"]
    assert not undo.isEnabled()
    type_into(window, "workload.output_tokens", "128000")
    assert undo.text() == "&Undo change of output length"
    assert window.session.undo_stack.count() == 1  # six keys, one step
    type_into(window, "workload.input_tokens", "300")
    undo.trigger()
    undo.trigger()
    assert window.session.scenario == Scenario()
    assert line_of(window, "workload.output_tokens").line.text() == "512"
    redo.trigger()
    assert window.session.value("workload.output_tokens") == 128_000
    assert redo.text() == "&Redo change of input length"


def test_an_edit_back_to_the_start_leaves_no_trace(window: MainWindow) -> None:
    type_into(window, "workload.output_tokens", "51")
    assert window.isWindowModified()
    QTest.keyClicks(line_of(window, "workload.output_tokens").line, "2")
    assert window.session.undo_stack.count() == 0
    assert not window.isWindowModified()


def test_save_and_reopen(window: MainWindow, answers: Answers, tmp_path: Path) -> None:
    answers.path = tmp_path / "bank.gpuplan"
    type_into(window, "workload.input_tokens", "4k")
    assert window.windowTitle().startswith("Untitled[*]")
    window.actions_by_key["save"].trigger()
    assert not window.isWindowModified()
    assert window.windowTitle() == "bank.gpuplan[*] — GPU Planner"
    asked = json.loads(answers.path.read_bytes())["scenario"]
    assert asked["workload"]["input_tokens"] == 4096
    window.actions_by_key["new"].trigger()
    assert window.session.scenario == Scenario()
    window.actions_by_key["open"].trigger()
    assert window.session.value("workload.input_tokens") == 4096
    assert [question.split()[0] for question in answers.asked] == ["save", "open"]


@pytest.mark.parametrize(("decision", "left"), [("cancel", False), ("discard", True), ("save", True)])
def test_unsaved_changes_are_asked_about(window: MainWindow, answers: Answers, tmp_path: Path, decision: str, left: bool) -> None:
    type_into(window, "workload.input_tokens", "4k")
    answers.decision = decision  # type: ignore[assignment]
    answers.path = tmp_path / "kept.gpuplan"
    assert window.close() is left
    assert answers.path.exists() is (decision == "save")


def test_revert_can_be_undone(window: MainWindow, answers: Answers, tmp_path: Path) -> None:
    answers.path = tmp_path / "a.gpuplan"
    window.actions_by_key["save"].trigger()
    type_into(window, "workload.input_tokens", "4k")
    window.actions_by_key["revert"].trigger()
    assert window.session.value("workload.input_tokens") == 2048
    window.actions_by_key["undo"].trigger()
    assert window.session.value("workload.input_tokens") == 4096


def test_a_change_by_another_program_is_shown_when_nothing_is_lost(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "a.gpuplan"
    save_scenario(path, Scenario(), "")
    assert window.filing.open_path(path)
    save_scenario(path, replace(Scenario(), "workload.input_tokens", 99), "")
    window.document.check_disk()
    assert window.session.value("workload.input_tokens") == 99
    assert "a.gpuplan" in window.notices.bars[0].sentence.text()


@pytest.mark.parametrize(("button", "mine"), [(0, False), (1, True)])
def test_a_change_by_another_program_is_a_decision_when_there_are_own_ones(
    window: MainWindow, tmp_path: Path, button: int, mine: bool
) -> None:
    path = tmp_path / "a.gpuplan"
    save_scenario(path, Scenario(), "")
    window.filing.open_path(path)
    type_into(window, "workload.input_tokens", "77")
    save_scenario(path, replace(Scenario(), "workload.input_tokens", 99), "")
    window.actions_by_key["save"].trigger()
    assert json.loads(path.read_bytes())["scenario"]["workload"]["input_tokens"] == 99
    bar = window.notices.bars[0]
    assert [choice.text() for choice in bar.buttons] == ["Reload", "Keep mine", "Close"]
    QTest.mouseClick(bar.buttons[button], Qt.MouseButton.LeftButton)
    assert json.loads(path.read_bytes())["scenario"]["workload"]["input_tokens"] == (77 if mine else 99)
    assert window.session.value("workload.input_tokens") == (77 if mine else 99)
    assert not window.isWindowModified()
    assert not window.notices.bars


def test_a_broken_file_is_a_sentence_and_nothing_is_lost(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "broken.gpuplan"
    path.write_text("{ not json", encoding="utf-8")
    type_into(window, "workload.input_tokens", "77")
    window.document.open(path)
    assert "broken.gpuplan" in window.notices.bars[0].sentence.text()
    assert window.session.value("workload.input_tokens") == 77


def test_dropped_files_are_opened_by_what_they_are(window: MainWindow, tmp_path: Path) -> None:
    scenario, config = tmp_path / "a.gpuplan", tmp_path / "config.json"
    save_scenario(scenario, replace(Scenario(), "workload.input_tokens", 99), "")
    config.write_text(json.dumps(CONFIG), encoding="utf-8")
    drop(window, scenario)
    assert window.session.value("workload.input_tokens") == 99
    drop(window, config)
    assert window.session.value("model.custom") is not None
    assert "1.1\N{NO-BREAK SPACE}B parameters" in window.bench.form.rows["model.id"].remark.text()


def test_a_config_that_is_none_is_refused_with_its_name(window: MainWindow, tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    config.write_text('{"name": "left-pad"}', encoding="utf-8")
    assert not window.filing.open_path(config)
    assert "config.json" in window.notices.bars[0].sentence.text()
    assert window.session.scenario == Scenario()


def _words(window: QWidget) -> dict[str, str]:
    """What each label, button, action and menu says, by where it is."""
    found: dict[str, str] = {}
    kinds: tuple[type[QWidget], ...] = (QLabel, QAbstractButton)
    for number, widget in enumerate(child for kind in kinds for child in window.findChildren(kind)):
        words = widget.text() if isinstance(widget, QLabel | QAbstractButton) else ""
        if words:
            found[f"{number} {type(widget).__name__} {widget.objectName()}"] = words
    for menu in window.findChildren(QMenu):
        for place, action in enumerate(menu.actions()):
            if menu.objectName() and not action.isSeparator():
                found[f"{menu.objectName()} {place}"] = action.text()
    for action in window.findChildren(QAction):
        if action.objectName():
            found[f"action {action.objectName()}"] = action.text()
    return found


def _has_chinese(words: str) -> bool:
    return any("\u4e00" <= char <= "\u9fff" for char in words)


def test_a_change_of_language_reaches_every_text(make_window: MakeWindow) -> None:
    window = make_window()
    type_into(window, "workload.input_tokens", "77")
    assert not any(_has_chinese(words) for key, words in _words(window).items() if "language" not in key)
    window.commander.choose_language("zh")
    native = make_window(language="zh")
    type_into(native, "workload.input_tokens", "77")
    switched, born = _words(window), _words(native)
    assert set(switched) == set(born)
    assert {key: (words, born[key]) for key, words in switched.items() if words != born[key] and " ms" not in words} == {}
    assert window.actions_by_key["undo"].text() == "撤销更改输入长度(&U)"
    assert texts.text("action.save") == "保存(&S)"


def test_qts_own_buttons_follow_the_language(make_window: MakeWindow) -> None:
    window = make_window(language="zh")
    from PySide6.QtWidgets import QDialogButtonBox

    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, window)
    assert box.buttons()[0].text() == "取消"
    window.commander.choose_language("en")
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, window)
    assert box.buttons()[0].text().replace("&", "") == "Cancel"


def test_theme_changes_at_once_and_is_kept(window: MainWindow) -> None:
    assert window.themes.theme is LIGHT
    window.commander.choose_theme("dark")
    assert window.themes.theme is DARK
    assert window.palette().window().color().name() == DARK.window
    window.preferences.keep()
    assert load_settings().theme == "dark"


def test_search_finds_models_gpus_fields_and_commands(window: MainWindow, qtbot: QtBot) -> None:
    for words, check in (
        ("qwen3 32b", lambda: window.session.value("model.id") == "qwen3-32b"),
        ("h20 141", lambda: "h20" in (window.session.value("deployment.gpu") or "")),
        ("prefix", lambda: window.focusWidget() is line_of(window, "workload.cached_prefix").line),
    ):
        window.actions_by_key["search"].trigger()
        qtbot.keyClicks(window.search.popup.list.line, words)
        qtbot.keyClick(window.search.popup.list.line, Qt.Key.Key_Return)
        assert check(), words
    window.actions_by_key["search"].trigger()
    window.search.popup.list.search("自动选择")  # by its name in the other language
    with qtbot.waitSignal(window.session.estimate_ready):
        qtbot.keyClick(window.search.popup.list.line, Qt.Key.Key_Return)
    assert window.session.value("deployment.gpu") is None


def test_every_command_is_in_a_menu_and_says_something(window: MainWindow) -> None:
    in_menus = {action.objectName() for menu in window.findChildren(QMenu) for action in menu.actions()}
    for action in window.actions_by_key.all():
        assert action.objectName() in in_menus
        assert plain(action.text())


def test_shortcuts_are_there_and_no_two_are_alike(window: MainWindow) -> None:
    keys = [key.toString() for action in window.actions_by_key.all() for key in action.shortcuts() if not key.isEmpty()]
    assert len(keys) == len(set(keys))
    assert {"Ctrl+Q", "Ctrl+K", "Ctrl+S", "Ctrl+Z", "F4"} <= set(keys)


def test_sizes_switch_between_gb_and_gib(window: MainWindow) -> None:
    QTest.mouseClick(window.status.unit, Qt.MouseButton.LeftButton)
    assert window.status.unit.text() == "GiB"
    assert window.actions_by_key["gib"].isChecked()
    window.actions_by_key["gib"].trigger()
    assert window.preferences.values.byte_unit == "GB"


def test_the_right_panel_comes_and_goes(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_F4)
    assert not window.bench.why_visible
    window.bench.explain(window.session.estimate.chosen or "", "memory_per_gpu")  # type: ignore[union-attr]
    assert window.bench.why_visible
    assert window.preferences.values.why_panel


def test_a_chosen_gpu_is_an_input_like_any_other(window: MainWindow) -> None:
    window.bench.page.table.gpu_chosen.emit("nvidia-h100-sxm5-80gb")
    assert window.session.value("deployment.gpu") == "nvidia-h100-sxm5-80gb"
    assert window.actions_by_key["automatic"].isEnabled()
    window.actions_by_key["undo"].trigger()
    assert window.session.value("deployment.gpu") is None


def test_examples_open_as_unsaved_copies(window: MainWindow) -> None:
    menu = window.findChild(QMenu, "menu_examples")
    assert menu is not None
    menu.aboutToShow.emit()
    assert len(menu.actions()) >= 6
    menu.actions()[0].trigger()
    assert window.document.path is None
    assert window.session.scenario != Scenario()
    assert not window.isWindowModified()


def test_recent_files_are_listed_and_can_be_forgotten(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "a&b.gpuplan"
    save_scenario(path, Scenario(), "")
    window.filing.open_path(path)
    menu = window.findChild(QMenu, "menu_recent")
    assert menu is not None
    menu.aboutToShow.emit()
    assert menu.actions()[0].text() == "&1 a&&b.gpuplan"
    menu.actions()[-1].trigger()
    menu.aboutToShow.emit()
    assert len(menu.actions()) == 1


def test_quote_is_written(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    from gpuplanner.ui.quote.dialog import QuoteDialog

    QTest.mouseClick(window.quote_button, Qt.MouseButton.LeftButton)
    dialog = window.findChild(QuoteDialog)
    assert dialog is not None
    dialog.folder.setText(str(tmp_path / "quotes"))
    dialog.stem.setText("offer")
    dialog.formats["pdf"].setChecked(False)
    assert not dialog.create_button.isEnabled()
    dialog.formats["md"].setChecked(True)
    with qtbot.waitSignal(dialog.written):
        QTest.mouseClick(dialog.create_button, Qt.MouseButton.LeftButton)
    assert [path.name for path in (tmp_path / "quotes").iterdir()] == ["offer_en.md"]
    assert "offer_en.md" in window.notices.bars[0].sentence.text()


def test_a_quote_that_cannot_be_written_is_a_sentence(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    from gpuplanner.ui.quote.dialog import QuoteDialog

    (tmp_path / "file").write_text("", encoding="utf-8")
    window.commander.create_quote()
    dialog = window.findChild(QuoteDialog)
    assert dialog is not None
    dialog.folder.setText(str(tmp_path / "file" / "inside"))
    with qtbot.waitSignal(dialog.failed):
        dialog.create_button.click()
    assert window.notices.bars


def test_about_names_versions_and_licences(window: MainWindow) -> None:
    from gpuplanner.ui.dialogs.about import AboutDialog, licence_text

    window.actions_by_key["about"].trigger()
    dialog = window.findChild(AboutDialog)
    assert dialog is not None
    assert "Qt 6" in dialog.facts.text()
    assert {"LGPL", "SIL OPEN FONT LICENSE", "numpy"} <= {
        word for word in ("LGPL", "SIL OPEN FONT LICENSE", "numpy") if word in licence_text()
    }
    dialog.close()


def test_a_failed_estimate_keeps_the_last_answer(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    import gpuplanner.engine.estimate as engine

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    before = window.session.estimate
    with monkeypatch.context() as patch:
        patch.setattr(engine, "estimate", broken)
        with qtbot.waitSignal(window.session.failed):
            type_into(window, "workload.input_tokens", "77")
    assert window.session.estimate is before
    assert "last good answer" in window.notices.bars[0].sentence.text()
    with qtbot.waitSignal(window.session.estimate_ready):
        type_into(window, "workload.input_tokens", "78")
    assert not window.notices.bars


def test_window_is_left_as_it_was(make_window: MakeWindow) -> None:
    first = make_window()
    first.bench.show_why(False)
    first.close()
    again = make_window()
    assert not again.bench.why_visible


def test_icons_and_styles_are_where_the_style_sheet_says() -> None:
    sheet = (assets.resources() / "themes" / "window.qss").read_text(encoding="utf-8")
    for word in sheet.split("url(")[1:]:
        name = word.partition(")")[0].replace("$icons/", "")
        for theme in (LIGHT, DARK):
            assert (assets.resources() / "icons" / name.replace("$name", theme.name)).is_file()


def test_buttons_say_something(window: MainWindow) -> None:
    for button in window.findChildren(QPushButton):
        if button.isVisible():
            assert button.text() or button.accessibleName(), button


def test_the_form_never_scrolls_sideways(make_window: MakeWindow) -> None:
    for language in texts.LANGUAGES:
        window = make_window(language=language)
        window.resize(1280, 720)
        form = window.bench.form
        for section in form.sections:
            section.set_folded(False)
        assert form.widget().minimumSizeHint().width() <= form.viewport().width()
        for combo in form.findChildren(QComboBox):
            if combo.isVisible():
                assert combo.mapTo(form, combo.rect().topRight()).x() <= form.width()


def test_undo_reaches_another_field_from_the_keyboard(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window()
    before = window.session.scenario.workload.input_tokens
    type_into(window, "workload.input_tokens", "777")
    assert window.session.scenario.workload.input_tokens == 777
    other = line_of(window, "workload.output_tokens").line
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    other.setFocus()
    qtbot.keyClick(other, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.session.scenario.workload.input_tokens == before
    assert line_of(window, "workload.input_tokens").line.text() != "777"
    qtbot.keyClick(other, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert window.session.scenario.workload.input_tokens == 777


def test_pages_with_the_whole_width_do_not_hold_the_window_open(make_window: MakeWindow) -> None:
    window = make_window(Scenario())
    window.resize(1440, 900)
    for key in PAGES:
        window.actions_by_key[key].trigger()
        assert window.minimumSizeHint().width() <= 1280, key
    window.resize(1280, 720)
    assert window.width() == 1280
