"""Every control can be reached by keyboard and has a name, charts have words, and the window is drawn at each scale."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLineEdit, QPushButton, QWidget

from gpuplanner.ui.menus import PAGES
from gpuplanner.ui.selftest import settle
from gpuplanner.ui.window import MainWindow
from tests.ui.every_dialog import DIALOGS
from tests.ui.looking import controls, cut_words, described, missed_by_tab, nameless, said_of, unreachable


@pytest.mark.parametrize("page", PAGES)
def test_controls_of_each_page(window: MainWindow, page: str) -> None:
    window.actions_by_key[page].trigger()
    assert nameless(window) == []
    assert unreachable(window) == []


@pytest.mark.parametrize("name", DIALOGS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_controls_of_each_dialog(window: MainWindow, name: str, language: str, tmp_path: Path) -> None:
    window.commander.choose_language(language)
    last = None
    for state, dialog in DIALOGS[name](window, tmp_path):
        assert (state, nameless(dialog)) == (state, [])
        assert (state, unreachable(dialog)) == (state, [])
        assert (state, cut_words(dialog)) == (state, [])
        assert (state, missed_by_tab(dialog)) == (state, [])
        last = dialog
    assert last is not None
    last.close()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_words_are_cut_on_a_small_screen(window: MainWindow, page: str, language: str) -> None:
    window.commander.choose_language(language)
    window.resize(1280, 720)
    window.actions_by_key[page].trigger()
    settle()
    assert cut_words(window) == []


def test_the_walk_finds_what_is_wrong(window: MainWindow) -> None:
    assert len(list(controls(window))) > 60
    panel = QDialog(window)
    line, button = QLineEdit(panel), QPushButton("Go", panel)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    assert nameless(panel) == ["QLineEdit < QDialog < MainWindow"]
    assert unreachable(panel) == ["QPushButton < QDialog < MainWindow: Go"]
    line.setAccessibleName("Name")
    assert nameless(panel) == []
    panel.deleteLater()


def drawn(top: QWidget) -> Iterator[QWidget]:
    """What the program draws itself and the keyboard stops at: charts, tables of figures, maps."""
    for widget in top.findChildren(QWidget):
        if (
            type(widget).__module__.startswith("gpuplanner.")
            and "paintEvent" in vars(type(widget))
            and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            and widget.isVisibleTo(top)
        ):
            yield widget


@pytest.mark.parametrize("language", ["en", "zh"])
def test_charts_say_in_words_what_they_show(window: MainWindow, language: str) -> None:
    window.commander.choose_language(language)
    seen = 0
    for page in PAGES:
        window.actions_by_key[page].trigger()
        for widget in drawn(window):
            assert widget.accessibleName() or said_of(widget), (page, described(widget))
            seen += 1
    assert seen


SCALED = """
from pathlib import Path
from gpuplanner import assets, paths
import sys
paths.set_home(Path(sys.argv[1]))
from gpuplanner.ui.selftest import forget_size_hints, opened, settle
complaints = forget_size_hints()
window = opened(sorted((assets.resources() / "examples").glob("*70b*"))[0], "zh", "light")
picture = window.grab()
print(picture.width(), picture.height(), window.width(), window.height(), window.devicePixelRatioF())
window.session.undo_stack.setClean()
window.close()
"""


@pytest.mark.parametrize("scale", ["1", "1.5", "2"])
def test_the_window_is_drawn_at_each_scale(scale: str, tmp_path: object) -> None:
    environment = os.environ | {"QT_SCALE_FACTOR": scale, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", SCALED, str(tmp_path)], env=environment, capture_output=True, text=True, check=True
    )
    wide, high, width, height, ratio = map(float, done.stdout.split()[-5:])
    assert ratio == float(scale)
    assert (wide, high) == (round(width * ratio), round(height * ratio))
    assert (width, height) >= (1280, 720)
