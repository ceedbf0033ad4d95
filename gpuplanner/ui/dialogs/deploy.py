"""Deployment files: choose for what, read each before it is written, copy or save."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from gpuplanner.errors import InputError
from gpuplanner.report.deploy.build import TARGETS, DeployFile, deployment_files, suiting, targets_for
from gpuplanner.report.deploy.write import write_files
from gpuplanner.texts import text
from gpuplanner.ui.filing import Filing
from gpuplanner.ui.session import Session

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog
    from gpuplanner.engine.result import Estimate

_COLUMNS = 5


class DeployDialog(QDialog):
    """Shows the files of the present plan as they would be written.

    Signals:
        written: the paths of the files.
        failed: the :class:`InputError` that says why not.
    """

    written = Signal(object)
    failed = Signal(object)

    def __init__(self, session: Session, catalog: Catalog, estimate: Estimate, filing: Filing, parent: QWidget) -> None:
        super().__init__(parent)
        self._scenario = session.scenario
        self._catalog = catalog
        self._estimate = estimate
        self._filing = filing
        self.files: tuple[DeployFile, ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(text("deploy.title"))
        fitting = suiting(self._scenario, catalog, estimate)
        self.targets = {key: self._box(key, on=key in fitting[:1]) for key in TARGETS if key in targets_for(self._scenario)}
        for key, box in self.targets.items():
            box.setEnabled(key in fitting)
            box.setToolTip("" if key in fitting else text("deploy.unsuitable"))
        self.list = QListWidget(self)
        self.preview = QPlainTextEdit(self)
        self.copy_button = QPushButton(text("deploy.copy"), self)
        self.problem = QLabel(self)
        self.buttons = QDialogButtonBox(self)
        self.save_button = self.buttons.addButton(text("deploy.save"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        self._lay_out()
        self.list.currentRowChanged.connect(self._show_file)
        self.copy_button.clicked.connect(self._copy)
        self.buttons.accepted.connect(self._save)
        self.buttons.rejected.connect(self.reject)
        self._build()

    def _box(self, key: str, *, on: bool) -> QCheckBox:
        box = QCheckBox(text(f"deploy.target.{key}"), self)
        box.setChecked(on)
        box.toggled.connect(self._build)
        return box

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        for place, box in enumerate(self.targets.values()):
            grid.addWidget(box, place // _COLUMNS, place % _COLUMNS)
        grid.setColumnStretch(_COLUMNS, 1)
        self.preview.setReadOnly(True)
        self.preview.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.preview.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.list.setAccessibleName(text("deploy.list"))
        self.preview.setAccessibleName(text("deploy.preview"))
        self.problem.setWordWrap(True)
        self.problem.hide()
        split = QSplitter(Qt.Orientation.Horizontal, self)
        split.addWidget(self.list)
        split.addWidget(self.preview)
        split.setStretchFactor(1, 1)
        split.setSizes([260, 640])
        bottom = QHBoxLayout()
        bottom.addWidget(self.copy_button)
        bottom.addStretch(1)
        bottom.addWidget(self.buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(12)
        column.addLayout(grid)
        column.addWidget(self.problem)
        column.addWidget(split, 1)
        column.addLayout(bottom)
        self.resize(940, 620)

    def chosen(self) -> list[str]:
        """The targets ticked."""
        return [key for key, box in self.targets.items() if box.isChecked()]

    def _build(self) -> None:
        before = self._current()
        said = ""
        try:
            self.files = deployment_files(self._scenario, self._catalog, self._estimate, self.chosen())
        except InputError as error:
            self.files, said = (), error.sentence() if self.targets else text("deploy.nothing_for_kind")
        self.problem.setText(said)
        self.problem.setVisible(bool(said))
        self.list.clear()
        self.list.addItems([file.path for file in self.files])
        places = [file.path for file in self.files]
        if places:
            self.list.setCurrentRow(places.index(before) if before in places else 0)
        else:
            self.preview.clear()
        for button in (self.save_button, self.copy_button):
            button.setEnabled(bool(places))

    def _current(self) -> str:
        item = self.list.currentItem()
        return item.text() if self.list.currentRow() >= 0 else ""

    def _show_file(self, row: int) -> None:
        self.preview.setPlainText(self.files[row].text if 0 <= row < len(self.files) else "")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.preview.toPlainText())

    def _save(self) -> None:
        folder = self._filing.asking.folder(self._filing.folder())
        if folder is None:
            return
        try:
            written = write_files(self.files, folder)
        except InputError as error:
            self.failed.emit(error)
            return
        self.accept()
        self.written.emit(written)
