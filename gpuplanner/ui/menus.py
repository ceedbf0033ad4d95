"""Menu bar and tool bar, made of the actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMainWindow, QMenu, QPushButton, QSizePolicy, QToolBar, QWidget

from gpuplanner.scenario.examples import examples
from gpuplanner.texts import text
from gpuplanner.ui.actions import Actions
from gpuplanner.ui.page_switch import PageSwitch

SEPARATOR: Final = ""
_MENUS: Final = {
    "file": (
        "new",
        "questionnaire",
        "@examples",
        "open",
        "@recent",
        "",
        "save",
        "save_as",
        "duplicate",
        "revert",
        "show_file",
        "",
        "quote",
        "deploy",
        "",
        "close",
        "quit",
    ),
    "edit": ("undo", "redo", "", "search", "", "settings"),
    "view": (
        "page_plan",
        "page_scenarios",
        "page_compare",
        "page_load",
        "page_estate",
        "page_cost",
        "page_evidence",
        "",
        "inputs",
        "scenarios",
        "why",
        "",
        "gib",
        "@theme",
        "@language",
    ),
    "scenario": (
        "import",
        "new_model",
        "",
        "import_benchmark",
        "measurements",
        "",
        "details",
        "automatic",
        "",
        "reset",
    ),
    "catalogue": ("import_prices", "", "import_pack", "pack_back", "", "practice"),
    "help": ("help", "help_here", "glossary", "keys", "", "log", "about"),
}
_TOOLS: Final = ("new", "open", "save", "", "undo", "redo")
PAGES: Final = ("page_plan", "page_scenarios", "page_compare", "page_load", "page_estate", "page_cost", "page_evidence")
THEMES: Final = ("system", "light", "dark")
LANGUAGES: Final = ("system", "en", "zh")


class Menus(QObject):
    """Builds menus and tool bar, and keeps the lists in them up to date.

    Signals:
        example_wanted: an :class:`Example`.
        recent_wanted: a path.
        recent_cleared: the list of recent files shall be emptied.
        theme_wanted, language_wanted: a choice by its name.
    """

    example_wanted = Signal(object)
    recent_wanted = Signal(object)
    recent_cleared = Signal()
    theme_wanted = Signal(str)
    language_wanted = Signal(str)

    def __init__(self, window: QMainWindow, actions: Actions, recent: Callable[[], Sequence[Path]]) -> None:
        super().__init__(window)
        self._actions = actions
        self._recent = recent
        self._titles: dict[str, QMenu] = {}
        bar = window.menuBar()
        for name, keys in _MENUS.items():
            self._fill(self._menu(name, bar.addMenu("")), keys)
        self.tool_bar = QToolBar(window)
        self.tool_bar.setObjectName("tools")
        self.tool_bar.setMovable(False)
        for key in _TOOLS:
            self._add(self.tool_bar, key)
        self.tool_bar.addSeparator()
        self.switch = PageSwitch([actions[key] for key in PAGES], self.tool_bar)
        self.tool_bar.addWidget(self.switch)
        window.addToolBar(self.tool_bar)

    def add_right(self, *widgets: QWidget) -> None:
        """Put widgets at the right end of the tool bar."""
        gap = QWidget(self.tool_bar)
        gap.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        gap.setMinimumWidth(8)
        self.tool_bar.addWidget(gap)
        for place, widget in enumerate(widgets):
            if place:
                space = QWidget(self.tool_bar)
                space.setFixedWidth(8)
                self.tool_bar.addWidget(space)
            self.tool_bar.addWidget(widget)

    def check(self, name: str, choice: str) -> None:
        """Mark the theme or language that is chosen."""
        for action in self._titles[name].actions():
            action.setChecked(action.data() == choice)

    def retranslate(self) -> None:
        """Follow a change of language."""
        for name, menu in self._titles.items():
            menu.setTitle(text(f"menu.{name}"))
        for name, choices in (("theme", THEMES), ("language", LANGUAGES)):
            for action, choice in zip(self._titles[name].actions(), choices, strict=True):
                action.setText(text(f"menu.{name}.{choice}"))
        self.tool_bar.setWindowTitle(text("menu.tools"))

    def _menu(self, name: str, menu: QMenu) -> QMenu:
        menu.setObjectName(f"menu_{name}")
        menu.setToolTipsVisible(True)
        self._titles[name] = menu
        return menu

    def _fill(self, menu: QMenu, keys: Sequence[str]) -> None:
        for key in keys:
            if key.startswith("@"):
                self._submenu(key[1:], menu)
            else:
                self._add(menu, key)

    def _add(self, place: QMenu | QToolBar, key: str) -> None:
        if key == SEPARATOR:
            place.addSeparator()
        else:
            place.addAction(self._actions[key])

    def _submenu(self, name: str, parent: QMenu) -> None:
        menu = self._menu(name, parent.addMenu(""))
        if name == "examples":
            menu.aboutToShow.connect(self._list_examples)
        elif name == "recent":
            menu.aboutToShow.connect(self._list_recent)
        else:
            self._choices(
                menu, THEMES if name == "theme" else LANGUAGES, self.theme_wanted if name == "theme" else self.language_wanted
            )

    @staticmethod
    def _choices(menu: QMenu, choices: Sequence[str], signal: object) -> None:
        group = QActionGroup(menu)
        for choice in choices:
            action = QAction(menu)
            action.setCheckable(True)
            action.setData(choice)
            action.triggered.connect(partial(signal.emit, choice))  # type: ignore[attr-defined]
            group.addAction(action)
            menu.addAction(action)

    def _list_examples(self) -> None:
        menu = self._titles["examples"]
        menu.clear()
        for example in examples():
            menu.addAction(_labelled(example.title(), menu, partial(self.example_wanted.emit, example)))

    def _list_recent(self) -> None:
        menu = self._titles["recent"]
        menu.clear()
        files = self._recent()
        for place, path in enumerate(files, 1):
            label = f"&{place % 10} {path.name.replace('&', '&&')}"
            action = _labelled(label, menu, partial(self.recent_wanted.emit, path))
            action.setToolTip(str(path))
            action.setEnabled(path.exists())
            menu.addAction(action)
        if files:
            menu.addSeparator()
        clear = _labelled(text("menu.recent.clear"), menu, self.recent_cleared.emit)
        clear.setEnabled(bool(files))
        menu.addAction(clear)


def primary_button(action: QAction, parent: QWidget) -> QPushButton:
    """A button for the most important action."""
    button = QPushButton(parent)
    button.setProperty("primary", True)
    button.clicked.connect(action.trigger)
    return button


def _labelled(label: str, menu: QMenu, run: Callable[[], object]) -> QAction:
    action = QAction(label, menu)
    action.triggered.connect(lambda: run())
    return action
