"""One search over commands, fields, models, GPUs, scenarios, settings and help (Ctrl+K)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from gpuplanner.pinyin import initials
from gpuplanner.texts import text
from gpuplanner.ui import search_entries
from gpuplanner.ui.actions import Actions
from gpuplanner.ui.charts.elided import Elided
from gpuplanner.ui.fields.entries import Entry
from gpuplanner.ui.fields.picker import PickPopup
from gpuplanner.ui.form import models, options
from gpuplanner.ui.session import Session

_SIZE = (520, 440)
_WIDTH = 290


class SearchBox(QPushButton):
    """Looks like a field; opens the search.

    Signals:
        picked: what was chosen: the kind of entry ("command", "field", "model", …, see :mod:`search_entries`) and its name.
    """

    picked = Signal(str, str)

    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._actions = actions
        self.files: tuple[Path, ...] = ()
        self.setProperty("search", True)
        self.setMinimumWidth(150)  # the tool bar is full where the window is small
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.prompt, self.keys = Elided(self), QLabel(self)
        for label in (self.prompt, self.keys):
            label.setProperty("quiet", True)
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        inside = QHBoxLayout(self)
        inside.setContentsMargins(8, 0, 8, 0)
        inside.addWidget(self.prompt, 1)
        inside.addWidget(self.keys)
        self._popup: PickPopup | None = None
        self.retranslate()

    def sizeHint(self) -> QSize:
        """Room for the prompt and the keys."""
        return QSize(_WIDTH, super().sizeHint().height())

    @property
    def popup(self) -> PickPopup:
        """The search itself; made when it is first wanted."""
        if self._popup is None:
            self._popup = PickPopup(self.window())
            self._popup.list.picked.connect(self._picked)
        return self._popup

    def open(self) -> None:
        """Show the search below the box."""
        popup, window = self.popup, self.window()
        popup.list.model.set_entries(list(self._entries()))
        size = QSize(min(_SIZE[0], window.width() - 40), min(_SIZE[1], window.height() - 90))
        popup.open_at(self.mapToGlobal(QPoint(self.width() - size.width(), self.height() + 3)), size, None)

    def retranslate(self) -> None:
        """Follow a change of language."""
        self.prompt.setText(text("search.prompt"))
        self.keys.setText(QKeySequence("Ctrl+K").toString(QKeySequence.SequenceFormat.NativeText))
        self.setAccessibleName(text("search.prompt"))
        self.setToolTip(text("search.help"))

    def _entries(self) -> Iterator[Entry]:
        yield from search_entries.commands(self._actions.all())
        yield from search_entries.fields(self._session.scenario)
        yield from self._records()
        yield from search_entries.files(self.files)
        yield from search_entries.sample_scenarios()
        yield from search_entries.settings()
        yield from search_entries.help_pages()

    def _records(self) -> Iterator[Entry]:
        for entry in models.everything(self._session.catalog):
            yield _moved(entry, "model", text("search.models"))
        for entry in options.gpus(self._session.catalog)[1:]:
            yield _moved(entry, "gpu", text("search.gpus"))

    def _picked(self, value: object) -> None:
        self.popup.hide()
        if isinstance(value, tuple):
            self.picked.emit(*value)


def _moved(entry: Entry, kind: str, group: str) -> Entry:
    words = f"{entry.words} {entry.group} {initials(entry.title)} {initials(entry.group)}"
    return Entry((kind, str(entry.value)), entry.title, entry.detail, group, words, entry.mark)
