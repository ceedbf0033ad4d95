"""Where scenarios, quotes, own entries and the price book lie."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLineEdit, QWidget

from gpuplanner.catalog.load import user_folder
from gpuplanner.format import format_integer
from gpuplanner.settings import settings_file
from gpuplanner.texts import text
from gpuplanner.ui.settings.rows import SettingsPage

if TYPE_CHECKING:
    from gpuplanner.ui.window import MainWindow

OWN = "own"


class FoldersPage(SettingsPage):
    """Folders are chosen, or shown where they are fixed."""

    def __init__(self, window: MainWindow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._window = window
        self.scenarios, self.quotes, self.entries, self.prices, self.file = (self._line() for _ in range(5))
        self.choose_scenarios, self.choose_quotes = self.button("choose"), self.button("choose.quotes")
        self.beside_scenario = self.button("beside")
        self.show_entries, self.show_file = self.button("show"), self.button("show.settings")
        self.import_prices = self.button("import_prices")
        self.add("scenarios", self.scenarios, self.choose_scenarios)
        self.add("quotes", self.quotes, self.choose_quotes, self.beside_scenario)
        self.add("prices", self.prices, self.import_prices)
        self.add("entries", self.entries, self.show_entries)
        self.add("file", self.file, self.show_file)
        self.choose_scenarios.clicked.connect(self._choose_scenarios)
        self.choose_quotes.clicked.connect(self._choose_quotes)
        self.beside_scenario.clicked.connect(self._quotes_beside)
        self.import_prices.clicked.connect(window.commander.import_prices)
        self.show_entries.clicked.connect(lambda: _show(user_folder()))
        self.show_file.clicked.connect(lambda: _show(settings_file().parent))
        window.session.catalog_changed.connect(self.refresh)
        self.retranslate()

    def retranslate(self) -> None:
        """Follow a change of language."""
        super().retranslate()
        self.refresh()

    def refresh(self) -> None:
        """Show what is set."""
        values = self._window.preferences.values
        self.scenarios.setText(str(values.folder()))
        self.quotes.setText(values.quote_folder or text("settings.quotes.beside"))
        self.beside_scenario.setEnabled(bool(values.quote_folder))
        self.entries.setText(str(user_folder()))
        self.file.setText(str(settings_file()))
        self.prices.setText(text("settings.prices.count", count=format_integer(self._own_prices())))

    def _own_prices(self) -> int:
        catalog = self._window.session.catalog
        gpus = catalog.gpus.values() if catalog else ()
        return sum(any(price.kind == OWN for price in gpu.prices) for gpu in gpus)

    def _choose_scenarios(self) -> None:
        self._window.commander.choose_folder()
        self.refresh()

    def _choose_quotes(self) -> None:
        window = self._window
        folder = window.filing.asking.folder(Path(window.preferences.values.quote_folder or window.filing.folder()))
        if folder is not None:
            window.preferences.update(quote_folder=str(folder))
            self.refresh()

    def _quotes_beside(self) -> None:
        self._window.preferences.update(quote_folder="")
        self.refresh()

    def _line(self) -> QLineEdit:
        line = QLineEdit(self)
        line.setReadOnly(True)
        return line


def _show(folder: Path) -> None:
    from gpuplanner.disk import make_folder

    make_folder(folder)
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
