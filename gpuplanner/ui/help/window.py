"""The help window: what can be looked up at the left, the page at the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt, QUrl
from PySide6.QtGui import QKeySequence, QShortcut, QTextCursor, QTextDocument
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPushButton, QSplitter, QVBoxLayout, QWidget

from gpuplanner.pinyin import initials
from gpuplanner.texts import text
from gpuplanner.ui.fields.choice import Choice, Option
from gpuplanner.ui.fields.entries import Entry
from gpuplanner.ui.fields.picker import PickList
from gpuplanner.ui.help import formulas, inputs, keyboard, rules, tasks, terms
from gpuplanner.ui.help.desk import FIRST
from gpuplanner.ui.help.page import GROUPS, SCHEME, HelpPage
from gpuplanner.ui.why.browser import PageBrowser

if TYPE_CHECKING:
    from gpuplanner.ui.window import MainWindow

_SIZE, _LEFT_PX = (980, 680), 320
_GAP_PX, _ITEM_GAP_PX = 9, 4


class HelpWindow(QWidget):
    """All pages in the language of the window; links and a search lead from one to the other.

    Attributes:
        pages: what can be shown, by id.
        page_id: what is shown.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window, Qt.WindowType.Window)
        self._window = window
        self.pages: dict[str, HelpPage] = {}
        self.page_id = FIRST
        self._trail: list[str] = []
        self.group = Choice(self)
        self.list = PickList(self)
        self.back_button = QPushButton(self)
        self.back_button.setProperty("flat", True)
        self.browser = PageBrowser(self)
        self.browser.document().setDocumentMargin(4)
        self._lay_out()
        self.group.edited.connect(self._fill)
        self.list.picked.connect(lambda page_id: self.show_page(str(page_id)))
        self.list.view.selectionModel().currentChanged.connect(self._current)
        self.browser.anchorClicked.connect(self._follow)
        self.back_button.clicked.connect(self.back)
        QShortcut(QKeySequence("Alt+Left"), self, self.back)
        QShortcut(QKeySequence("Esc"), self, self.close)
        QShortcut(QKeySequence.StandardKey.Find, self, self.list.line.setFocus)
        window.session.texts_changed.connect(self.retranslate)
        window.session.catalog_changed.connect(self.retranslate)
        window.themes.changed.connect(self._apply_theme)
        self._apply_theme()
        self.retranslate()

    def show_page(self, page_id: str, *, remember: bool = True) -> None:
        """Show a page; one that isn't there shows the first."""
        page = self.pages.get(page_id) or self.pages[FIRST]
        if remember and page.id != self.page_id:
            self._trail.append(self.page_id)
        self.page_id = page.id
        self.back_button.setEnabled(bool(self._trail))
        if page.markdown:
            self.browser.setMarkdown(page.body())
            _space(self.browser.document())
        else:
            self.browser.setHtml(page.body())
        self.browser.verticalScrollBar().setValue(0)

    def bring(self, page_id: str) -> None:
        """Open the window at a page, which is also found in the list."""
        self.show_page(page_id)
        self.list.line.clear()
        self._fill("")
        if self.isVisible():
            self.raise_()
        self.show()
        self._rise_above()
        self.activateWindow()
        self.list.line.setFocus()

    def _rise_above(self) -> None:
        """Belong to the dialog that stops the window, which would stop this one too."""
        above = QApplication.activeModalWidget() or self._window
        handles = [widget.windowHandle() for widget in (self, above)]  # None of a widget that was never shown
        if above is not self and all(handles):
            handles[0].setTransientParent(handles[1])

    def back(self) -> None:
        """The page before."""
        if self._trail:
            self.show_page(self._trail.pop(), remember=False)
            self.back_button.setEnabled(bool(self._trail))

    def retranslate(self) -> None:
        """Write all pages anew, in the current language."""
        made = [
            *tasks.pages(),
            *terms.pages(),
            *inputs.pages(),
            *formulas.pages(),
            *rules.pages(self._window.session.catalog),
            *keyboard.pages(self._window.actions_by_key),
        ]
        self.pages = {page.id: page for page in made}
        self.setWindowTitle(text("help.title"))
        self.back_button.setText(text("help.back"))
        self.browser.setAccessibleName(text("help.page"))
        self.list.view.setAccessibleName(text("help.pages"))
        self.group.setAccessibleName(text("help.group"))
        options = [Option("", text("help.group.all"))] + [Option(name, text(f"help.group.{name}")) for name in GROUPS]
        self.group.set_options(options)
        self._fill(self.group.value() or "")
        self.show_page(self.page_id, remember=False)

    def _fill(self, group: object) -> None:
        """List the pages of a group, or all."""
        self.group.set_value(group)
        kept = [page for page in self.pages.values() if group in ("", page.group)]
        self.list.model.set_entries([_entry(page) for page in kept])
        self.list.view.selectionModel().blockSignals(True)
        self.list.begin(self.page_id, self.list.line.text())
        self.list.view.selectionModel().blockSignals(False)
        self.list.line.setPlaceholderText(text("help.search"))
        self.list.line.setAccessibleName(text("help.search"))

    def _current(self, index: QModelIndex) -> None:
        """What is current in the list is shown at once, when it was searched for."""
        entry = self.list.model.entry(index.row()) if index.isValid() else None
        if entry is not None and self.isVisible():
            self.show_page(str(entry.value))

    def _follow(self, url: QUrl) -> None:
        if url.scheme() == SCHEME:
            self.show_page(url.toString().partition(":")[2])

    def _apply_theme(self) -> None:
        self.browser.apply_theme(self._window.themes.theme)
        if self.pages:
            self.show_page(self.page_id, remember=False)

    def _lay_out(self) -> None:
        splitter = QSplitter(Qt.Orientation.Horizontal, self)
        left, right = QWidget(splitter), QWidget(splitter)
        for panel in (left, right):
            panel.setProperty("panel", True)
            panel.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(left)
        column.setContentsMargins(8, 10, 8, 8)
        line = QHBoxLayout()
        line.setContentsMargins(6, 0, 6, 0)
        line.addWidget(self.group)
        column.addLayout(line)
        column.addWidget(self.list, 1)
        page = QVBoxLayout(right)
        page.setContentsMargins(18, 8, 12, 12)
        page.addWidget(self.back_button, 0, Qt.AlignmentFlag.AlignLeft)
        page.addWidget(self.browser, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(splitter)
        splitter.setSizes([_LEFT_PX, _SIZE[0] - _LEFT_PX])
        splitter.setChildrenCollapsible(False)
        self.resize(*_SIZE)


def _entry(page: HelpPage) -> Entry:
    words = f"{page.words} {initials(page.title)} {page.id}"
    return Entry(page.id, page.title, "", text(f"help.group.{page.group}"), words)


def _space(document: QTextDocument) -> None:
    """Room between the paragraphs of a page in Markdown, as the others have it."""
    cursor = QTextCursor(document)
    while True:
        shape = cursor.blockFormat()
        shape.setBottomMargin(_ITEM_GAP_PX if cursor.currentList() is not None else _GAP_PX)
        cursor.setBlockFormat(shape)
        if not cursor.movePosition(QTextCursor.MoveOperation.NextBlock):
            return
