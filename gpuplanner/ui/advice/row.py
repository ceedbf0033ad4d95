"""One piece of advice: a button as wide as the panel."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from gpuplanner.engine.advice.result import Advice, Aim
from gpuplanner.palette import LIGHT, Theme
from gpuplanner.texts import text
from gpuplanner.ui.advice.wording import AdviceText


class AdviceRow(QAbstractButton):
    """Says what to change and what that gives; pressing it applies the change."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.advice: Advice | None = None
        self._theme = LIGHT
        self.title, self.gain, self.answer, self.effects, self.note = (QLabel(self) for _ in range(5))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        for label in (self.title, self.answer, self.effects, self.note):
            label.setWordWrap(True)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # words give way to the width
        bold = QFont(self.font())
        bold.setBold(True)
        self.gain.setFont(bold)
        self.gain.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        for label in (self.answer, self.effects, self.note):
            label.setProperty("quiet", True)
        self._head = head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.title, 1)
        head.addWidget(self.gain)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 8, 6, 9)
        column.setSpacing(2)
        column.addLayout(head)
        for label in (self.answer, self.effects, self.note):
            column.addWidget(label)

    def show_advice(self, advice: Advice, said: AdviceText) -> None:
        """Show a piece of advice."""
        self.advice = advice
        self.title.setText(said.title)
        self.gain.setText(said.gain.replace(" ", "\N{NO-BREAK SPACE}"))
        self.answer.setText(said.answer)
        self.effects.setText(said.effects)
        self.effects.setVisible(bool(said.effects))
        self.note.setText(said.note)
        self.note.setVisible(bool(said.note))
        self.setAccessibleName(text("advice.apply", what=said.title))
        self.setAccessibleDescription(" · ".join(filter(None, (said.gain, said.answer, *said.effects.splitlines(), said.note))))
        self._colour()
        self._fit()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        self._colour()
        self.update()

    def sizeHint(self) -> QSize:
        """As high as its words need."""
        layout = self.layout()
        return layout.sizeHint() if layout is not None else QSize()

    def paintEvent(self, event: QPaintEvent) -> None:
        """An arrow at the left, a line below, the ground when hovered, a frame with the focus."""
        del event
        theme = self._theme
        with QPainter(self) as painter:
            ground = theme.accent_ground if self.isDown() else theme.hover if self.underMouse() else theme.panel
            painter.fillRect(self.rect(), QColor(ground))
            painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(theme.line))
            painter.setPen(QColor(theme.accent))
            painter.drawText(2, self.title.y() + self.fontMetrics().ascent() + 1, "→")
            if self.hasFocus():
                painter.drawRect(self.rect().adjusted(0, 0, -1, -2))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width, another height."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def _fit(self) -> None:
        """Be as high as the words need; the layout around would keep a height that was right for other words."""
        layout = self.layout()
        if layout is None:
            return
        self._head.invalidate()  # Qt tells only the outer layout that words have changed
        layout.invalidate()
        height = layout.totalHeightForWidth(self.width())
        if height > 0:  # it isn't, while the row is too narrow for any word
            self.setFixedHeight(height)
            layout.setGeometry(self.rect())  # at once: with the height it had, nothing would move the words until later

    def _colour(self) -> None:
        safer = self.advice is not None and self.advice.aim is Aim.SAFER
        self.gain.setStyleSheet(f"color: {self._theme.good if safer else self._theme.text};")
