"""The page "Compare": two to six scenarios side by side."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from gpuplanner import __version__
from gpuplanner.errors import InputError
from gpuplanner.palette import Theme
from gpuplanner.report.comparison import MOST, Comparison, Side, compare, side_of
from gpuplanner.report.comparison_text import FORMATS, as_text
from gpuplanner.scenario import recent
from gpuplanner.scenario.cards import stem
from gpuplanner.texts import text
from gpuplanner.ui.background import Background, Pulse
from gpuplanner.ui.bold import headline
from gpuplanner.ui.charts.elided import Elided
from gpuplanner.ui.compare.heads import Heads, sentence_of
from gpuplanner.ui.compare.model import CompareModel
from gpuplanner.ui.compare.rows import summary
from gpuplanner.ui.compare.view import CompareView
from gpuplanner.ui.faults import guarded
from gpuplanner.ui.fields.choice import Option, Segmented
from gpuplanner.ui.notices import Notice
from gpuplanner.ui.session import Session

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog

Source = Path | None
VIEWS: Final = ("differences", "everything")


class ComparePage(QWidget):
    """Holds scenarios of files, and the one of the window (None), against a baseline.

    Signals:
        noticed: a :class:`Notice`.
        file_wanted: a file shall be chosen and added.
        export_wanted: the comparison as the bytes of a file, and its ending ("pdf", "csv", "tsv", "md").
    """

    noticed = Signal(object)
    file_wanted = Signal()
    export_wanted = Signal(bytes, str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._byte_unit = "GB"
        self.sources: tuple[Source, ...] = (None,)
        self.baseline = 0
        self._sides: dict[Source, Side] = {}
        self.found: Comparison | None = None
        self.background = Background(self)
        self.model = CompareModel(self)
        self.card = QFrame(self)
        self.heads = Heads(self.card)
        self.view = CompareView(self.model, self.card)
        self.title, self.empty = QLabel(self), QLabel(self)
        self.summary = Elided(self)
        self.views = Segmented(self)
        self.add_button, self.copy_button, self.export_button = (QPushButton(self) for _ in range(3))
        self._lay_out()
        self.view.resized.connect(self._follow_width)
        self.heads.baseline_wanted.connect(self.set_baseline)
        self.heads.leave_wanted.connect(self.remove)
        self.views.edited.connect(self._view_chosen)
        self.add_button.clicked.connect(self._open_menu)
        self.copy_button.clicked.connect(self.copy)
        self.export_button.clicked.connect(self._open_export)
        self.background.done.connect(self._read)
        session.estimate_ready.connect(self._answered)
        session.catalog_changed.connect(self._forget)

    def compare(self, paths: Sequence[Source]) -> None:
        """Show these side by side, the first as baseline."""
        self.sources = tuple(dict.fromkeys(paths))[:MOST]
        self.baseline = 0
        self._sides.clear()
        self.renew()

    def add(self, source: Source) -> None:
        """Put one more beside the others."""
        if source not in self.sources and len(self.sources) < MOST:
            self.sources = (*self.sources, source)
            self.renew()

    def remove(self, place: int) -> None:
        """Take a scenario out of the comparison."""
        if len(self.sources) > 1:
            kept = [source for at, source in enumerate(self.sources) if at != place]
            base = self.sources[self.baseline]
            self.sources = tuple(kept)
            self.baseline = kept.index(base) if base in kept else 0
            self.renew()

    def set_baseline(self, place: int) -> None:
        """Hold the others against another one, which comes first."""
        base = self.sources[place]
        self.sources = (base, *(source for source in self.sources if source is not base))
        self.baseline = 0
        self.renew()

    def renew(self) -> None:
        """Read and estimate what isn't known yet, and show everything."""
        catalog, session = self._session.catalog, self._session
        if catalog is None:
            return
        answer = session.answer()
        if None in self.sources and answer is not None:
            title = session.scenario.name or text("title.untitled")
            self._sides[None] = side_of(title, session.scenario, answer, catalog)
        missing = [source for source in self.sources if source is not None and source not in self._sides]
        if missing:
            self.background.start(partial(_sides_of, tuple(missing), catalog))
        else:
            self._show(catalog)

    @property
    def busy(self) -> bool:
        """Whether scenarios are still being read."""
        return self.background.busy

    def copy(self) -> None:
        """Put the comparison on the clipboard, for spreadsheets."""
        if self.found is not None:
            QGuiApplication.clipboard().setText(as_text(self.found, "tsv"))

    def stop(self) -> None:
        """Stop what runs beside the window."""
        self.background.stop()

    @guarded
    def showEvent(self, event: QShowEvent) -> None:
        """Files may have changed while nobody looked."""
        super().showEvent(event)
        self._sides.clear()
        self.renew()

    def retranslate(self) -> None:
        """Follow a change of language."""
        self.views.set_options([Option(view, text(f"compare.view.{view}")) for view in VIEWS])
        self.views.set_value("differences" if "same" in self.model.folded else "everything")
        self.add_button.setText(text("compare.add"))
        self.copy_button.setText(text("compare.copy"))
        self.export_button.setText(text("compare.export"))
        self.view.setAccessibleName(text("compare.name"))
        self.empty.setText(text("compare.empty"))
        self.renew()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self.view.apply_theme(theme)
        self.heads.apply_theme(theme)

    def set_byte_unit(self, unit: str) -> None:
        """Show sizes in "GB" or "GiB"."""
        self._byte_unit = unit
        self.view.delegate.byte_unit = unit
        self.renew()

    def _show(self, catalog: Catalog) -> None:
        sides = [self._sides[source] for source in self.sources if source in self._sides]
        self.found = compare(sides, catalog, min(self.baseline, len(sides) - 1), self._byte_unit) if sides else None
        self.model.show(self.found)
        self.title.setText(text("compare.title", count=len(sides)))
        self.summary.setText(summary(self.found) if self.found is not None and len(sides) > 1 else "")
        self.empty.setVisible(len(sides) < 2)
        self.add_button.setEnabled(len(self.sources) < MOST)
        for button in (self.copy_button, self.export_button):
            button.setEnabled(self.found is not None)
        if self.found is not None:
            sentences = [sentence_of(side, catalog, self._byte_unit) for side in sides]
            self.heads.show_sides(self.found, sentences, self._byte_unit)
        self._follow_width()

    def _read(self, result: object) -> None:
        catalog = self._session.catalog
        if not isinstance(result, dict) or catalog is None:
            return
        for source, side in result.items():
            if isinstance(side, Side):
                self._sides[source] = side
            else:
                self.noticed.emit(Notice(side, "bad", "compare"))
                self.sources = tuple(kept for kept in self.sources if kept != source)
        self._show(catalog)

    def _answered(self, _estimate: object) -> None:
        if self.isVisible() and None in self.sources:
            self.renew()

    def _forget(self) -> None:
        self._sides.clear()
        if self.isVisible():
            self.renew()

    def _follow_width(self) -> None:
        self.heads.set_width(self.view.column_width())

    def _view_chosen(self, view: object) -> None:
        self.model.set_everything(view == "everything")

    def _open_menu(self) -> None:
        menu = QMenu(self)
        if None not in self.sources:
            menu.addAction(text("compare.add.window")).triggered.connect(partial(self.add, None))
        for path in recent.recent_files():
            if path not in self.sources and path.exists():
                menu.addAction(stem(path).replace("&", "&&")).triggered.connect(partial(self.add, path))
        menu.addSeparator()
        menu.addAction(text("compare.add.file")).triggered.connect(self.file_wanted)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.add_button.mapToGlobal(QPoint(0, self.add_button.height())))

    def _open_export(self) -> None:
        menu = QMenu(self)
        for form in ("pdf", *FORMATS):
            menu.addAction(text(f"compare.export.{form}")).triggered.connect(partial(self._export, form))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.export_button.mapToGlobal(QPoint(0, self.export_button.height())))

    def _export(self, form: str) -> None:
        if self.found is None:
            return
        if form == "pdf":
            self.export_wanted.emit(self._pdf(self.found), form)
            return
        mark = "\ufeff" if form == "csv" else ""  # without it spreadsheets take the text for another encoding
        self.export_wanted.emit((mark + as_text(self.found, form)).encode(), form)

    def _pdf(self, found: Comparison) -> bytes:
        from gpuplanner.report.pdf.comparison import comparison_pdf

        catalog = self._session.catalog
        known = {"date": catalog.date, "digest": catalog.digest[:12]} if catalog is not None else {"date": "", "digest": ""}
        return comparison_pdf(found, text("report.foot.catalogue", **known, version=__version__), summary(found))

    def _lay_out(self) -> None:
        headline(self.title, self, 1.25)
        for label in (self.summary, self.empty):
            label.setProperty("quiet", True)
        self.empty.setWordWrap(True)
        self.card.setProperty("card", True)
        self.views.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.title)
        top.addWidget(self.summary, 1)
        for widget in (self.views, self.add_button, self.copy_button, self.export_button):
            top.addWidget(widget)
        rule = QFrame(self.card)
        rule.setProperty("rule", True)
        rule.setFixedHeight(1)
        inside = QVBoxLayout(self.card)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.setSpacing(0)
        inside.addWidget(self.heads)
        inside.addWidget(rule)
        inside.addWidget(self.view, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 14, 12)
        column.setSpacing(10)
        column.addLayout(top)
        column.addWidget(self.empty)
        column.addWidget(self.card, 1)


def _sides_of(paths: tuple[Path, ...], catalog: Catalog, pulse: Pulse) -> dict[Path, Side | InputError]:
    from gpuplanner.engine.estimate import estimate
    from gpuplanner.scenario.files import load_scenario

    found: dict[Path, Side | InputError] = {}
    for place, path in enumerate(paths):
        pulse(place, len(paths))
        try:
            scenario = load_scenario(path).scenario
        except InputError as error:
            found[path] = error
            continue
        found[path] = side_of(scenario.name or stem(path), scenario, estimate(scenario, catalog), catalog)
    return found
