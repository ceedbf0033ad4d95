"""The page "Cost": the money's form at the left, the verdict, charts and the cloud table beside it."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSplitter, QTabBar, QVBoxLayout, QWidget

from gpuplanner.palette import LIGHT, Theme
from gpuplanner.texts import text
from gpuplanner.ui.bold import headline
from gpuplanner.ui.charts.card import ChartCard
from gpuplanner.ui.cost import by_use, over_time, summary
from gpuplanner.ui.cost.given import Given, given, given_whole
from gpuplanner.ui.cost.lists_card import ListsCard
from gpuplanner.ui.cost.offers_card import OffersCard
from gpuplanner.ui.cost.side import CostSide
from gpuplanner.ui.cost.table_card import TableCard
from gpuplanner.ui.cost.tornado import TornadoCard
from gpuplanner.ui.cost.whole_rows import phases_rows, works_rows
from gpuplanner.ui.follower import Follower
from gpuplanner.ui.results.sentence import sentence
from gpuplanner.ui.results.strip import FigureStrip
from gpuplanner.ui.session import Session

if TYPE_CHECKING:
    from gpuplanner.engine.estate.memo import Memo

GAP: Final = 10
SIDE_PX: Final = 290


class CostPage(Follower, QSplitter):
    """Follows every answer of a session while it is seen; computes nothing while it isn't.

    Signals:
        figure_wanted: GPU id and key of a figure that shall be explained.
        prices_wanted: key of a group or line whose prices shall be shown.
    """

    figure_wanted = Signal(str, str)
    prices_wanted = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._session = session
        self._theme = LIGHT
        self.given: Given | None = None
        self.side = CostSide(session, self)
        self._centre = QWidget(self)
        self.headline = QLabel(self._centre)
        self.scope = QTabBar(self._centre)
        self.whole = False  # all workloads, not the scenario's own alone
        self._memo: Memo | None = None
        self.strip = FigureStrip(self._centre)
        self.over_time, self.by_use = ChartCard(self._centre), ChartCard(self._centre)
        self.lists = ListsCard(self._centre)
        self.tornado = TornadoCard(self._centre)
        self.offers = OffersCard(self._centre)
        self.works, self.phases = TableCard(self._centre), TableCard(self._centre)
        self._cards = (self.over_time, self.by_use, self.lists, self.tornado, self.offers)
        self._lay_out()
        self.strip.clicked.connect(self._figure_clicked)
        self.offers.chosen.connect(self._take_instance)
        self.lists.picked.connect(self.prices_wanted)
        self.side.price_list.lines_wanted.connect(partial(self.prices_wanted.emit, ""))
        self.follow(session)

    def renew(self) -> None:
        """Show the session's last answer."""
        session = self._session
        if session.estimate is None or session.catalog is None:
            return
        self._stale = False
        several = bool(session.scenario.estate.more or session.scenario.site.phases or session.scenario.site.growth_years)
        self.scope.setVisible(several)
        self.whole = self.whole and several
        if self.scope.currentIndex() != int(self.whole):
            self.scope.setCurrentIndex(int(self.whole))
        self.given = self._of_all() if self.whole else given(session.scenario, session.catalog, session.estimate)
        self._show()

    def show_whole(self, whole: bool) -> None:
        """Show the money of all workloads together, or of the scenario's own."""
        self.whole = whole
        self.renew()

    def fresh(self) -> Given | None:
        """What is shown, worked out anew where another answer came meanwhile."""
        if self._stale:
            self.renew()
        return self.given

    def _of_all(self) -> Given | None:
        from gpuplanner.engine.estate.memo import Memo

        session = self._session
        assert session.catalog is not None
        assert session.estimate is not None
        self._memo = self._memo or Memo()
        return given_whole(session.scenario, session.catalog, session.estimate, self._memo)

    def stop(self) -> None:
        """Stop what runs beside the window."""
        self.side.budget.stop()

    def set_byte_unit(self, unit: str) -> None:
        """There are no sizes here."""

    def retranslate(self) -> None:
        """Say everything again, in the current language."""
        self.side.retranslate()
        self.over_time.retranslate()
        self.by_use.retranslate()
        self.offers.retranslate()
        for place, name in enumerate(("one", "whole")):
            self.scope.setTabText(place, text(f"cost.scope.{name}"))
        self.scope.setToolTip(text("cost.scope.hint"))
        self.scope.setAccessibleName(text("cost.scope.hint"))
        self._show()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        self.side.apply_theme(theme)
        self.strip.apply_theme(theme)
        for card in self._cards:
            card.apply_theme(theme)

    def _show(self) -> None:
        now, session = self.given, self._session
        for widget in (self.strip, *self._cards):
            widget.setVisible(now is not None)
        phases = now is not None and now.whole is not None and bool(now.whole.phases)
        self.works.setVisible(self.whole and now is not None)
        self.phases.setVisible(phases)
        if self.whole:
            self.offers.hide()
            self.by_use.hide()
        if phases:  # they are the same lines, by the time they are bought
            self.lists.hide()
        if now is None:
            if session.estimate is not None and session.catalog is not None:
                self.headline.setText(sentence(session.estimate, session.catalog))
            return
        self.headline.setText(summary.sentence(now))
        self.headline.setToolTip(self.headline.text())
        self.strip.set_figures(summary.figures(now, date.today()))
        self._show_charts(now)
        self.lists.show_given(now)
        self.tornado.show_given(now)
        if now.whole is None:
            self.offers.show_given(now)
        else:
            self.works.show_rows(text("cost.works.title"), text("cost.works.hint"), works_rows(now, now.whole))
        if now.whole is not None and now.whole.phases:
            self.phases.show_rows(text("cost.phases.title"), text("cost.phases.hint"), phases_rows(now, now.whole.phases))
        self.side.show_given(now)

    def _show_charts(self, now: Given) -> None:
        months = len(now.money.life.own) - 1
        self.over_time.set_title(
            text("cost.over_time.title" if now.money.api_months else "cost.over_time.title.cloud", months=months)
        )
        if now.figure("purchase_total") is None and not now.money.cloud_months:
            self.over_time.say(text("cost.nothing_known"))
        else:
            hint = text("cost.over_time.hint", unit=over_time.unit_of(now).unit)
            self.over_time.show_picture(over_time.picture(now), partial(over_time.table, now), hint)
        key = now.even.key if now.even is not None and now.even.key else now.money.unit_key
        self.by_use.set_title(text("cost.by_use.title", figure=text(f"money.figure.{key}")))
        picture = by_use.picture(now)
        if picture is None:
            self.by_use.say(text("cost.nothing_known"))
        else:
            assert now.even is not None
            self.by_use.show_picture(picture, partial(by_use.table, now), by_use.unit_of(now, now.even).unit)

    def _scope_changed(self, place: int) -> None:
        if bool(place) is not self.whole:
            self.show_whole(bool(place))

    def _take_instance(self, instance_id: str) -> None:
        self._session.set("money.cloud_instance", instance_id, merges=False)

    def _figure_clicked(self, key: str) -> None:
        if self.given is not None and self.given.whole is None:  # the whole is opened workload by workload
            self.figure_wanted.emit(self.given.plan.gpu_id, key)

    def _lay_out(self) -> None:
        headline(self.headline, self, 1.2)
        self.headline.setWordWrap(True)
        self.headline.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.strip.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self._centre)
        column.setContentsMargins(14, GAP, 14, 12)
        column.setSpacing(GAP)
        top = QHBoxLayout()
        top.setSpacing(GAP)
        top.addWidget(self.headline, 1)
        top.addWidget(self.scope)
        column.addLayout(top)
        column.addWidget(self.strip)
        upper, lower = (self.over_time, self.by_use), (self.lists, self.phases, self.tornado)
        for cards, stretch, least in ((upper, 12, 150), (lower, 9, 120)):
            row = QHBoxLayout()
            row.setSpacing(GAP)
            for card, wide in zip(cards, (14, 11) if cards is upper else (14, 14, 11), strict=True):
                card.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
                card.setMinimumSize(220, least)
                row.addWidget(card, wide)
            column.addLayout(row, stretch)
        for last, stretch in ((self.offers, 9), (self.works, 15)):
            last.setMinimumHeight(118)
            last.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
            column.addWidget(last, stretch)
        self.scope.setExpanding(False)
        self.scope.setDrawBase(False)
        for _ in range(2):
            self.scope.addTab("")
        self.scope.currentChanged.connect(self._scope_changed)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(1)
        self.side.setMinimumWidth(270)
        self.setStretchFactor(0, 0)
        self.setStretchFactor(1, 1)
        self.setSizes([SIDE_PX, 10_000])
        self.retranslate()
