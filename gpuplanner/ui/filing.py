"""File commands: new, open, save and their kin, with the questions they ask."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from gpuplanner.catalog.importers.model_paths import may_be_model
from gpuplanner.errors import InputError, Message, Named
from gpuplanner.scenario.examples import Example
from gpuplanner.scenario.files import SUFFIX, load_scenario
from gpuplanner.scenario.library import free_path, new_name
from gpuplanner.scenario.recovery import Orphan
from gpuplanner.texts import text
from gpuplanner.ui.asking import Asking
from gpuplanner.ui.document import Document
from gpuplanner.ui.form import models
from gpuplanner.ui.notices import Notice
from gpuplanner.ui.preferences import Preferences
from gpuplanner.ui.session import Session

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.model import Model

log = logging.getLogger(__name__)


class Filing(QObject):
    """What the File menu does. Nothing unsaved is lost without a question."""

    def __init__(self, session: Session, document: Document, preferences: Preferences, asking: Asking, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._document = document
        self._preferences = preferences
        self.asking = asking

    def title(self) -> str:
        """What the scenario is called: by its file, else by its own name."""
        path = self._document.path
        return path.name if path is not None else self._session.scenario.name or text("title.untitled")

    @property
    def path(self) -> Path | None:
        """The scenario's file; None while it has none."""
        return self._document.path

    def may_leave(self) -> bool:
        """Whether the present scenario can be left; asks when something would be lost."""
        if not self._document.modified:
            return True
        decision = self.asking.unsaved(self.title())
        return self.save() if decision == "save" else decision == "discard"

    def new(self) -> None:
        """Begin with the defaults."""
        if self.may_leave():
            self._document.start(self._preferences.fresh())

    def open(self) -> None:
        """Ask for a file and open it."""
        path = self.asking.scenario_to_open(self.folder())
        if path is not None:
            self.open_path(path)

    def open_path(self, path: Path) -> bool:
        """Open a file by what it is: a scenario, or a model's file or folder."""
        if may_be_model(path):
            return self.import_file(path)
        if not self.may_leave():
            return False
        return self._document.open(path)

    def open_example(self, example: Example) -> None:
        """Begin with an unsaved copy of an example."""
        if not self.may_leave():
            return
        try:
            self._document.start(load_scenario(example.path).scenario)
        except InputError as error:
            self._document.noticed.emit(Notice(error, "bad", "open"))

    def restore(self, orphan: Orphan) -> None:
        """Open what a crash left; its file, if it has one, stays as it is until it is saved."""
        if not self.may_leave():
            return
        if orphan.path is None or not orphan.path.exists() or not self._document.open(orphan.path):
            self._document.start(orphan.scenario, modified=True)
        else:
            self._session.set_whole(orphan.scenario, "recovery")
        orphan.discard()

    def save(self) -> bool:
        """Write to its file; asks for one when there is none."""
        if self._document.path is None or self._document.read_only:
            return self.save_as()
        return self._document.save()

    def save_as(self) -> bool:
        """Ask where to, and write there."""
        path = self.asking.place_to_save(self._proposed())
        return path is not None and self._document.save_as(path)

    def duplicate(self) -> None:
        """Go on with an unsaved copy; the file stays as it is."""
        scenario = self._session.scenario
        name = text("scenario.copy", name=scenario.name or self.title().removesuffix(SUFFIX))
        if self.may_leave():
            self._document.start(scenario.model_copy(update={"name": name[:200]}), modified=True)

    def revert(self) -> None:
        """Go back to what the file holds; the way there can be undone."""
        path = self._document.path
        if path is None:
            return
        try:
            self._session.set_whole(load_scenario(path).scenario, "revert")
        except InputError as error:
            self._document.noticed.emit(Notice(error, "bad", "open"))

    def import_model(self) -> None:
        """Ask for a model's file and take the model in it."""
        path = self.asking.model_to_import(self.folder())
        if path is not None:
            self.import_file(path)

    def import_file(self, path: Path) -> bool:
        """Take the model of a file or folder into the scenario; says why when it can't be estimated."""
        from gpuplanner.catalog.importers.importing import import_model

        try:
            model = import_model(path)
        except InputError as error:
            self._document.noticed.emit(Notice(error, "bad", "import"))
            return False
        if model.shape is None:
            reason = Named(model.no_shape_reason or "reason.shape_unknown")
            said = Message("import.no_shape", {"file": str(path), "model": model.name, "reason": reason})
            self._document.noticed.emit(Notice(said, "bad", "import"))
            return False
        self.take_model(model)
        self._document.noticed.emit(
            Notice(Message("notice.imported", {"model": model.name, "file": str(path)}), "info", "import")
        )
        return True

    def take_model(self, model: Model) -> None:
        """Put a model that isn't in the catalogue into the scenario."""
        self._session.set_many("model.id", models.custom_changes(model, self._session.scenario, self._session.catalog))

    def show_in_folder(self) -> None:
        """Open the file's folder in the system's file manager."""
        if self._document.path is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._document.path.parent)))

    def folder(self) -> Path:
        """Where to look for files first."""
        path = self._document.path
        return path.parent if path is not None else self._preferences.values.folder()

    def _proposed(self) -> Path:
        folder = self.folder()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            folder = Path.home()
        path = self._document.path
        if path is not None:
            return path if not self._document.read_only else free_path(folder, path.name.removesuffix(SUFFIX))
        scenario = self._session.scenario
        name = " – ".join(part for part in (scenario.customer, scenario.name) if part)
        return free_path(folder, new_name(name))
