"""One of several: a drop-down list, or a row of buttons when there are few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFontMetrics, QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QComboBox, QGridLayout, QSizePolicy, QToolButton, QWidget


@dataclass(frozen=True, slots=True)
class Option:
    """A value, what it is called, and a longer explanation."""

    value: object
    label: str
    tip: str = ""


class Choice(QComboBox):
    """A drop-down list.

    Signals:
        edited: the value that the user chose.
    """

    edited = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._options: tuple[Option, ...] = ()
        self._value: object = None
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)
        self.setMaxVisibleItems(18)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.activated.connect(self._activated)

    def set_options(self, options: Sequence[Option]) -> None:
        """What can be chosen; the value stays."""
        if tuple(options) == self._options:
            return
        self._options = tuple(options)
        with QSignalBlocker(self):
            self.clear()
            for place, option in enumerate(self._options):
                self.addItem(option.label)
                self.setItemData(place, option.tip or None, Qt.ItemDataRole.ToolTipRole)
        self.set_value(self._value)

    def value(self) -> object:
        """What is chosen."""
        return self._value

    def set_value(self, value: object) -> None:
        """Show a value; one that isn't among the options is shown as itself, for a file may hold it."""
        self._value = value
        place = next((place for place, option in enumerate(self._options) if option.value == value), -1)
        with QSignalBlocker(self):
            self.setCurrentIndex(place)
        self.setPlaceholderText("" if place >= 0 or value is None else str(value))

    def retranslate(self) -> None:
        """Texts come with the options."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel scrolls the form; it never changes a value under way."""
        event.ignore()

    def _activated(self, place: int) -> None:
        value = self._options[place].value
        if value != self._value:
            self._value = value
            self.edited.emit(value)


class Segmented(QWidget):
    """A row of buttons of which one is down, or a few rows of them; arrow keys move among them.

    Signals:
        edited: the value that the user chose.
    """

    edited = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._options: tuple[Option, ...] = ()
        self._value: object = None
        self._group = QButtonGroup(self)
        self._group.idToggled.connect(self._toggled)
        self._across: int | None = None
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(0)

    def set_across(self, count: int | None) -> None:
        """How many buttons stand in a line; to be said before the options are. None for all."""
        self._across = count

    def set_options(self, options: Sequence[Option]) -> None:
        """What can be chosen."""
        if len(options) != len(self._options):
            self._clear()
            self._build(len(options))
        self._options = tuple(options)
        for button, option in zip(self._group.buttons(), self._options, strict=True):
            button.setText(option.label)
            button.setMinimumWidth(self._bold_width(option.label))
            button.setToolTip(option.tip)
            button.setAccessibleName(option.tip or option.label)
        self.set_value(self._value)

    def value(self) -> object:
        """What is chosen."""
        return self._value

    def set_value(self, value: object) -> None:
        """Press the button of a value."""
        self._value = value
        for place, option in enumerate(self._options):
            if option.value == value:
                with QSignalBlocker(self._group):
                    self._group.button(place).setChecked(True)
                self.setFocusProxy(self._group.button(place))

    def retranslate(self) -> None:
        """Texts come with the options."""

    def button(self, place: int) -> QAbstractButton:
        """The button at a place, 0 being the first."""
        return self._group.button(place)

    def _clear(self) -> None:
        for button in self._group.buttons():
            self._group.removeButton(button)
            self._grid.removeWidget(button)
            button.hide()
            button.deleteLater()

    def _build(self, count: int) -> None:
        across = self._across or count
        for place in range(count):
            row, column = divmod(place, across)
            button = QToolButton(self)
            button.setCheckable(True)
            button.setProperty("segment", True)
            button.setProperty("place", "first" if column == 0 else "last" if column == across - 1 else "middle")
            if count > across:
                button.setProperty("line", "top" if row == 0 else "bottom" if place >= count - across else "between")
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self._group.addButton(button, place)
            self._grid.addWidget(button, row, column)
            self._grid.setColumnStretch(column, 1)

    def _bold_width(self, label: str) -> int:
        """What a label needs when its button is down, and its text bold."""
        font = self.font()
        font.setBold(True)
        return QFontMetrics(font).horizontalAdvance(label) + 10

    def _toggled(self, place: int, down: bool) -> None:
        value = self._options[place].value
        if down and value != self._value:
            self._value = value
            self.edited.emit(value)
