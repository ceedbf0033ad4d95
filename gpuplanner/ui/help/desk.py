"""Puts the help into a window: the first page by the menu, the page of what has the focus by F1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from gpuplanner.ui.form.row import FieldRow

if TYPE_CHECKING:
    from gpuplanner.ui.help.window import HelpWindow
    from gpuplanner.ui.window import MainWindow

FIRST: Final = "task.first-estimate"
_KEY: Final = "help"
_PAGES: Final = {
    "plan": "task.read-answer",
    "scenarios": "task.files",
    "compare": "task.compare",
    "load": "task.load",
    "estate": "task.estate",
    "cost": "task.cost",
    "evidence": "task.measurements",
}


_DIALOGS: Final = {
    "QuoteDialog": "task.quotes",
    "DeployDialog": "task.deployment",
    "NewModelDialog": "task.models",
    "PriceListDialog": "task.prices",
    "PriceTable": "task.prices",
    "ImportDialog": "task.measurements",
    "MeasurementsDialog": "task.measurements",
    "PackDialog": "task.offline",
    "SettingsDialog": "task.files",
    "PracticeDialog": "task.why",
}
"""The page about a dialog, by its class; others show the first."""


class HelpDesk(QObject):
    """Makes the help window when it is first asked for.

    Attributes:
        help: None until then.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.help: HelpWindow | None = None
        QGuiApplication.instance().focusWindowChanged.connect(self._offer)  # type: ignore[union-attr]

    def show_contents(self) -> None:
        """The first page."""
        self.show_page(FIRST)

    def show_keys(self) -> None:
        """The page of keys."""
        self.show_page("keyboard.keys")

    def show_glossary(self) -> None:
        """The first word of the glossary."""
        self.show_page("term.ttft")

    def show_here(self) -> None:
        """The page of the field that has the focus; else that of the page in the centre."""
        actions = self._window.actions_by_key
        shown = next((page for name, page in _PAGES.items() if actions[f"page_{name}"].isChecked()), FIRST)
        self.show_page(page_of(QApplication.focusWidget()) or shown)

    def show_dialog(self) -> None:
        """The page of the dialog that has the focus."""
        dialog = QApplication.activeWindow()
        self.show_page(_DIALOGS.get(type(dialog).__name__, FIRST))

    def _offer(self, _window: object) -> None:
        """A dialog stops the window's own keys, so F1 is given to it when it comes to the front."""
        dialog = QApplication.activeWindow()
        if isinstance(dialog, QDialog) and dialog.parent() is self._window and dialog.findChild(QShortcut, _KEY) is None:
            key = QShortcut(QKeySequence("F1"), dialog, self.show_dialog)
            key.setObjectName(_KEY)

    def show_page(self, page_id: str) -> None:
        """A page by its id."""
        from gpuplanner.ui.help.window import HelpWindow

        if self.help is None:
            self.help = HelpWindow(self._window)
        self.help.bring(page_id)


def page_of(widget: QWidget | None) -> str | None:
    """The page about the field that a widget belongs to; None where it belongs to none."""
    while widget is not None:
        if isinstance(widget, FieldRow):
            return f"field.{widget.spec.path}"
        widget = widget.parentWidget()
    return None
