"""The details at the right of the library."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from gpuplanner.errors import InputError, shown
from gpuplanner.format import format_bytes
from gpuplanner.palette import LIGHT, Theme
from gpuplanner.scenario.cards import Answer, Card
from gpuplanner.texts import text
from gpuplanner.ui.library.detail import (
    Detail,
    answer_sentence,
    figure_lines,
    parent_lines,
    quote_lines,
    reason_text,
    saved_line,
    since_lines,
    variant_lines,
)
from gpuplanner.ui.library.lines import Lines
from gpuplanner.ui.library.memory import MemoryView
from gpuplanner.ui.library.words import changed_words, model_words
from gpuplanner.ui.results.flow import FlowLayout
from gpuplanner.ui.results.pill import Pill
from gpuplanner.ui.results.pills import show_pills
from gpuplanner.ui.results.sentence import pills

TABS: Final = ("details", "changed", "quotes")
QUOTES: Final = TABS.index("quotes")


class DetailPane(QWidget):
    """Answer, memory, figures, variants, as saved against today, note and file of one scenario.

    Signals:
        open_wanted, variant_wanted, duplicate_wanted, menu_wanted: for the scenario that is shown.
        path_wanted: another scenario shall be shown.
    """

    open_wanted = Signal()
    variant_wanted = Signal()
    duplicate_wanted = Signal()
    menu_wanted = Signal()
    path_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = LIGHT
        self._byte_unit = "GB"
        self._given: tuple[Detail, Card, tuple[Card, ...], tuple[Answer | None, ...], Answer | None] | None = None
        self.tabs = QTabBar(self)
        self.stack = QStackedWidget(self)
        self.title, self.about, self.sentence, self.empty = (QLabel(self) for _ in range(4))
        self.reason, self.note, self.file, self.unquoted = (QLabel(self) for _ in range(4))
        self.memory = MemoryView(self)
        self.figures, self.saved, self.since, self.inputs, self.quotes = (Lines(self) for _ in range(5))
        self.variants = Lines(self, opens=True)
        self.pills: list[Pill] = []
        self._flow = FlowLayout(gap=6)
        self._heads: dict[str, QLabel] = {}
        self.open_button, self.variant_button, self.duplicate_button, self.more_button = (QPushButton(self) for _ in range(4))
        self._lay_out()
        self.tabs.currentChanged.connect(self.stack.setCurrentIndex)
        self.variants.opened.connect(self._open_variant)
        for button, signal in (
            (self.open_button, self.open_wanted),
            (self.variant_button, self.variant_wanted),
            (self.duplicate_button, self.duplicate_wanted),
            (self.more_button, self.menu_wanted),
        ):
            button.clicked.connect(signal)
        self.show_nothing()

    def show_nothing(self, said: InputError | None = None) -> None:
        """No scenario, or one that can't be read."""
        self._given = None
        self.empty.setText(said.sentence() if said is not None else text("library.details.none"))
        self._show(False)

    def show_detail(
        self, detail: Detail, card: Card, variants: Sequence[Card], answers: Sequence[Answer | None], own: Answer | None
    ) -> None:
        """Show a scenario with its variants and their answers."""
        self._given = (detail, card, tuple(variants), tuple(answers), own)
        self._show(True)
        self._fill()

    def retranslate(self) -> None:
        """Follow a change of language."""
        for place, name in enumerate(TABS):
            self.tabs.setTabText(place, text(f"library.tab.{name}"))
        for name, head in self._heads.items():
            head.setText(text(f"library.head.{name}"))
        self.unquoted.setText(text("library.quotes.none"))
        self.open_button.setText(text("library.open"))
        self.variant_button.setText(text("library.variant"))
        self.duplicate_button.setText(text("library.duplicate"))
        self.more_button.setText("⋯")
        self.more_button.setAccessibleName(text("library.more"))
        self.more_button.setToolTip(text("library.more"))
        self.memory.retranslate()
        if self._given is not None:
            self._fill()
        else:
            self.show_nothing()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        for lines in (self.figures, self.saved, self.since, self.inputs, self.quotes, self.variants):
            lines.apply_theme(theme)
        for pill in self.pills:
            pill.apply_theme(theme)
        self.memory.apply_theme(theme)

    def set_byte_unit(self, unit: str) -> None:
        """Show sizes in "GB" or "GiB"."""
        self._byte_unit = unit
        if self._given is not None:
            self._fill()

    def _show(self, something: bool) -> None:
        self.empty.setVisible(not something)
        self.tabs.setVisible(something)
        self.stack.setVisible(something)
        for button in (self.open_button, self.variant_button, self.duplicate_button, self.more_button):
            button.setEnabled(something)

    def _fill(self) -> None:
        assert self._given is not None
        detail, card, variants, answers, own = self._given
        self.title.setText(card.name)
        self.about.setText(" · ".join(part for part in (card.customer, model_words(card, detail.catalog)) if part))
        self.sentence.setText(answer_sentence(detail, self._byte_unit))
        self._show_pills(detail)
        self.memory.show_plan(detail.estimate.plan(), self._byte_unit)
        self.figures.set_lines(figure_lines(detail, self._byte_unit))
        self.variants.set_lines(variant_lines(variants, answers, own, detail.catalog))
        self._heads["variants"].setVisible(bool(variants))
        self.saved.set_lines([saved_line(detail)])
        self.reason.setText(reason_text(detail) or text("library.saved.none"))
        self.since.set_lines(since_lines(detail, self._byte_unit))
        self._heads["since"].setVisible(bool(self.since.lines))
        lines = parent_lines(detail)
        self.inputs.set_lines(lines)
        self._heads["inputs"].setVisible(bool(lines))
        self.quotes.set_lines(quote_lines(detail, date.today()))
        self.unquoted.setVisible(not detail.quotes)
        count = len(detail.quotes)
        self.tabs.setTabText(QUOTES, f"{text('library.tab.quotes')} {count}" if count else text("library.tab.quotes"))
        self.note.setText(detail.scenario.note[:4000])
        for widget in (self.note, self._heads["note"]):
            widget.setVisible(bool(detail.scenario.note.strip()))
        size = format_bytes(card.size)
        self.file.setText(f"{shown(str(card.path), 400)}\n{size} · {changed_words(card.modified)}")

    def _show_pills(self, detail: Detail) -> None:
        show_pills(self.pills, pills(detail.estimate, detail.scenario, self._byte_unit), self._theme, self._flow, self)
        self._flow.forget()

    def _open_variant(self, place: int) -> None:
        if self._given is not None and place < len(self._given[2]):
            self.path_wanted.emit(self._given[2][place].path)

    def _head(self, name: str) -> QLabel:
        label = QLabel(self)
        label.setProperty("heading", True)
        self._heads[name] = label
        return label

    def _lay_out(self) -> None:
        for place in range(len(TABS)):
            self.tabs.addTab("")
            self.stack.addWidget(_scrolled((self._details, self._changes, self._quoted)[place]()))
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.empty.setWordWrap(True)
        self.empty.setProperty("quiet", True)
        self.empty.setContentsMargins(14, 14, 14, 14)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(12, 8, 12, 10)
        buttons.setSpacing(6)
        for button in (self.open_button, self.variant_button, self.duplicate_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.more_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs)
        column.addWidget(self.stack, 1)
        column.addWidget(self.empty, 1)
        column.addWidget(_rule(self))
        column.addLayout(buttons)

    def _details(self) -> QVBoxLayout:
        bold = self.title.font()
        bold.setBold(True)
        self.sentence.setFont(bold)
        bold.setPixelSize(round(self.fontInfo().pixelSize() * 1.2))
        self.title.setFont(bold)
        for label in (self.title, self.about, self.sentence, self.note, self.file, self.reason, self.unquoted):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        for label in (self.sentence, self.note, self.file):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for label in (self.about, self.file, self.reason, self.unquoted):
            label.setProperty("quiet", True)
        column = QVBoxLayout()
        for label in (self.title, self.about, self.sentence):
            column.addWidget(label)
        column.addLayout(self._flow)
        below: tuple[QWidget, ...] = (
            self.memory, self.figures, self._head("variants"), self.variants,
            self._head("saved"), self.saved, self._head("note"), self.note, self._head("file"), self.file,
        )  # fmt: skip
        for part in below:
            column.addWidget(part)
        column.addStretch(1)
        return column

    def _changes(self) -> QVBoxLayout:
        column = QVBoxLayout()
        parts: tuple[QWidget, ...] = (self.reason, self._head("since"), self.since, self._head("inputs"), self.inputs)
        for part in parts:
            column.addWidget(part)
        column.addStretch(1)
        return column

    def _quoted(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.addWidget(self.quotes)
        column.addWidget(self.unquoted)
        column.addStretch(1)
        return column


def _scrolled(column: QVBoxLayout) -> QScrollArea:
    column.setContentsMargins(14, 12, 14, 12)
    column.setSpacing(6)
    inside = QWidget()
    inside.setProperty("panel", True)
    inside.setLayout(column)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inside)
    return area


def _rule(parent: QWidget) -> QFrame:
    line = QFrame(parent)
    line.setFixedHeight(1)
    line.setProperty("rule", True)
    return line
