"""Create a quote: which formats, which languages, where to."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gpuplanner.errors import InputError
from gpuplanner.texts import LANGUAGES, language, text
from gpuplanner.ui.filing import Filing
from gpuplanner.ui.preferences import Preferences
from gpuplanner.ui.session import Session

_FORMATS = ("pdf", "md")


class QuoteDialog(QDialog):
    """Writes the quote of the present estimate; does not stop the window.

    Signals:
        written: the paths of the files.
        failed: the :class:`InputError` that says why not.
    """

    written = Signal(object)
    failed = Signal(object)

    def __init__(self, session: Session, preferences: Preferences, filing: Filing, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._preferences = preferences
        self._filing = filing
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(text("quote.title"))
        chosen = preferences.values.quote_formats
        self.formats = {key: self._box(text(f"quote.format.{key}"), on=key in chosen) for key in _FORMATS}
        self.languages = {key: self._box(text(f"quote.language.{key}"), on=key == language()) for key in LANGUAGES}
        self.folder = QLineEdit(str(self._default_folder()), self)
        self.stem = QLineEdit(self._default_stem(), self)
        self.browse = QPushButton(text("quote.browse"), self)
        self.browse.clicked.connect(self._browse)
        self.buttons = QDialogButtonBox(self)
        self.create_button = self.buttons.addButton(text("quote.create"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.create_button.setDefault(True)
        self.buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        self.buttons.accepted.connect(self._write)
        self.buttons.rejected.connect(self.reject)
        self._lay_out()
        self._check()

    def _box(self, label: str, *, on: bool) -> QCheckBox:
        box = QCheckBox(label, self)
        box.setChecked(on)
        box.toggled.connect(self._check)
        return box

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(10)
        rows = (
            ("quote.formats", _row(*self.formats.values())),
            ("quote.languages", _row(*self.languages.values())),
            ("quote.folder", _row(self.folder, self.browse, stretch=False)),
            ("quote.name", _row(self.stem, stretch=False)),
        )
        for place, (key, line) in enumerate(rows):
            grid.addWidget(QLabel(text(key), self), place, 0)
            grid.addLayout(line, place, 1)
        self.folder.setAccessibleName(text("quote.folder"))
        self.stem.setAccessibleName(text("quote.name"))
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(16)
        column.addLayout(grid)
        column.addWidget(self.buttons)
        self.setMinimumWidth(520)

    def _check(self) -> None:
        """There is nothing to create without a format and a language."""
        self.create_button.setEnabled(bool(self._chosen(self.formats) and self._chosen(self.languages)))

    def _browse(self) -> None:
        folder = self._filing.asking.folder(Path(self.folder.text()))
        if folder is not None:
            self.folder.setText(str(folder))

    def _write(self) -> None:
        from gpuplanner.report.quote import write_quote  # brings jinja-free but heavy drawing code

        session, folder = self._session, Path(self.folder.text()).expanduser()
        assert session.estimate is not None
        assert session.catalog is not None
        formats, languages = self._chosen(self.formats), self._chosen(self.languages)
        QGuiApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
        try:
            files = write_quote(
                session.scenario,
                session.estimate,
                session.catalog,
                folder,
                formats,
                languages,
                stem=self.stem.text().strip() or None,
            )
        except InputError as error:
            self.failed.emit(error)
            return
        finally:
            QGuiApplication.restoreOverrideCursor()
        self._preferences.update(quote_formats=tuple(formats), quote_folder=str(folder))
        self.accept()
        self.written.emit(list(files))

    def _default_folder(self) -> Path:
        kept = self._preferences.values.quote_folder
        return Path(kept) if kept and Path(kept).is_dir() else self._filing.folder()

    def _default_stem(self) -> str:
        from gpuplanner.report.quote import default_stem

        return default_stem(self._session.scenario, date.today())

    @staticmethod
    def _chosen(boxes: dict[str, QCheckBox]) -> list[str]:
        return [key for key, box in boxes.items() if box.isChecked()]


def _row(*widgets: QWidget, stretch: bool = True) -> QHBoxLayout:
    line = QHBoxLayout()
    line.setSpacing(12)
    for widget in widgets:
        line.addWidget(widget)
    if stretch:
        line.addStretch(1)
    return line
