"""The page "How good is this estimate?": the engine against every published measurement that comes with it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from gpuplanner.format import format_integer
from gpuplanner.palette import Theme
from gpuplanner.texts import text
from gpuplanner.ui.background import Background, Pulse
from gpuplanner.ui.bold import headline
from gpuplanner.ui.evidence.model import ScoreModel
from gpuplanner.ui.evidence.tsv import groups_tsv
from gpuplanner.ui.evidence.view import ScoreView
from gpuplanner.ui.evidence.wording import haystack, share
from gpuplanner.ui.faults import guarded
from gpuplanner.ui.fields.choice import Option, Segmented
from gpuplanner.ui.session import Session

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog
    from gpuplanner.evidence.predict import Prediction
    from gpuplanner.evidence.scorecard import Group, Scorecard

VIEWS: Final = ("kind", "family", "engine", "source", "worst", "reason")
OWN: Final = "own"  # the user's measurements, where there are some
_TYPING_MS: Final = 120


class EvidencePage(QWidget):
    """Shows the committed score where it was made with these very facts; else, and for single rows, it computes.

    Nothing is read or computed before the page is first shown. Work runs beside the window and can be stopped.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._card: Scorecard | None = None
        self._of: Catalog | None = None  # what the card, or the one under way, is about
        self._words: dict[str, str] = {}
        self._own: Sequence[Prediction] | None = None
        self._own_files: tuple[tuple[str, int], ...] = ()  # what they were read from
        self.background, self._own_background = Background(self), Background(self)
        self.title, self.summary, self.state = QLabel(self), QLabel(self), QLabel(self)
        self.views = Segmented(self)
        self.filter_box = QLineEdit(self)
        self.copy_button, self.compute_button, self.stop_button = (QPushButton(self) for _ in range(3))
        self.progress = QProgressBar(self)
        self.card = QFrame(self)
        self.model = ScoreModel(self)
        self.view = ScoreView(self.model, self.card)
        self._typing = QTimer(self)
        self._lay_out()
        self._connect()
        self.retranslate()

    @guarded
    def showEvent(self, event: QShowEvent) -> None:
        """The first time, and with another catalogue, there is something to do."""
        super().showEvent(event)
        self._look_for_own()
        self._begin()

    def compute(self) -> None:
        """Run the engine over all rows, beside the window."""
        catalog = self._session.catalog
        if catalog is None or self.background.busy:
            return
        self.progress.setRange(0, 0)
        self.background.start(partial(_compute, catalog))
        self._update_state()

    def stop(self) -> None:
        """Give up; what was shown stays."""
        self.background.stop()
        self._update_state()

    def copy(self) -> None:
        """Put the groups, and the rows of the opened ones, on the clipboard."""
        QGuiApplication.clipboard().setText(groups_tsv(self.model, self.view.opened()))

    def retranslate(self) -> None:
        """Say everything again, in the current language."""
        self.title.setText(text("evidence.title"))
        self.views.set_options(
            [Option(view, text(f"evidence.choice.{view}"), text(f"evidence.choice.{view}.hint")) for view in (*VIEWS, OWN)]
        )
        self._show_own()
        self.filter_box.setPlaceholderText(text("evidence.filter"))
        self.filter_box.setAccessibleName(text("evidence.filter"))
        self.copy_button.setText(text("results.table.copy"))
        self.copy_button.setToolTip(text("evidence.copy.hint"))
        self.compute_button.setText(text("evidence.compute"))
        self.stop_button.setText(text("evidence.stop"))
        self.view.setAccessibleName(text("evidence.title"))
        self._words.clear()
        self.view.keeping_open(self.model.reword)
        self._update_state()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self.view.apply_theme(theme)

    def _begin(self) -> None:
        catalog = self._session.catalog
        if catalog is None or catalog is self._of or not self.isVisible():
            return
        from gpuplanner.evidence.score_file import committed

        self.background.stop()
        self._of, self._words = catalog, {}
        self._card = committed(catalog)
        self._fill()
        if self._card is None:
            self.compute()

    def _show_own(self) -> None:
        """The button of the user's measurements is there where they are; the last one shown has the round corners."""
        own, before = self.views.button(len(VIEWS)), self.views.button(len(VIEWS) - 1)
        own.setVisible(bool(self._own_files))
        before.setProperty("place", "middle" if self._own_files else "last")
        before.style().unpolish(before)
        before.style().polish(before)

    def _look_for_own(self) -> None:
        """Offer the user's measurements where there are some; read them again where they have changed."""
        from gpuplanner.evidence.imports.store import state

        files = state()
        if files == self._own_files:
            return
        self._own, self._own_files = None, files
        self._show_own()
        if self.views.value() == OWN:
            self.views.set_value(OWN if files else VIEWS[0])
            self._fill()

    def _connect(self) -> None:
        self.views.edited.connect(self._fill)
        self.views.set_value("kind")
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self._filter)
        self.filter_box.textChanged.connect(self._typed)
        self.copy_button.clicked.connect(self.copy)
        self.compute_button.clicked.connect(self.compute)
        self.stop_button.clicked.connect(self.stop)
        self.view.expanded.connect(self._opened)
        self.view.copy_wanted.connect(self.copy)
        self.background.progressed.connect(self._progressed)
        self.background.done.connect(self._computed)
        self._own_background.done.connect(self._own_computed)
        self.background.failed.connect(self._update_state)
        self._session.catalog_changed.connect(self._begin)

    def _lay_out(self) -> None:
        headline(self.title, self, 1.25)
        self.summary.setWordWrap(True)
        for label in (self.summary, self.state):
            label.setProperty("quiet", True)
        self.progress.setTextVisible(False)
        self.progress.setFixedSize(120, 8)
        self.filter_box.setClearButtonEnabled(True)
        self.filter_box.setMinimumWidth(140)
        self.filter_box.setMaximumWidth(320)
        self.card.setProperty("card", True)
        work = QHBoxLayout()
        work.addWidget(self.title)
        work.addStretch(1)
        for widget in (self.state, self.progress, self.stop_button, self.compute_button):
            work.addWidget(widget)
        tools = QHBoxLayout()
        tools.setSpacing(8)
        self.views.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        tools.addWidget(self.views)
        tools.addStretch(1)
        tools.addWidget(self.filter_box, 2)
        tools.addWidget(self.copy_button)
        inside = QVBoxLayout(self.card)
        inside.setContentsMargins(1, 4, 1, 1)
        inside.addWidget(self.view)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 14, 12)
        column.setSpacing(8)
        column.addLayout(work)
        column.addWidget(self.summary)
        column.addLayout(tools)
        column.addWidget(self.card, 1)

    def _typed(self) -> None:
        self._typing.start()

    def _filter(self) -> None:
        if self._card is not None and self._card.predictions is None and self.filter_box.text().strip():
            self.compute()  # single rows are needed
        self._fill()

    def _opened(self, _index: object) -> None:
        if self._card is not None and self._card.predictions is None:
            self.compute()

    def _progressed(self, done: int, total: int) -> None:
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        self.state.setText(text("evidence.computing", done=format_integer(done), total=format_integer(total)))

    def _computed(self, card: Any) -> None:
        self._card = card
        self._fill()

    def _own_computed(self, found: Any) -> None:
        self._own = found
        self._fill()

    def _fill(self, *_view: object) -> None:
        """Show the view that is chosen, of the rows that the filter accepts."""
        card, catalog = self._card, self._of
        if catalog is not None and self.views.value() == OWN:
            self._fill_own(catalog)
            return
        if card is None or catalog is None:
            self._update_state()
            return
        from gpuplanner.evidence.scorecard import group, groups, members

        view = str(self.views.value())
        listed, total, rows = card.views[view], card.total, None
        if card.predictions is not None:
            accepted = self._accepted(card.predictions, catalog)
            if len(accepted) < len(card.predictions):
                listed, total = groups(accepted, view, catalog), group(accepted)
            rows = members(accepted, view, catalog)
        self.view.keeping_open(partial(self.model.show, view, listed, rows, catalog))
        self._sum_up(total)

    def _fill_own(self, catalog: Catalog) -> None:
        """Show the user's measurements, a group a file; they are computed when first looked at."""
        from gpuplanner.evidence.scorecard import group, groups, members

        if self._own is None:
            self.model.show(OWN, (), {}, catalog)
            self._own_background.start(partial(_compute_own, catalog))
            return
        wanted = self.filter_box.text().casefold().split()
        held = [item for item in self._own if all(word in haystack(item, catalog) for word in wanted)]
        listed, rows = groups(held, OWN, catalog), members(held, OWN, catalog)
        self.view.keeping_open(partial(self.model.show, OWN, listed, rows, catalog))
        self._sum_up(group(held), "evidence.summary.own")

    def _sum_up(self, total: Group, key: str = "evidence.summary") -> None:
        score = total.score
        shares = {name: share(getattr(score, name)) for name in ("median", "p90", "inside")}
        counts = {"done": format_integer(score.done), "rows": format_integer(score.rows)}
        self.summary.setText(text(key, **shares, **counts))
        self._update_state()

    def _accepted(self, predictions: Sequence[Prediction], catalog: Catalog) -> Sequence[Prediction]:
        wanted = self.filter_box.text().casefold().split()
        if not wanted:
            return predictions
        if not self._words:
            self._words = {item.row.id: haystack(item, catalog) for item in predictions}
        return [item for item in predictions if all(word in self._words[item.row.id] for word in wanted)]

    def _update_state(self, *_fault: object) -> None:
        busy = self.background.busy
        for widget in (self.progress, self.stop_button):
            widget.setVisible(busy)
        self.compute_button.setVisible(not busy and self._card is None and self._of is not None)
        self.copy_button.setEnabled(self._card is not None)
        if not busy:
            self.state.setText("" if self._card is not None or self._of is None else text("evidence.stopped"))


def _compute(catalog: Catalog, pulse: Pulse) -> Scorecard:
    from gpuplanner.evidence.scorecard import compute

    return compute(catalog, pulse)


def _compute_own(catalog: Catalog, _pulse: Pulse) -> tuple[Prediction, ...]:
    from gpuplanner.evidence.imports.store import users_rows
    from gpuplanner.evidence.predict import predict

    return tuple(predict(users_rows(), catalog))
