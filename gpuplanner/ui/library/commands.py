"""What can be done with the selected scenarios, by key, menu and button."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices, QKeySequence

from gpuplanner.scenario.cards import Card
from gpuplanner.texts import text
from gpuplanner.ui.library.tag_menu import TagMenu

if TYPE_CHECKING:
    from gpuplanner.ui.library.centre import Centre
    from gpuplanner.ui.library.keeper import Keeper
    from gpuplanner.ui.library.model import LibraryModel

MOST_COMPARED: Final = 6
_KEYS: Final = {"open": "Return", "rename": "F2", "trash": "Del", "compare": "Ctrl+D", "find": "Ctrl+F", "clear": "Esc"}
_KEYLESS: Final = ("duplicate", "variant", "template", "archive", "tag", "show")


class Commands(QObject):
    """Carries commands out.

    Signals:
        open_wanted: a path.
        template_wanted: a path whose copy shall begin.
        compare_wanted: paths.
        made: the file that was made, and whether its name shall be typed.
    """

    open_wanted = Signal(object)
    template_wanted = Signal(object)
    compare_wanted = Signal(object)
    made = Signal(object, bool)

    def __init__(self, model: LibraryModel, centre: Centre, keeper: Keeper, parent: QObject) -> None:
        super().__init__(parent)
        self._model, self._centre, self._keeper = model, centre, keeper
        self.actions = {key: self._action(key) for key in (*_KEYS, *_KEYLESS)}

    def retranslate(self) -> None:
        """Follow a change of language."""
        for key, action in self.actions.items():
            action.setText(text(f"library.{key}"))

    def run(self, key: str) -> None:
        """Carry out a command on what is selected."""
        cards = self._centre.selected()
        if key == "find":
            self._centre.start_search()
        elif key == "clear":
            self._centre.clear()
        elif cards:
            self._run(key, cards, [card.path for card in cards])

    def _run(self, key: str, cards: list[Card], paths: list[Path]) -> None:
        keeper = self._keeper
        does: dict[str, Callable[[], object]] = {
            "open": partial(self._open, cards[0]),
            "rename": self._centre.edit_name,
            "trash": partial(keeper.trash, paths),
            "duplicate": partial(keeper.duplicate, paths),
            "variant": partial(self._variant, cards[0]),
            "archive": partial(keeper.archive, paths, not all(card.archived for card in cards)),
            "template": partial(keeper.as_template, paths, not all(card.template for card in cards)),
            "tag": partial(self._tag, cards),
            "show": partial(_show, paths[0]),
            "compare": partial(self._compare, paths),
        }
        done = does[key]()
        if made := getattr(done, "made", ()):
            self.made.emit(made[0], key == "variant")

    def _open(self, card: Card) -> None:
        (self.template_wanted if card.template else self.open_wanted).emit(card.path)

    def _variant(self, card: Card) -> object:
        return self._keeper.variant(card.path, text("library.variant.name", name=card.name)[:200])

    def _compare(self, paths: list[Path]) -> None:
        if 2 <= len(paths) <= MOST_COMPARED:
            parents = {card.parent for card in self._centre.selected()}
            self.compare_wanted.emit(sorted(paths, key=lambda path: path.name not in parents))

    def _tag(self, cards: list[Card]) -> None:
        tags = sorted({tag for card in self._model.cards for tag in card.tags}, key=str.casefold)
        menu = TagMenu(cards, tags, self._centre)
        paths = [card.path for card in cards]
        menu.added.connect(lambda tag: self._keeper.tag(paths, add=(tag,)))
        menu.removed.connect(lambda tag: self._keeper.tag(paths, remove=(tag,)))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self._centre.bar.buttons["tag"].mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    def _action(self, key: str) -> QAction:
        action = QAction(self)
        action.triggered.connect(partial(self.run, key))
        if key in _KEYS and key != "open":  # the views tell of Enter themselves
            action.setShortcut(QKeySequence(_KEYS[key]))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        return action


def _show(path: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))
