"""Which language the window speaks: the system's, or the one the user chose; Qt's own buttons follow."""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from gpuplanner import texts

_LOCALES = {"en": "en_US", "zh": "zh_CN"}


class LanguageSwitch:
    """Puts a language in force for texts, for numbers of Qt and for Qt's own words."""

    def __init__(self, app: QApplication, choice: str = "system") -> None:
        self._app = app
        self._translator: QTranslator | None = None
        self.choice = choice
        self._apply()

    def choose(self, choice: str) -> bool:
        """Speak the system's language ("system"), "en" or "zh"; tells whether that is a change."""
        self.choice = choice
        before = texts.language()
        self._apply()
        return texts.language() != before

    def _apply(self) -> None:
        language = self.choice if self.choice in texts.LANGUAGES else system_language()
        texts.set_language(language)
        QLocale.setDefault(QLocale(_LOCALES[language]))
        if self._translator is not None:
            self._app.removeTranslator(self._translator)
            self._translator.deleteLater()
            self._translator = None
        if language != "en":
            folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
            translator = QTranslator(self._app)
            if translator.load(f"qtbase_{_LOCALES[language]}", folder):
                self._app.installTranslator(translator)
                self._translator = translator


def system_language() -> str:
    """Chinese where the system speaks it, English elsewhere."""
    return "zh" if QLocale.system().language() == QLocale.Language.Chinese else "en"
