"""The Why panel: a figure, its formula, its numbers, and where each comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QSize, QTimer, QUrl, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from gpuplanner.engine.result import Estimate, Explanation, Plan, Status
from gpuplanner.palette import LIGHT, Theme
from gpuplanner.report.names import gpu_name
from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import text
from gpuplanner.ui.faults import guarded
from gpuplanner.ui.why import page, thumbs
from gpuplanner.ui.why.browser import PageBrowser
from gpuplanner.ui.why.measured import Measured, Nearest

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog

_OPENED_BY: Final = {"free": "pool", "batch_time": "throughput"}
_FIRST: Final = "memory_per_gpu"


class WhyPanel(QWidget):
    """Explains one figure of one GPU, and follows every new estimate.

    Signals:
        edit_requested: dotted path of the scenario field that the user wants to change.
        evidence_requested: the user wants to see how good the estimate is.
        figure_shown: key of the figure of the answer that is explained now; empty where it is of another GPU.
    """

    edit_requested = Signal(str)
    evidence_requested = Signal()
    figure_shown = Signal(str)

    def __init__(self, parent: QWidget | None = None, nearest: Nearest | None = None) -> None:
        """A panel about the memory of the chosen GPU; ``nearest`` finds measurements to show beside a figure."""
        super().__init__(parent)
        self._theme = LIGHT
        self._byte_unit = "GB"
        self._nearest = nearest
        self._given: tuple[Estimate, Scenario, Catalog] | None = None
        self._gpu_id: str | None = None  # None: the GPU that the answer is given for
        self._trail: list[str] = [_FIRST]
        self.explanation: Explanation | None = None
        self.back_button = QPushButton(self)
        self.back_button.setProperty("flat", True)
        self.back_button.clicked.connect(self.back)
        self.browser = PageBrowser(self)
        self.browser.anchorClicked.connect(self._follow)
        self.copy_formula_button = QPushButton(self)
        self.copy_formula_button.clicked.connect(self.copy_formula)
        self.copy_table_button = QPushButton(self)
        self.copy_table_button.clicked.connect(self.copy_table)
        self._rewrap = QTimer(self)
        self._rewrap.setSingleShot(True)
        self._rewrap.timeout.connect(self._show)
        self._lay_out()
        self.retranslate()

    @property
    def key(self) -> str:
        """The figure that is explained."""
        return self._trail[-1]

    def set_estimate(self, estimate: Estimate, scenario: Scenario, catalog: Catalog) -> None:
        """Explain the same figure of a new estimate."""
        self._given = (estimate, scenario, catalog)
        self._show()

    def show_figure(self, gpu_id: str | None, key: str) -> None:
        """Explain a figure ("ttft", …) or a part ("weights", …) of a GPU; None is the GPU that the answer is given for."""
        chosen = self._given[0].chosen if self._given else None
        self._gpu_id = None if gpu_id == chosen else gpu_id
        self._trail = [_FIRST if key == "free" and self._holds_no_cache(gpu_id) else _OPENED_BY.get(key, key)]
        self._show()

    def _holds_no_cache(self, gpu_id: str | None) -> bool:
        """Whether a plan trains or makes passes: what it leaves free is no room for a cache."""
        plan = self._given[0].plan(gpu_id) if self._given else None
        return plan is not None and (plan.training is not None or plan.passes is not None)

    def open(self, key: str) -> None:
        """Go into a figure that the present one is made of."""
        self._trail.append(key)
        self._show()

    def back(self) -> None:
        """Back to the figure one came from."""
        if len(self._trail) > 1:
            self._trail.pop()
            self._show()

    def set_nearest(self, nearest: Nearest | None) -> None:
        """Find measurements to show beside figures; None for none."""
        self._nearest = nearest
        self._show()

    def refresh(self) -> None:
        """Ask again for the measurements nearby; nothing else moves."""
        self._show()

    def set_byte_unit(self, unit: str) -> None:
        """Show "GB" or "GiB"."""
        self._byte_unit = unit
        self._show()

    def retranslate(self) -> None:
        """Say everything again, in the current language."""
        self.copy_formula_button.setText(text("results.why.copy_formula"))
        self.copy_table_button.setText(text("results.why.copy_table"))
        self.browser.setAccessibleName(text("results.why.name"))
        self._show()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        self.browser.apply_theme(theme)
        self._show()

    def copy_formula(self) -> None:
        """Put the formula with its numbers on the clipboard."""
        if self.explanation is not None and self._given is not None:
            currency = self._given[1].money.currency
            QGuiApplication.clipboard().setText(page.formula_text(self.explanation, self._byte_unit, currency))

    def copy_table(self) -> None:
        """Put the symbols with their values and sources on the clipboard, for a spreadsheet."""
        if self.explanation is not None:
            QGuiApplication.clipboard().setText(page.terms_tsv(self.explanation))

    def sizeHint(self) -> QSize:
        """The width of a side panel."""
        return QSize(292, 500)

    def minimumSizeHint(self) -> QSize:
        """Narrower than that, formulas can't be read."""
        return QSize(220, 200)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Columns come and go with the width."""
        super().resizeEvent(event)
        if (event.size().width() < page.NARROW) != (event.oldSize().width() < page.NARROW):
            self._rewrap.start(0)

    @guarded
    def showEvent(self, event: QShowEvent) -> None:
        """While hidden nothing is written."""
        super().showEvent(event)
        self._show()

    def changeEvent(self, event: QEvent) -> None:
        """The page grows with the text size."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange and hasattr(self, "_rewrap"):
            self._rewrap.start(0)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self.copy_formula_button)
        buttons.addWidget(self.copy_table_button)
        buttons.addStretch(1)
        top = QHBoxLayout()
        top.addWidget(self.back_button)
        top.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 14, 10)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.browser, 1)
        column.addLayout(buttons)

    def _follow(self, link: QUrl) -> None:
        kind, _, target = link.toString().partition(":")
        if kind == "open":
            self.open(target)
        elif kind == "edit":
            self.edit_requested.emit(target)
        elif kind == "evidence":
            self.evidence_requested.emit()

    def _show(self) -> None:
        if self._given is None or not self.isVisible():
            return
        estimate, scenario, catalog = self._given
        plan = estimate.plan(self._gpu_id)
        if plan is None and self._gpu_id is not None:  # the GPU left the catalogue
            self._gpu_id = None
            plan = estimate.plan()
        self.explanation = self._explained(plan)
        self.back_button.setVisible(len(self._trail) > 1)
        if len(self._trail) > 1:
            self.back_button.setText(f"← {page.title(self._trail[-2], scenario)}")
        for button in (self.copy_formula_button, self.copy_table_button):
            button.setEnabled(self.explanation is not None)
        self.browser.show_page(self._written(plan, scenario, catalog))
        self.figure_shown.emit(self._trail[0] if self._gpu_id is None else "")

    def _explained(self, plan: Plan | None) -> Explanation | None:
        from gpuplanner.engine.explain import explain

        if plan is None or plan.status is Status.IMPOSSIBLE or self._given is None:
            return None
        try:
            return explain(self._given[1], self._given[2], plan, self.key)
        except KeyError:  # this plan has no such figure
            return None

    def _written(self, plan: Plan | None, scenario: Scenario, catalog: Catalog) -> str:
        name = gpu_name(plan.gpu_id, catalog) if plan else ""
        paper = self._paper(scenario)
        if self.explanation is None:
            runs = plan is not None and plan.status is not Status.IMPOSSIBLE
            return page.no_page(plan, name, self.key, scenario, paper, text("results.why.unknown") if runs else "")
        return page.page(self.explanation, scenario, name, paper, self._measured(scenario, plan), self._thumbs(plan, paper))

    def _thumbs(self, plan: Plan | None, paper: page.Paper) -> str:
        """Rules of thumb beside the figure."""
        if plan is None or self._given is None:
            return ""
        answer, scenario, catalog = self._given
        return thumbs.section(thumbs.lines_of(scenario, catalog, answer, plan, self.key, self._byte_unit), paper)

    def _measured(self, scenario: Scenario, plan: Plan | None) -> tuple[Measured, ...]:
        return tuple(self._nearest(scenario, plan, self.key)) if self._nearest is not None and plan is not None else ()

    def _paper(self, scenario: Scenario) -> page.Paper:
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
        families = f"'{fixed}','DejaVu Sans Mono',monospace"
        wide = self.width() >= page.NARROW
        return page.Paper(self._theme, wide, self.fontInfo().pixelSize(), families, self._byte_unit, scenario.money.currency)
