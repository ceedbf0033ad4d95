"""The head of the table: titles that end where their numbers end, a small arrow in the margin of the sorted one."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF
from PySide6.QtWidgets import QHeaderView, QWidget

from gpuplanner.palette import LIGHT, Theme

MARGIN = 6
_ARROW = 6


class GpuHeader(QHeaderView):
    """A movable, clickable head that never covers a title with its arrow."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """A horizontal head."""
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = LIGHT
        self.setSectionsMovable(True)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(24)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        arrows = "QHeaderView::up-arrow, QHeaderView::down-arrow { image: none; width: 0px; height: 0px; }"
        self.setStyleSheet(f"QHeaderView::section {{ padding: 4px {MARGIN}px; }} {arrows}")
        self.viewport().update()

    def paintSection(self, painter: QPainter, rect: QRect, logical_index: int) -> None:
        """The title by the style, the arrow by us."""
        painter.save()
        super().paintSection(painter, rect, logical_index)
        painter.restore()
        if logical_index != self.sortIndicatorSection():
            return
        up = self.sortIndicatorOrder() is Qt.SortOrder.AscendingOrder
        right = rect.right() if rect.width() > 40 else rect.center().x() + _ARROW / 2
        base, tip = (rect.center().y() + 2, rect.center().y() - 1) if up else (rect.center().y() - 1, rect.center().y() + 2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.accent))
        painter.drawPolygon(QPolygonF([QPointF(right - _ARROW, base), QPointF(right, base), QPointF(right - _ARROW / 2, tip)]))
        painter.restore()
