"""The card of assumptions: how far each one moves the cost, the most important first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from gpuplanner.codes import code_text
from gpuplanner.engine.money.result import Lever
from gpuplanner.format import format_money
from gpuplanner.palette import LIGHT, Theme
from gpuplanner.texts import text
from gpuplanner.ui.bold import embolden
from gpuplanner.ui.charts.elided import Elided
from gpuplanner.ui.charts.picture import Axis, axis
from gpuplanner.ui.cost.amounts import scale_of
from gpuplanner.ui.cost.given import Given

_ROW: Final = 1.3  # lines of text that a row takes
_END: Final = 4
_MOST: Final = 8


class Tornado(QWidget):
    """Bars left and right of the present cost. Up and down go from one to the next, which is then told."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self.levers: tuple[Lever, ...] = ()
        self.now = 0.0
        self.currency = "CNY"
        self.axis = Axis("", 0, 1)
        self.current: int | None = None
        self._names = 0.0  # width of the names
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_levers(self, levers: Sequence[Lever], now: float, currency: str) -> None:
        """Show what moves the cost from ``now``."""
        self.levers, self.now, self.currency = tuple(levers[:_MOST]), now, currency
        ends = [end for lever in self.levers for end in (lever.low, lever.high)] or [now]
        low, high = min([*ends, now]), max([*ends, now])
        scale = scale_of(high, currency)
        self.axis = axis("", low, max(high, low * 1.0001 + 1e-9), scale.write, count=5, exact=True, worth=scale.factor)
        self.setAccessibleDescription("\n".join(self.said(lever) for lever in self.levers))
        self.update()

    def said(self, lever: Lever) -> str:
        """A lever in words."""
        low, high = (str(format_money(end, self.currency)) for end in (lever.low, lever.high))
        return text(
            "cost.lever.said",
            name=code_text(lever.name), low=code_text(lever.low_label), high=code_text(lever.high_label), below=low, above=high,
        )  # fmt: skip

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        self.update()

    def shown(self) -> tuple[Lever, ...]:
        """The levers that have room."""
        return self.levers[: max(1, (self.height() - self._pitch()) // self._pitch())]

    def sizeHint(self) -> QSize:
        """Six bars."""
        return QSize(260, self._pitch() * 7)

    def minimumSizeHint(self) -> QSize:
        """Three bars."""
        return QSize(200, self._pitch() * 4)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Names, bars with what they stand for at their ends, the axis."""
        shown = self.shown()
        if not shown:
            with QPainter(self) as painter:
                painter.setPen(QColor(self._theme.quiet))
                painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text("cost.nothing_known"))
            return
        pitch, theme = self._pitch(), self._theme
        left = min(self.width() // 3, max(self.fontMetrics().horizontalAdvance(code_text(lever.name)) for lever in shown) + 8)
        self._names = float(left)
        area = self._area(shown, float(left), pitch)
        with QPainter(self) as painter:
            for at, name in self.axis.ticks:
                tick = round(area.left() + self.axis.share(at) * area.width())
                painter.fillRect(QRectF(tick, 0, 1, area.height()), QColor(theme.line))
                painter.setPen(QColor(theme.quiet))
                box = QRectF(tick - 40, area.bottom(), 80, pitch)
                painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter, name)
            for row, lever in enumerate(shown):
                self._bar(painter, area, row, lever)
            x = area.left() + self.axis.share(self.now) * area.width()
            painter.fillRect(QRectF(x - 1, 0, 2, area.height()), QColor(theme.text))
            if self.hasFocus() and self.current is not None and self.current < len(shown):
                painter.setPen(QPen(QColor(theme.accent), 1))
                painter.drawRoundedRect(QRectF(0.5, self.current * pitch + 0.5, self.width() - 1, pitch - 1), 3, 3)

    def _area(self, shown: Sequence[Lever], left: float, pitch: int) -> QRectF:
        """Where the bars lie: beside them there is room for what stands at their ends."""
        room = [0, 0]
        for lever in shown:
            for end, label in ((lever.low, lever.low_label), (lever.high, lever.high_label)):
                side = 0 if end < self.now else 1
                room[side] = max(room[side], self.fontMetrics().horizontalAdvance(code_text(label)) + _END)
        wide = max(60.0, self.width() - left - sum(room) - 2)
        return QRectF(left + room[0], 0, wide, pitch * len(shown))

    def _bar(self, painter: QPainter, area: QRectF, row: int, lever: Lever) -> None:
        pitch, theme, metrics = self._pitch(), self._theme, self.fontMetrics()
        y = row * pitch
        name = metrics.elidedText(code_text(lever.name), Qt.TextElideMode.ElideRight, round(self._names) - 6)
        painter.setPen(QColor(theme.text))
        painter.drawText(QRectF(0, y, self._names, pitch), Qt.AlignmentFlag.AlignVCenter, name)
        now = area.left() + self.axis.share(self.now) * area.width()
        for end, label in ((lever.low, lever.low_label), (lever.high, lever.high_label)):
            x = area.left() + self.axis.share(end) * area.width()
            colour = theme.chart_own if end < self.now else theme.engine
            bar = QRectF(min(x, now), y + pitch * 0.2, abs(x - now), pitch * 0.6)
            painter.fillRect(bar, QColor(colour))
            said = code_text(label)
            wide = float(metrics.horizontalAdvance(said))
            painter.setPen(QColor(theme.quiet))
            place = x - wide - _END if end < self.now else x + _END
            painter.drawText(QRectF(place, y, wide + 1, pitch), Qt.AlignmentFlag.AlignVCenter, said)

    def event(self, event: QEvent) -> bool:
        """The tooltip tells the lever under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            row = event.pos().y() // self._pitch()
            shown = self.shown()
            QToolTip.showText(event.globalPos(), self.said(shown[row]) if 0 <= row < len(shown) else "", self)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down move."""
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if step is None or not self.shown():
            super().keyPressEvent(event)
            return
        here = -1 if self.current is None else self.current
        self.current = max(0, min(here + step, len(self.shown()) - 1))
        self.setAccessibleName(self.said(self.shown()[self.current]))
        self.update()

    def _pitch(self) -> int:
        return round(self.fontMetrics().height() * _ROW)


class TornadoCard(QFrame):
    """The bars under a head."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self.title, self.hint = Elided(self), Elided(self, quiet=True)
        embolden(self.title)
        self.chart = Tornado(self)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.title)
        head.addWidget(self.hint, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(13, 8, 13, 7)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.chart, 1)

    def show_given(self, given: Given) -> None:
        """Show what moves the cost of a lot, or of the whole."""
        key = given.money.unit_key
        found = given.figure(key)
        name = text(f"money.figure.{key}")
        self.title.setText(text("cost.tornado.title"))
        self.title.setToolTip(self.title.text())
        self.chart.setAccessibleName(f"{self.title.text()}: {name}")
        now = found.value if found is not None and found.value is not None else 0.0
        self.hint.setText(
            text("cost.tornado.hint", figure=name, amount=str(format_money(now, given.currency))) if found is not None else ""
        )
        self.chart.show_levers(given.money.levers if found is not None else (), now, given.currency)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self.chart.apply_theme(theme)
