"""A line of words that is cut at its end where there is no room."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget


class Elided(QLabel):
    """One line. A quiet one takes what room there is and stands at the right; else it is as wide as its words, or less.

    ``how`` says where it is cut.
    """

    how = Qt.TextElideMode.ElideRight

    def __init__(self, parent: QWidget | None = None, *, quiet: bool = False) -> None:
        super().__init__(parent)
        self._side = Qt.AlignmentFlag.AlignRight if quiet else Qt.AlignmentFlag.AlignLeft
        if quiet:
            self.setProperty("quiet", True)
        wide = QSizePolicy.Policy.Ignored if quiet else QSizePolicy.Policy.Preferred
        self.setSizePolicy(wide, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:
        """Hardly any width."""
        return QSize(0 if self.property("quiet") else 40, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """The words, or as many of them as fit."""
        with QPainter(self) as painter:
            painter.setPen(self.palette().color(self.foregroundRole()))
            said = self.fontMetrics().elidedText(self.text(), self.how, self.width())
            painter.drawText(self.rect(), self._side | Qt.AlignmentFlag.AlignVCenter, said)
