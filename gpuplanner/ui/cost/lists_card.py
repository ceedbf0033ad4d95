"""The card of what is paid once and what each year, line by line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QContextMenuEvent,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QSizePolicy, QWidget

from gpuplanner.codes import code_text
from gpuplanner.engine.money.result import Entry
from gpuplanner.engine.result import Quantity
from gpuplanner.palette import LIGHT, Theme
from gpuplanner.texts import text
from gpuplanner.ui.cost.amounts import Scale, scale_of
from gpuplanner.ui.cost.given import Given

_SIDE: Final = 13
_TOP: Final = 6
_PITCH: Final = 1.42  # lines of text that a row takes


class EntryList(QWidget):
    """A head, rows of name, detail and amount, and their sum; rows beyond the room are told as one.

    Signals:
        picked: the key of the row that was double-clicked; of the first one by Enter.
    """

    picked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self.title, self.unit = "", ""
        self.rows: tuple[tuple[str, str, str], ...] = ()
        self._keys: tuple[str, ...] = ()
        self.sum_text = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def show_list(self, title: str, scale: Scale, entries: Sequence[Entry], whole: Quantity | None) -> None:
        """Show what is paid."""
        self.title, self.unit = title, scale.unit
        self.rows = tuple(
            (code_text(entry.name), " · ".join(code_text(code) for code in entry.detail), _amount(entry.amount, scale))
            for entry in entries
        )
        self._keys = tuple(entry.key for entry in entries)
        self.sum_text = _amount(whole, scale)
        self.setAccessibleName(title)
        said = [f"{name} ({detail}): {amount}" if detail else f"{name}: {amount}" for name, detail, amount in self.rows]
        self.setAccessibleDescription("\n".join([*said, f"{text('cost.list.sum')}: {self.sum_text} {self.unit}"]))
        self.setToolTip("\n".join(said))
        self.update()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Room for five rows."""
        return QSize(240, round(self.fontMetrics().height() * _PITCH * 7))

    def minimumSizeHint(self) -> QSize:
        """Room for three rows."""
        return QSize(160, round(self.fontMetrics().height() * _PITCH * 4))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The row's prices; of all, where it stands for several."""
        place = int((event.position().y() - _TOP) // self._pitch()) - 1
        self.picked.emit(self._keys[place] if 0 <= place < len(self._keys) else "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter asks for the prices."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.picked.emit(self._keys[0] if self._keys else "")
        else:
            super().keyPressEvent(event)

    def _pitch(self) -> int:
        return round(self.fontMetrics().height() * _PITCH)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Head, rows, sum."""
        pitch = round(self.fontMetrics().height() * _PITCH)
        bold = QFont(self.font())
        bold.setBold(True)
        with QPainter(self) as painter:
            self._row(painter, _TOP, pitch, (self.title, "", self.unit), bold, QColor(self._theme.quiet), line=self._theme.line)
            fit = max(0, (self.height() - _TOP - 2 * pitch) // pitch)
            y = _TOP + pitch
            for row in self._fitting(fit):
                self._row(painter, y, pitch, row, self.font(), QColor(self._theme.text), line=self._theme.line)
                y += pitch
            painter.fillRect(QRectF(_SIDE, y - 1, self.width() - 2 * _SIDE, 1), QColor(self._theme.text))
            self._row(painter, y, pitch, (text("cost.list.sum"), "", self.sum_text), bold, QColor(self._theme.text))
            if self.hasFocus():
                painter.setPen(QColor(self._theme.accent))
                painter.drawRoundedRect(self.rect().adjusted(3, 3, -4, -4), 4, 4)

    def _fitting(self, fit: int) -> tuple[tuple[str, str, str], ...]:
        if len(self.rows) <= fit:
            return self.rows
        kept = self.rows[: max(0, fit - 1)]
        return (*kept, (text("cost.list.more", count=len(self.rows) - len(kept)), "", "…"))

    def _row(
        self, painter: QPainter, y: int, pitch: int, row: tuple[str, str, str], font: QFont, number: QColor, *, line: str = ""
    ) -> None:
        name, detail, amount = row
        metrics = QFontMetrics(font)
        right = self.width() - _SIDE
        painter.setFont(font)
        painter.setPen(number)
        wide = metrics.horizontalAdvance(amount)
        centre = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(right - wide - 1, y, wide + 1, pitch), centre | Qt.AlignmentFlag.AlignRight, amount)
        room = right - wide - 10 - _SIDE
        said = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
        painter.setPen(QColor(self._theme.text))
        painter.drawText(QRectF(_SIDE, y, room, pitch), centre, said)
        used = metrics.horizontalAdvance(said) + 6
        if detail and room - used > 30:
            painter.setPen(QColor(self._theme.quiet))
            shown = metrics.elidedText(detail, Qt.TextElideMode.ElideRight, room - used)
            painter.drawText(QRectF(_SIDE + used, y, room - used, pitch), centre, shown)
        if line:
            painter.fillRect(QRectF(_SIDE, y + pitch - 1, self.width() - 2 * _SIDE, 1), QColor(line))


class ListsCard(QFrame):
    """Both lists side by side; the context menu copies them, a click on a purchase asks for its prices.

    Signals:
        picked: the key of the entry whose prices are wanted.
    """

    picked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self.once, self.yearly = EntryList(self), EntryList(self)
        self.once.picked.connect(self.picked)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 4)
        row.setSpacing(0)
        row.addWidget(self.once, 1)
        row.addWidget(self.yearly, 1)
        self._given: Given | None = None
        self.copy_action = QAction(self)
        self.copy_action.triggered.connect(self.copy)

    def show_given(self, given: Given) -> None:
        """Show what owning is made of."""
        self._given = given
        life = given.money.life
        bought, running = given.figure("purchase_total"), given.figure("running")
        self.once.show_list(text("cost.list.once"), self._scale(given, bought), life.once, bought)
        self.yearly.show_list(text("cost.list.yearly"), self._scale(given, running), life.yearly, running)
        self.copy_action.setText(text("results.chart.copy_data"))

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        for part in (self.once, self.yearly):
            part.apply_theme(theme)

    def data_tsv(self) -> str:
        """Both lists as rows with tabs, amounts in the currency."""
        if self._given is None:
            return ""
        life = self._given.money.life
        rows = [(text("cost.list.once"), "", self._given.currency), *map(_cells, life.once)]
        rows += [(text("cost.list.yearly"), "", self._given.currency), *map(_cells, life.yearly)]
        return "".join("\t".join(row) + "\n" for row in rows)

    def copy(self) -> None:
        """Put both lists on the clipboard."""
        QGuiApplication.clipboard().setText(self.data_tsv())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer copying."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.copy_action)
        menu.popup(QPoint(event.globalPos()))

    @staticmethod
    def _scale(given: Given, whole: Quantity | None) -> Scale:
        largest = (whole.value or 0.0) if whole is not None else 0.0
        return scale_of(largest, given.currency)


def _amount(amount: Quantity | None, scale: Scale) -> str:
    if amount is None or amount.value is None:
        return text("unit.unknown")
    return f"≥ {scale.write(amount.value)}" if amount.at_least else scale.write(amount.value)


def _cells(entry: Entry) -> tuple[str, str, str]:
    value = entry.amount.value
    return code_text(entry.name), "; ".join(code_text(code) for code in entry.detail), "" if value is None else f"{value:.10g}"
