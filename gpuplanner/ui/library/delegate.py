"""How scenarios are painted: rows of a table, heads of groups, and cards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QAbstractItemModel, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from gpuplanner.palette import LIGHT, Theme
from gpuplanner.scenario.cards import Card
from gpuplanner.ui.library.arrange import Head
from gpuplanner.ui.library.model import Index, LibraryModel
from gpuplanner.ui.library.words import GLYPHS, Words

MARGIN: Final = 8
TICK: Final = 14
GLYPH: Final = 16
_CARD: Final = QSize(252, 118)
_LEFT: Final = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT: Final = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_CENTRE: Final = int(Qt.AlignmentFlag.AlignCenter)
_MOST_FITTED: Final = 5000
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
        self.apply_theme(LIGHT)
        self.set_font(QFont())

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        names = ("text", "quiet", "line", "field_line", "panel", "window", "field", "accent", "accent_ground", "on_accent")
        self._colours = {name: QColor(getattr(theme, name)) for name in (*names, "good", "caution", "bad")}

    def set_font(self, font: QFont) -> None:
        """Take the text size of the view."""
        self._plain, self._bold, self._small = QFont(font), QFont(font), QFont(font)
        self._bold.setBold(True)
        self._line = QFontMetrics(font).height()
        self._small.setPixelSize(max(10, round(self._line * 0.68)))
        fonts = {"plain": self._plain, "bold": self._bold, "small": self._small}
        self._fonts = {name: (made, QFontMetrics(made)) for name, made in fonts.items()}
        self._fitted: dict[tuple[str, str, int, bool], tuple[str, int]] = {}

    def _write(
        self, painter: QPainter, rect: QRect, words: str, font: str, ink: str, *, side: int = _LEFT, middle: bool = False
    ) -> int:
        """Write into a rectangle, cut where it is too long (``middle``: there); gives the width."""
        lettering, metrics = self._fonts[font]
        key = (words, font, rect.width(), middle)
        found = self._fitted.get(key)
        if found is None:
            if len(self._fitted) > _MOST_FITTED:
                self._fitted.clear()
            cut = Qt.TextElideMode.ElideMiddle if middle else Qt.TextElideMode.ElideRight
            shown = metrics.elidedText(words, cut, rect.width())
            found = self._fitted[key] = (shown, metrics.horizontalAdvance(shown))
        painter.setFont(lettering)
        painter.setPen(self._colours[ink])
        painter.drawText(rect, side, found[0])
        return found[1]

    def _tags(self, painter: QPainter, rect: QRect, tags: tuple[str, ...]) -> None:
        """Each in a box, as many as there is room for."""
        metrics, left = self._fonts["small"][1], rect.left()
        for place, tag in enumerate(tags):
            wide = min(metrics.horizontalAdvance(tag) + 12, 120)
            more = f"+{len(tags) - place}"
            if left + wide > rect.right() - (metrics.horizontalAdvance(more) + 6 if place + 1 < len(tags) else 0):
                self._write(painter, QRect(left, rect.top(), rect.right() - left, rect.height()), more, "small", "quiet")
                return
            box = QRect(left, rect.center().y() - metrics.height() // 2 - 1, wide, metrics.height() + 2)
            painter.setPen(self._colours["field_line"])
            painter.setBrush(self._colours["panel"])
            painter.drawRoundedRect(box, 3, 3)
            self._write(painter, box.adjusted(5, 0, -5, 0), tag, "small", "quiet", side=_CENTRE)
            left += wide + 4

    def _tick(self, painter: QPainter, rect: QRect, *, on: bool) -> None:
        box = QRect(rect.left() + MARGIN, rect.center().y() - TICK // 2, TICK, TICK)
        painter.setPen(self._colours["accent" if on else "quiet"])
        painter.setBrush(self._colours["accent" if on else "field"])
        painter.drawRoundedRect(box, 3, 3)
        if on:
            painter.setPen(QPen(self._colours["on_accent"], 2))
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

    def row(self, painter: QPainter, rect: QRect, card: Card, places: Sequence[tuple[str, int, int]], *, chosen: bool) -> None:
        """A scenario across all columns; ``places`` are name, left edge and width of each."""
        words = self._model.words(card)
        if chosen:
            painter.fillRect(rect, self._colours["accent_ground"])
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, self._colours["line"])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for column, left, wide in places:
            self._cell(painter, QRect(left, rect.top(), wide, rect.height()), column, words, chosen=chosen)

    def head(self, painter: QPainter, rect: QRect, head: Head, *, current: bool) -> None:
        """The row above a group, across all columns."""
        painter.fillRect(rect, self._colours["window"])
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, self._colours["line"])
        if current:
            painter.fillRect(rect.left(), rect.top(), 3, rect.height(), self._colours["accent"])
        arrow = "▸" if head.key in self._model.folded else "▾"
        self._write(painter, QRect(rect.left() + 8, rect.top(), 16, rect.height()), arrow, "plain", "quiet")
        name, quiet = self._model.head_words(head)
        place = rect.adjusted(26, 0, -MARGIN, 0)
        used = self._write(painter, place, name, "bold", "text")
        self._write(painter, place.adjusted(used + 12, 0, 0, 0), quiet, "plain", "quiet")

    def _cell(self, painter: QPainter, rect: QRect, column: str, words: Words, *, chosen: bool) -> None:
        inner = rect.adjusted(MARGIN, 0, -MARGIN, -1)
        if column == "tick":
            self._tick(painter, rect, on=chosen)
        elif column == "tags":
            self._tags(painter, inner, words.tags)
        elif column == "answer":
            glyph = QRect(inner.left(), inner.top(), GLYPH, inner.height())
            self._write(painter, glyph, GLYPHS[words.state], "bold", _INKS[words.state])
            self._write(painter, inner.adjusted(GLYPH + 4, 0, 0, 0), words.answer, "plain", "text")
        elif column == "name":  # variants differ at the end
            self._write(painter, inner, words.name, "bold" if chosen else "plain", "text", middle=True)
        else:
            side = _LEFT if column == "model" else _RIGHT
            self._write(
                painter, inner, str(getattr(words, column)), "plain", "quiet" if column == "changed" else "text", side=side
            )

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
        row = self._model.card(index)
        if row is None:
            return
        words = self._model.words(row)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        box: QRect = option.rect.adjusted(5, 5, -5, -5)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._colours["accent" if focused or chosen else "line"], 1))
        painter.setBrush(self._colours["accent_ground" if chosen else "panel"])
        painter.drawRoundedRect(box, 6, 6)
        inner = box.adjusted(10, 7, -10, -7)
        step = self._line + 2
        lines = [QRect(inner.left(), inner.top() + place * step, inner.width(), step) for place in range(5)]
        self._write(painter, lines[0], words.name, "bold", "text", middle=True)
        self._write(painter, lines[1], " · ".join(part for part in (row.customer, words.changed) if part), "small", "quiet")
        self._write(painter, lines[2], words.model, "plain", "text")
        price = self._write(painter, lines[3], words.price, "bold", "text", side=_RIGHT)
        glyph = self._write(painter, lines[3], GLYPHS[words.state], "bold", _INKS[words.state])
        self._write(painter, lines[3].adjusted(glyph + 5, 0, -price - 8, 0), words.answer, "plain", "text")
        self._tags(painter, lines[4], words.tags)
        painter.restore()

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: ARG002
        """The editor covers the name."""
        editor.setGeometry(option.rect.adjusted(9, 8, -9, -(option.rect.height() - 8 - self._line - 10)))
