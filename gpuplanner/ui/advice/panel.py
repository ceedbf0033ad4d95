"""The Advice tab: what would make the answer cheaper, faster or safer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from gpuplanner.engine.advice.result import Advice
from gpuplanner.engine.result import Estimate, Status
from gpuplanner.format import format_integer
from gpuplanner.palette import LIGHT, Theme
from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import text
from gpuplanner.ui.background import Background, Pulse
from gpuplanner.ui.faults import guarded

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog
    from gpuplanner.ui.advice.row import AdviceRow

SOON_MS: Final = 80  # while it is looked at
IDLE_MS: Final = 900  # for the number on the tab: not while somebody types
Asked = tuple[Scenario, "Catalog", Estimate]


class AdvicePanel(QWidget):
    """Follows every estimate; the second estimates run beside the window, once typing pauses.

    Signals:
        counted: how many pieces of advice there are.
        chosen: the :class:`Advice` that shall be applied.
    """

    counted = Signal(int)
    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asked: Asked | None = None  # what advice is wanted for
        self._of: Asked | None = None  # what the advice shown is for
        self._under_way: Asked | None = None
        self._theme = LIGHT
        self._byte_unit = "GB"
        self.advice: tuple[Advice, ...] = ()
        self.rows: list[AdviceRow] = []
        self.background = Background(self)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self.intro, self.state, self.guards = QLabel(self), QLabel(self), QLabel(self)
        self._area = QScrollArea(self)
        self._list = QWidget(self._area)
        self._column = QVBoxLayout(self._list)
        self._lay_out()
        self._pause.timeout.connect(self.compute)
        self.background.progressed.connect(self._progressed)
        self.background.done.connect(self._arrived)
        self.background.failed.connect(self._failed)
        self.retranslate()

    def set_estimate(self, estimate: Estimate, scenario: Scenario, catalog: Catalog) -> None:
        """Want advice on a new answer."""
        self._asked = (scenario, catalog, estimate)
        self.background.stop()
        self._want()

    def set_byte_unit(self, unit: str) -> None:
        """Show "GB" or "GiB"."""
        self._byte_unit = unit
        self._fill()

    def retranslate(self) -> None:
        """Say everything again, in the current language."""
        self.intro.setText(text("advice.intro"))
        self._area.setAccessibleName(text("tab.advice"))
        self._fill()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        for row in self.rows:
            row.apply_theme(theme)
        self._warn()

    def compute(self) -> None:
        """Begin now."""
        if self._asked is None or self._asked is self._of:
            return
        self._under_way = self._asked
        self.background.start(partial(_advise, *self._asked))

    def stop(self) -> None:
        """Want nothing any more; the window closes."""
        self._pause.stop()
        self.background.stop()

    def follow(self) -> None:
        """The panel around it was shown: count for the tab, although the advice itself isn't looked at."""
        self._want()

    @guarded
    def showEvent(self, event: QShowEvent) -> None:
        """Looked at, it hurries."""
        super().showEvent(event)
        self._want()

    def hideEvent(self, event: QHideEvent) -> None:
        """Not looked at, it takes its time."""
        super().hideEvent(event)
        if self._pause.isActive():
            self._want()

    def _want(self) -> None:
        if self._asked is None or self._asked is self._of:
            return
        if self.background.busy and self._under_way is self._asked:
            return
        parent = self.parentWidget()
        if self.isVisible():
            self._pause.start(SOON_MS)
        elif parent is not None and parent.isVisible():
            self._pause.start(IDLE_MS)
        else:
            self._pause.stop()

    def _progressed(self, done: int, total: int) -> None:
        self._say(text("advice.computing", done=format_integer(done), total=format_integer(total)))

    def _arrived(self, advice: Any) -> None:
        self._of = self._under_way
        self.advice = advice
        self._fill()
        self.counted.emit(len(self.advice))

    def _failed(self, _fault: object) -> None:
        self._of = self._under_way
        self.advice = ()
        self._fill()
        self._say(text("advice.failed"))
        self.counted.emit(0)

    def _fill(self) -> None:
        """One row for each; rows are kept, so that nothing blinks."""
        from gpuplanner.ui.advice.row import AdviceRow  # rows and their words are loaded after the first answer
        from gpuplanner.ui.advice.wording import advice_text

        given = self._of
        while len(self.rows) < len(self.advice):
            row = AdviceRow(self._list)
            row.apply_theme(self._theme)
            row.clicked.connect(partial(self._pressed, row))
            self._column.insertWidget(len(self.rows) + 1, row)
            self.rows.append(row)
        for place, row in enumerate(self.rows):
            row.setVisible(place < len(self.advice))
            if place < len(self.advice) and given is not None:
                row.show_advice(self.advice[place], advice_text(self.advice[place], given[0], given[1], self._byte_unit))
        missed = given is not None and (plan := given[2].plan()) is not None and plan.status is Status.MISSES
        self.intro.setText(text("advice.intro.missed" if missed else "advice.intro"))
        self._warn()
        nothing = "advice.no_answer" if given is None or given[2].refusal is not None else "advice.none"
        self._say("" if self.advice else text(nothing))

    def _warn(self) -> None:
        """Guard rails that the plan runs into, above all advice."""
        told: str = ""
        if self._of is not None:
            from gpuplanner.ui.advice.guards import guards_html

            scenario, catalog, answer = self._of
            told = guards_html(scenario, catalog, answer, self._theme)
        self.guards.setText(told)
        self.guards.setVisible(bool(told))

    def _say(self, words: str) -> None:
        self.state.setText(words)
        self.state.setVisible(bool(words))

    def _pressed(self, row: AdviceRow, _checked: bool = False) -> None:
        if row.advice is not None:
            self.chosen.emit(row.advice)

    def _lay_out(self) -> None:
        for label in (self.intro, self.state):
            label.setWordWrap(True)
            label.setProperty("quiet", True)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.guards.setTextFormat(Qt.TextFormat.RichText)
        self.guards.setWordWrap(True)
        self.guards.setContentsMargins(4, 2, 6, 8)
        self._column.addWidget(self.guards)
        self._column.addStretch(1)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setProperty("panel", True)
        self._list.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._area.setWidget(self._list)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 8, 10)
        column.setSpacing(8)
        column.addWidget(self.intro)
        column.addWidget(self._area, 1)
        column.addWidget(self.state)


def _advise(scenario: Scenario, catalog: Catalog, answer: Estimate, pulse: Pulse) -> tuple[Advice, ...]:
    from gpuplanner.engine.planner.told import every_advice

    return every_advice(scenario, catalog, answer, pulse)
