"""The page of keys, from the window's own commands."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from html import escape
from typing import Final

from PySide6.QtGui import QAction, QKeySequence

from gpuplanner.texts import text
from gpuplanner.ui.actions import Actions, plain
from gpuplanner.ui.help.page import HelpPage, heading, paragraph, part, table

_ELSEWHERE: Final = ("tab", "arrows", "space", "enter", "escape", "updown", "menu", "alt")


def pages(actions: Actions) -> Iterator[HelpPage]:
    """One page with all shortcuts."""
    listed = [action for action in actions.all() if not action.shortcut().isEmpty()]
    words = " ".join(plain(action.text()) for action in listed)
    yield HelpPage("keyboard.keys", text("help.keyboard"), words, partial(_body, listed))


def _body(listed: list[QAction]) -> str:
    rows = [(_keys(action), escape(plain(action.text()))) for action in listed]
    more = [(f"<b>{escape(text(f'help.key.{key}'))}</b>", escape(text(f"help.key.{key}.does"))) for key in _ELSEWHERE]
    return (
        heading(text("help.keyboard"))
        + paragraph(text("help.keyboard.lead"))
        + part("help.keyboard.commands", table(rows))
        + part("help.keyboard.everywhere", table(more))
    )


def _keys(action: QAction) -> str:
    native = QKeySequence.SequenceFormat.NativeText
    return "<b>" + ", ".join(escape(keys.toString(native)) for keys in action.shortcuts()) + "</b>"
