"""A short statement on a tinted ground."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gpuplanner.palette import LIGHT, Theme
from gpuplanner.ui.results.figures import Verdict
from gpuplanner.ui.results.sentence import PillText

_SIDE: Final = 8
_HEIGHT_FACTOR: Final = 1.35
_WIDEST: Final = 420


class Pill(QWidget):
    """Glyph and words, in the colour of the verdict; what doesn't fit is cut and stands in the tooltip."""

    def __init__(self, said: PillText, theme: Theme = LIGHT, parent: QWidget | None = None) -> None:
        """A pill that says ``said``."""
        super().__init__(parent)
        self._theme = theme
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.set_text(said)

    def set_text(self, said: PillText) -> None:
        """Say something else."""
        self.said = said
        self.setToolTip(said.hint)
        self.setAccessibleName(said.shown)
        self.updateGeometry()
        self.update()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the words."""
        metrics = self._metrics_font()[1]
        width = min(_WIDEST, metrics.horizontalAdvance(self.said.shown) + 2 * _SIDE + 1)
        return QSize(width, round(metrics.height() * _HEIGHT_FACTOR))

    def minimumSizeHint(self) -> QSize:
        """Room for the glyph and a few letters."""
        hint = self.sizeHint()
        return QSize(min(60, hint.width()), hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Ground and words."""
        front, ground = self._colours()
        font, metrics = self._metrics_font()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(ground))
            box = QRectF(self.rect())
            painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
            painter.setPen(QColor(front))
            painter.setFont(font)
            inner = self.rect().adjusted(_SIDE, 0, -_SIDE + 1, 0)
            shown = metrics.elidedText(self.said.shown, Qt.TextElideMode.ElideRight, inner.width())
            painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, shown)

    def _metrics_font(self) -> tuple[QFont, QFontMetrics]:
        font = self.font()
        font.setPixelSize(max(10, round(self.fontInfo().pixelSize() * 0.9)))
        font.setBold(True)
        return font, QFontMetrics(font)

    def _colours(self) -> tuple[str, str]:
        theme = self._theme
        return {
            Verdict.GOOD: (theme.good, theme.good_ground),
            Verdict.CAUTION: (theme.caution, theme.caution_ground),
            Verdict.MISS: (theme.caution, theme.caution_ground),
            Verdict.BAD: (theme.bad, theme.bad_ground),
        }.get(self.said.verdict, (theme.quiet, theme.hover))
