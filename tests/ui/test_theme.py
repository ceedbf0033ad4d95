"""Fonts, style sheet and theme switch."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QFontInfo, QFontMetricsF, QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gpuplanner import assets
from gpuplanner.palette import DARK, LIGHT, THEMES, Theme
from gpuplanner.ui.app import make_application
from gpuplanner.ui.theme import fonts, style
from gpuplanner.ui.theme.switch import ThemeSwitch


@pytest.fixture
def switch(qapp: QApplication) -> ThemeSwitch:
    return ThemeSwitch(make_application(), "system")


def test_unknown_scheme_is_light(switch: ThemeSwitch) -> None:
    assert QGuiApplication.styleHints().colorScheme() != Qt.ColorScheme.Dark
    assert switch.theme is LIGHT


def test_choice_and_change(switch: ThemeSwitch, qtbot: QtBot) -> None:
    with qtbot.waitSignal(switch.changed):
        switch.choose("dark")
    assert switch.theme is DARK
    with qtbot.assertNotEmitted(switch.changed):
        switch.choose("dark")
    switch.choose("system")
    assert switch.theme is LIGHT


def test_the_systems_change_is_followed(switch: ThemeSwitch, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    class Dark:
        @staticmethod
        def colorScheme() -> Qt.ColorScheme:
            return Qt.ColorScheme.Dark

    monkeypatch.setattr(QGuiApplication, "styleHints", staticmethod(Dark))
    with qtbot.waitSignal(switch.changed):
        switch._system_changed(Qt.ColorScheme.Dark)
    assert switch.theme is DARK


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_style_sheet_takes_all_its_colours_from_the_palette(theme: Theme) -> None:
    sheet = style.sheet(theme)
    assert "$" not in sheet
    raw = (assets.resources() / "themes" / "window.qss").read_text(encoding="utf-8")
    assert "#" not in raw
    assert len(raw.splitlines()) <= 120


def test_bundled_fonts_are_used_and_digits_are_of_one_width(switch: ThemeSwitch) -> None:
    assert {fonts.LATIN, fonts.CHINESE} <= set(QFontDatabase.families())
    assert QFontInfo(fonts.font()).family() == fonts.LATIN
    for bold in (False, True):
        metrics = QFontMetricsF(fonts.font(bold=bold))
        widths = [metrics.horizontalAdvance(digit) for digit in "0123456789"]
        assert max(widths) - min(widths) < 0.05  # rounding of outlines, no more


def test_every_character_of_our_texts_is_in_the_bundled_fonts(switch: ThemeSwitch) -> None:
    from PySide6.QtGui import QRawFont

    loaded = [QRawFont(str(path), 13.0) for path in sorted((assets.resources() / "fonts").glob("*-regular.otf"))]
    used = {
        char
        for path in _texts()
        for entry in json.loads(path.read_bytes()).values()
        for words in entry.values()
        for char in words
    }
    missing = {char for char in used if not any(font.supportsCharacter(ord(char)) for font in loaded)}
    assert {char for char in missing if char.isprintable()} == set(), "run packaging/fonts.py"


def _texts() -> list[Path]:
    return sorted((assets.resources() / "texts").glob("*.json"))
