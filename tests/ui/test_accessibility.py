"""Every control can be reached by keyboard and has a name, charts have words, and the window is drawn at each scale."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTextBrowser,
    QWidget,
)

from gpuplanner.ui.menus import PAGES
from gpuplanner.ui.window import MainWindow

CONTROLS = (QAbstractButton, QAbstractItemView, QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit, QTextBrowser)
#: Parts that Qt makes inside of its own widgets, which speak for them.
INNER = ("qt_", "ScrollRight", "ScrollLeft")


def controls(top: QWidget) -> Iterator[QWidget]:
    """All controls that are shown in a widget, but for those inside of others."""
    for widget in top.findChildren(QWidget):
        if isinstance(widget, CONTROLS) and widget.isVisibleTo(top) and not widget.objectName().startswith(INNER):
            parent = widget.parentWidget()
            if not isinstance(parent, QComboBox | QAbstractSpinBox | QLineEdit | QAbstractItemView):
                yield widget


def said_of(widget: QWidget) -> str:
    """What a screen reader says of a widget."""
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name) if interface is not None else ""


def described(widget: QWidget) -> str:
    """Where a widget stands, for the message of a failed test."""
    names = []
    while widget is not None:
        names.append(type(widget).__name__)
        widget = widget.parentWidget()
    return " < ".join(names[:5])


def nameless(top: QWidget) -> list[str]:
    """Controls that a screen reader has no name for."""
    return [described(widget) for widget in controls(top) if not said_of(widget).strip()]


def unreachable(top: QWidget) -> list[str]:
    """Buttons and fields that the keyboard can't get to, neither themselves nor through one that stands for them."""
    return [
        f"{described(widget)}: {said_of(widget)}"
        for widget in controls(top)
        if widget.isEnabled() and not widget.focusPolicy() & Qt.FocusPolicy.TabFocus and not _stood_for(widget)
    ]


def _stood_for(widget: QWidget) -> bool:
    """Lists moved in from a search line; links and views that a neighbour opens by a key; actions with a menu entry."""
    if isinstance(widget, QAbstractButton) and getattr(widget, "defaultAction", lambda: None)() is not None:
        return True
    parent = widget.parentWidget()
    return isinstance(widget, QAbstractItemView) and parent is not None and parent.findChild(QLineEdit) is not None


@pytest.mark.parametrize("page", PAGES)
def test_controls_of_each_page(window: MainWindow, page: str) -> None:
    window.actions_by_key[page].trigger()
    assert nameless(window) == []
    assert unreachable(window) == []


@pytest.mark.parametrize("command", ["settings", "questionnaire", "about", "quote", "new_model", "deploy"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_controls_of_each_dialog(window: MainWindow, command: str, language: str) -> None:
    window.commander.choose_language(language)
    window.actions_by_key[command].trigger()
    dialogs = [dialog for dialog in window.findChildren(QDialog) if dialog.isVisible()]
    assert dialogs
    for dialog in dialogs:
        assert nameless(dialog) == []
        assert unreachable(dialog) == []
        dialog.reject()


def test_controls_of_the_help_window(window: MainWindow) -> None:
    window.actions_by_key["help"].trigger()
    shown = window.help_desk.help
    assert shown is not None
    assert nameless(shown) == []
    assert unreachable(shown) == []


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
