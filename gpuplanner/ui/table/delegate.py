"""How a cell is painted: one pass, no style options, so that a whole table repaints in a few milliseconds."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from gpuplanner.engine.result import Status
from gpuplanner.palette import LIGHT, Theme
from gpuplanner.texts import text
from gpuplanner.ui.results.figures import Verdict
from gpuplanner.ui.table.columns import COLUMNS, Column, memory_share, verdict_of
from gpuplanner.ui.table.header import MARGIN
from gpuplanner.ui.table.proxy import GpuProxy
from gpuplanner.ui.table.row import Row
from gpuplanner.ui.table.spans import Spans

Index = QModelIndex | QPersistentModelIndex
_BAR_HEIGHT: Final = 7
_PERCENT_WIDTH: Final = 42


class CellPainter(QStyledItemDelegate):
    """Paints every kind of cell from its row."""

    def __init__(self, proxy: GpuProxy, spans: Spans, parent: QObject | None = None) -> None:
        """A painter for the cells of ``proxy``; ``spans`` knows where reasons may stand."""
        super().__init__(parent)
        self._proxy = proxy
        self._spans = spans
        self._theme = LIGHT
        self._font = QFont()
        self._fonts_taken()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme

    def set_font(self, font: QFont) -> None:
        """Take the text size of the table."""
        self._font = QFont(font)
        self._fonts_taken()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        """Columns have widths of their own."""
        return QSize(60, 28)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Ground, line, content."""
        row, column = self._proxy.row_at(index), COLUMNS[index.column()]
        box: QRect = option.rect
        state: QStyle.StateFlag = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setClipRect(box)
        painter.fillRect(box, QColor(self._theme.accent_ground if selected else self._theme.panel))
        painter.setPen(QColor(self._theme.line))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        self._content(painter, box, row, column)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(self._theme.accent))
            painter.drawRect(box.adjusted(0, 0, -1, -1))
        painter.restore()

    def _content(self, painter: QPainter, box: QRect, row: Row, column: Column) -> None:
        if column.key == "state":
            self._state(painter, box, row.plan.status)
        elif column.key == "gpu":
            self._gpu(painter, box, row)
        elif column.key == "memory":
            self._memory(painter, box, row, column)
        elif row.impossible and column.key in self._spans.columns:
            self._reason(painter, box, row, column)
        else:
            self._plain(painter, box, row, column)

    def _state(self, painter: QPainter, box: QRect, status: Status) -> None:
        theme = self._theme
        signs = {
            Status.MEETS: (("✓", theme.good),),
            Status.EXPECTED: (("✓", theme.good), ("!", theme.caution)),
            Status.MISSES: (("!", theme.caution),),
            Status.IMPOSSIBLE: (("✕", theme.bad),),
        }[status]
        wide = sum(self._bold_metrics.horizontalAdvance(sign) for sign, _ in signs)
        x = box.left() + (box.width() - wide) // 2
        painter.setFont(self._bold)
        for sign, colour in signs:
            painter.setPen(QColor(colour))
            painter.drawText(x, self._base(box), sign)
            x += self._bold_metrics.horizontalAdvance(sign)

    def _gpu(self, painter: QPainter, box: QRect, row: Row) -> None:
        theme = self._theme
        right = box.right() - 4
        if row.yours:
            right = self._badge(painter, box, right, text("results.table.yours_badge"), theme.accent, theme.accent_ground)
        if row.plan.fallback is not None and not row.impossible:
            right = self._badge(painter, box, right, row.plan.compute_format.upper(), theme.caution, theme.caution_ground)
        painter.setFont(self._bold if row.chosen else self._font)
        metrics = self._bold_metrics if row.chosen else self._metrics
        painter.setPen(QColor(theme.quiet if row.impossible else theme.text))
        name = metrics.elidedText(row.name, Qt.TextElideMode.ElideRight, right - box.left() - MARGIN)
        painter.drawText(box.left() + MARGIN, self._base(box), name)

    def _badge(self, painter: QPainter, box: QRect, right: int, words: str, front: str, ground: str) -> int:
        wide = self._small_metrics.horizontalAdvance(words) + 10
        high = self._small_metrics.height() + 2
        place = QRectF(right - wide, box.center().y() - high / 2 + 1, wide, high)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(place, high / 2, high / 2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setFont(self._small)
        painter.setPen(QColor(front))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)
        return int(place.left()) - 4

    def _memory(self, painter: QPainter, box: QRect, row: Row, column: Column) -> None:
        share = memory_share(row)
        if share is None:
            self._plain(painter, box, row, column)
            return
        memory = row.plan.memory
        over = row.impossible or (memory is not None and memory.need_bytes > memory.limit_bytes)
        theme = self._theme
        track = QRect(
            box.left() + MARGIN, box.center().y() - _BAR_HEIGHT // 2, box.width() - 2 * MARGIN - _PERCENT_WIDTH, _BAR_HEIGHT
        )
        painter.fillRect(track, QColor(theme.free))
        filled = QRect(track)
        filled.setWidth(round(track.width() * min(1.0, share)))
        painter.fillRect(filled, QColor(theme.bad if over else theme.weights))
        words = self._proxy.shown(row, column) if not row.impossible else column.shown(row, self._proxy.context)
        self._words(painter, box, words, theme.bad if over else theme.text, right=True)

    def _reason(self, painter: QPainter, box: QRect, row: Row, column: Column) -> None:
        """This cell's part of the sentence that runs across the columns."""
        left, width = self._spans.stretch(column.key, box.left())
        words = self._metrics.elidedText(row.reason(self._proxy.context), Qt.TextElideMode.ElideRight, width - 2 * MARGIN)
        painter.setFont(self._font)
        painter.setPen(QColor(self._theme.quiet))
        painter.drawText(left + MARGIN, self._base(box), words)

    def _plain(self, painter: QPainter, box: QRect, row: Row, column: Column) -> None:
        verdict = verdict_of(column.key, row, self._proxy.context)
        unknown = row.impossible or column.value(row, self._proxy.context) is None
        colour = self._theme.caution if verdict is Verdict.MISS else self._theme.quiet if unknown else self._theme.text
        words = self._proxy.shown(row, column)
        if verdict is Verdict.MISS:
            words = f"! {words}"
        self._words(painter, box, words, colour, right=column.right)

    def _words(self, painter: QPainter, box: QRect, words: str, colour: str, *, right: bool) -> None:
        painter.setFont(self._font)
        painter.setPen(QColor(colour))
        room = box.width() - 2 * MARGIN + 4
        wide = self._metrics.horizontalAdvance(words)
        if wide > room:
            words = self._metrics.elidedText(words, Qt.TextElideMode.ElideRight, room)
            wide = self._metrics.horizontalAdvance(words)
        x = box.right() - MARGIN + 1 - wide if right else box.left() + MARGIN
        painter.drawText(x, self._base(box), words)

    def _base(self, box: QRect) -> int:
        return box.top() + (box.height() + self._metrics.ascent() - self._metrics.descent()) // 2

    def _fonts_taken(self) -> None:
        self._bold = QFont(self._font)
        self._bold.setBold(True)
        self._small = QFont(self._bold)
        self._small.setPixelSize(max(9, round(QFontMetrics(self._font).height() * 0.66)))
        self._metrics = QFontMetrics(self._font)
        self._bold_metrics = QFontMetrics(self._bold)
        self._small_metrics = QFontMetrics(self._small)
