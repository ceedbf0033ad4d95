"""The field the bars stand on: drawing, mouse, keys, tooltips and the accessible text."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QFont,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gpuplanner.palette import LIGHT, Theme
from gpuplanner.ui.charts.bars import BAR_HEIGHT, ROW_PITCH, TOP, Bar, Layout, Segment, place
from gpuplanner.ui.charts.bars_painter import BarPainter

_BY_KEYBOARD = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)


class BarCanvas(QWidget):
    """Stacked bars. Arrow keys go from part to part, Enter or a click opens one.

    Signals:
        opened: GPU id and part of the segment that was clicked.
        current_changed: the part that the keyboard is on, in words; empty when it left.
        menu_wanted: the global position to open the context menu at.
    """

    opened = Signal(str, str)
    current_changed = Signal(str)
    menu_wanted = Signal(QPoint)

    def __init__(
        self, sentence: Callable[[Segment], str], labels: Callable[[Segment], tuple[str, ...]], parent: QWidget | None = None
    ) -> None:
        """A canvas without bars.

        Args:
            sentence: a part in words, for tooltip and screen reader.
            labels: what may be written into a part, the longest first.
            parent: owns the canvas.
        """
        super().__init__(parent)
        self._sentence = sentence
        self._labels = labels
        self._theme = LIGHT
        self._bars: tuple[Bar, ...] = ()
        self.placed = Layout((), (), (), ())
        self.current: Segment | None = None
        self._worded: dict[Segment, tuple[str, ...]] = {}
        self._painter: BarPainter | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_bars(self, bars: Sequence[Bar]) -> None:
        """Show these bars."""
        self._bars = tuple(bars)
        self.setFixedHeight(max(1, len(bars)) * ROW_PITCH - (ROW_PITCH - BAR_HEIGHT) + 2 * TOP)
        self.redraw()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        self.update()

    def redraw(self) -> None:
        """Lay the bars out on the present width and draw them."""
        kept = (self.current.gpu_id, self.current.part) if self.current else None
        self.placed = place(self._bars, self.width())
        self.current = next((piece for piece in self.placed.segments if (piece.gpu_id, piece.part) == kept), None)
        ends = dict(self.placed.ends)  # no words upon the pattern
        self._worded = {
            piece: self._labels(piece) for piece in self.placed.segments if piece.right <= ends.get(piece.row, piece.right)
        }
        self.update()

    def sizeHint(self) -> QSize:
        """Three bars."""
        return QSize(400, max(1, len(self._bars)) * ROW_PITCH)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """All bars in one pass."""
        if self._painter is None:
            self._painter = BarPainter(self._label_font())
        with QPainter(self) as painter:
            self._painter.paint(painter, self.placed, self._worded, self._theme, self.current if self.hasFocus() else None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Bars follow the width."""
        super().resizeEvent(event)
        self.redraw()

    def changeEvent(self, event: QEvent) -> None:
        """Labels follow the font."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._painter = None
            self.update()

    def segment_at(self, point: QPoint) -> Segment | None:
        """The segment under a point."""
        row, within = divmod(point.y() - TOP, ROW_PITCH)
        return self.placed.at(row, point.x()) if 0 <= within < BAR_HEIGHT else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click opens the part."""
        found = self.segment_at(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and found is not None:
            self._go(found)
            self.opened.emit(found.gpu_id, found.part)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The pointer tells what can be clicked."""
        found = self.segment_at(event.position().toPoint())
        self.setCursor(Qt.CursorShape.PointingHandCursor if found else Qt.CursorShape.ArrowCursor)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Copying is up to the chart."""
        self.menu_wanted.emit(event.globalPos())

    def event(self, event: QEvent) -> bool:
        """The tooltip of the part under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            found = self.segment_at(event.pos())
            if found is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self._sentence(found), self)
            return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard starts at the first part."""
        super().focusInEvent(event)
        if self.current is None and self.placed.segments and event.reason() in _BY_KEYBOARD:
            self._go(self.placed.segments[0])
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The ring goes with the focus."""
        super().focusOutEvent(event)
        self.update()
        self.current_changed.emit("")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move, Enter and Space open."""
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.current is not None:
            self.opened.emit(self.current.gpu_id, self.current.part)
            return
        found = self._neighbour(key)
        if found is None:
            super().keyPressEvent(event)
        else:
            self._go(found)

    def _neighbour(self, key: Qt.Key) -> Segment | None:
        pieces = self.placed.segments
        if not pieces or self.current is None:
            return pieces[0] if pieces and key in (Qt.Key.Key_Right, Qt.Key.Key_Down) else None
        here = self.current
        row = [piece for piece in pieces if piece.row == here.row]
        place_in_row = row.index(here)
        if key is Qt.Key.Key_Right:
            return row[min(place_in_row + 1, len(row) - 1)]
        if key is Qt.Key.Key_Left:
            return row[max(place_in_row - 1, 0)]
        if key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            return row[0 if key is Qt.Key.Key_Home else -1]
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            other = [piece for piece in pieces if piece.row == here.row + (1 if key is Qt.Key.Key_Down else -1)]
            same = next((piece for piece in other if piece.part == here.part), None)
            return same or (other[0] if other else here)
        return None

    def _go(self, segment: Segment) -> None:
        self.current = segment
        self.update()
        spoken = self._sentence(segment)
        self.setAccessibleDescription(spoken)
        self.current_changed.emit(spoken)

    def _label_font(self) -> QFont:
        font = self.font()
        font.setPixelSize(max(10, round(self.fontInfo().pixelSize() * 0.9)))
        return font
