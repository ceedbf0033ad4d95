"""Puts the questionnaire into a window: its answers become one step of the history, its sheet a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from gpuplanner.disk import write_atomically
from gpuplanner.errors import InputError, Message
from gpuplanner.texts import text
from gpuplanner.ui.notices import Notice

if TYPE_CHECKING:
    from gpuplanner.ui.questionnaire.dialog import Questionnaire
    from gpuplanner.ui.window import MainWindow

UNDO = "questionnaire"


class QuestionDesk(QObject):
    """Opens the questionnaire.

    Attributes:
        dialog: the one that was opened last.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.dialog: Questionnaire | None = None

    def open(self) -> None:
        """Ask; not before the catalogue is there."""
        from gpuplanner.ui.questionnaire.dialog import Questionnaire

        session = self._window.session
        if session.catalog is None:
            return
        dialog = Questionnaire(session.scenario, session.catalog, self._window)
        dialog.finished_with.connect(self._take)
        dialog.sheet_wanted.connect(self._keep_sheet)
        self.dialog = dialog
        dialog.open()

    def _take(self, scenario: object) -> None:
        self._window.bench.show_page("plan")
        self._window.session.set_whole(scenario, UNDO)  # type: ignore[arg-type]

    def _keep_sheet(self, form: str, empty: bool) -> None:
        """Ask where to, and write the sheet there."""
        from gpuplanner.ui.questionnaire import sheet

        window, dialog = self._window, self.dialog
        title = text("ask.sheet.title")
        path = window.filing.asking.place_to_export(window.filing.folder() / f"{title}.{form}")
        if path is None or dialog is None:
            return
        found = sheet.rows(None if empty else dialog.answers, dialog.named)
        if form == "pdf":
            from gpuplanner.ui.questionnaire.printing import pdf

            content = pdf(sheet.html(found, title), title)
        else:
            content = sheet.markdown(found, title).encode()
        try:
            write_atomically(path, content)
        except InputError as error:
            window.notices.add(Notice(error, "bad", "sheet"))
            return
        folder = QUrl.fromLocalFile(str(path.parent))
        opener = (("notice.open_folder", lambda: QDesktopServices.openUrl(folder)),)
        window.notices.add(Notice(Message("notice.exported", {"file": str(path)}), "info", "sheet", opener))
