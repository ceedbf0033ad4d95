"""The answer on top of the window: sentence, state, figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from gpuplanner.engine.result import Estimate
from gpuplanner.palette import LIGHT, Theme
from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import text
from gpuplanner.ui.results import sentence as words
from gpuplanner.ui.results.flow import FlowLayout
from gpuplanner.ui.results.pill import Pill
from gpuplanner.ui.results.pills import show_pills
from gpuplanner.ui.results.six import figures
from gpuplanner.ui.results.strip import FigureStrip

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog


class AnswerPanel(QWidget):
    """Shows an estimate in words and six figures; computes nothing.

    Signals:
        figure_clicked: the key of a figure that shall be explained ("memory_per_gpu", "ttft", …).
    """

    figure_clicked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """An empty answer."""
        super().__init__(parent)
        self._theme = LIGHT
        self._given: tuple[Estimate, Scenario, Catalog] | None = None
        self._byte_unit = "GB"
        self._pills: list[Pill] = []
        self.sentence = _Headline(self)
        self.notes_button = QPushButton(self)
        self.notes_button.setProperty("flat", True)
        self.notes_button.setCheckable(True)
        self.notes_button.toggled.connect(self._show_notes)
        self.way_out = _Words(self, quiet=True)
        self.notes = _Words(self, quiet=True)
        self.strip = FigureStrip(self)
        self.strip.clicked.connect(self.figure_clicked)
        self._flow = FlowLayout(gap=8)
        self._flow.addWidget(self.sentence)
        self._flow.addWidget(self.notes_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(self._flow)
        for widget in (self.way_out, self.notes, self.strip):
            column.addWidget(widget)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._take_font()

    def set_estimate(self, estimate: Estimate, scenario: Scenario, catalog: Catalog) -> None:
        """Show ``estimate``, the answer to ``scenario``."""
        self._given = (estimate, scenario, catalog)
        said = words.sentence(estimate, catalog, self._byte_unit)
        _set_text(self.sentence, said)
        self._set_pills(words.pills(estimate, scenario, self._byte_unit))
        self._set_notes(words.way_out(estimate, catalog, self._byte_unit), words.notes(estimate, self._byte_unit))
        plan = None if estimate.refusal is not None else estimate.plan()
        self.strip.set_figures(figures(plan, scenario, self._byte_unit))
        self.strip.setEnabled(plan is not None and bool(plan.figures))

    def mark(self, key: str | None) -> None:
        """Show which figure is being explained; None for none."""
        self.strip.mark(key)

    def set_byte_unit(self, unit: str) -> None:
        """Show memory in "GB" or "GiB"."""
        self._byte_unit = unit
        self.retranslate()

    def retranslate(self) -> None:
        """Say everything again, in the current language."""
        self._flow.forget()
        if self._given is not None:
            self.set_estimate(*self._given)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        for pill in self._pills:
            pill.apply_theme(theme)
        self.strip.apply_theme(theme)

    def changeEvent(self, event: QEvent) -> None:
        """The sentence grows with the system's text size."""
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange):
            self._take_font()
        super().changeEvent(event)

    def _take_font(self) -> None:
        self._flow.forget()
        font = self.font()
        font.setPixelSize(round(self.fontInfo().pixelSize() * 1.2))
        font.setBold(True)
        self.sentence.setFont(font)

    def _set_pills(self, wanted: tuple[words.PillText, ...]) -> None:
        more = len(wanted) > len(self._pills)
        show_pills(self._pills, wanted, self._theme, self._flow, self)
        if more:  # notes stand behind the last
            self._flow.removeWidget(self.notes_button)
            self._flow.addWidget(self.notes_button)

    def _set_notes(self, way_out: str, said: tuple[str, ...]) -> None:
        _set_text(self.way_out, way_out)
        self.way_out.setVisible(bool(way_out))
        key = "results.notes.one" if len(said) == 1 else "results.notes"
        _set_text(self.notes_button, text(key, count=len(said)))
        self.notes_button.setToolTip("\n".join(said))
        self.notes_button.setVisible(bool(said))
        _set_text(self.notes, "\n".join(f"! {note}" for note in said))
        self._show_notes(self.notes_button.isChecked())

    def _show_notes(self, shown: bool) -> None:
        self.notes.setVisible(shown and bool(self.notes.text()))


def _set_text(widget: QLabel | QPushButton, said: str) -> None:
    """Words that stay as they are need no new layout."""
    if widget.text() != said:
        widget.setText(said)


class _Words(QLabel):
    """Plain text that wraps and can be copied."""

    def __init__(self, parent: QWidget, *, quiet: bool = False) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        if quiet:
            self.setProperty("quiet", True)
            self.setVisible(False)


class _Headline(_Words):
    """Words that would rather stand on one line."""

    def sizeHint(self) -> QSize:
        """As wide as the words are."""
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 4, super().sizeHint().height())
