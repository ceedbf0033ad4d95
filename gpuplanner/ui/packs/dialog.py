"""A catalogue pack before it is put in force: who signed it, what it changes, what it does to the open scenario."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gpuplanner.catalog.pack import signing, store
from gpuplanner.catalog.pack.archive import Pack
from gpuplanner.errors import InputError
from gpuplanner.format import format_integer
from gpuplanner.palette import Theme
from gpuplanner.texts import text
from gpuplanner.ui.library.lines import Lines
from gpuplanner.ui.packs.effect import Effect

SHOWN: Final = 500
_KINDS: Final = ("added", "changed", "removed")


class PackDialog(QDialog):
    """Nothing changes before Import; a key nobody here knows must be given a name first, an unsigned pack is not taken.

    Signals:
        taken: the pack is in force.
        failed: the :class:`InputError` that says why not.
    """

    taken = Signal(object)
    failed = Signal(object)

    def __init__(self, pack: Pack, effect: Effect, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._pack, self._effect = pack, effect
        self._known = store.trusted_name(pack.manifest.key) if pack.signed else None
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(text("pack.dialog.title", file=pack.path.name))
        self.signer = self._label(self._signed_by())
        self.trust = QLineEdit(self)
        self.trust.setMaxLength(100)
        self.trust.setPlaceholderText(text("pack.dialog.trust"))
        self.trust.setAccessibleName(text("pack.dialog.trust"))
        self.trust.setVisible(pack.signed and self._known is None)
        self.counts = self._label(self._counted())
        self.table = self._table()
        self.effect = self._label(text("pack.dialog.effect" if effect.lines else "pack.dialog.no_effect"))
        self.lines = Lines(self)
        self.lines.apply_theme(theme)
        self.lines.set_lines(effect.lines[:8])
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.take = self.buttons.addButton(text("pack.dialog.import"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.take.setDefault(True)
        self._lay_out()
        self.trust.textChanged.connect(self._update)
        self.buttons.accepted.connect(self._import)
        self.buttons.rejected.connect(self.reject)
        self._update()

    def _lay_out(self) -> None:
        manifest = self._pack.manifest
        head = self._label(
            text("pack.is", name=manifest.name, date=manifest.date.isoformat(), author=manifest.author or "–"), bold=True
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(8)
        column.addWidget(head)
        if manifest.note:
            column.addWidget(self._label(manifest.note))
        for part in (self.signer, self.trust, self.counts):
            column.addWidget(part)
        column.addWidget(self.table, 1)
        for said in self._effect.warnings[:3]:
            column.addWidget(self._label(said.sentence()))
        column.addWidget(self.effect)
        column.addWidget(self.lines)
        column.addWidget(self.buttons)
        self.resize(680, 560)

    def _label(self, words: str, *, bold: bool = False) -> QLabel:
        label = QLabel(words, self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        font = label.font()
        font.setBold(bold)
        label.setFont(font)
        return label

    def _signed_by(self) -> str:
        if not self._pack.signed:
            return text("pack.unsigned", file=self._pack.path.name)
        shown = signing.fingerprint(self._pack.manifest.key)
        if self._known is not None:
            return text("pack.signer.known", name=self._known, fingerprint=shown)
        return f"{text('pack.signer.stranger', fingerprint=shown)} {text('pack.dialog.compare')}"

    def _counted(self) -> str:
        parts = [text(f"pack.change.{what}", count=format_integer(self._effect.count(what))) for what in _KINDS]
        return text("list.comma").join(
            part for part, what in zip(parts, _KINDS, strict=True) if self._effect.count(what)
        ) or text("pack.dialog.nothing")

    def _table(self) -> QTableWidget:
        changes = self._effect.changes[:SHOWN]
        table = QTableWidget(len(changes), 3, self)
        table.setHorizontalHeaderLabels([text(f"pack.dialog.column.{name}") for name in ("what", "entry", "fields")])
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.verticalHeader().setVisible(False)
        table.setTabKeyNavigation(False)
        table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        table.setAccessibleName(text("pack.dialog.changes"))
        for row, change in enumerate(changes):
            cells = (text(f"pack.dialog.{change.what}"), f"{change.kind} {change.id}", ", ".join(change.fields))
            for column, words in enumerate(cells):
                table.setItem(row, column, QTableWidgetItem(words))
        table.resizeColumnsToContents()
        table.horizontalHeader().setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        return table

    def _update(self) -> None:
        self.take.setEnabled(self._pack.signed and (self._known is not None or bool(self.trust.text().strip())))

    def _import(self) -> None:
        try:
            if self._known is None:
                store.trust(self._pack.manifest.key, self.trust.text().strip())
            store.install(self._pack)
        except InputError as error:
            self.failed.emit(error)
            return
        self.accept()
        self.taken.emit(self._pack)
