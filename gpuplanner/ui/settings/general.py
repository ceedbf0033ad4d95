"""Language, look, units and currency."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from gpuplanner.texts import text
from gpuplanner.ui.actions import plain
from gpuplanner.ui.fields.choice import Choice, Option
from gpuplanner.ui.menus import LANGUAGES, THEMES
from gpuplanner.ui.settings.rows import SettingsPage

if TYPE_CHECKING:
    from gpuplanner.ui.window import MainWindow

_UNITS = ("GB", "GiB")
_CURRENCIES = ("CNY", "USD", "EUR")


class GeneralPage(SettingsPage):
    """What the window speaks and looks like."""

    def __init__(self, window: MainWindow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._window = window
        self.language, self.theme, self.byte_unit, self.currency = (Choice(self) for _ in range(4))
        for key in ("language", "theme", "byte_unit", "currency"):
            self.add(key, getattr(self, key))
        commander = window.commander
        self.language.edited.connect(lambda choice: commander.choose_language(str(choice)))
        self.theme.edited.connect(lambda choice: commander.choose_theme(str(choice)))
        self.byte_unit.edited.connect(lambda unit: commander.set_byte_unit(str(unit)))
        self.currency.edited.connect(lambda currency: window.preferences.update(currency=currency))
        self.retranslate()

    def retranslate(self) -> None:
        """Follow a change of language."""
        super().retranslate()
        self.language.set_options([Option(name, plain(text(f"menu.language.{name}"))) for name in LANGUAGES])
        self.theme.set_options([Option(name, plain(text(f"menu.theme.{name}"))) for name in THEMES])
        self.byte_unit.set_options([Option(name, text(f"settings.byte_unit.{name}")) for name in _UNITS])
        self.currency.set_options([Option(name, text(f"choice.money.currency.{name.lower()}")) for name in _CURRENCIES])
        self.refresh()

    def refresh(self) -> None:
        """Show what is set."""
        values = self._window.preferences.values
        self.language.set_value(self._window.languages.choice)
        self.theme.set_value(self._window.themes.choice)
        self.byte_unit.set_value(values.byte_unit.value)
        self.currency.set_value(values.currency)
