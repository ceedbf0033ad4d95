"""The company that stands at the head of quotes."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIntValidator, QPixmap
from PySide6.QtWidgets import QColorDialog, QLabel, QLineEdit, QPlainTextEdit, QWidget

from gpuplanner.errors import InputError
from gpuplanner.report.logo import read_logo
from gpuplanner.settings import Company
from gpuplanner.texts import text
from gpuplanner.ui.repolish import set_flag
from gpuplanner.ui.settings.rows import SettingsPage

if TYPE_CHECKING:
    from gpuplanner.ui.window import MainWindow

_LINES = {"name": 200, "contact": 500, "prepared_by": 200}
_LONG = {"address": (500, 44), "terms": (20_000, 84)}
_LOGO_PX = 24
_MOST_DAYS = 3650


class CompanyPage(SettingsPage):
    """Every change is kept; a logo that is no picture is said so and not taken."""

    def __init__(self, window: MainWindow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._window = window
        self.lines: dict[str, QLineEdit | QPlainTextEdit] = {}
        company = window.preferences.values.company
        for key in ("name", "address", "contact", "prepared_by"):
            self._add_text(key, company)
        self.logo, self.picture, self.problem = QLineEdit(company.logo, self), QLabel(self), QLabel(self)
        self.choose_logo = self.button("company.choose_logo")
        self.add("company.logo", self.logo, self.picture, self.choose_logo)
        self.problem.setWordWrap(True)
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self.rows.addRow("", self.problem)
        self.colour, self.choose_colour = QLineEdit(company.colour, self), self.button("company.choose_colour")
        self.colour.setPlaceholderText("#2563eb")
        self.add("company.colour", self.colour, self.choose_colour)
        self.valid_days = QLineEdit(str(company.valid_days), self)
        self.valid_days.setValidator(QIntValidator(0, _MOST_DAYS, self))
        self.add("company.valid_days", self.valid_days)
        self._add_text("terms", company)
        self.logo.textChanged.connect(self._take_logo)
        self.choose_logo.clicked.connect(self._choose_logo)
        self.colour.textChanged.connect(self._take_colour)
        self.choose_colour.clicked.connect(self._choose_colour)
        self.valid_days.textChanged.connect(self._take_days)
        self.retranslate()

    def retranslate(self) -> None:
        """Follow a change of language."""
        super().retranslate()
        self._show_logo(self.logo.text())

    def _add_text(self, key: str, company: Company) -> None:
        said = str(getattr(company, key))
        editor: QLineEdit | QPlainTextEdit
        if key in _LINES:
            editor = QLineEdit(said, self)
            editor.setMaxLength(_LINES[key])
            editor.textChanged.connect(partial(self._keep, key))
        else:
            editor = QPlainTextEdit(said, self)
            editor.setTabChangesFocus(True)
            editor.setFixedHeight(_LONG[key][1])
            editor.textChanged.connect(lambda: self._keep(key, editor.toPlainText()[: _LONG[key][0]]))
        self.lines[key] = editor
        self.add(f"company.{key}", editor)

    def _keep(self, key: str, value: object) -> None:
        preferences = self._window.preferences
        company = preferences.values.company.model_dump() | {key: value}
        preferences.update(company=company)

    def _choose_logo(self) -> None:
        path = self._window.filing.asking.picture_to_open(self._window.filing.folder())
        if path is not None:
            self.logo.setText(str(path))

    def _take_logo(self, name: str) -> None:
        if self._show_logo(name.strip()):
            self._keep("logo", name.strip())

    def _show_logo(self, name: str) -> bool:
        """Show the picture, or what is wrong with it; tells whether it can be taken."""
        self.picture.clear()
        self.picture.hide()
        said = ""
        if name:
            try:
                shown = QPixmap()
                if shown.loadFromData(read_logo(Path(name))):
                    self.picture.setPixmap(shown.scaledToHeight(_LOGO_PX, Qt.TransformationMode.SmoothTransformation))
                    self.picture.show()
            except (InputError, ValueError) as error:  # a path with a null byte is a ValueError
                said = error.sentence() if isinstance(error, InputError) else text("settings.company.logo.wrong")
        self._say(self.logo, said)
        return not said

    def _take_colour(self, said: str) -> None:
        said = said.strip()
        good = not said or (len(said) == 7 and said.startswith("#") and QColor(said).isValid())
        self._say(self.colour, "" if good else text("settings.company.colour.wrong"))
        if good:
            self._keep("colour", said)

    def _take_days(self, said: str) -> None:
        if self.valid_days.hasAcceptableInput():
            self._keep("valid_days", int(said))

    def _choose_colour(self) -> None:
        """Qt's own dialog, which doesn't stop the window."""
        dialog = QColorDialog(QColor(self.colour.text() or "#2563eb"), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.colorSelected.connect(lambda colour: self.colour.setText(colour.name()))
        dialog.open()

    def _say(self, line: QLineEdit, wrong: str) -> None:
        set_flag(line, "wrong", on=bool(wrong))
        set_flag(self.problem, "wrong", on=bool(wrong))
        self.problem.setText(wrong)
        self.problem.setVisible(bool(wrong))
