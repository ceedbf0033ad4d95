"""The scenario files of a folder: open, rename, duplicate, put into the trash."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QPoint, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices, QKeySequence, QShowEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QLabel, QListView, QMenu, QPushButton, QVBoxLayout, QWidget

from gpuplanner.errors import InputError
from gpuplanner.scenario import library
from gpuplanner.scenario.files import SUFFIX
from gpuplanner.texts import text
from gpuplanner.ui import faults
from gpuplanner.ui.notices import Notice
from gpuplanner.ui.scenario_item import ENTRY, PATH, QUIET, ScenarioDelegate, quiet_line

_SETTLE_MS = 200
_COMMANDS = ("open", "rename", "duplicate", "trash", "show")


class ScenariosTab(QWidget):
    """A list that follows its folder.

    Signals:
        open_wanted: a path.
        new_wanted: a new scenario.
        folder_wanted: another folder shall be chosen.
        moved: a file was renamed, from and to.
        noticed: something to tell, a :class:`Notice`.
        counted: how many files there are.
    """

    open_wanted = Signal(object)
    new_wanted = Signal()
    folder_wanted = Signal()
    moved = Signal(object, object)
    noticed = Signal(object)
    counted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._folder = Path()
        self.model = QStandardItemModel(self)
        self.model.itemChanged.connect(self._renamed)
        self.view = QListView(self)
        self.view.setModel(self.model)
        self.view.setItemDelegate(ScenarioDelegate(self.view))
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._open_menu)
        self.view.activated.connect(self._activated)
        self.folder_label = QLabel(self)
        self.folder_label.setProperty("quiet", True)
        self.new_button, self.folder_button = QPushButton(self), QPushButton(self)
        self.new_button.clicked.connect(self.new_wanted)
        self.folder_button.clicked.connect(self.folder_wanted)
        self.empty = QLabel(self)
        self.empty.setWordWrap(True)
        self.empty.setProperty("quiet", True)
        self._lay_out()
        self._commands = {key: self._command(key) for key in _COMMANDS}
        self._watcher = QFileSystemWatcher(self)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._watcher.directoryChanged.connect(self._settle.start)
        self._settle.timeout.connect(self.refresh)
        self.retranslate()

    @property
    def folder(self) -> Path:
        """The folder that is listed."""
        return self._folder

    def set_folder(self, folder: Path) -> None:
        """List another folder."""
        if watched := self._watcher.directories():
            self._watcher.removePaths(watched)
        self._folder = folder
        self.refresh()

    def refresh(self) -> None:
        """List the folder again, the current file stays current; a folder that isn't there yet is an empty one."""
        self._watch()
        try:
            entries = library.list_folder(self._folder) if self._folder.is_dir() else []
        except InputError as error:
            self.noticed.emit(Notice(error, "bad", "library"))
            entries = []
        current = self.current()
        self.model.clear()
        for entry in sorted(entries, key=lambda entry: entry.path.name.casefold()):
            self.model.appendRow(_item(entry))
        self.select(current)
        self.empty.setVisible(not entries)
        self.view.setVisible(bool(entries))
        self._name_folder()
        self.counted.emit(len(entries))

    @faults.guarded
    def showEvent(self, event: QShowEvent) -> None:
        """What came while nobody looked is there."""
        super().showEvent(event)
        self._settle.start()

    def _watch(self) -> None:
        """Follow the folder; one that isn't there yet by the nearest folder that is."""
        place = self._folder
        while not place.is_dir() and place != place.parent:
            place = place.parent
        watched = self._watcher.directories()
        if str(place) not in watched:
            if watched:
                self._watcher.removePaths(watched)
            self._watcher.addPath(str(place))

    def current(self) -> Path | None:
        """The file that is current."""
        index = self.view.currentIndex()
        return index.data(PATH) if index.isValid() else None

    def paths(self) -> list[Path]:
        """The files that are listed."""
        return [self.model.item(row).data(PATH) for row in range(self.model.rowCount())]

    def select(self, path: Path | None) -> None:
        """Make a file current, where it is listed."""
        for row in range(self.model.rowCount()):
            item = self.model.item(row)
            if item.data(PATH) == path:
                self.view.setCurrentIndex(item.index())

    def retranslate(self) -> None:
        """Follow a change of language."""
        self.new_button.setText(text("library.new"))
        self.folder_button.setText(text("library.folder"))
        self.empty.setText(text("library.empty"))
        self.view.setAccessibleName(text("tab.scenarios"))
        for key, action in self._commands.items():
            action.setText(text(f"library.{key}"))
        self._name_folder()
        for row in range(self.model.rowCount()):
            item = self.model.item(row)
            item.setData(quiet_line(item.data(ENTRY)), QUIET)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self.new_button)
        top.addWidget(self.folder_button)
        top.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 8)
        layout.setSpacing(6)
        layout.addLayout(top)
        layout.addWidget(self.folder_label)
        layout.addWidget(self.empty)
        layout.addWidget(self.view, 1)
        layout.addStretch(0)

    def _command(self, key: str) -> QAction:
        does: dict[str, Callable[[], object]] = {
            "open": self._open,
            "rename": self._rename,
            "duplicate": self._duplicate,
            "trash": self._trash,
            "show": self._show,
        }
        keys = {"rename": "F2", "duplicate": "Ctrl+D", "trash": "Del"}
        action = QAction(self.view)
        action.triggered.connect(does[key])
        if key in keys:
            action.setShortcut(QKeySequence(keys[key]))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.view.addAction(action)
        return action

    def _open_menu(self, place: QPoint) -> None:
        if not self.view.indexAt(place).isValid():
            return
        menu = QMenu(self)
        for key in _COMMANDS:
            menu.addAction(self._commands[key])
        menu.exec(self.view.viewport().mapToGlobal(place))
        menu.deleteLater()

    def _activated(self) -> None:
        self._open()

    def _open(self) -> None:
        if (path := self.current()) is not None:
            self.open_wanted.emit(path)

    def _rename(self) -> None:
        if self.view.currentIndex().isValid():
            self.view.edit(self.view.currentIndex())

    def _duplicate(self) -> None:
        self._do(library.duplicate)

    def _trash(self) -> None:
        self._do(library.trash)

    def _do(self, command: Callable[[Path], object]) -> None:
        path = self.current()
        if path is None:
            return
        try:
            command(path)
        except InputError as error:
            self.noticed.emit(Notice(error, "bad", "library"))
        self.refresh()

    def _show(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder)))

    def _renamed(self, item: QStandardItem) -> None:
        path: Path = item.data(PATH)
        if item.text() == path.name[: -len(SUFFIX)]:
            return
        try:
            target = library.rename(path, item.text())
        except InputError as error:
            self.noticed.emit(Notice(error, "bad", "library"))
            self._settle.start()  # shows the old name again, once the editor is gone
            return
        item.setData(target, PATH)
        self.moved.emit(path, target)
        self._settle.start()

    def _name_folder(self) -> None:
        wide = max(self.width() - 40, 200)
        self.folder_label.setText(self.fontMetrics().elidedText(str(self._folder), Qt.TextElideMode.ElideMiddle, wide))
        self.folder_label.setToolTip(str(self._folder))


def _item(entry: library.Entry) -> QStandardItem:
    item = QStandardItem(entry.path.name[: -len(SUFFIX)])
    item.setData(entry.path, PATH)
    item.setData(entry, ENTRY)
    item.setData(quiet_line(entry), QUIET)
    problem = entry.problem.sentence() if entry.problem else str(entry.path)
    item.setToolTip(problem)
    return item
