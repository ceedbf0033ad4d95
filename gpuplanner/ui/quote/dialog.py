"""Make a quote: head, prices, earlier ones; its pages beside; formats, languages and place below."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from gpuplanner.errors import InputError
from gpuplanner.report.quote import FORMATS, default_stem, write_documents
from gpuplanner.report.quotes.quote import Quote
from gpuplanner.report.wording import words
from gpuplanner.report.words import Paper
from gpuplanner.texts import LANGUAGES, language, text
from gpuplanner.ui.filing import Filing
from gpuplanner.ui.preferences import Preferences
from gpuplanner.ui.quote.head import HeadForm
from gpuplanner.ui.quote.history import HistoryPanel
from gpuplanner.ui.quote.lines import LinesTable
from gpuplanner.ui.quote.options import OptionsPanel
from gpuplanner.ui.quote.order import Facts, Order
from gpuplanner.ui.quote.pages import PagesView
from gpuplanner.ui.session import Session

_PREVIEW_MS: Final = 300


class QuoteDialog(QDialog):
    """Writes the quote of the present estimate; does not stop the window.

    Signals:
        written: the paths of the files.
        failed: the :class:`InputError` that says why not.

    Raises:
        InputError: when nothing can be offered, or the company's logo is no picture.
    """

    written = Signal(object)
    failed = Signal(object)

    def __init__(self, session: Session, preferences: Preferences, filing: Filing, parent: QWidget) -> None:
        assert session.estimate is not None
        assert session.catalog is not None
        facts = Facts(session.scenario, session.estimate, session.catalog, preferences.values.company, filing.path)
        today = date.today()
        order = Order(facts, today)  # may refuse: there is no dialog then
        super().__init__(parent)
        self.order = order
        self._preferences = preferences
        self._filing = filing
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(text("quote.title"))
        chosen = preferences.values.quote_formats
        self.formats = {key: self._box(text(f"quote.format.{key}"), on=key in chosen) for key in FORMATS}
        self.languages = {key: self._box(text(f"quote.language.{key}"), on=key == language()) for key in LANGUAGES}
        self.keep = self._box(text("quote.keep"), on=filing.path is not None)
        self.keep.setEnabled(filing.path is not None)
        self.folder = QLineEdit(str(self._default_folder()), self)
        self.stem = QLineEdit(default_stem(facts.scenario, today), self)
        self.paper = QComboBox(self)
        for paper in Paper:
            self.paper.addItem(text(f"quote.paper.{paper.value}"), paper)
        self.browse = QPushButton(text("quote.browse"), self)
        self.browse.clicked.connect(self._browse)
        self.head = HeadForm(self.order, self)
        self.lines = LinesTable(self.order, self)
        self.options = OptionsPanel(self.order, filing.asking, self)
        self.history = HistoryPanel(self.order, today, self)
        self.pages = PagesView(self)
        self.trouble = QLabel(self)
        self.trouble.setWordWrap(True)
        self.trouble.setProperty("wrong", True)
        self.trouble.hide()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_PREVIEW_MS)
        self._connect()
        self._lay_out()
        self._check()
        self._soon.start(0)

    def _connect(self) -> None:
        self._soon.timeout.connect(self._preview)
        for part in (self.head, self.lines, self.options):
            part.changed.connect(self._soon.start)
        for part in (self.head, self.options):
            part.failed.connect(self._tell)
        self.head.rescoped.connect(self._rescoped)
        self.history.failed.connect(self._tell)
        self.history.changed.connect(self.head.follow)
        self.history.chosen.connect(self._follow)
        self.buttons = QDialogButtonBox(self)
        self.create_button = self.buttons.addButton(text("quote.create"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.create_button.setDefault(True)
        self.buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        self.buttons.accepted.connect(self._write)
        self.buttons.rejected.connect(self.reject)

    def _box(self, label: str, *, on: bool) -> QCheckBox:
        box = QCheckBox(label, self)
        box.setChecked(on)
        box.toggled.connect(self._check)
        return box

    def _lay_out(self) -> None:
        self.tabs = QTabWidget(self)
        for key, part in self._tabs():
            self.tabs.addTab(part, text(f"quote.tab.{key}"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(9)
        rows = (
            ("quote.formats", _row(*self.formats.values())),
            ("quote.languages", _row(*self.languages.values(), self.paper)),
            ("quote.folder", _row(self.folder, self.browse, stretch=False)),
            ("quote.name", _row(self.stem, stretch=False)),
        )
        for place, (key, line) in enumerate(rows):
            grid.addWidget(QLabel(text(key), self), place, 0)
            grid.addLayout(line, place, 1)
        self.folder.setAccessibleName(text("quote.folder"))
        self.stem.setAccessibleName(text("quote.name"))
        self.paper.setAccessibleName(text("quote.paper"))
        left = QVBoxLayout()
        left.setSpacing(12)
        left.addWidget(self.tabs, 1)
        left.addLayout(grid)
        left.addWidget(self.keep)
        left.addWidget(self.trouble)
        left.addWidget(self.buttons)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(18, 14, 14, 14)
        whole.setSpacing(14)
        whole.addLayout(left, 5)
        whole.addWidget(self.pages, 4)
        screen = self.screen().availableSize()
        self.resize(min(1180, screen.width() - 40), min(780, screen.height() - 60))

    def _tabs(self) -> tuple[tuple[str, QWidget], ...]:
        return ("head", self.head), ("prices", self.lines), ("options", self.options), ("history", self.history)

    def _rescoped(self) -> None:
        """Other workloads: other lines, other ways beside."""
        self.lines.refresh()
        self.options.refresh()
        self._soon.start()

    def _check(self) -> None:
        """There is nothing to create without a format and a language."""
        if hasattr(self, "create_button"):
            self.create_button.setEnabled(bool(self._chosen(self.formats) and self._chosen(self.languages)))
            self._soon.start()

    def _preview(self) -> None:
        """Show the pages as they would be now."""
        langs = self._chosen(self.languages) or [language()]
        try:
            self.pages.show_words(words(self.order.quote().content, language() if language() in langs else langs[0]))
        except InputError as error:
            self._tell(error)
            return
        self.trouble.hide()

    def _tell(self, error: InputError) -> None:
        self.trouble.setText(error.sentence())
        self.trouble.show()

    def _follow(self, quote: Quote) -> None:
        """The next version of a quote: its number, its head."""
        meta = quote.metadata
        self.head.contact.setText(meta.contact)
        self.head.project.setText(meta.project)
        self.head.take_number(meta.number)
        self.head.take_scope(whole=bool(quote.content.works))
        self.tabs.setCurrentIndex(0)

    def _browse(self) -> None:
        folder = self._filing.asking.folder(Path(self.folder.text()))
        if folder is not None:
            self.folder.setText(str(folder))

    def _write(self) -> None:
        folder = Path(self.folder.text()).expanduser()
        formats, languages = self._chosen(self.formats), self._chosen(self.languages)
        QGuiApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
        try:
            quote = self.order.quote()
            stem = self.stem.text().strip() or default_stem(self.order.facts.scenario, quote.metadata.day)
            written = write_documents(quote.content, folder, formats, languages, stem, Paper(self.paper.currentData()))
            kept = self.order.keep(quote) if self.keep.isChecked() else None
        except InputError as error:
            self._tell(error)
            self.failed.emit(error)
            return
        finally:
            QGuiApplication.restoreOverrideCursor()
        self._preferences.update(quote_formats=tuple(formats), quote_folder=str(folder))
        self.accept()
        self.written.emit([*written, *([kept] if kept is not None else [])])

    def _default_folder(self) -> Path:
        kept = self._preferences.values.quote_folder
        return Path(kept) if kept and Path(kept).is_dir() else self._filing.folder()

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
