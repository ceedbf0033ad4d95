"""The settings dialog by clicks and keys: in force at once, and kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from gpuplanner import texts
from gpuplanner.settings import Company, Settings, load_settings, settings_file
from gpuplanner.ui.fields.choice import Choice
from gpuplanner.ui.settings.dialog import SettingsDialog
from gpuplanner.ui.window import MainWindow


@pytest.fixture
def dialog(window: MainWindow, qtbot: QtBot) -> SettingsDialog:
    """Opened by its command."""
    window.actions_by_key["settings"].trigger()
    found = window.findChild(SettingsDialog)
    assert isinstance(found, SettingsDialog)
    qtbot.waitUntil(found.isVisible)
    return found


def choose(qtbot: QtBot, box: Choice, label: str) -> None:
    box.setFocus()
    place = box.findText(label, Qt.MatchFlag.MatchExactly)
    assert place >= 0
    while box.currentIndex() != place:
        qtbot.keyClick(box, Qt.Key.Key_Down if box.currentIndex() < place else Qt.Key.Key_Up)


def test_command_stands_in_the_edit_menu(window: MainWindow) -> None:
    menu = window.menus.parent().findChild(object, "menu_edit")
    assert window.actions_by_key["settings"] in menu.actions()
    assert window.actions_by_key["settings"].shortcut().toString() == "Ctrl+,"


def test_language_and_look_are_in_force_at_once(window: MainWindow, dialog: SettingsDialog, qtbot: QtBot) -> None:
    choose(qtbot, dialog.general.theme, "Dark")
    assert window.themes.theme.dark
    choose(qtbot, dialog.general.byte_unit, "GiB (2³⁰ bytes)")
    assert window.status.unit.text() == "GiB"
    choose(qtbot, dialog.general.language, "中文")
    assert texts.language() == "zh"
    assert dialog.windowTitle() == "设置"
    assert [dialog.tabs.tabText(place) for place in range(3)] == ["常规", "文件夹与价目", "公司信息"]
    window.preferences.keep()
    kept = load_settings()
    assert (kept.language.value, kept.theme.value, kept.byte_unit.value) == ("zh", "dark", "GiB")


def test_currency_is_that_of_new_scenarios(window: MainWindow, dialog: SettingsDialog, qtbot: QtBot) -> None:
    choose(qtbot, dialog.general.currency, "USD $")
    assert window.session.scenario.money.currency == "CNY"
    window.actions_by_key["new"].trigger()
    money = window.session.scenario.money
    assert (money.currency, money.electricity_per_kwh) == ("USD", 0.11)  # 0.75 yuan at 7.1 to the dollar


def test_company_is_typed_and_kept(window: MainWindow, dialog: SettingsDialog, qtbot: QtBot) -> None:
    dialog.show_page("company")
    page = dialog.company
    qtbot.keyClicks(page.lines["name"], "Qinghe Compute")
    qtbot.keyClicks(page.lines["terms"], "Payable in 30 days.")
    page.valid_days.clear()
    qtbot.keyClicks(page.valid_days, "45")
    qtbot.keyClicks(page.colour, "#0a7")
    assert "#rrggbb" in page.problem.text()
    assert not window.preferences.values.company.colour
    qtbot.keyClicks(page.colour, "755")
    assert page.problem.isHidden()
    window.preferences.keep()
    company = load_settings().company
    assert company == Company(name="Qinghe Compute", terms="Payable in 30 days.", valid_days=45, colour="#0a7755")


def test_logo_is_taken_only_when_it_is_a_picture(
    window: MainWindow, dialog: SettingsDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog.show_page("company")
    good, bad = tmp_path / "logo.png", tmp_path / "logo.txt"
    assert QImage(40, 20, QImage.Format.Format_RGB32).save(str(good))
    bad.write_text("no picture")
    asking = window.filing.asking
    asking.path = bad  # type: ignore[attr-defined]
    qtbot.mouseClick(dialog.company.choose_logo, Qt.MouseButton.LeftButton)
    assert "logo.txt" in dialog.company.problem.text()
    assert window.preferences.values.company.logo == ""
    asking.path = good  # type: ignore[attr-defined]
    qtbot.mouseClick(dialog.company.choose_logo, Qt.MouseButton.LeftButton)
    assert dialog.company.problem.isHidden()
    assert not dialog.company.picture.pixmap().isNull()
    assert window.preferences.values.company.logo == str(good)


def test_folders_are_chosen(window: MainWindow, dialog: SettingsDialog, qtbot: QtBot, tmp_path: Path) -> None:
    dialog.show_page("folders")
    page = dialog.folders
    assert not page.beside_scenario.isEnabled()
    window.filing.asking.path = tmp_path  # type: ignore[attr-defined]
    qtbot.mouseClick(page.choose_quotes, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(page.choose_scenarios, Qt.MouseButton.LeftButton)
    assert window.preferences.values.quote_folder == str(tmp_path) == page.quotes.text()
    assert window.bench.library.folder == tmp_path
    qtbot.mouseClick(page.beside_scenario, Qt.MouseButton.LeftButton)
    assert window.preferences.values.quote_folder == ""


def test_a_wrong_colour_costs_only_itself() -> None:
    settings_file().parent.mkdir(parents=True, exist_ok=True)
    settings_file().write_text(json.dumps({"company": {"name": "Qinghe", "colour": "blue"}, "currency": "GBP", "theme": "dark"}))
    loaded = load_settings()
    assert loaded.company == Company(name="Qinghe")
    assert (loaded.currency, loaded.theme.value) == ("CNY", "dark")


def test_first_scenario_has_the_currency(make_window: Callable[..., MainWindow]) -> None:
    window = make_window(settings=Settings(currency="EUR"))
    assert window.session.scenario.money.currency == "EUR"


def test_every_editor_has_a_name(dialog: SettingsDialog) -> None:
    for page in (dialog.general, dialog.folders, dialog.company):
        for box in page.findChildren(QComboBox):
            assert box.accessibleName()
