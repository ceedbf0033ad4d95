"""The page "Estate": all workloads of a customer on common GPUs and servers, the racks, the room and the network."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from gpuplanner.codes import code_text
from gpuplanner.engine.estate.build import estate_of
from gpuplanner.engine.estate.edits import MOST, added, duplicated, removed, renamed, timed
from gpuplanner.engine.estate.memo import Memo
from gpuplanner.engine.estate.result import Estate
from gpuplanner.engine.estate.works import brought_to_the_form, letter
from gpuplanner.engine.site.growth import phases_of
from gpuplanner.engine.site.phases import at_phase
from gpuplanner.palette import Theme
from gpuplanner.report.names import gpu_name
from gpuplanner.scenario.document import Scenario, Work
from gpuplanner.texts import text
from gpuplanner.ui.estate import words
from gpuplanner.ui.estate.cards import PlacementCard, SiteCard
from gpuplanner.ui.estate.works_card import WorksCard
from gpuplanner.ui.fields.choice import Choice, Option, Segmented
from gpuplanner.ui.form.options import gpus
from gpuplanner.ui.headed_page import HeadedPage
from gpuplanner.ui.session import Session

GAP: Final = 10
COMMON, OWN = "common", "own"
WHOLE: Final = -1  # no phase, the whole
#: Ways of sharing GPUs: whether workloads take turns, whether they get slices.
SHARING: Final = {"own": (False, False), "turns": (True, False), "slices": (False, True), "both": (True, True)}


class EstatePage(HeadedPage):
    """Follows every answer of a session while it is seen; computes nothing while it isn't.

    Signals:
        form_wanted: a workload was brought to the form and shall be edited there.
        save_wanted: the site's drawing shall be kept: "svg" or "pdf".
    """

    form_wanted = Signal()
    save_wanted = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._byte_unit = "GB"
        self.memo = Memo()
        self.estate: Estate | None = None
        self.gpu, self.sharing = Choice(self), Choice(self)
        self.view, self.phase = Segmented(self), Segmented(self)
        self.works, self.placement, self.site = WorksCard(self), PlacementCard(self), SiteCard(self)
        self._lay_out()
        self.view.edited.connect(lambda _value: self.renew())
        self.gpu.edited.connect(self._choose_gpu)
        self.sharing.edited.connect(self._choose_sharing)
        self.phase.edited.connect(lambda _value: self.renew())
        self.works.wanted.connect(self.act)
        self.works.renamed.connect(lambda row, name: self._put(renamed(self._scenario, row, name), "rename_work"))
        self.works.timed.connect(lambda row, first, last: self._put(timed(self._scenario, row, first, last), "time_work"))
        self.site.save_wanted.connect(self._save)
        self.strip.clicked.connect(self.explain)
        self.follow(session)

    @property
    def _scenario(self) -> Scenario:
        return self._session.scenario

    @property
    def together(self) -> bool:
        """Whether the workloads are packed on common servers."""
        return self.view.value() != "alone"

    def renew(self) -> None:
        """Work the estate out and show it; only what changed is estimated anew."""
        session = self._session
        if session.catalog is None:
            return
        self._stale = False
        self._show_choices()
        self.memo.begin()
        scenario = self.shown_scenario
        estate = estate_of(session.scenario, session.catalog, self.memo, together=self.together, phase=self.picked_phase)
        self.estate = estate
        self._show_head(estate)
        self.works.set_estate(estate, scenario, session.catalog)
        self.placement.set_estate(estate, session.catalog, self._byte_unit)
        self.site.set_estate(estate, scenario, session.catalog)

    @property
    def picked_phase(self) -> int | None:
        """The phase that is picked, counted from 0; None for the whole."""
        picked = self.phase.value()
        return picked if isinstance(picked, int) and picked >= 0 else None

    @property
    def shown_scenario(self) -> Scenario:
        """The scenario, or what it is on the day of the phase that is picked."""
        picked = self.picked_phase
        return self._scenario if picked is None else at_phase(self._scenario, picked)

    def _show_choices(self) -> None:
        """On which GPUs, and whether they may be shared."""
        asked, catalog = self._scenario.estate, self._session.catalog
        if catalog is None:
            return
        usual = [Option(key, text(f"estate.gpu.{key}"), text(f"estate.gpu.{key}.hint")) for key in (COMMON, OWN)]
        self.gpu.set_options([*usual, *(Option(entry.value, gpu_name(str(entry.value), catalog)) for entry in gpus(catalog)[1:])])
        self.gpu.set_value(asked.gpu or (COMMON if asked.common else OWN))
        self.sharing.set_options(
            [Option(key, text(f"estate.sharing.{key}"), text(f"estate.sharing.{key}.hint")) for key in SHARING]
        )
        self.sharing.set_value(next(key for key, ways in SHARING.items() if ways == (asked.shared, asked.slices)))
        self._show_phases()

    def _show_phases(self) -> None:
        """The phases to pick from; none where all is built at once."""
        names, _ = phases_of(self._scenario)
        hint = text("estate.phase.hint")
        listed = [Option(place, code_text(name), hint) for place, name in enumerate(names)]
        self.phase.set_options([Option(WHOLE, text("estate.phase.whole")), *listed])
        picked = self.phase.value()
        if not isinstance(picked, int) or picked >= len(names):
            self.phase.set_value(WHOLE)
        self.phase.setVisible(bool(names))

    def _choose_sharing(self, choice: object) -> None:
        turns, slices = SHARING[str(choice)]
        self._session.set_many("estate.shared", {"estate.shared": turns, "estate.slices": slices})

    def _choose_gpu(self, choice: object) -> None:
        gpu = None if choice in (COMMON, OWN) else choice
        self._session.set_many("estate.gpu", {"estate.gpu": gpu, "estate.common": choice != OWN})

    def act(self, action: str, row: int) -> None:
        """Do something with a row: "add", "duplicate", "edit" or "remove"."""
        scenario = self._scenario
        if action == "add":
            name = text("estate.new", letter=letter(len(scenario.estate.more) + 1))
            self._put(added(scenario, Work(name=name)), "add_work")
            self.works.view.selectRow(min(len(self._scenario.estate.more), MOST))
        elif row < 0 or self.estate is None or row >= len(self.estate.rows) or row > len(scenario.estate.more):
            return  # another scenario came, and what is shown is still of the one before
        elif action == "duplicate":
            name = text("estate.copy_of", name=self.estate.rows[row].name)
            self._put(duplicated(scenario, row, name), "duplicate_work")
        elif action == "remove":
            self._put(removed(scenario, row), "remove_work")
        elif action == "edit":
            self._put(brought_to_the_form(scenario, row), "edit_work")
            self.form_wanted.emit()

    def explain(self, key: str) -> None:
        """Show what a figure is made of, below it."""
        button = next(one for one in self.strip.buttons if one.shown.key == key)
        QToolTip.showText(button.mapToGlobal(button.rect().bottomLeft()), button.shown.hint, button)

    def set_byte_unit(self, unit: str) -> None:
        """Show sizes in "GB" or "GiB"."""
        self._byte_unit = unit
        if self.isVisible():
            self.renew()
        else:
            self._stale = True

    def stop(self) -> None:
        """Nothing runs beside the window."""

    def retranslate(self) -> None:
        """Say everything again, in the current language."""
        self._flow.forget()
        self.view.set_options(
            [Option(key, text(f"estate.view.{key}"), text(f"estate.view.{key}.hint")) for key in ("together", "alone")]
        )
        if self.view.value() is None:
            self.view.set_value("together")
        self.sharing.setAccessibleName(text("estate.sharing"))
        self.phase.setAccessibleName(text("form.phases"))
        self.gpu.setToolTip(text("field.estate.gpu.help"))
        self.gpu.setAccessibleName(text("field.estate.gpu"))
        for card in (self.works, self.placement, self.site):
            card.retranslate()
        if self.estate is not None:
            self.renew()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        super().apply_theme(theme)
        for card in (self.works, self.placement, self.site):
            card.apply_theme(theme)

    def _show_head(self, estate: Estate) -> None:
        catalog = self._session.catalog
        assert catalog is not None
        self.headline.setText(words.sentence(estate, catalog, together=self.together))
        self.show_pills(words.pills(estate))
        self.strip.set_figures(words.figures(estate, self.shown_scenario))

    def _put(self, scenario: Scenario, name: str) -> None:
        """One step of the history; the answer follows at once."""
        self._session.set_whole(scenario, name)
        self._session.recompute()

    def _save(self, kind: str) -> None:
        if self.estate is None or not self.estate.rows:
            return
        if kind == "copy":
            from gpuplanner.ui.estate.drawing_view import to_clipboard

            to_clipboard(self.site.drawing(), self._theme, self)
        else:
            self.save_wanted.emit(kind)

    def _lay_out(self) -> None:
        self.dress_head()
        column = QVBoxLayout(self)
        column.setContentsMargins(14, GAP, 14, 12)
        column.setSpacing(GAP)
        head = QHBoxLayout()
        head.setSpacing(GAP)
        head.addLayout(self._flow, 1)
        head.addWidget(self.phase, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.sharing, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.gpu, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.view, 0, Qt.AlignmentFlag.AlignTop)
        self.view.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.phase.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.gpu.setFixedWidth(176)
        self.sharing.setFixedWidth(176)
        column.addLayout(head)
        column.addWidget(self.strip)
        left = QVBoxLayout()
        left.setSpacing(GAP)
        left.addWidget(self.works)
        left.addWidget(self.placement, 1)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addLayout(left, 19)
        row.addWidget(self.site, 10)
        for card in (self.works, self.placement, self.site):
            card.setSizePolicy(QSizePolicy.Policy.Ignored, card.sizePolicy().verticalPolicy())
        column.addLayout(row, 1)
        self.retranslate()
