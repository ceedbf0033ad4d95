"""What fills the window below the tool bar: inputs and scenarios, the plan, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QSplitter, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from gpuplanner.palette import Theme
from gpuplanner.texts import text
from gpuplanner.ui.advice.panel import AdvicePanel
from gpuplanner.ui.cost.panel import CostPanel
from gpuplanner.ui.form.form import Form
from gpuplanner.ui.notices import Notices
from gpuplanner.ui.page import Page, SizedPage
from gpuplanner.ui.page_stack import PageStack
from gpuplanner.ui.plan_page import PlanPage
from gpuplanner.ui.scenarios_tab import ScenariosTab
from gpuplanner.ui.servers.panel import ServersPanel
from gpuplanner.ui.session import Session
from gpuplanner.ui.why.nearby import Nearby
from gpuplanner.ui.why.panel import WhyPanel

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog
    from gpuplanner.engine.advice.result import Advice
    from gpuplanner.ui.estate.page import EstatePage
    from gpuplanner.ui.evidence.page import EvidencePage
    from gpuplanner.ui.load.page import LoadPage

LEFT_PX, RIGHT_PX = 290, 300
INPUTS, SCENARIOS = 0, 1
WHY, SERVERS, COST, ADVICE = 0, 1, 2, 3
WHOLE = ("scenarios", "compare", "estate", "cost")


class Workbench(QWidget):
    """Three panels side by side, notices above them.

    Signals:
        why_shown: whether the right panel is there.
        page_shown: name of the page in the centre, "plan", "load", "estate", "cost" or "evidence".
        drawing_wanted: the estate's drawing shall be kept as "svg" or "pdf".
    """

    why_shown = Signal(bool)
    page_shown = Signal(str)
    drawing_wanted = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        # widgets are born where they stay: moving them later makes Qt style them anew
        self.notices = Notices(self)
        self.splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self._left = _panel(self.splitter)
        self.tabs = QTabBar(self._left)
        self.stack = QStackedWidget(self._left)
        self.form = Form(session, self.stack)
        self.library = ScenariosTab(self.stack)
        self.pages = PageStack(self.splitter)
        self.page = PlanPage(session, self.pages)
        self.load: LoadPage | None = None  # made when first shown
        self.estate: EstatePage | None = None
        self.evidence: EvidencePage | None = None
        self.makers: dict[str, Callable[[QWidget], SizedPage]] = {}  # of pages that others bring
        self._made: dict[str, SizedPage] = {}
        self.editors: list[Callable[[str], bool]] = []  # of pages with fields of their own: whether they took one
        self._apart: tuple[tuple[int, ...], bool] | None = None  # widths and right panel, while a page has the whole width
        self._theme: Theme | None = None
        self._byte_unit = "GB"
        self._right = _panel(self.splitter)
        self.nearby = Nearby(self._catalog, self)
        self.right_tabs = QTabBar(self._right)
        self.right_stack = QStackedWidget(self._right)
        self.why = WhyPanel(self.right_stack, self.nearby)
        self.servers = ServersPanel(self.right_stack)
        self.costs = CostPanel(self.right_stack)
        self.advice = AdvicePanel(self.right_stack)
        self.badge = QLabel(self.right_tabs)
        self.nearby.arrived.connect(self.why.refresh)
        self._lay_out()
        self.tabs.currentChanged.connect(self.stack.setCurrentIndex)
        self.right_tabs.currentChanged.connect(self.right_stack.setCurrentIndex)
        self.advice.counted.connect(self._count_advice)
        self.advice.chosen.connect(self._take_advice)
        for panel in (self.servers, self.costs):
            panel.page_wanted.connect(self.show_page)
            panel.figure_wanted.connect(self.explain)
            panel.field_wanted.connect(self.edit_field)
        self.library.counted.connect(self._name_library)
        self.why.figure_shown.connect(self.page.answer.mark)
        session.estimate_ready.connect(self._estimate_ready)

    def show_inputs(self) -> None:
        """Bring the form to the front."""
        self.tabs.setCurrentIndex(INPUTS)

    def show_library(self) -> None:
        """Bring the list of scenario files to the front."""
        self.tabs.setCurrentIndex(SCENARIOS)
        self.library.view.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_page(self, name: str) -> None:
        """Bring a page to the centre: "plan", "load", "estate", "cost" or "evidence"."""
        if name == "evidence" and self.evidence is None:
            self._make_evidence()
        if name == "load" and self.load is None:
            self._make_load()
        if name == "estate" and self.estate is None:
            self._make_estate()
        if name in self.makers and name not in self._made:
            page = self._made[name] = self.makers[name](self.pages)
            page.set_byte_unit(self._byte_unit)
            page.retranslate()
            self._add_page(page)
        pages: dict[str, QWidget | None] = {
            **{key: page for key, page in self._made.items() if isinstance(page, QWidget)},
            "evidence": self.evidence, "load": self.load, "estate": self.estate,
        }  # fmt: skip
        self._give_width(name in WHOLE)
        self.pages.setCurrentWidget(pages.get(name) or self.page)
        self.page_shown.emit(name)

    def stop_work(self) -> None:
        """Stop what runs beside the window, which is about to close."""
        self.advice.stop()
        for page in self._later_pages():
            page.stop()

    def edit_field(self, path: str) -> None:
        """Give a field of the form the focus; the page's own, where it has the field."""
        if any(edits(path) for edits in self.editors):
            return
        if self._apart is not None:
            self.show_page("plan")
        self.show_inputs()
        self.form.focus_field(path)

    def explain(self, gpu_id: str, key: str) -> None:
        """Show how a figure came about."""
        self.show_why(True)
        self.right_tabs.setCurrentIndex(WHY)
        self.why.show_figure(gpu_id, key)

    @property
    def why_visible(self) -> bool:
        """Whether the right panel is there."""
        return not self._right.isHidden()

    def show_why(self, shown: bool) -> None:
        """Show or hide the right panel."""
        if shown != self.why_visible:
            self._right.setVisible(shown)
            self.advice.follow()
            self.why_shown.emit(shown)

    def sizes(self) -> tuple[int, ...]:
        """Widths of the panels."""
        return self._apart[0] if self._apart is not None else tuple(self.splitter.sizes())

    def _give_width(self, whole: bool) -> None:
        """Hide the panels at both sides while a page takes the whole width."""
        if whole and self._apart is None:
            self._apart = (tuple(self.splitter.sizes()), self.why_visible)
            self._left.hide()
            self._right.hide()
        elif not whole and self._apart is not None:
            sizes, why = self._apart
            self._apart = None
            self._left.show()
            self._right.setVisible(why or self.why_visible)
            self.splitter.setSizes(list(sizes))

    def set_sizes(self, sizes: tuple[int, ...]) -> None:
        """Give the panels widths; the usual ones when these aren't three."""
        self.splitter.setSizes(list(sizes) if len(sizes) == 3 else [LEFT_PX, 10_000, RIGHT_PX])

    def retranslate(self) -> None:
        """Follow a change of language; the form does by itself."""
        self.tabs.setTabText(INPUTS, text("tab.inputs"))
        self.right_tabs.setTabText(WHY, text("tab.why"))
        self.right_tabs.setTabText(SERVERS, text("tab.servers"))
        self.right_tabs.setTabText(COST, text("tab.cost"))
        self.right_tabs.setTabText(ADVICE, text("tab.advice"))
        for part in (self.library, self.page, self.why, self.servers, self.costs, self.advice, self.notices):
            part.retranslate()
        for page in self._later_pages():
            page.retranslate()
        self._name_library(self.library.model.rowCount())

    def apply_theme(self, theme: Theme) -> None:
        """Follow a change of theme."""
        self._theme = theme
        self.page.apply_theme(theme)
        for page in self._later_pages():
            page.apply_theme(theme)
        self.why.apply_theme(theme)
        self.servers.apply_theme(theme)
        self.costs.apply_theme(theme)
        self.advice.apply_theme(theme)

    def set_byte_unit(self, unit: str) -> None:
        """Show sizes in "GB" or "GiB"."""
        self._byte_unit = unit
        self.page.set_byte_unit(unit)
        if self.load is not None:
            self.load.set_byte_unit(unit)
        if self.estate is not None:
            self.estate.set_byte_unit(unit)
        for page in self._made.values():
            page.set_byte_unit(unit)
        self.why.set_byte_unit(unit)
        self.servers.set_byte_unit(unit)
        self.advice.set_byte_unit(unit)

    def _lay_out(self) -> None:
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        for part in (self.form, self.library):
            self.tabs.addTab("")
            self.stack.addWidget(part)
        self.pages.addWidget(self.page)
        _column(self._left, self.tabs, self.stack)
        self.right_tabs.setExpanding(False)
        self.right_tabs.setDrawBase(False)
        for tab in (self.why, self.servers, self.costs, self.advice):
            self.right_tabs.addTab("")
            self.right_stack.addWidget(tab)
        self.badge.setProperty("badge", True)
        self.badge.hide()
        _column(self._right, self.right_tabs, self.right_stack)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        for panel in (self._left, self.pages, self._right):
            self.splitter.addWidget(panel)
            self.splitter.setStretchFactor(self.splitter.indexOf(panel), int(panel is self.pages))
        self._left.setMinimumWidth(270)
        self._right.setMinimumWidth(240)
        _column(self, self.notices, self.splitter).setStretch(1, 1)

    def _make_evidence(self) -> None:
        from gpuplanner.ui.evidence.page import EvidencePage

        self.evidence = EvidencePage(self._session, self.pages)
        self._add_page(self.evidence)

    def _make_load(self) -> None:
        from gpuplanner.ui.load.page import LoadPage

        self.load = LoadPage(self._session, self.pages)
        self.load.figure_wanted.connect(self.explain)
        self.load.set_byte_unit(self._byte_unit)
        self._add_page(self.load)

    def _make_estate(self) -> None:
        from gpuplanner.ui.estate.page import EstatePage

        self.estate = EstatePage(self._session, self.pages)
        self.estate.form_wanted.connect(lambda: self.show_page("plan"))
        self.estate.save_wanted.connect(self.drawing_wanted)
        self.estate.set_byte_unit(self._byte_unit)
        self._add_page(self.estate)

    def _add_page(self, page: Page) -> None:
        assert isinstance(page, QWidget)
        self.pages.addWidget(page)
        if self._theme is not None:
            page.apply_theme(self._theme)

    def _later_pages(self) -> list[Page]:
        """The pages that were made, because they were shown."""
        made: list[Page] = [page for page in (self.load, self.estate, self.evidence) if page is not None]
        return [*made, *self._made.values()]

    def _name_library(self, count: int) -> None:
        label = text("tab.scenarios")
        self.tabs.setTabText(SCENARIOS, f"{label} {count}" if count else label)

    def _catalog(self) -> Catalog | None:
        return self._session.catalog

    def _estimate_ready(self, _estimate: object) -> None:
        session = self._session
        if session.estimate is not None and session.catalog is not None:
            for part in (self.why, self.servers, self.costs, self.advice):
                part.set_estimate(session.estimate, session.scenario, session.catalog)

    def _count_advice(self, count: int) -> None:
        self.badge.setText(str(count))
        self.badge.setAccessibleName(text("tab.advice.count", count=count))
        self.badge.ensurePolished()
        self.badge.adjustSize()
        self.right_tabs.setTabButton(ADVICE, QTabBar.ButtonPosition.RightSide, self.badge if count else None)
        self.badge.setVisible(count > 0)

    def _take_advice(self, advice: Advice) -> None:
        self._session.set_many(advice.change[0][0], dict(advice.change))


def _panel(parent: QWidget) -> QWidget:
    panel = QWidget(parent)
    panel.setProperty("panel", True)
    panel.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return panel


def _column(place: QWidget, *parts: QWidget) -> QVBoxLayout:
    column = QVBoxLayout(place)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for part in parts:
        column.addWidget(part)
    return column
