"""The load over a day, hour by hour, drawn with the pointer or set with the keys."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from gpuplanner.errors import InputError
from gpuplanner.format import format_share
from gpuplanner.palette import LIGHT, Theme
from gpuplanner.scenario.document import Scenario
from gpuplanner.texts import text
from gpuplanner.ui.repolish import set_flag
from gpuplanner.ui.session import Session

HOURS: Final = 24
STEP: Final = 0.05
#: Usual days: office hours with a lunch dip, a public service with an evening peak, a batch at night.
USUAL: Final[dict[str, tuple[float, ...]]] = {
    "even": (),
    "office": (*(0.05,) * 7, 0.2, 0.6, 0.9, 1.0, 0.95, 0.6, 0.8, 1.0, 0.95, 0.9, 0.6, 0.3, 0.2, 0.15, 0.1, 0.05, 0.05),
    "public": (
        0.3, 0.2, 0.15, 0.1, 0.1, 0.15, 0.25, 0.4, 0.6, 0.75, 0.8, 0.85,
        0.85, 0.8, 0.8, 0.8, 0.8, 0.85, 0.9, 1.0, 1.0, 0.95, 0.75, 0.5,
    ),
    "night": (*(1.0,) * 7, *(0.1,) * 15, 0.6, 1.0),
}  # fmt: skip


class DayCurve(QWidget):
    """Twenty-four bars. Drag to draw; left and right go from hour to hour, up and down change it.

    Signals:
        edited: the loads of 24 hours against the busiest.
    """

    edited = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self.loads: list[float] = [1.0] * HOURS
        self.flat = True
        self.hour = 9
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_curve(self, curve: tuple[float, ...]) -> None:
        """Show a curve; an even day where there is none."""
        top = max(curve, default=0.0)
        self.flat = top <= 0
        self.loads = [1.0] * HOURS if self.flat else [curve[hour * len(curve) // HOURS] / top for hour in range(HOURS)]
        self.retranslate()
        self.update()

    def retranslate(self) -> None:
        """Say everything again, in the current language."""
        self.setAccessibleName(text("field.money.day_curve"))
        self.setAccessibleDescription(self.said(self.hour))

    def said(self, hour: int) -> str:
        """An hour in words."""
        return text("cost.hour", hour=f"{hour:02}:00", share=str(format_share(round(self.loads[hour], 3))))

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """A low picture."""
        return QSize(240, 118)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Bars, the hours below."""
        area, theme = self._area(), self._theme
        wide = area.width() / HOURS
        with QPainter(self) as painter:
            for share in (0.5, 1.0):
                y = round(area.bottom() - share * area.height())
                painter.fillRect(QRectF(area.left(), y, area.width(), 1), QColor(theme.line))
            colour = QColor(theme.faint if self.flat else theme.chart_own)
            for hour, load in enumerate(self.loads):
                bar = QRectF(
                    area.left() + hour * wide + 0.5, area.bottom() - load * area.height(), wide - 1.5, load * area.height()
                )
                painter.fillRect(bar, colour)
            painter.setPen(QColor(theme.quiet))
            for hour in (0, 6, 12, 18, 24):
                box = QRectF(area.left() + hour * wide - 16, area.bottom() + 2, 32, 16)
                painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, str(hour))
            if self.hasFocus():
                painter.setPen(QPen(QColor(theme.text), 1.5))
                painter.drawRect(QRectF(area.left() + self.hour * wide, area.top(), wide, area.height()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Draw."""
        self._draw(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw on."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._draw(event.position())

    def event(self, event: QEvent) -> bool:
        """The hour under the pointer in words."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.said(self._hour_at(QPointF(event.pos()))), self)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move and change."""
        key = Qt.Key(event.key())
        moves, changes = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}, {Qt.Key.Key_Up: STEP, Qt.Key.Key_Down: -STEP}
        if key in moves:
            self.hour = max(0, min(self.hour + moves[key], HOURS - 1))
            self.setAccessibleDescription(self.said(self.hour))
            self.update()
        elif key in changes:
            self._set(self.hour, self.loads[self.hour] + changes[key])
        else:
            super().keyPressEvent(event)

    def _draw(self, at: QPointF) -> None:
        area = self._area()
        self.hour = self._hour_at(at)
        self._set(self.hour, (area.bottom() - at.y()) / area.height())

    def _set(self, hour: int, load: float) -> None:
        loads = list(self.loads)
        loads[hour] = round(max(0.0, min(load, 1.0)) / STEP) * STEP
        self.edited.emit(tuple(round(value, 4) for value in loads))

    def _hour_at(self, at: QPointF) -> int:
        area = self._area()
        return max(0, min(int((at.x() - area.left()) / area.width() * HOURS), HOURS - 1))

    def _area(self) -> QRectF:
        return QRectF(10, 6, max(24.0, self.width() - 20.0), max(10.0, self.height() - 26.0))


class DayCurveField(QWidget):
    """The curve with buttons for usual days."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.curve = DayCurve(self)
        self.buttons: dict[str, QPushButton] = {}
        row = QHBoxLayout()
        row.setSpacing(4)
        for name in USUAL:
            button = QPushButton(self)
            button.clicked.connect(self._take_usual)
            button.setObjectName(name)
            row.addWidget(button)
            self.buttons[name] = button
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        self.wrong = QLabel(self)
        self.wrong.setWordWrap(True)
        set_flag(self.wrong, "wrong", on=True)
        self.wrong.hide()
        column.addWidget(self.curve)
        column.addWidget(self.wrong)
        column.addLayout(row)
        self.curve.edited.connect(self._edited)
        self.retranslate()

    def refresh(self, scenario: Scenario) -> None:
        """Show the scenario's day."""
        self.curve.set_curve(scenario.money.day_curve)

    def retranslate(self) -> None:
        """Say everything again, in the current language."""
        self.curve.retranslate()
        for name, button in self.buttons.items():
            button.setText(text(f"cost.day.{name}"))

    def _take_usual(self) -> None:
        self._session.set("money.day_curve", USUAL[self.sender().objectName()], merges=False)

    def _edited(self, loads: object) -> None:
        """Take the curve; one without any load is told, and the last one stays."""
        try:
            self._session.set("money.day_curve", loads)
        except InputError as error:
            self.wrong.setText(error.sentence())
        else:
            self.wrong.clear()
        self.wrong.setVisible(bool(self.wrong.text()))
