"""The heads of the comparison's columns: name, answer in a sentence, state."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from gpuplanner.palette import LIGHT, Theme
from gpuplanner.report.answer import headline_text
from gpuplanner.report.comparison import Comparison, Side
from gpuplanner.texts import text
from gpuplanner.ui.bold import embolden
from gpuplanner.ui.charts.elided import Elided
from gpuplanner.ui.compare.view import NAMES_PX
from gpuplanner.ui.results.flow import FlowLayout
from gpuplanner.ui.results.pill import Pill
from gpuplanner.ui.results.pills import show_pills
from gpuplanner.ui.results.sentence import pills

_PADDING: Final = 12


class SideHead(QFrame):
    """One column's head.

    Signals:
        baseline_wanted: the others shall be held against this one.
        leave_wanted: it shall leave the comparison.
    """

    baseline_wanted = Signal()
    leave_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self.title, self.sentence, self.badge = Elided(self), QLabel(self), QLabel(self)
        self.base_button, self.leave_button = QPushButton(self), QPushButton("✕", self)
        self.pills: list[Pill] = []
        self._flow = FlowLayout(gap=6)
        embolden(self.title)
        self.title.how = Qt.TextElideMode.ElideMiddle  # variants differ at their ends
        self.sentence.setWordWrap(True)
        self.badge.setProperty("outlined", True)
        for button in (self.base_button, self.leave_button):
            button.setProperty("flat", True)
        self.base_button.clicked.connect(self.baseline_wanted)
        self.leave_button.clicked.connect(self.leave_wanted)
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self.title, 1)
        for widget in (self.badge, self.base_button, self.leave_button):
            top.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(_PADDING, 8, 6, 8)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self.sentence)
        column.addLayout(self._flow)
        column.addStretch(1)

    def show_side(self, side: Side, sentence: str, *, base: bool, leaves: bool, byte_unit: str) -> None:
        """Show a scenario."""
        self.title.setText(side.title)
        self.title.setToolTip(side.title)
        self.sentence.setText(sentence)
        self.badge.setText(text("compare.baseline"))
        self.badge.setVisible(base)
        self.base_button.setText(text("compare.make_baseline"))
        self.base_button.setVisible(not base)
        self.base_button.setAccessibleName(f"{text('compare.make_baseline')}: {side.title}")
        self.leave_button.setVisible(leaves)
        self.leave_button.setToolTip(text("compare.leave"))
        self.leave_button.setAccessibleName(f"{text('compare.leave')}: {side.title}")
        show_pills(self.pills, pills(side.estimate, side.scenario, byte_unit), self._theme, self._flow, self)
        self._flow.forget()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        for pill in self.pills:
            pill.apply_theme(theme)


class Heads(QWidget):
    """The heads, above the columns of the table.

    Signals:
        baseline_wanted, leave_wanted: the place of a side.
    """

    baseline_wanted = Signal(int)
    leave_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self.customer, self.hint = QLabel(self), QLabel(self)
        self.heads: list[SideHead] = []
        corner = QWidget(self)
        corner.setFixedWidth(NAMES_PX)
        embolden(self.customer)
        self.hint.setProperty("quiet", True)
        for label in (self.customer, self.hint):
            label.setWordWrap(True)
        inside = QVBoxLayout(corner)
        inside.setContentsMargins(_PADDING, 8, 8, 8)
        inside.addWidget(self.customer)
        inside.addWidget(self.hint)
        inside.addStretch(1)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._row.addWidget(corner)
        self._row.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # the columns follow the window, never hold it

    def show_sides(self, found: Comparison, sentences: Sequence[str], byte_unit: str) -> None:
        """Show the scenarios of a comparison."""
        customers = list(dict.fromkeys(side.scenario.customer for side in found.sides if side.scenario.customer))
        self.customer.setText(customers[0] if len(customers) == 1 else "")
        self.customer.setVisible(len(customers) == 1)
        self.hint.setText(text("compare.hint"))
        while len(self.heads) < len(found.sides):
            self._add()
        for place, head in enumerate(self.heads):
            head.setVisible(place < len(found.sides))
            if place < len(found.sides):
                base, leaves = place == found.baseline, len(found.sides) > 1
                head.show_side(found.sides[place], sentences[place], base=base, leaves=leaves, byte_unit=byte_unit)

    def set_width(self, width: int) -> None:
        """How wide the columns are."""
        for head in self.heads:
            head.setFixedWidth(width)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        for head in self.heads:
            head.apply_theme(theme)

    def _add(self) -> None:
        place = len(self.heads)
        head = SideHead(self)
        head.apply_theme(self._theme)
        head.baseline_wanted.connect(partial(self.baseline_wanted.emit, place))
        head.leave_wanted.connect(partial(self.leave_wanted.emit, place))
        self.heads.append(head)
        self._row.insertWidget(self._row.count() - 1, head, 0, Qt.AlignmentFlag.AlignTop)


def sentence_of(side: Side, catalog: object, byte_unit: str) -> str:
    """The answer of a side in a sentence."""
    from gpuplanner.catalog.schema.catalog import Catalog

    assert isinstance(catalog, Catalog)
    return headline_text(side.estimate, catalog, byte_unit)
