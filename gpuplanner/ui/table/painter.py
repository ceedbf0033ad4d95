"""How rows are painted: all visible cells in one pass, so that a keystroke repaints the table in a few milliseconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter

from gpuplanner.engine.result import Status
from gpuplanner.palette import LIGHT, Theme
from gpuplanner.report.names import shortened
from gpuplanner.texts import text
from gpuplanner.ui.results.figures import Verdict
from gpuplanner.ui.table.column import Column, verdict_of
from gpuplanner.ui.table.columns import memory_share
from gpuplanner.ui.table.header import MARGIN
from gpuplanner.ui.table.model import GpuModel
from gpuplanner.ui.table.row import Row
from gpuplanner.ui.table.spans import Spans

_BAR_HEIGHT: Final = 7
_PERCENT_WIDTH: Final = 42
_MOST_WIDTHS: Final = 4000
_WIDE: Final = 120  # from here on a range stands beside its figure
_RANGE_GAP: Final = 10


@dataclass(frozen=True, slots=True)
class Cell:
    """Where one visible column stands."""

    column: Column
    left: int
    width: int


class Lettering:
    """A font that knows the width of what it wrote before; measuring costs as much as drawing."""

    def __init__(self, font: QFont) -> None:
        """Lettering in ``font``."""
        self.font = font
        self.metrics = QFontMetrics(font)
        self._widths: dict[str, int] = {}

    def width(self, words: str) -> int:
        """How wide words are, in pixels."""
        found = self._widths.get(words)
        if found is None:
            if len(self._widths) > _MOST_WIDTHS:
                self._widths.clear()
            found = self._widths[words] = self.metrics.horizontalAdvance(words)
        return found

    def fitted(self, words: str, room: int) -> str:
        """The words, cut where they are too long."""
        return words if self.width(words) <= room else self.metrics.elidedText(words, Qt.TextElideMode.ElideRight, room)

    def base(self, top: int, height: int) -> int:
        """The base line of a row."""
        return top + (height + self.metrics.ascent() - self.metrics.descent()) // 2


class RowPainter:
    """Paints rows of the comparison; ``spans`` knows where reasons may stand."""

    def __init__(self, model: GpuModel, spans: Spans) -> None:
        """A painter for the rows of ``model``."""
        self._model = model
        self._spans = spans
        self.set_font(QFont())
        self.apply_theme(LIGHT)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        names = ("text", "quiet", "good", "caution", "bad", "line", "panel", "accent", "accent_ground", "free", "weights")
        self._colours = {name: QColor(getattr(theme, name)) for name in names}
        good, caution, bad = (self._colours[name] for name in ("good", "caution", "bad"))
        self._signs = {
            Status.MEETS: (("✓", good),),
            Status.EXPECTED: (("✓", good), ("!", caution)),
            Status.MISSES: (("!", caution),),
            Status.IMPOSSIBLE: (("✕", bad),),
        }

    @property
    def ground(self) -> QColor:
        """What rows stand on."""
        return self._colours["panel"]

    def set_font(self, font: QFont) -> None:
        """Take the text size of the table."""
        bold = QFont(font)
        bold.setBold(True)
        small = QFont(bold)
        small.setPixelSize(max(9, round(QFontMetrics(font).height() * 0.66)))
        self._plain, self._bold, self._small = Lettering(QFont(font)), Lettering(bold), Lettering(small)

    def paint_row(self, painter: QPainter, row: Row, cells: Sequence[Cell], top: int, height: int, *, selected: bool) -> None:
        """Paint one row.

        Args:
            painter: of the viewport.
            row: what to show.
            cells: the visible columns, left to right.
            top: in pixels.
            height: in pixels.
            selected: whether the row is selected.
        """
        left, width = cells[0].left, cells[-1].left + cells[-1].width - cells[0].left
        painter.fillRect(left, top, width, height, self._colours["accent_ground" if selected else "panel"])
        painter.fillRect(left, top + height - 1, width, 1, self._colours["line"])
        told = False
        for cell in cells:
            key = cell.column.key
            if key == "state":
                self._state(painter, cell, top, height, row.plan.status)
            elif key == "gpu":
                self._gpu(painter, cell, top, height, row)
            elif key == "memory" and row.plan.memory is not None:
                self._memory(painter, cell, top, height, row)
            elif not row.impossible or key not in self._spans.columns:
                self._value(painter, cell, top, height, row)
            elif not told:
                told = True  # the sentence starts in the first of these columns and runs across the others
                self._reason(painter, cell, top, height, row)

    def paint_focus(self, painter: QPainter, box: QRect) -> None:
        """The frame around the current cell."""
        painter.setPen(self._colours["accent"])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box.adjusted(0, 0, -1, -2))

    def _state(self, painter: QPainter, cell: Cell, top: int, height: int, status: Status) -> None:
        signs = self._signs[status]
        x = cell.left + (cell.width - sum(self._bold.width(sign) for sign, _ in signs)) // 2
        painter.setFont(self._bold.font)
        for sign, colour in signs:
            painter.setPen(colour)
            painter.drawText(x, self._bold.base(top, height), sign)
            x += self._bold.width(sign)

    def _gpu(self, painter: QPainter, cell: Cell, top: int, height: int, row: Row) -> None:
        theme = self._theme
        right = cell.left + cell.width - 4
        if row.yours:
            badge = text("results.table.yours_badge")
            right = self._badge(painter, right, top, height, badge, theme.accent, theme.accent_ground)
        if row.plan.fallback is not None and not row.impossible:
            badge = row.plan.compute_format.upper()
            right = self._badge(painter, right, top, height, badge, theme.caution, theme.caution_ground)
        letters = self._bold if row.chosen else self._plain
        painter.setFont(letters.font)
        painter.setPen(self._colours["quiet" if row.impossible else "text"])
        name = letters.fitted(shortened(row.name), right - cell.left - MARGIN)
        painter.drawText(cell.left + MARGIN, letters.base(top, height), name)

    def _badge(self, painter: QPainter, right: int, top: int, height: int, words: str, front: str, ground: str) -> int:
        wide, high = self._small.width(words) + 10, self._small.metrics.height() + 2
        place = QRectF(right - wide, top + (height - high) / 2, wide, high)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(place, high / 2, high / 2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setFont(self._small.font)
        painter.setPen(QColor(front))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)
        return right - wide - 4

    def _memory(self, painter: QPainter, cell: Cell, top: int, height: int, row: Row) -> None:
        share, memory = memory_share(row), row.plan.memory
        if share is None or memory is None:
            return
        over = row.impossible or memory.need_bytes > memory.limit_bytes
        left, width = cell.left + MARGIN, cell.width - 2 * MARGIN - _PERCENT_WIDTH
        y = top + (height - _BAR_HEIGHT) // 2
        if width > 0:
            painter.fillRect(left, y, width, _BAR_HEIGHT, self._colours["free"])
            painter.fillRect(left, y, round(width * min(1.0, share)), _BAR_HEIGHT, self._colours["bad" if over else "weights"])
        words = cell.column.shown(row, self._model.context)
        self._words(painter, cell, top, height, words, self._colours["bad" if over else "text"])

    def _reason(self, painter: QPainter, cell: Cell, top: int, height: int, row: Row) -> None:
        painter.setFont(self._plain.font)
        painter.setPen(self._colours["quiet"])
        words = self._plain.fitted(row.reason(self._model.context), self._spans.width - 2 * MARGIN)
        painter.drawText(QPoint(cell.left + MARGIN, self._plain.base(top, height)), words)

    def _value(self, painter: QPainter, cell: Cell, top: int, height: int, row: Row) -> None:
        words = self._model.shown(row, cell.column)
        colour = self._colours["text"]
        if row.impossible or cell.column.value(row, self._model.context) is None:
            colour = self._colours["quiet"]
        elif verdict_of(cell.column.key, row, self._model.context) is Verdict.MISS:
            colour, words = self._colours["caution"], f"! {words}"
        self._words(painter, cell, top, height, words, colour)
        if cell.width >= _WIDE and cell.column.right and not row.impossible:
            self._range(painter, cell, top, height, row, words)

    def _range(self, painter: QPainter, cell: Cell, top: int, height: int, row: Row, words: str) -> None:
        """The range before the figure, in the quiet tone, where the column was made wide enough for both."""
        span = self._model.range_text(row, cell.column)
        x = cell.left + cell.width - MARGIN - self._plain.width(words) - _RANGE_GAP - self._plain.width(span)
        if span and x >= cell.left + MARGIN:
            painter.setPen(self._colours["quiet"])
            painter.drawText(x, self._plain.base(top, height), span)

    def _words(self, painter: QPainter, cell: Cell, top: int, height: int, words: str, colour: QColor) -> None:
        letters = self._plain
        words = letters.fitted(words, cell.width - 2 * MARGIN + 4)
        x = cell.left + cell.width - MARGIN - letters.width(words) if cell.column.right else cell.left + MARGIN
        painter.setFont(letters.font)
        painter.setPen(colour)
        painter.drawText(x, letters.base(top, height), words)
