"""Which theme is on: the system's, followed live, or the one the user chose."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QStyleFactory

from gpuplanner.palette import DARK, LIGHT, THEMES, Theme
from gpuplanner.ui.theme import fonts, style


class ThemeSwitch(QObject):
    """Applies a theme to the application and tells when it changes.

    Attributes:
        theme: the theme that is on.

    Signals:
        changed: after the application took the new theme.
    """

    changed = Signal()

    def __init__(self, app: QApplication, choice: str = "system") -> None:
        super().__init__(app)
        self._app = app
        self._choice = choice
        self.theme: Theme = LIGHT
        app.setStyle(QStyleFactory.create("Fusion"))
        fonts.load()
        app.setFont(fonts.font())
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_changed)
        self._apply()

    @property
    def choice(self) -> str:
        """What the user chose: "system", "light" or "dark"."""
        return self._choice

    def choose(self, choice: str) -> None:
        """Follow the system, or stay light or dark."""
        self._choice = choice
        if self._wanted() is not self.theme:
            self._apply()
            self.changed.emit()

    def _wanted(self) -> Theme:
        if self._choice in THEMES:
            return THEMES[self._choice]
        return DARK if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT

    def _apply(self) -> None:
        self.theme = self._wanted()
        self._app.setPalette(style.qpalette(self.theme))
        self._app.setStyleSheet(style.sheet(self.theme))

    def _system_changed(self, _scheme: Qt.ColorScheme) -> None:
        if self._choice == "system":
            self.choose("system")
