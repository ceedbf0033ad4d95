"""Catalogue packs in a window: choosing one, showing it, putting it in force, and going back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject

from gpuplanner.errors import InputError, Message
from gpuplanner.ui.notices import Notice

if TYPE_CHECKING:
    from gpuplanner.ui.packs.dialog import PackDialog
    from gpuplanner.ui.window import MainWindow

ENDING: Final = ".gpucatalog"
_TOPIC: Final = "pack"


class PackDesk(QObject):
    """What the Catalogue menu does with packs."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.dialog: PackDialog | None = None

    def choose(self) -> None:
        """Ask for a pack and show it."""
        path = self._window.filing.asking.pack_to_import(self._window.filing.folder())
        if path is not None:
            self.read(path)

    def read(self, path: Path) -> None:
        """Show what a pack would change; one that can't be taken is said under the tool bar."""
        from gpuplanner.catalog.pack.archive import read_pack
        from gpuplanner.ui.packs.dialog import PackDialog
        from gpuplanner.ui.packs.effect import effect_of

        window, session = self._window, self._window.session
        if session.catalog is None:
            return
        try:
            pack = read_pack(path)
            effect = effect_of(pack, session.scenario, session.catalog, window.preferences.values.byte_unit.value)
        except InputError as error:
            self._failed(error)
            return
        self.dialog = PackDialog(pack, effect, window.themes.theme, window)
        self.dialog.taken.connect(self._taken)
        self.dialog.failed.connect(self._failed)
        self.dialog.open()

    def go_back(self) -> None:
        """Put the pack before, or the built-in catalogue, in force."""
        from gpuplanner.catalog.pack import store

        if store.state().current is None:
            self._say(Message("pack.back.none"))
            return
        try:
            now = store.go_back()
        except InputError as error:
            self._failed(error)
            return
        self._reload(Message("pack.back.to", {"digest": now}) if now else Message("pack.back.builtin"))

    def _taken(self, pack: object) -> None:
        manifest = getattr(pack, "manifest", None)
        if manifest is not None:
            self._reload(Message("pack.installed", {"name": manifest.name, "date": manifest.date.isoformat()}))

    def _reload(self, said: Message) -> None:
        from gpuplanner.catalog.load import load_catalog

        catalog = load_catalog()
        self._window.session.set_catalog(catalog)
        self._say(said)
        for warning in catalog.warnings:
            self._window.tell_warning(warning.code, warning.params)

    def _say(self, said: Message) -> None:
        self._window.notices.add(Notice(said, "info", _TOPIC))

    def _failed(self, error: InputError) -> None:
        self._window.notices.add(Notice(error, "bad", _TOPIC))
