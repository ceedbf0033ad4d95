"""The menus of the library: what can be done with the selection, and what a scenario can begin with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from gpuplanner.scenario.cards import Card
from gpuplanner.scenario.examples import Example, examples
from gpuplanner.texts import text

_GROUPS: Final = (("open", "show"), ("variant", "duplicate", "rename"), ("tag", "template", "archive"), ("compare",), ("trash",))
_MOST_TEMPLATES: Final = 20


def selection_menu(cards: Sequence[Card], commands: Mapping[str, QAction], most: int, parent: QWidget) -> QMenu:
    """The commands for selected scenarios; ``most`` can be compared."""
    archived, template = all(card.archived for card in cards), all(card.template for card in cards)
    commands["archive"].setText(text("library.unarchive" if archived else "library.archive"))
    commands["template"].setText(text("library.no_template" if template else "library.template"))
    menu = QMenu(parent)
    for keys in _GROUPS:
        for key in keys:
            if key != "compare" or 2 <= len(cards) <= most:
                menu.addAction(commands[key])
        menu.addSeparator()
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return menu


def begin_menu(
    templates: Sequence[Card],
    empty: Callable[[], object],
    from_template: Callable[[Card], object],
    from_example: Callable[[Example], object],
    parent: QWidget,
) -> QMenu:
    """Nothing, own templates, and the examples."""
    menu = QMenu(parent)
    _add(menu, text("library.new.empty"), empty)
    if templates:
        menu.addSection(text("library.scope.templates"))
    for card in templates[:_MOST_TEMPLATES]:
        _add(menu, card.name, lambda card=card: from_template(card))  # type: ignore[misc]
    menu.addSection(text("menu.examples").replace("&", ""))
    for example in examples():
        _add(menu, example.title(), lambda example=example: from_example(example))  # type: ignore[misc]
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return menu


def _add(menu: QMenu, label: str, does: Callable[[], object]) -> None:
    action = menu.addAction(label.replace("&", "&&"))
    action.triggered.connect(lambda: does())
