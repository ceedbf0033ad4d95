"""Puts the library and the comparison into a window: what they ask for, the window's parts do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from gpuplanner.disk import write_atomically
from gpuplanner.errors import InputError, Message
from gpuplanner.scenario.examples import Example
from gpuplanner.scenario.files import load_scenario
from gpuplanner.scenario.shelf import LibraryChoice
from gpuplanner.texts import text
from gpuplanner.ui.notices import Notice

if TYPE_CHECKING:
    from gpuplanner.ui.compare.page import ComparePage
    from gpuplanner.ui.library.page import LibraryPage
    from gpuplanner.ui.window import MainWindow

SCENARIOS, COMPARE = "scenarios", "compare"


class Desk(QObject):
    """Makes the pages when they are first shown.

    Attributes:
        library, compare: None until they are shown.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.library: LibraryPage | None = None
        self.compare: ComparePage | None = None
        window.bench.makers[SCENARIOS] = self._make_library
        window.bench.makers[COMPARE] = self._make_compare
        window.bench.page_shown.connect(self._page_shown)
        window.document.opened.connect(self._opened)

    def folders(self) -> tuple[Path, ...]:
        """The folders of the library."""
        values = self._window.preferences.values
        return (values.folder(), *(Path(name) for name in values.library_folders if name and "\0" not in name))

    def open(self, path: object) -> None:
        """Open a scenario, and go to its plan."""
        if isinstance(path, Path) and self._window.filing.open_path(path):
            self._window.bench.show_page("plan")

    def begin_from(self, path: object) -> None:
        """Begin an unsaved copy of a template, and go to its plan."""
        window = self._window
        if not isinstance(path, Path):
            return
        try:
            scenario = load_scenario(path).scenario
        except InputError as error:
            window.notices.add(Notice(error, "bad", "open"))
            return
        if window.filing.may_leave():
            fresh = LibraryChoice(tags=scenario.library.tags)
            window.document.start(scenario.model_copy(update={"library": fresh}), modified=True)
            window.bench.show_page("plan")

    def open_example(self, example: object) -> None:
        """Begin an example, and go to its plan."""
        if isinstance(example, Example):
            self._window.filing.open_example(example)
            self._window.bench.show_page("plan")

    def begin(self) -> None:
        """Begin with nothing, and go to the form."""
        self._window.bench.show_page("plan")
        self._window.commander.new_from_library()

    def add_folder(self) -> None:
        """Ask for a folder and list it too."""
        window = self._window
        folder = window.filing.asking.folder(self.folders()[0])
        if folder is not None and folder not in self.folders():
            window.preferences.update(library_folders=(*window.preferences.values.library_folders, str(folder)))
            self._list()

    def drop_folder(self, folder: object) -> None:
        """Don't list a folder any more; the first one stays."""
        preferences = self._window.preferences
        kept = tuple(name for name in preferences.values.library_folders if name != str(folder))
        if len(kept) == len(preferences.values.library_folders):
            preferences.update(scenario_folder=None)
            self._window.bench.library.set_folder(preferences.values.folder())
        preferences.update(library_folders=kept)
        self._list()

    def show_comparison(self, paths: object) -> None:
        """Show scenarios side by side; the one in the window as it is there."""
        if not isinstance(paths, list):
            return
        here = self._window.document.path
        self._window.bench.show_page(COMPARE)
        if self.compare is not None:
            self.compare.compare([None if path == here else path for path in paths])

    def add_file(self) -> None:
        """Ask for a file and put it beside the others."""
        path = self._window.filing.asking.scenario_to_open(self.folders()[0])
        if path is not None and self.compare is not None:
            self.compare.add(path)

    def export(self, content: bytes, form: str) -> None:
        """Ask where to, and write a comparison there."""
        window = self._window
        path = window.filing.asking.place_to_export(window.filing.folder() / f"{text('compare.name')}.{form}")
        if path is None:
            return
        try:
            write_atomically(path, content)
        except InputError as error:
            window.notices.add(Notice(error, "bad", "compare"))
            return
        window.notices.add(Notice(Message("notice.exported", {"file": str(path)}), "info", "compare"))

    def _make_compare(self, parent: QWidget) -> ComparePage:
        from gpuplanner.ui.compare.page import ComparePage

        page = ComparePage(self._window.session, parent)
        page.noticed.connect(self._window.notices.add)
        page.file_wanted.connect(self.add_file)
        page.export_wanted.connect(self.export)
        self.compare = page
        return page

    def _make_library(self, parent: QWidget) -> LibraryPage:
        from gpuplanner.ui.library.page import LibraryPage

        window = self._window
        page = LibraryPage(window.session, parent)
        page.restore_state(dict(window.preferences.values.library))
        page.open_wanted.connect(self.open)
        page.template_wanted.connect(self.begin_from)
        page.example_wanted.connect(self.open_example)
        page.new_wanted.connect(self.begin)
        page.compare_wanted.connect(self.show_comparison)
        page.moved.connect(window.document.follow)
        page.noticed.connect(window.notices.add)
        page.folder_wanted.connect(self.add_folder)
        page.folder_dropped.connect(self.drop_folder)
        page.arranged.connect(self._arranged)
        self.library = page
        self._list()
        return page

    def _list(self) -> None:
        if self.library is not None:
            self.library.set_folders(self.folders())

    def _arranged(self, state: object) -> None:
        self._window.preferences.update(library=state)

    def _page_shown(self, name: str) -> None:
        if name == SCENARIOS:
            self._list()

    def _opened(self, _path: object) -> None:
        if self.library is not None and self.library.isVisible():
            self.library.refresh()
