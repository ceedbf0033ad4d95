"""A form of some sections, bound to the session by the fields' names."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from gpuplanner.errors import InputError
from gpuplanner.ui.form.field_spec import SectionSpec
from gpuplanner.ui.form.row import FieldRow
from gpuplanner.ui.form.section import Section
from gpuplanner.ui.session import Session


class SectionsForm(QScrollArea):
    """Sections in one column; other widgets may stand above and below them."""

    def __init__(self, session: Session, sections: Sequence[SectionSpec], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.rows: dict[str, FieldRow] = {}
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        column = QWidget(self)
        column.setProperty("panel", True)
        column.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWidget(column)
        self.column = QVBoxLayout(column)
        self.column.setContentsMargins(12, 10, 12, 14)
        self.column.setSpacing(8)
        self.sections = [Section(spec, column) for spec in sections]
        for section in self.sections:
            self.column.addWidget(section)
            for row in section.rows:
                row.edited.connect(self._edited)
                row.reset_wanted.connect(session.reset)
                self.rows[row.spec.path] = row
        self.column.addStretch(1)
        session.scenario_changed.connect(self._scenario_changed)
        session.catalog_changed.connect(self.fill)
        session.texts_changed.connect(self.retranslate)
        self.retranslate()

    def fill(self) -> None:
        """Take what can be chosen from the session's catalogue."""
        for row in self.rows.values():
            row.fill(self._session.catalog)
        self._scenario_changed(None)

    def focus_field(self, path: str) -> None:
        """Bring a field into view and give it the focus, its section unfolded."""
        row = self.rows[path]
        for section in self.sections:
            if row in section.rows:
                section.set_folded(False)
        self.ensureWidgetVisible(row, 0, 40)
        row.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def retranslate(self) -> None:
        """Follow a change of language."""
        for section in self.sections:
            section.retranslate()
        self.fill()

    def _edited(self, path: str, value: object) -> None:
        row = self.rows[path]
        try:
            if row.spec.also is not None:
                self._session.set_many(path, {path: value} | row.spec.also(), merges=True)
            else:
                self._session.set(path, value)
        except InputError as error:
            row.refuse(error.sentence())

    def _scenario_changed(self, _path: object) -> None:
        for row in self.rows.values():
            row.refresh(self._session.scenario, self._session.catalog)
        for section in self.sections:
            section.refresh()
