"""How the score is painted: figures of groups, measurements in two lines, errors on one scale."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from gpuplanner.evidence.predict import Prediction
from gpuplanner.palette import LIGHT, Theme
from gpuplanner.texts import text
from gpuplanner.ui.evidence.model import COLUMNS, Line, ScoreModel, cell

Index = QModelIndex | QPersistentModelIndex
SCALE: Final = 0.5  # of the measured value, to either side
MARGIN: Final = 6
_AT: Final = {name: place for place, name in enumerate(COLUMNS)}
_ROW_CELLS: Final = {"done": "measured", "mape": "estimated", "bias": "error", "inside": "in_range"}
_SPANS: Final = {"done": 1, "mape": 1, "bias": 1}  # columns to the left that the cell takes in


class ScoreDelegate(QStyledItemDelegate):
    """Paints both levels of a :class:`ScoreModel`; wants the view's font by :meth:`set_font`."""

    def __init__(self, model: ScoreModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._widths: list[int] = [0] * len(COLUMNS)
        self.set_font(QFont())
        self.apply_theme(LIGHT)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        names = ("text", "quiet", "line", "panel", "accent", "accent_ground", "good", "caution", "window", "free")
        self._colours = {name: QColor(getattr(theme, name)) for name in names}

    def set_font(self, font: QFont) -> None:
        """Take the text size of the view."""
        self._plain = QFont(font)
        self._bold = QFont(font)
        self._bold.setBold(True)
        self._small = QFont(font)
        self._small.setPixelSize(max(10, round(QFontMetrics(font).height() * 0.72)))
        self._line = QFontMetrics(font).height()

    def set_widths(self, widths: list[int]) -> None:
        """Know how wide the columns are: measurements take two of them."""
        self._widths = widths

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """A line for a group, two for a measurement."""
        del option
        if self._model.row_of(index) is not None:
            return QSize(10, 2 * self._line + 10)
        return QSize(10, self._line + 12)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One cell, and the line below it."""
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        item, head = self._model.row_of(index), self._model.is_head(index)
        ground = "accent_ground" if state & QStyle.StateFlag.State_Selected else "window" if item or head else "panel"
        painter.fillRect(rect, self._colours[ground])
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, self._colours["line"])
        if item is not None:
            self._row(painter, rect, index.column(), item)
        elif head:
            self._head(painter, rect, index)
        else:
            self._group(painter, rect, index.column(), self._model.line_of(index))
        painter.restore()

    def _group(self, painter: QPainter, rect: QRect, column: int, line: Line) -> None:
        name = COLUMNS[column]
        if name == "errors":
            self._band(painter, rect, line)
            return
        ink = "quiet" if not line.group.score.done else "text"
        words = line.label if column == 0 else cell(line.group, name)
        self._write(painter, rect, words, self._bold if name == "median" else self._plain, ink, right=column > 0)

    def _head(self, painter: QPainter, rect: QRect, index: Index) -> None:
        column = index.column()
        if column == 0:
            self._write(painter, rect, str(index.data()), self._small, "quiet")
        elif self._model.line_of(index).rows is not None and COLUMNS[column] in self._carriers():
            words = text(f"evidence.row.{self._carriers()[COLUMNS[column]]}")
            self._write(painter, self._spanned(rect, column), words, self._small, "quiet", right=True)

    def _row(self, painter: QPainter, rect: QRect, column: int, item: Prediction) -> None:
        said, name = self._model.words_of(item), COLUMNS[column]
        if column == 0:
            top = QRect(rect.left(), rect.top() + 3, rect.width(), self._line + 2)
            self._write(painter, top, said.label, self._plain, "text")
            self._write(painter, top.translated(0, self._line), said.detail, self._small, "quiet")
        elif name == "errors":
            if said.reason:  # painted with the last cell, over the room of those before
                place = rect.adjusted(-sum(self._widths[_AT["median"] : column]), 0, 0, 0)
                self._write(painter, place, said.reason, self._small, "quiet")
            elif said.error and item.error is not None:
                self._dot(painter, rect, item.error)
        elif not (said.reason and name != "done"):
            self._figure(painter, rect, name, item)

    def _carriers(self) -> dict[str, str]:
        """Which column carries which figure of a row."""
        if self._widths[_AT["bias"]]:
            return _ROW_CELLS
        return {("p90" if column == "bias" else column): figure for column, figure in _ROW_CELLS.items()}

    def _figure(self, painter: QPainter, rect: QRect, column: str, item: Prediction) -> None:
        said, wanted = self._model.words_of(item), self._carriers().get(column)
        if wanted == "in_range":
            inside = item.inside
            if inside is not None:
                self._write(painter, rect, "✓" if inside else "!", self._bold, "good" if inside else "caution", right=True)
        elif wanted is not None:
            words = {"measured": said.measured, "estimated": said.estimated, "error": said.error}[wanted]
            self._write(painter, self._spanned(rect, _AT[column]), words, self._plain, "text", right=True)

    def _spanned(self, rect: QRect, column: int) -> QRect:
        taken = _SPANS.get(COLUMNS[column], 0)
        return rect.adjusted(-sum(self._widths[column - taken : column]), 0, 0, 0)

    def _write(self, painter: QPainter, rect: QRect, words: str, font: QFont, ink: str, *, right: bool = False) -> None:
        room = rect.adjusted(MARGIN if right else 2, 0, -MARGIN, -1)
        painter.setFont(font)
        painter.setPen(self._colours[ink])
        shown = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, room.width())
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(room, int(side | Qt.AlignmentFlag.AlignVCenter), shown)

    def _axis(self, painter: QPainter, rect: QRect) -> tuple[float, float, float]:
        """The scale's line and its zero; gives where zero stands, how long each side is, and the height."""
        left, right, middle = rect.left() + 10.0, rect.right() - 10.0, rect.center().y() + 0.5
        painter.setPen(QPen(self._colours["line"], 1))
        painter.drawLine(QPointF(left, middle), QPointF(right, middle))
        zero = (left + right) / 2
        painter.setPen(QPen(self._colours["quiet"], 1))
        painter.drawLine(QPointF(zero, middle - 6), QPointF(zero, middle + 6))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        return zero, (right - left) / 2, middle

    def _band(self, painter: QPainter, rect: QRect, line: Line) -> None:
        group = line.group
        if group.low is None or group.high is None or group.score.bias is None:
            return
        zero, half, middle = self._axis(painter, rect)
        low, high, bias = (zero + half * max(-1.0, min(1.0, edge / SCALE)) for edge in (group.low, group.high, group.score.bias))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colours["accent"])
        painter.setOpacity(0.35)
        painter.drawRect(QRectF(low, middle - 4, max(2.0, high - low), 8))
        painter.setOpacity(1.0)
        painter.drawRect(QRectF(bias - 1, middle - 5, 2, 10))
        if group.high > SCALE:
            self._beyond(painter, zero + half, middle, 1)
        if group.low < -SCALE:
            self._beyond(painter, zero - half, middle, -1)

    def _dot(self, painter: QPainter, rect: QRect, error: float) -> None:
        zero, half, middle = self._axis(painter, rect)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colours["accent"])
        if abs(error) > SCALE:
            self._beyond(painter, zero + (half if error > 0 else -half), middle, 1 if error > 0 else -1)
        else:
            painter.drawEllipse(QPointF(zero + half * error / SCALE, middle), 3.5, 3.5)

    @staticmethod
    def _beyond(painter: QPainter, x: float, middle: float, way: int) -> None:
        """An arrow at the end of the scale: it goes on."""
        painter.drawPolygon(QPolygonF([QPointF(x, middle - 4), QPointF(x + 6 * way, middle), QPointF(x, middle + 4)]))
