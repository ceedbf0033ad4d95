"""The page itself: links by mouse and Tab, text that can be copied, drawn errors."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QImage, QPainter, QPalette, QTextDocument, QTextOption
from PySide6.QtWidgets import QFrame, QTextBrowser, QWidget

from gpuplanner.palette import LIGHT, Theme

_WIDTH: Final = 96
_HEIGHT: Final = 14


class PageBrowser(QTextBrowser):
    """Shows pages it is given and loads nothing by itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """An empty page."""
        super().__init__(parent)
        self._theme = LIGHT
        self._written = ""
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.document().setDocumentMargin(0)
        self.setUndoRedoEnabled(False)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, QColor(theme.panel))
        palette.setColor(QPalette.ColorRole.Text, QColor(theme.text))
        palette.setColor(QPalette.ColorRole.Link, QColor(theme.accent))
        self.setPalette(palette)
        sheet = f"a {{ color: {theme.accent}; text-decoration: none; }}"
        self.document().setDefaultStyleSheet(sheet)
        self._written = ""

    def show_page(self, written: str) -> None:
        """Show a page, at the place it was scrolled to; nothing happens where it is the same."""
        if written == self._written:
            return
        self._written = written
        bar = self.verticalScrollBar()
        place = bar.value()
        # held as it is: between the old page and the new one it would go and come, and the page be laid out twice
        as_it_is = Qt.ScrollBarPolicy.ScrollBarAlwaysOn if bar.isVisible() else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(as_it_is)
        self.setHtml(written)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        bar.setValue(place)

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """Draw ``error:<share>``; everything else stays unloaded: a page may not reach for files or the network."""
        scheme, _, target = (name if isinstance(name, str) else name.toString()).partition(":")
        if kind == QTextDocument.ResourceType.ImageResource.value and scheme == "error":
            return self._drawn(float(target))
        return None

    def _drawn(self, share: float) -> QImage:
        ratio = self.devicePixelRatioF()
        image = QImage(round(_WIDTH * ratio), round(_HEIGHT * ratio), QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(ratio)
        image.fill(Qt.GlobalColor.transparent)
        with QPainter(image) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            middle, height = _WIDTH / 2, _HEIGHT / 2
            painter.setPen(QColor(self._theme.line))
            painter.drawLine(QPointF(0, height), QPointF(_WIDTH, height))
            painter.setPen(QColor(self._theme.quiet))
            painter.drawLine(QPointF(middle, 1), QPointF(middle, _HEIGHT - 1))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._theme.accent))
            painter.drawEllipse(QPointF(middle + max(-1.0, min(1.0, share)) * (middle - 5), height), 3.5, 3.5)
        return image
