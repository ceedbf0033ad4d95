"""The tree of the score on the screen: widths, keys, what is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeView, QWidget

from gpuplanner.palette import Theme
from gpuplanner.ui.evidence.delegate import ScoreDelegate
from gpuplanner.ui.evidence.model import COLUMNS, Line, ScoreModel

_SAMPLES: Final = {"rows": "5 127", "done": "5 127", "p90": "+ 888 %", "bias": "− 88.8 %"}
_DRAWN: Final = (84, 130)  # of the drawn errors, at least and at most
_NAME: Final = 190
_NO_FIGURES: Final = frozenset({"median", "mape", "p90", "bias", "inside"})  # where nothing was computed
_ROOMY: Final = 760  # narrower, the figures stand closer


class ScoreView(QTreeView):
    """A tree whose first column takes the width that is left.

    Signals:
        copy_wanted: by the keyboard.
    """

    copy_wanted = Signal()

    def __init__(self, model: ScoreModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.delegate = ScoreDelegate(model, self)
        self.setModel(model)
        self.setItemDelegate(self.delegate)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setAllColumnsShowFocus(True)
        self.setExpandsOnDoubleClick(True)
        self.setIndentation(18)
        header = self.header()
        header.setSectionsMovable(False)
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSortIndicator(-1, Qt.SortOrder.DescendingOrder)
        self.setSortingEnabled(True)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        small = max(10, round(self.fontInfo().pixelSize() * 0.92))
        self.header().setStyleSheet(f"QHeaderView::section {{ padding: 4px 6px; font-size: {small}px; }}")
        self.delegate.apply_theme(theme)
        self.viewport().update()

    def opened(self) -> list[Line]:
        """The groups whose rows are shown."""
        return [line for place, line in enumerate(self._model.lines) if self.isExpanded(self._model.index(place, 0))]

    def keeping_open(self, change: Callable[[], object]) -> None:
        """Change the model; what was open, and where it was scrolled to, stays."""
        view, place = self._model.view, self.verticalScrollBar().value()
        opened = {line.group.score.group for line in self.opened()}
        change()
        self._arrange()
        if self._model.view != view:
            self.scrollToTop()
            return
        for number, line in enumerate(self._model.lines):
            if line.group.score.group in opened:
                self.expand(self._model.index(number, 0))
        self.verticalScrollBar().setValue(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copying."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The name and the drawn errors share what the figures leave."""
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        """Columns grow with the text."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange and hasattr(self, "delegate"):
            self.delegate.set_font(self.font())
            self._arrange()

    def _arrange(self) -> None:
        self.delegate.set_font(self.font())
        metrics = QFontMetrics(self.font())
        width = self.viewport().width()
        roomy = width >= _ROOMY
        hidden = _NO_FIGURES if self._model.view == "reason" else frozenset[str]() if roomy else frozenset({"bias"})
        figures = [
            0 if name in hidden else metrics.horizontalAdvance(_SAMPLES.get(name, "88.8 %")) + (20 if roomy else 16)
            for name in COLUMNS[1:-1]
        ]
        left = width - sum(figures)
        drawn = left * 2 // 5 if self._model.view == "reason" else max(_DRAWN[0], min(_DRAWN[1], (left - _NAME) // 2))
        widths = [left - drawn, *figures, drawn]
        for column, wide in enumerate(widths):
            self.setColumnHidden(column, COLUMNS[column] in hidden)
            if wide:
                self.setColumnWidth(column, wide)
        self.delegate.set_widths(widths)
