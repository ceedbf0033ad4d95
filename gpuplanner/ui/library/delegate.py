"""How scenarios are painted: rows of a table, heads of groups, and cards."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QAbstractItemModel, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from gpuplanner.palette import LIGHT, Theme
from gpuplanner.scenario.cards import Card
from gpuplanner.ui.library.arrange import COLUMNS, Head
from gpuplanner.ui.library.model import ROW, Index, LibraryModel
from gpuplanner.ui.library.words import GLYPHS, Words

MARGIN: Final = 8
TICK: Final = 14
GLYPH: Final = 16
_CARD: Final = QSize(252, 118)
_INKS: Final = {"good": "good", "caution": "caution", "bad": "bad", "open": "quiet"}


class _Brush(QStyledItemDelegate):
    """Fonts and colours of both kinds of painting.

    Signals:
        renamed: a path and the name that was typed for its scenario.
    """

    renamed = Signal(object, str)

    def __init__(self, model: LibraryModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = LIGHT
        self.set_font(QFont())

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme

    def set_font(self, font: QFont) -> None:
        """Take the text size of the view."""
        self._plain, self._bold, self._small = QFont(font), QFont(font), QFont(font)
        self._bold.setBold(True)
        self._line = QFontMetrics(font).height()
        self._small.setPixelSize(max(10, round(self._line * 0.68)))

    def _write(
        self,
        painter: QPainter,
        rect: QRect,
        words: str,
        font: QFont,
        ink: str,
        *,
        right: bool = False,
        middle: bool = False,
        cut: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> int:
        """Write into a rectangle, cut where it is too long; gives the width."""
        metrics = QFontMetrics(font)
        painter.setFont(font)
        painter.setPen(QColor(getattr(self._theme, ink)))
        shown = metrics.elidedText(words, cut, rect.width())
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignHCenter if middle else Qt.AlignmentFlag.AlignLeft
        painter.drawText(rect, int(side | Qt.AlignmentFlag.AlignVCenter), shown)
        return metrics.horizontalAdvance(shown)

    def _tags(self, painter: QPainter, rect: QRect, tags: tuple[str, ...]) -> None:
        """Each in a box, as many as there is room for."""
        metrics, left = QFontMetrics(self._small), rect.left()
        for place, tag in enumerate(tags):
            wide = min(metrics.horizontalAdvance(tag) + 12, 120)
            more = f"+{len(tags) - place}"
            if left + wide > rect.right() - (metrics.horizontalAdvance(more) + 6 if place + 1 < len(tags) else 0):
                self._write(painter, QRect(left, rect.top(), rect.right() - left, rect.height()), more, self._small, "quiet")
                return
            box = QRect(left, rect.center().y() - metrics.height() // 2 - 1, wide, metrics.height() + 2)
            painter.setPen(QColor(self._theme.field_line))
            painter.setBrush(QColor(self._theme.panel))
            painter.drawRoundedRect(box, 3, 3)
            self._write(painter, box.adjusted(5, 0, -5, 0), tag, self._small, "quiet", middle=True)
            left += wide + 4

    def _tick(self, painter: QPainter, rect: QRect, *, on: bool) -> None:
        box = QRect(rect.left() + MARGIN, rect.center().y() - TICK // 2, TICK, TICK)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(self._theme.accent if on else self._theme.quiet))
        painter.setBrush(QColor(self._theme.accent if on else self._theme.field))
        painter.drawRoundedRect(box, 3, 3)
        if on:
            painter.setPen(QPen(QColor(self._theme.on_accent), 2))
            corner = box.topLeft()
            painter.drawPolyline([corner + QPoint(3, 7), corner + QPoint(6, 10), corner + QPoint(11, 4)])

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:  # noqa: ARG002 - Qt's
        """A line for the name."""
        line = QLineEdit(parent)
        line.setMaxLength(200)
        return line

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:  # noqa: ARG002 - Qt's
        """The page renames the file; the list follows the folder."""
        card = self._model.card(index)
        if isinstance(editor, QLineEdit) and card is not None and editor.text().strip() not in ("", card.name):
            self.renamed.emit(card.path, editor.text().strip())


class RowDelegate(_Brush):
    """A row of the table."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002 - Qt's signature
        """Rows of one height."""
        return QSize(10, max(27, self._line + 9))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One cell, and the line below it."""
        row = index.data(ROW)
        if not isinstance(row, Card):
            return
        rect: QRect = option.rect
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if chosen:
            painter.fillRect(rect, QColor(self._theme.accent_ground))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, QColor(self._theme.line))
        self._cell(painter, rect, COLUMNS[index.column()], self._model.words(row), chosen=chosen)
        painter.restore()

    def head(self, painter: QPainter, rect: QRect, head: Head, *, current: bool) -> None:
        """The row above a group, across all columns."""
        painter.save()
        painter.fillRect(rect, QColor(self._theme.window))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, QColor(self._theme.line))
        if current:
            painter.fillRect(rect.left(), rect.top(), 3, rect.height(), QColor(self._theme.accent))
        arrow = "▸" if head.key in self._model.folded else "▾"
        self._write(painter, QRect(rect.left() + 8, rect.top(), 16, rect.height()), arrow, self._plain, "quiet")
        name, quiet = self._model.head_words(head)
        place = rect.adjusted(26, 0, -MARGIN, 0)
        used = self._write(painter, place, name, self._bold, "text")
        self._write(painter, place.adjusted(used + 12, 0, 0, 0), quiet, self._plain, "quiet")
        painter.restore()

    def _cell(self, painter: QPainter, rect: QRect, column: str, words: Words, *, chosen: bool) -> None:
        inner = rect.adjusted(MARGIN, 0, -MARGIN, -1)
        if column == "tick":
            self._tick(painter, rect, on=chosen)
        elif column == "tags":
            self._tags(painter, inner, words.tags)
        elif column == "answer":
            glyph = QRect(inner.left(), inner.top(), GLYPH, inner.height())
            self._write(painter, glyph, GLYPHS[words.state], self._bold, _INKS[words.state])
            self._write(painter, inner.adjusted(GLYPH + 4, 0, 0, 0), words.answer, self._plain, "text")
        else:
            ink = "quiet" if column == "changed" else "text"
            right = column in ("price", "changed")
            font = self._bold if chosen and column == "name" else self._plain
            cut = Qt.TextElideMode.ElideMiddle if column == "name" else Qt.TextElideMode.ElideRight  # variants differ at the end
            self._write(painter, inner, str(getattr(words, column)), font, ink, right=right, cut=cut)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: ARG002
        """The editor covers the cell."""
        editor.setGeometry(option.rect.adjusted(1, 1, -1, -2))


class CardDelegate(_Brush):
    """A card: name, customer, model, answer, price, tags."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002 - Qt's signature
        """Cards of one size."""
        return QSize(_CARD.width(), max(_CARD.height(), self._line * 6 + 14))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One card."""
        row = index.data(ROW)
        if not isinstance(row, Card):
            return
        words, theme = self._model.words(row), self._theme
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        box: QRect = option.rect.adjusted(5, 5, -5, -5)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.accent if focused or chosen else theme.line), 1))
        painter.setBrush(QColor(theme.accent_ground if chosen else theme.panel))
        painter.drawRoundedRect(box, 6, 6)
        inner = box.adjusted(10, 7, -10, -7)
        step = self._line + 2
        lines = [QRect(inner.left(), inner.top() + place * step, inner.width(), step) for place in range(5)]
        self._write(painter, lines[0], words.name, self._bold, "text", cut=Qt.TextElideMode.ElideMiddle)
        self._write(painter, lines[1], " · ".join(part for part in (row.customer, words.changed) if part), self._small, "quiet")
        self._write(painter, lines[2], words.model, self._plain, "text")
        price = self._write(painter, lines[3], words.price, self._bold, "text", right=True)
        glyph = self._write(painter, lines[3], GLYPHS[words.state], self._bold, _INKS[words.state])
        self._write(painter, lines[3].adjusted(glyph + 5, 0, -price - 8, 0), words.answer, self._plain, "text")
        self._tags(painter, lines[4], words.tags)
        painter.restore()

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: ARG002
        """The editor covers the name."""
        editor.setGeometry(option.rect.adjusted(9, 8, -9, -(option.rect.height() - 8 - self._line - 10)))
