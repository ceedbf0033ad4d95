"""A chart with its head: title, what the pointer reads, controls, copying."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gpuplanner.palette import Theme
from gpuplanner.ui.bold import embolden
from gpuplanner.ui.charts.copied import CopiedCard
from gpuplanner.ui.charts.elided import Elided
from gpuplanner.ui.charts.field import PlotField
from gpuplanner.ui.charts.picture import Picture

Table = Sequence[Sequence[str]]


class ChartCard(CopiedCard):
    """One chart. What it shows is a :class:`Picture`, and a table of the same numbers for copying."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """An empty card."""
        super().__init__(parent)
        self.title = Elided(self)
        embolden(self.title)
        self.hint = Elided(self, quiet=True)
        self.field = PlotField(self)
        self.message = QLabel(self)
        self.message.setProperty("quiet", True)
        self.message.setWordWrap(True)
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.hide()
        self.field.current_changed.connect(self._tell)
        self.field.menu_wanted.connect(self.open_menu)
        self._standing = ""
        self._table: Callable[[], Table] | None = None
        self.head = QHBoxLayout()
        self.head.setSpacing(8)
        self.head.addWidget(self.title)
        self.head.addWidget(self.hint, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(13, 8, 13, 7)
        column.setSpacing(4)
        column.addLayout(self.head)
        column.addWidget(self.field, 1)
        column.addWidget(self.message, 1)
        self.retranslate()

    def add_control(self, widget: QWidget) -> None:
        """Put a control at the right end of the head."""
        self.head.addWidget(widget)

    def show_picture(self, picture: Picture | None, table: Callable[[], Table] | None = None, hint: str = "") -> None:
        """Show a picture.

        Args:
            picture: None empties the card.
            table: makes the same numbers as rows of cells, the head first.
            hint: stands in the head while the pointer reads nothing.
        """
        self._standing, self._table = hint, table
        self.message.hide()
        self.field.show()
        self.field.set_picture(picture)
        self._tell(self.field.stop.said if self.field.stop else "")
        for action in (self.copy_picture_action, self.copy_data_action):
            action.setEnabled(picture is not None)

    def say(self, words: str) -> None:
        """Say in words why there is no chart."""
        if self.message.isVisible() and self.message.text() == words:
            return
        self.show_picture(None)
        self.field.hide()
        self.message.setText(words)
        self.message.show()

    def set_title(self, title: str) -> None:
        """Name the chart."""
        self.title.setText(title)
        self.title.setToolTip(title)
        self.field.setAccessibleName(title)

    def data_tsv(self) -> str:
        """The numbers as a table with tabs; empty where there are none."""
        rows = self._table() if self._table is not None else ()
        return "".join("\t".join(row) + "\n" for row in rows)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self.field.apply_theme(theme)

    def _tell(self, said: str) -> None:
        self.hint.setText(said or self._standing)
        self.hint.setToolTip(said or self._standing)
