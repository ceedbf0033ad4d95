"""How the comparison is painted: differences marked, figures with their change, bars on one scale."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from PySide6.QtCore import QLineF, QObject, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from gpuplanner.format import format_bytes, format_number, format_share
from gpuplanner.palette import LIGHT, Theme
from gpuplanner.report.comparison import Cell, FigureRow, InputRow
from gpuplanner.texts import text
from gpuplanner.ui.charts.bars import Bar
from gpuplanner.ui.compare.model import ROW, CompareModel, Index
from gpuplanner.ui.compare.rows import BarRow, MemoryRow, SameRow, SectionRow, TableRow
from gpuplanner.units import GB, GIB

MARGIN: Final = 12
_BAR: Final = 20
_THIN: Final = 9


class CompareDelegate(QStyledItemDelegate):
    """Paints the rows of a :class:`CompareModel`."""

    def __init__(self, model: CompareModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = LIGHT
        self.byte_unit = "GB"
        self.set_font(QFont())

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme

    def set_font(self, font: QFont) -> None:
        """Take the text size of the view."""
        self._plain, self._bold, self._small = QFont(font), QFont(font), QFont(font)
        self._bold.setBold(True)
        self._line = QFontMetrics(font).height()
        self._small.setPixelSize(max(10, round(self._line * 0.7)))

    def height(self, row: TableRow) -> int:
        """How high a row is."""
        if isinstance(row, MemoryRow):
            return _BAR + self._line + 20
        return self._line + (24 if isinstance(row, BarRow) else 10)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002 - Qt's signature
        """As high as the row."""
        row = self._model.row(index)
        return QSize(80, self.height(row) if row is not None else self._line + 10)

    def section(self, painter: QPainter, rect: QRect, row: SectionRow, *, current: bool) -> None:
        """A heading across all columns."""
        painter.save()
        painter.fillRect(rect, QColor(self._theme.window))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, QColor(self._theme.line))
        if current:
            painter.fillRect(rect.left(), rect.top(), 3, rect.height(), QColor(self._theme.accent))
        arrow = "▸" if row.key in self._model.folded else "▾"
        inner = rect.adjusted(MARGIN, 0, -MARGIN, -1)
        self._write(painter, inner, arrow, self._plain, "quiet")
        place = inner.adjusted(16, 0, 0, 0)
        used = self._write(painter, place, row.title, self._bold, "quiet")
        self._write(painter, place.adjusted(used + 14, 0, 0, 0), row.about, self._plain, "quiet", right=row.key != "same")
        painter.restore()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One cell, with the lines below and at its right."""
        row, rect = index.data(ROW), option.rect
        found = self._model.found
        if found is None or isinstance(row, SectionRow):
            return
        painter.save()
        place = index.column() - 1
        if place == found.baseline:
            painter.fillRect(rect, QColor(self._theme.window))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, QColor(self._theme.line))
        painter.fillRect(rect.right(), rect.top(), 1, rect.height(), QColor(self._theme.line))
        inner: QRect = rect.adjusted(MARGIN, 0, -MARGIN, -1)
        if place < 0:
            self._write(painter, inner, row.name, self._plain, "text")
        else:
            self._cell(painter, inner, row, place)
        painter.restore()

    def _cell(self, painter: QPainter, inner: QRect, row: TableRow, place: int) -> None:
        if isinstance(row, InputRow):
            self._input(painter, inner, row.cells[place], apart=row.apart[place], base=self._is_base(place))
        elif isinstance(row, SameRow):
            self._write(painter, inner, row.value, self._plain, "quiet")
        elif isinstance(row, FigureRow):
            self._figure(painter, inner, row.cells[place])
        elif isinstance(row, MemoryRow):
            bar = row.bars[place]
            if bar is not None:
                self._memory(painter, inner, bar, row.top)
        elif isinstance(row, BarRow):
            self._bar(painter, inner, row.cells[place], row.top)

    def _is_base(self, place: int) -> bool:
        return self._model.found is not None and place == self._model.found.baseline

    def _input(self, painter: QPainter, inner: QRect, words: str, *, apart: bool, base: bool) -> None:
        if not apart:
            self._write(painter, inner, words, self._plain, "text" if base else "quiet")
            return
        wide = min(QFontMetrics(self._bold).horizontalAdvance(words) + 20, inner.width())
        box = QRect(inner.left(), inner.top() + 3, wide, inner.height() - 5)
        painter.fillRect(box, QColor(self._theme.accent_ground))
        painter.fillRect(box.left(), box.top(), 2, box.height(), QColor(self._theme.accent))
        self._write(painter, box.adjusted(8, 0, -4, 0), words, self._bold, "text")

    def _figure(self, painter: QPainter, inner: QRect, cell: Cell) -> None:
        """Value, change and range, as far as there is room."""
        number = f"{cell.shown.number} {cell.shown.unit}".strip()
        value = f"! {number}" if cell.misses else number
        used = self._write(painter, inner, value, self._bold, "caution" if cell.misses else "text")
        ink = "quiet" if cell.better is None else "good" if cell.better else "caution"
        rest = inner.adjusted(max(used, min(96, inner.width() // 3)) + 12, 0, 0, 0)
        metrics = QFontMetrics(self._plain)
        changed = self._write(painter, rest, cell.change, self._plain, ink)
        range_text = cell.shown.range_text
        if range_text and rest.width() - changed - 14 >= metrics.horizontalAdvance(range_text):
            self._write(painter, rest, range_text, self._plain, "quiet", right=True)

    def _memory(self, painter: QPainter, inner: QRect, bar: Bar, top: float) -> None:
        per_byte = inner.width() / top
        y, edges = inner.top() + 7, [0.0]
        pieces = list(bar.segments())
        for _, size in pieces:
            edges.append(min(edges[-1] + size * per_byte, float(inner.width())))
        metrics = QFontMetrics(self._small)
        for (part, size), (left, right) in zip(pieces, pairwise(edges), strict=True):
            box = QRectF(inner.left() + round(left), y, max(1.0, round(right) - round(left) - 1), _BAR)
            painter.fillRect(box, QColor(self._theme.memory(part)))
            words = self._size(size)
            if part != "free" and metrics.horizontalAdvance(words) + 6 < box.width():
                painter.setFont(self._small)
                painter.setPen(QColor(self._theme.on_memory(part)))
                painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), words)
        pen = QPen(QColor(self._theme.text), 1)
        pen.setDashPattern([3, 2])
        painter.setPen(pen)
        limit = inner.left() + round(min(bar.limit_bytes * per_byte, inner.width()))
        painter.drawLine(QLineF(limit, y - 2, limit, y + _BAR + 2))
        below = QRect(inner.left(), y + _BAR + 2, inner.width(), self._line + 4)
        said = text(
            "library.memory", need=self._size(bar.need_bytes), usable=format_bytes(bar.usable_bytes, self.byte_unit), share=""
        )
        share = str(format_share(bar.need_bytes / bar.usable_bytes)) if bar.usable_bytes else ""
        self._write(painter, below, said.rstrip(" ·"), self._small, "quiet")
        self._write(painter, below, f"✕ {share}" if bar.over else share, self._small, "bad" if bar.over else "quiet", right=True)

    def _bar(self, painter: QPainter, inner: QRect, cell: Cell, top: float) -> None:
        """A bar to the value, its range above it, the limit as a line."""
        if cell.value is None:
            self._write(painter, inner, str(cell.shown), self._plain, "quiet")
            return
        metrics = QFontMetrics(self._small)
        label = f"{'! ' if cell.misses else ''}{cell.shown.number} {cell.shown.unit}".strip()
        room = max(30, inner.width() - metrics.horizontalAdvance(label) - 10)
        middle = inner.center().y() + 1
        scale = room / top
        painter.fillRect(QRectF(inner.left(), middle, room, 1), QColor(self._theme.line))
        fill = QColor(self._theme.caution if cell.misses else self._theme.chart_own)
        painter.fillRect(QRectF(inner.left(), middle - _THIN // 2, max(1.0, cell.value * scale), _THIN), fill)
        quantity = cell.quantity
        painter.setPen(QPen(QColor(self._theme.text), 1))
        if quantity is not None and quantity.low is not None and quantity.high is not None and quantity.high > quantity.low:
            low, high = (inner.left() + min(end * scale, room) for end in (quantity.low, quantity.high))
            painter.drawLine(QLineF(low, middle, high, middle))
            for end in (low, high):
                painter.drawLine(QLineF(end, middle - 4, end, middle + 4))
        if cell.limit is not None:
            at = inner.left() + min(cell.limit * scale, room)
            painter.setPen(QPen(QColor(self._theme.text), 2))
            painter.drawLine(QLineF(at, middle - 9, at, middle + 9))
        place = QRect(
            inner.right() - metrics.horizontalAdvance(label) - 2,
            inner.top(),
            metrics.horizontalAdvance(label) + 4,
            inner.height(),
        )
        self._write(painter, place, label, self._small, "caution" if cell.misses else "text", right=True)

    def _size(self, size: float) -> str:
        return format_number(size / (GIB if self.byte_unit == "GiB" else GB))

    def _write(self, painter: QPainter, rect: QRect, words: str, font: QFont, ink: str, *, right: bool = False) -> int:
        metrics = QFontMetrics(font)
        painter.setFont(font)
        painter.setPen(QColor(getattr(self._theme, ink)))
        shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, max(0, rect.width()))
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(rect, int(side | Qt.AlignmentFlag.AlignVCenter), shown)
        return metrics.horizontalAdvance(shown)
