"""The commands of the window: one table makes menus, tool bar, shortcuts and the search's commands."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from gpuplanner.texts import text, text_in

_MNEMONIC: Final = re.compile(r"\(&.\)|&")


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its text is ``action.<key>``. ``checkable`` ones are switches."""

    key: str
    run: Callable[..., object]
    shortcut: str | QKeySequence.StandardKey | None = None
    checkable: bool = False


class Actions(QObject):
    """QActions by key."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._actions: dict[str, QAction] = {}

    def add(self, command: Command) -> QAction:
        """Make the action of a command."""
        action = QAction(self)
        action.setObjectName(command.key)
        action.setCheckable(command.checkable)
        if command.shortcut is not None:
            action.setShortcut(QKeySequence(command.shortcut))
        action.triggered.connect(command.run)
        action.setMenuRole(_ROLES.get(command.key, QAction.MenuRole.NoRole))
        self._actions[command.key] = action
        return action

    def __getitem__(self, key: str) -> QAction:
        return self._actions[key]

    def all(self) -> list[QAction]:
        """Every action, in the order they were added."""
        return list(self._actions.values())

    def retranslate(self) -> None:
        """Follow a change of language."""
        for key, action in self._actions.items():
            self.name(action, text(f"action.{key}"))

    @staticmethod
    def name(action: QAction, label: str) -> None:
        """Give an action a text with a mnemonic; tool bar and tool tip get it without."""
        bare = plain(label)
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setText(label)
        action.setIconText(bare)
        action.setToolTip(f"{bare} ({keys})" if keys else bare)


def plain(label: str) -> str:
    """A menu text without its mnemonic."""
    return _MNEMONIC.sub("", label)


def other_words(key: str) -> str:
    """What a command is called in each language, for searching."""
    return " ".join(plain(text_in(lang, f"action.{key}")) for lang in ("en", "zh"))


_ROLES: Final = {
    "about": QAction.MenuRole.AboutRole,
    "quit": QAction.MenuRole.QuitRole,
    "settings": QAction.MenuRole.PreferencesRole,
}
