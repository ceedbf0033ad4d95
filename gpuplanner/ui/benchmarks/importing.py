"""From files to a corrected scenario, with a notice of what was done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from gpuplanner.errors import InputError, Message
from gpuplanner.format import format_integer
from gpuplanner.ui.asking import Asking
from gpuplanner.ui.notices import Notice
from gpuplanner.ui.session import Session

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog
    from gpuplanner.evidence.imports.draft import Draft
    from gpuplanner.ui.benchmarks.dialog import ImportDialog
    from gpuplanner.ui.benchmarks.page import MeasurementsDialog


class Importing(QObject):
    """Asks for benchmark files, shows their runs, and takes in what is confirmed.

    Args:
        session: whose scenario is corrected.
        asking: for files.
        folder: where to look first.
        notice: says what was done, or why not.
        window: the dialogs' parent.
    """

    def __init__(
        self,
        session: Session,
        asking: Callable[[], Asking],
        folder: Callable[[], Path],
        notice: Callable[[Notice], None],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._session, self._asking, self._folder, self._notice, self._window = session, asking, folder, notice, window
        self.dialog: ImportDialog | None = None
        self.page: MeasurementsDialog | None = None

    def show(self) -> None:
        """Show what the scenario holds."""
        from gpuplanner.ui.benchmarks.page import MeasurementsDialog

        self.page = MeasurementsDialog(self._session, self._window)
        self.page.import_wanted.connect(self.choose)
        self.page.destroyed.connect(self._page_gone)
        self.page.open()

    def choose(self) -> None:
        """Ask for files and open them."""
        files = self._asking().benchmarks_to_import(self._folder())
        if files:
            self.open(files)

    def open(self, files: Sequence[Path]) -> bool:
        """Show the runs of files; says why when one can't be read."""
        from gpuplanner.evidence.imports.importing import open_benchmarks
        from gpuplanner.ui.benchmarks.dialog import ImportDialog

        session = self._session
        if session.catalog is None:
            return False
        plan = session.estimate.plan() if session.estimate is not None else None
        QGuiApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
        try:
            opened = open_benchmarks(files, session.scenario, plan, session.catalog)
        except InputError as error:
            self._notice(Notice(error, "bad", "benchmark"))
            return False
        finally:
            QGuiApplication.restoreOverrideCursor()
        self.dialog = ImportDialog(opened, self.page or self._window)
        self.dialog.accepted_runs.connect(self.take)
        self.dialog.destroyed.connect(self._dialog_gone)
        self.dialog.open()
        return True

    def take(self, drafts: Sequence[Draft], catalog: Catalog) -> None:
        """Estimate the runs, keep their rows, and correct the scenario: one step of the history."""
        from gpuplanner.evidence import nearest
        from gpuplanner.evidence.imports.measure import calibrated, measured, without_custom
        from gpuplanner.evidence.imports.store import keep

        session = self._session
        QGuiApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
        try:
            found = measured(drafts, catalog)
            keep(without_custom(found, session.scenario))
        except InputError as error:
            self._notice(Notice(error, "bad", "benchmark"))
            return
        finally:
            QGuiApplication.restoreOverrideCursor()
        rows = [item.row for item in found if item.row is not None]
        if not rows:
            said = Message("benchmark.none_estimated", {"reason": found[0].reason})
            self._notice(Notice(said, "bad", "benchmark"))
            return
        nearest.forget()
        session.set_whole(calibrated(session.scenario, found, session.catalog or catalog), "import_measurements")
        runs = len({row.run for row in rows})
        params = {"rows": format_integer(len(rows)), "runs": format_integer(runs)}
        self._notice(Notice(Message("benchmark.notice.imported", params), "info", "benchmark"))

    def _dialog_gone(self) -> None:
        self.dialog = None

    def _page_gone(self) -> None:
        self.page = None
