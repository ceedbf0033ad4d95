"""A quote's pages as they will be printed, one under the other."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QScrollArea, QWidget

from gpuplanner.report.pdf.quote import lay_out
from gpuplanner.report.pdf.sheet import FINENESS, HEIGHT, WIDTH, Sheet
from gpuplanner.report.words import Words
from gpuplanner.texts import text

_GAP = 12
_MARGIN = 10
_KEPT = 12


class PagesView(QScrollArea):
    """Shows pages as wide as there is room for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.paper = _Paper(self)
        self.setWidget(self.paper)
        self.setWidgetResizable(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(text("quote.preview"))

    def show_words(self, words: Words) -> None:
        """Lay a quote out and show it; the place that was read stays."""
        place = self.verticalScrollBar().value()
        self.paper.show_sheet(lay_out(words))
        self._fit()
        self.verticalScrollBar().setValue(place)

    def event(self, event: QEvent) -> bool:  # noqa: D102 - Qt's own
        done = super().event(event)
        if event.type() is QEvent.Type.Resize:
            self._fit()
        return done

    def _fit(self) -> None:
        bar = self.verticalScrollBar().sizeHint().width()
        self.paper.fit(max(120, self.viewport().width() - 2 * _MARGIN - (0 if self.verticalScrollBar().isVisible() else bar)))


class _Paper(QWidget):
    """The pages; each is drawn once a width."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._sheet = Sheet(pages=[])
        self._across = 400
        self._drawn: dict[int, QPixmap] = {}

    @property
    def count(self) -> int:
        """How many pages there are."""
        return len(self._sheet.pages)

    def show_sheet(self, sheet: Sheet) -> None:
        """Other pages."""
        self._sheet = sheet
        self._drawn.clear()
        self.update()

    def fit(self, across: int) -> None:
        """Another width."""
        if across != self._across:
            self._across = across
            self._drawn.clear()
        self.resize(across + 2 * _MARGIN, self.count * (self._page().height() + _GAP) + _MARGIN)

    def _page(self) -> QSize:
        return QSize(self._across, round(self._across * HEIGHT / WIDTH))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        size = self._page()
        for number in range(self.count):
            area = QRect(_MARGIN, _MARGIN + number * (size.height() + _GAP), size.width(), size.height())
            if area.intersects(event.rect()):
                painter.drawPixmap(area.topLeft(), self._picture(number, size))

    def _picture(self, number: int, size: QSize) -> QPixmap:
        if number not in self._drawn:
            if len(self._drawn) >= _KEPT:
                self._drawn.clear()
            self._drawn[number] = self._painted(number, size)
        return self._drawn[number]

    def _painted(self, number: int, size: QSize) -> QPixmap:
        ratio = self.devicePixelRatioF()
        picture = QPixmap(size * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(QColor("white"))
        painter = QPainter(picture)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        scale = size.width() / (WIDTH * FINENESS)
        painter.scale(scale, scale)
        for step in self._sheet.pages[number]:
            step(painter)
        painter.end()
        return picture
