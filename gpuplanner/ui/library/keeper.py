"""Library commands with what they say: problems, and a way to take them back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from gpuplanner.errors import InputError, Message
from gpuplanner.scenario import keeping
from gpuplanner.scenario.document import Scenario
from gpuplanner.scenario.keeping import Done
from gpuplanner.ui.notices import Notice

_TOPIC = "library"
_MOST_SAID = 2


class Keeper(QObject):
    """Changes scenario files.

    Signals:
        changed: files were changed; the list is to be read again.
        moved: a file was renamed, from and to.
        noticed: something to tell, a :class:`Notice`.
    """

    changed = Signal()
    moved = Signal(object, object)
    noticed = Signal(object)

    def tag(self, paths: Sequence[Path], add: Sequence[str] = (), remove: Sequence[str] = ()) -> Done:
        """File scenarios under tags, and take others away."""
        return self._did("tagged", keeping.tag(paths, add, remove), len(paths))

    def archive(self, paths: Sequence[Path], archived: bool) -> Done:
        """Put scenarios into the archive, or back."""
        return self._did("archived" if archived else "unarchived", keeping.archive(paths, archived), len(paths))

    def as_template(self, paths: Sequence[Path], template: bool) -> Done:
        """Have scenarios begin new ones when they are opened, or no more."""
        return self._did("template" if template else "no_template", keeping.as_template(paths, template), len(paths))

    def trash(self, paths: Sequence[Path]) -> Done:
        """Put files into the trash."""
        return self._did("trashed", keeping.trash(paths), len(paths))

    def duplicate(self, paths: Sequence[Path]) -> Done:
        """Copy files beside themselves."""
        return self._did("duplicated", keeping.duplicate(paths), len(paths))

    def variant(self, path: Path, name: str) -> Done:
        """Make a variant of a scenario."""
        return self._did("variant", keeping.variant(path, name), 1)

    def begin(self, folder: Path, scenario: Scenario) -> Done:
        """Write a new scenario into a folder."""
        return self._did("begun", keeping.begin(folder, scenario), 1)

    def adopt(self, paths: Sequence[Path], folder: Path) -> Done:
        """Copy files from elsewhere into the library."""
        return self._did("adopted", keeping.adopt(paths, folder), len(paths))

    def rename(self, path: Path, name: str, variants: Sequence[Path]) -> Done:
        """Give a scenario another name."""
        return self._did("renamed", keeping.rename(path, name, variants), 1)

    def _did(self, what: str, done: Done, wanted: int) -> Done:
        for source, target in done.moved:
            self.moved.emit(source, target)
        if done.steps:
            count = max(1, wanted - len(done.problems))
            key = f"notice.library.{what}" if count != 1 else f"notice.library.{what}.one"
            undo: tuple[tuple[str, Callable[[], object]], ...] = (("notice.library.undo", partial(self._take_back, done)),)
            self.noticed.emit(Notice(Message(key, {"count": count, "name": done.steps[0].path.stem}), "info", _TOPIC, undo))
        self._say(done.problems)
        self.changed.emit()
        return done

    def _take_back(self, done: Done) -> None:
        problems = keeping.take_back(done)
        for source, target in done.moved:
            if not problems:
                self.moved.emit(target, source)
        self._say(problems)
        self.changed.emit()

    def _say(self, problems: Sequence[InputError]) -> None:
        for place, problem in enumerate(problems[:_MOST_SAID]):
            self.noticed.emit(Notice(problem, "bad", f"{_TOPIC}.problem.{place}"))
