"""The page "What-if": how the present plan behaves under load, what else there is, and what any change would do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from gpuplanner.palette import Theme
from gpuplanner.texts import text
from gpuplanner.ui.fields.choice import Option, Segmented
from gpuplanner.ui.headed_page import HeadedPage
from gpuplanner.ui.load import summary
from gpuplanner.ui.load.distribution_card import DistributionCard
from gpuplanner.ui.load.front_card import FrontCard
from gpuplanner.ui.load.given import Given, given
from gpuplanner.ui.load.latency_card import LatencyCard
from gpuplanner.ui.load.lengths_card import LengthsCard
from gpuplanner.ui.load.plans_card import PlansCard
from gpuplanner.ui.load.rule_card import RuleCard
from gpuplanner.ui.load.scale_card import ScaleCard
from gpuplanner.ui.load.sweep_card import SweepCard
from gpuplanner.ui.results.sentence import sentence
from gpuplanner.ui.results.six import figures
from gpuplanner.ui.session import Session

if TYPE_CHECKING:
    from gpuplanner.ui.load.live import LiveCard

GAP: Final = 10
VIEWS: Final = ("load", "sweep")


class LoadPage(HeadedPage):
    """Follows every answer of a session while it is seen; computes nothing while it isn't.

    Signals:
        figure_wanted: GPU id and key of a figure that shall be explained.
    """

    figure_wanted = Signal(str, str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.given: Given | None = None
        self.views = Segmented(self)
        self.stack = QStackedWidget(self)
        under_load, changed = QWidget(self.stack), QWidget(self.stack)
        self.latency = LatencyCard(under_load)
        self.front = FrontCard(under_load)
        self.distribution = DistributionCard(under_load)
        self.sweep = SweepCard(changed)
        self.lengths = LengthsCard(changed)
        self.rule = RuleCard(changed)
        self.scale, self.scale_too = ScaleCard(under_load), ScaleCard(under_load, second=True)
        self.plans = PlansCard(under_load)
        self._of_text = (self.latency, self.front, self.distribution, self.lengths, self.rule)
        self._of_others = (self.scale, self.plans)
        self.cards: tuple[LiveCard, ...] = (
            self.latency, self.front, self.distribution, self.sweep, self.lengths, self.scale, self.scale_too, self.plans,
        )  # fmt: skip
        self._followers: tuple[LiveCard | RuleCard, ...] = (*self.cards, self.rule)
        self._places: tuple[tuple[QWidget, tuple[LiveCard | RuleCard, ...], tuple[LiveCard | RuleCard, ...]], ...] = (
            (under_load, (self.latency, self.scale), (self.front, self.plans, self.distribution, self.scale_too)),
            (changed, (self.sweep,), (self.lengths, self.rule)),
        )
        self._lay_out()
        self.strip.clicked.connect(self._figure_clicked)
        self.latency.percentile_wanted.connect(self._set_percentile)
        self.latency.figures.edited.connect(self.distribution.set_figure)
        self.views.edited.connect(self.show_view)
        self.front.chosen.connect(self._take_edits)
        self.plans.gpu_chosen.connect(self._take_gpu)
        self.follow(session)

    def renew(self) -> None:
        """Show the session's last answer."""
        session = self._session
        if session.estimate is None or session.catalog is None:
            return
        self._stale = False
        self.given = given(session.scenario, session.catalog, session.estimate)
        self._show_head(self.given)
        self._suit(self.given)
        for card in self._followers:
            card.set_given(self.given)

    def _suit(self, now: Given) -> None:
        """Show the cards that there is something to say in with this kind of work."""
        writes, trains = now.scenario.workload.kind.writes, now.scenario.workload.kind.trains
        for text_card in self._of_text:
            text_card.setVisible(writes)
        for other in self._of_others:
            other.setVisible(not writes)
        self.scale_too.setVisible(trains)

    def show_view(self, name: object) -> None:
        """Show one of :data:`VIEWS`."""
        self.views.set_value(name)
        self.stack.setCurrentIndex(VIEWS.index(str(name)))

    def set_byte_unit(self, unit: str) -> None:
        """Show sizes in "GB" or "GiB"."""
        for card in (self.sweep, self.lengths, self.scale, self.scale_too):
            card.set_byte_unit(unit)

    @property
    def busy(self) -> bool:
        """Whether a chart that is seen is still to be drawn."""
        return any(card.busy for card in self.cards if card.isVisible())

    def stop(self) -> None:
        """Stop what runs beside the window."""
        for card in self.cards:
            card.stop()

    def retranslate(self) -> None:
        """Say everything again, in the current language."""
        self._flow.forget()
        self.views.set_options([Option(view, text(f"load.view.{view}"), text(f"load.view.hint.{view}")) for view in VIEWS])
        for card in self._followers:
            card.reword()
        if self.given is not None:
            self._show_head(self.given)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        super().apply_theme(theme)
        for card in self.cards:
            card.apply_theme(theme)

    def _show_head(self, now: Given) -> None:
        self.headline.setText(summary.sentence(now) or sentence(now.estimate, now.catalog))
        self.show_pills(summary.states(now))
        shown = summary.figures(now) or figures(now.plan, now.scenario)
        self.strip.setVisible(bool(shown))
        if shown:
            self.strip.set_figures(shown)

    def _set_percentile(self, share: object) -> None:
        self._session.set("targets.percentile", share, merges=False)

    def _take_edits(self, edits: object) -> None:
        if isinstance(edits, dict) and edits:
            self._session.set_many(next(iter(edits)), edits)

    def _take_gpu(self, gpu_id: str) -> None:
        self._session.set("deployment.gpu", gpu_id, merges=False)

    def _figure_clicked(self, key: str) -> None:
        if self.given is not None and self.given.plan is not None and key in self.given.plan.figures:
            self.figure_wanted.emit(self.given.plan.gpu_id, key)

    def _lay_out(self) -> None:
        self.dress_head()
        self.strip.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, GAP, 14, 12)
        column.setSpacing(GAP)
        head = QHBoxLayout()
        head.setSpacing(GAP)
        head.addLayout(self._flow, 1)
        head.addWidget(self.views, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(head)
        column.addWidget(self.strip)
        column.addWidget(self.stack, 1)
        self.views.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        for view, *rows in self._places:
            both = QVBoxLayout(view)
            both.setContentsMargins(0, 0, 0, 0)
            both.setSpacing(GAP)
            for cards in rows:
                row = QHBoxLayout()
                row.setSpacing(GAP)
                for card in cards:
                    card.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
                    card.setMinimumSize(200, 130)
                    row.addWidget(card, 1)
                both.addLayout(row, 1)
            self.stack.addWidget(view)
        self.retranslate()
        self.show_view("load")
