"""What the colours of the memory chart mean."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gpuplanner.palette import LIGHT, Theme

LIMIT: Final = "limit"
OVERFLOW: Final = "overflow"
_SWATCH: Final = 9
_INSET: Final = 5
_GAP: Final = 11
_LINE: Final = 1.35


class Legend(QWidget):
    """A swatch and a name per part, flowing over as many lines as it takes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """An empty legend."""
        super().__init__(parent)
        self._theme = LIGHT
        self._entries: tuple[tuple[str, str], ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_entries(self, entries: tuple[tuple[str, str], ...]) -> None:
        """Show these: part (or ``LIMIT``, ``OVERFLOW``) and its name."""
        if entries != self._entries:
            self._entries = entries
            self.setAccessibleName(", ".join(name for _, name in entries))
            self.updateGeometry()
            self.update()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        self.update()

    def hasHeightForWidth(self) -> bool:
        """Fewer pixels across, more lines."""
        return True

    def heightForWidth(self, width: int) -> int:
        """All lines at this width."""
        places = self._places(width)
        return round((places[-1][1] + 1) * self._line_height()) if places else 0

    def sizeHint(self) -> QSize:
        """One line."""
        metrics = self._metrics()
        width = sum(_SWATCH + _INSET + metrics.horizontalAdvance(name) + _GAP for _, name in self._entries)
        return QSize(width, round(self._line_height()))

    def minimumSizeHint(self) -> QSize:
        """The widest entry."""
        return QSize(120, round(self._line_height()))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """Swatches and names."""
        with QPainter(self) as painter:
            font = self.font()
            font.setPixelSize(self._pixel_size())
            painter.setFont(font)
            metrics = self._metrics()
            for (part, name), (x, line) in zip(self._entries, self._places(self.width()), strict=True):
                middle = (line + 0.5) * self._line_height()
                self._swatch(painter, part, QRectF(x, round(middle - _SWATCH / 2), _SWATCH, _SWATCH))
                painter.setPen(QColor(self._theme.quiet))
                painter.drawText(round(x + _SWATCH + _INSET), round(middle + (metrics.ascent() - metrics.descent()) / 2), name)

    def _swatch(self, painter: QPainter, part: str, box: QRectF) -> None:
        if part == LIMIT:
            pen = QPen(QColor(self._theme.text), 1)
            pen.setDashPattern([3, 2])
            painter.setPen(pen)
            x = round(box.center().x())
            painter.drawLine(QLineF(x, box.top() - 2, x, box.bottom() + 2))
        elif part == OVERFLOW:
            painter.fillRect(box, QColor(self._theme.free))
            painter.fillRect(box, Qt.BrushStyle.BDiagPattern)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._theme.memory(part)))
            painter.drawRoundedRect(box, 2, 2)

    def _places(self, width: int) -> list[tuple[float, int]]:
        metrics = self._metrics()
        x, line = 0.0, 0
        places: list[tuple[float, int]] = []
        for _, name in self._entries:
            wide = _SWATCH + _INSET + metrics.horizontalAdvance(name)
            if x and x + wide > width:
                x, line = 0.0, line + 1
            places.append((x, line))
            x += wide + _GAP
        return places

    def _pixel_size(self) -> int:
        return max(10, round(self.fontInfo().pixelSize() * 0.88))

    def _metrics(self) -> QFontMetrics:
        font = self.font()
        font.setPixelSize(self._pixel_size())
        return QFontMetrics(font)

    def _line_height(self) -> float:
        return self._metrics().height() * _LINE
