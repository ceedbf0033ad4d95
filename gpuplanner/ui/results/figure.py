"""One of the six figures: a button that shows label, number and range, and opens how it came about."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from gpuplanner.palette import LIGHT, Theme
from gpuplanner.ui.results.figures import GLYPHS, FigureText, Verdict

SIDE: Final = 10
_TOP: Final = 8
_SMALL: Final = 0.88
_LARGE: Final = 1.42
_ONE_LINE_WIDTH: Final = 160
_SEPARATOR: Final = " · "
_SMALLER: Final = ((1.15, _SMALL), (1.0, 0.8), (0.92, 0.77))  # number and unit, where they don't fit


class FigureButton(QAbstractButton):
    """Label above, the number large, limit and range below; the details take two lines where the button is narrow."""

    def __init__(self, shown: FigureText, parent: QWidget | None = None) -> None:
        """A button that shows ``shown``; it stays checked while its figure is explained."""
        super().__init__(parent)
        self._theme = LIGHT
        self._fonts: dict[tuple[float, bool], tuple[QFont, QFontMetrics]] = {}  # making them costs as much as writing in them
        self.lines = 2
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.shown = shown
        self._say()

    def set_figure(self, shown: FigureText) -> None:
        """Show another figure."""
        if shown != self.shown:
            self.shown = shown
            self._say()

    def _say(self) -> None:
        shown = self.shown
        self.setText(shown.label)
        self.setAccessibleName(shown.spoken)
        self.setToolTip("\n".join(part for part in (shown.spoken, shown.hint) if part))
        self.update()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        self.update()

    def nextCheckState(self) -> None:
        """The panel decides which figure is the one explained."""

    def height_at(self, width: int) -> int:
        """How tall a button of ``width`` pixels is; the same whatever it shows, so that nothing jumps."""
        small, large = self._lettering(_SMALL)[1], self._lettering(_LARGE, bold=True)[1]
        return 2 * _TOP + small.height() * (1 + self.lines_at(width)) + large.height() + 1

    def lines_at(self, width: int) -> int:
        """How many lines of details a button of ``width`` pixels has."""
        return 1 if width >= self._one_line_width() else 2

    def sizeHint(self) -> QSize:
        """Room for one line of details."""
        return QSize(self._one_line_width(), self.height_at(self._one_line_width()))

    def minimumSizeHint(self) -> QSize:
        """Room for two lines of details."""
        return QSize(84, self.height_at(84))

    def event(self, event: QEvent) -> bool:
        """A new font is a new height."""
        if event.type() is QEvent.Type.FontChange:
            self._fonts.clear()
            self.updateGeometry()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Label, number, details; focus and selection by ground and frame."""
        with QPainter(self) as painter:
            self._paint_ground(painter)
            metrics = self._lettering(_SMALL)[1]
            width = self.width() - 2 * SIDE
            y = _TOP
            label = self.shown.label if metrics.horizontalAdvance(self.shown.label) < width - 1 else self.shown.short
            y = self._line(painter, label, self._theme.quiet, y)
            y = self._number(painter, y)
            for line in self._details(metrics, width):
                y = self._line(painter, line, self._detail_colour(), y)

    def _paint_ground(self, painter: QPainter) -> None:
        theme = self._theme
        if self.isChecked() or self.underMouse():
            painter.fillRect(self.rect().adjusted(1, 1, -1, -1), QColor(theme.accent_ground if self.isChecked() else theme.hover))
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor(theme.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(2.5, 2.5, -2.5, -2.5), 4, 4)

    def _line(self, painter: QPainter, words: str, colour: str, y: int) -> int:
        font, metrics = self._lettering(_SMALL)
        width = self.width() - 2 * SIDE
        painter.setFont(font)
        painter.setPen(QColor(colour))
        painter.drawText(SIDE, y + metrics.ascent(), metrics.elidedText(words, Qt.TextElideMode.ElideRight, width))
        return y + metrics.height()

    def _number(self, painter: QPainter, y: int) -> int:
        font, metrics = self._lettering(_LARGE, bold=True)
        height, ascent = metrics.height(), metrics.ascent()
        colour = self._theme.caution if self.shown.verdict is Verdict.MISS else self._theme.text
        unit_font, unit_metrics = self._lettering(_SMALL if self.lines > 1 else 1.0)
        width = self.width() - 2 * SIDE
        room = width - unit_metrics.horizontalAdvance(f" {self.shown.unit}" if self.shown.unit else "")
        for size, unit_size in _SMALLER:
            if metrics.horizontalAdvance(self.shown.number) <= room:
                break
            font, metrics = self._lettering(size, bold=True)
            unit_font, unit_metrics = self._lettering(unit_size)
            room = width - unit_metrics.horizontalAdvance(f" {self.shown.unit}" if self.shown.unit else "")
        number = metrics.elidedText(self.shown.number, Qt.TextElideMode.ElideRight, room)
        painter.setFont(font)
        painter.setPen(QColor(colour))
        painter.drawText(SIDE, y + ascent, number)
        advance = metrics.horizontalAdvance(number)
        painter.setFont(unit_font)
        painter.drawText(SIDE + advance + unit_metrics.horizontalAdvance(" "), y + ascent, self.shown.unit)
        return y + height + 1

    def _details(self, metrics: QFontMetrics, width: int) -> list[str]:
        parts = list(self.shown.details)
        glyph = GLYPHS[self.shown.verdict] if self.shown.verdict in (Verdict.CAUTION, Verdict.MISS) else ""
        if glyph:
            parts = [f"{glyph} {parts[0]}" if parts else glyph, *parts[1:]]
        joined = _SEPARATOR.join(parts)
        if self.lines == 1 or metrics.horizontalAdvance(joined) < width - 1:
            return [joined]
        return [parts[0], _SEPARATOR.join(parts[1:])]

    def _detail_colour(self) -> str:
        return self._theme.caution if self.shown.verdict in (Verdict.CAUTION, Verdict.MISS) else self._theme.quiet

    def _one_line_width(self) -> int:
        return round(_ONE_LINE_WIDTH * self.fontInfo().pixelSize() / 13)

    def _lettering(self, share: float, *, bold: bool = False) -> tuple[QFont, QFontMetrics]:
        """The button's font, ``share`` times as large, and its measures."""
        found = self._fonts.get((share, bold))
        if found is None:
            font = QFont(self.font())
            font.setPixelSize(max(10, round(self.fontInfo().pixelSize() * share)))
            font.setBold(bold)
            found = self._fonts[share, bold] = font, QFontMetrics(font)
        return found
