"""A layout that sets its widgets one after the other and breaks the line where the width ends."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

_MOST_WIDTHS: Final = 8


class FlowLayout(QLayout):
    """Left to right, top to bottom; each item gets its hint, or the whole width where the hint is wider.

    It keeps the height it once took at a width, so that what stands below doesn't jump up and down with every word.
    """

    def __init__(self, parent: QWidget | None = None, gap: int = 8, line_gap: int = 4) -> None:
        """An empty flow; ``gap`` between neighbours and ``line_gap`` between lines, in pixels."""
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap, self._line_gap = gap, line_gap
        self._least: QSize | None = None  # asked for several times at every keystroke
        self._tallest: dict[int, int] = {}  # the greatest height so far at a width
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:  # noqa: D102
        self._items.append(item)

    def count(self) -> int:  # noqa: D102
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # noqa: D102
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # noqa: D102
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:  # noqa: D102
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:  # noqa: D102
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: D102
        if len(self._tallest) > _MOST_WIDTHS:  # the window is being resized
            self._tallest.clear()
        height = max(self._arrange(QRect(0, 0, width, 0), move=False), self._tallest.get(width, 0))
        self._tallest[width] = height
        return height

    def forget(self) -> None:
        """Take no more height than is needed, as for words of another kind."""
        self._tallest.clear()
        self.invalidate()

    def setGeometry(self, rect: QRect) -> None:  # noqa: D102
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def sizeHint(self) -> QSize:  # noqa: D102
        return self.minimumSize()

    def minimumSize(self) -> QSize:  # noqa: D102
        if self._least is None:
            sizes = [item.minimumSize() for item in self._items]
            widest = max((min(size.width(), 120) for size in sizes), default=0)
            self._least = QSize(widest, max((size.height() for size in sizes), default=0))
        return self._least

    def invalidate(self) -> None:  # noqa: D102
        self._least = None
        super().invalidate()

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        x, y, tallest = rect.x(), rect.y(), 0
        line: list[tuple[QLayoutItem, QRect]] = []
        for item in self._items:
            if item.isEmpty():
                continue
            width = min(item.sizeHint().width(), rect.width())
            height = item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height()
            if line and x + width > rect.right() + 1:
                self._settle(line, tallest, move=move)
                x, y, tallest, line = rect.x(), y + tallest + self._line_gap, 0, []
            line.append((item, QRect(QPoint(x, y), QSize(width, height))))
            x += width + self._gap
            tallest = max(tallest, height)
        self._settle(line, tallest, move=move)
        return y + tallest - rect.y()

    def _settle(self, line: list[tuple[QLayoutItem, QRect]], tallest: int, *, move: bool) -> None:
        if move:
            for item, place in line:
                item.setGeometry(place.translated(0, (tallest - place.height()) // 2))
