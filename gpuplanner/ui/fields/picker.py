"""A drop-down with a search line: for choosing among hundreds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QFrame, QLabel, QLineEdit, QListView, QVBoxLayout, QWidget

from gpuplanner.texts import text
from gpuplanner.ui.fields.entries import Entry, EntryDelegate, EntryModel

_MOVES = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -10, Qt.Key.Key_PageDown: 10}
_POPUP_WIDTH, _POPUP_HEIGHT = 400, 420
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class PickList(QWidget):
    """A search line over a list of entries.

    Signals:
        picked: the value of the chosen entry.
    """

    picked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = EntryModel()
        self.line = QLineEdit(self)
        self.line.setClearButtonEnabled(True)
        self.line.textEdited.connect(self.search)
        self.line.installEventFilter(self)
        self.view = QListView(self)
        self.view.setModel(self.model)
        self.view.setItemDelegate(EntryDelegate(self.view))
        self.view.setUniformItemSizes(True)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.clicked.connect(self._clicked)
        self.nothing = QLabel(self)
        self.nothing.setProperty("quiet", True)
        self.nothing.setContentsMargins(8, 6, 8, 6)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.setSpacing(4)
        for part in (self.line, self.nothing, self.view):
            layout.addWidget(part)

    def begin(self, value: object, query: str = "") -> None:
        """Show everything with ``value`` current, or what a query finds."""
        self.line.setPlaceholderText(text("picker.search"))
        self.line.setAccessibleName(text("picker.search"))
        self.view.setAccessibleName(text("picker.found"))
        self.nothing.setText(text("picker.nothing"))
        self.line.setText(query)
        self.search(query)
        if not query and (row := self.model.row_of(value)) >= 0:
            self._select(row)
        self.line.setFocus(Qt.FocusReason.PopupFocusReason)

    def search(self, query: str) -> None:
        """Show what a query finds, the first of it current."""
        self.model.search(query)
        self.nothing.setVisible(self.model.rowCount() == 0)
        self._select(self.model.first())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of the search line move in the list and pick from it."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            key = Qt.Key(event.key())
            if key in _MOVES:
                self._move(_MOVES[key])
                return True
            if key in _ENTER:
                self._clicked(self.view.currentIndex())
                return True
        return super().eventFilter(watched, event)

    def _move(self, by: int) -> None:
        row, way = self.view.currentIndex().row(), 1 if by > 0 else -1
        wanted = max(0, min(self.model.rowCount() - 1, row + by))
        while 0 <= wanted < self.model.rowCount() and self.model.entry(wanted) is None:
            wanted += way
        if self.model.entry(wanted) is not None:
            self._select(wanted)

    def _select(self, row: int) -> None:
        index = self.model.index(row, 0) if row >= 0 else QModelIndex()
        self.view.setCurrentIndex(index)
        if index.isValid():
            self.view.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)
            if row == self.model.first():
                self.view.scrollToTop()

    def _clicked(self, index: QModelIndex) -> None:
        entry = self.model.entry(index.row()) if index.isValid() else None
        if entry is not None:
            self.picked.emit(entry.value)


class PickPopup(QFrame):
    """A pick list in a window of its own, gone at the next click elsewhere."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("card", True)
        self.list = PickList(self)
        box = QVBoxLayout(self)
        box.setContentsMargins(1, 1, 1, 1)
        box.addWidget(self.list)

    def open_at(self, place: QPoint, size: QSize, value: object, query: str = "") -> None:
        """Show it at a place of the screen, moved where that would leave the screen."""
        room = self.screen().availableGeometry()
        self.resize(size)
        left = min(place.x(), room.right() - self.width())
        top = min(place.y(), room.bottom() - self.height())
        self.move(max(room.left(), left), max(room.top(), top))
        self.show()
        self.list.begin(value, query)


class Picker(QComboBox):
    """Looks like a drop-down list; opens a list with a search line. Typing on it searches at once.

    Signals:
        edited: the value that the user chose.
    """

    edited = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value: object = None
        self._source: Callable[[], Sequence[Entry]] | None = None
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.addItem("")
        self._popup: PickPopup | None = None

    @property
    def list(self) -> PickList:
        """The list that opens; made when it is first wanted."""
        return self._made_popup().list

    def set_source(self, source: Callable[[], Sequence[Entry]]) -> None:
        """What can be chosen; asked for when the list is first opened, for it may be long."""
        self._source = source

    def value(self) -> object:
        """What is chosen."""
        return self._value

    def set_value(self, value: object, title: str | None = None) -> None:
        """Show a value under its title."""
        self._value = value
        shown = title or ("" if value is None else str(value))
        if shown != self.itemText(0):
            self.setItemText(0, shown)

    def retranslate(self) -> None:
        """Texts come with the entries."""

    def showPopup(self) -> None:
        """Open the list below the field."""
        self._open("")

    def hidePopup(self) -> None:
        """Close the list."""
        if self._popup is not None:
            self._popup.hide()
        super().hidePopup()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel scrolls the form; it never changes a value under way."""
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A letter opens the list and begins the search."""
        typed = event.text()
        if typed.strip() and typed.isprintable() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._open(typed)
        elif Qt.Key(event.key()) in (*_ENTER, Qt.Key.Key_Space, Qt.Key.Key_Down, Qt.Key.Key_F4):
            self._open("")
        else:
            super().keyPressEvent(event)

    def _open(self, query: str) -> None:
        popup = self._made_popup()
        if self._source is not None:
            popup.list.model.set_entries(self._source())
            self._source = None
        size = QSize(max(self.width(), _POPUP_WIDTH), _POPUP_HEIGHT)
        popup.open_at(self.mapToGlobal(QPoint(0, self.height() + 2)), size, self._value, query)

    def _made_popup(self) -> PickPopup:
        if self._popup is None:
            self._popup = PickPopup(self.window())
            self._popup.list.picked.connect(self._picked)
        return self._popup

    def _picked(self, value: object) -> None:
        self.hidePopup()
        if value != self._value:
            self._value = value
            self.edited.emit(value)
