"""The form at the left: sections of fields, bound to the session by the fields' names."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from gpuplanner.errors import InputError
from gpuplanner.scenario.document import WorkloadKind
from gpuplanner.texts import text
from gpuplanner.ui.fields.picker import Picker
from gpuplanner.ui.form import models
from gpuplanner.ui.form.field_spec import SectionSpec
from gpuplanner.ui.form.kinds import suits
from gpuplanner.ui.form.row import FieldRow
from gpuplanner.ui.form.section import Section
from gpuplanner.ui.form.specs import SECTIONS
from gpuplanner.ui.session import Session

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog
    from gpuplanner.catalog.schema.model import Model

MODEL = "model.id"
KIND = "workload.kind"


class Form(QScrollArea):
    """All inputs of a scenario in one column.

    Signals:
        import_wanted: a model's file shall be chosen and read.
        section_folded: key, and whether it is folded.
    """

    import_wanted = Signal()
    section_folded = Signal(str, bool)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.rows: dict[str, FieldRow] = {}
        self._offered: tuple[Catalog | None, WorkloadKind] | None = None
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        # widgets are born where they stay: moving them later makes Qt style them anew
        column = QWidget(self)
        column.setProperty("panel", True)
        column.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWidget(column)
        layout = QVBoxLayout(column)
        layout.setContentsMargins(12, 10, 12, 14)
        layout.setSpacing(8)
        self.sections = [self._section(spec, column) for spec in SECTIONS]
        for section in self.sections:
            layout.addWidget(section)
        layout.addStretch(1)
        self.import_button = self._model_buttons()
        QWidget.setTabOrder(self.rows[MODEL].editor, self.import_button)
        session.scenario_changed.connect(self._scenario_changed)
        session.catalog_changed.connect(self.fill)
        session.texts_changed.connect(self.retranslate)
        self.retranslate()

    def fill(self) -> None:
        """Take what can be chosen from the session's catalogue."""
        catalog = self._session.catalog
        self._offered = None  # entries are worded, and the user's own may have changed
        for row in self.rows.values():
            row.fill(catalog)
        self._scenario_changed(None)

    def focus_field(self, path: str) -> None:
        """Bring a field into view and give it the focus, its section unfolded."""
        path = MODEL if path.startswith("model") else path
        row = self.rows.get(path)
        if row is None:
            return
        for section in self.sections:
            if row in section.rows:
                section.set_folded(False)
        self.ensureWidgetVisible(row, 0, 40)
        row.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_folded(self, keys: dict[str, bool]) -> None:
        """Fold and unfold sections as they were left."""
        for section in self.sections:
            if section.key in keys:
                section.set_folded(keys[section.key])

    def retranslate(self) -> None:
        """Follow a change of language."""
        for section in self.sections:
            section.retranslate()
        self.import_button.setText(text("form.import"))
        self.import_button.setToolTip(text("form.import.help"))
        self.fill()

    def _section(self, spec: SectionSpec, column: QWidget) -> Section:
        section = Section(spec, column)
        for row in section.rows:
            row.edited.connect(self._edited)
            row.reset_wanted.connect(self._reset)
            self.rows[row.spec.path] = row
        section.folded.connect(self.section_folded)
        return section

    def _model_buttons(self) -> QPushButton:
        line = QWidget(self.sections[0].body)
        box = QHBoxLayout(line)
        box.setContentsMargins(0, 0, 0, 0)
        button = QPushButton(line)
        button.clicked.connect(self.import_wanted)
        box.addWidget(button)
        box.addStretch(1)
        self.sections[0].add_below(line)
        return button

    def _edited(self, path: str, value: object) -> None:
        session, row = self._session, self.rows[path]
        try:
            if path == MODEL and session.catalog is not None:
                session.set_many(path, models.changes(str(value), session.scenario, session.catalog))
            elif path == KIND:
                session.set_many(path, models.kind_changes(WorkloadKind(str(value)), session.scenario, session.catalog))
            elif row.spec.also is not None:
                session.set_many(path, {path: value} | row.spec.also(), merges=True)
            elif isinstance(value, tuple):  # a list: an entry more or less is a step of its own
                session.set(path, value, merges=len(value) == len(session.value(path)))
            else:
                session.set(path, value)
        except InputError as error:  # the document refuses what the field let through
            row.refuse(error.sentence())

    def _reset(self, path: str) -> None:
        self._session.reset("model" if path == MODEL else path)

    def _scenario_changed(self, _path: object) -> None:
        scenario, catalog = self._session.scenario, self._session.catalog
        for row in self.rows.values():
            row.refresh(scenario, catalog)
        for section in self.sections:
            section.refresh()
        self._offer_models()
        self._show_model(models.chosen(scenario, catalog))

    def _offer_models(self) -> None:
        """What can be put to this kind of work."""
        offered = (self._session.catalog, self._session.scenario.workload.kind)
        editor = self.rows[MODEL].editor
        if offered != self._offered and isinstance(editor, Picker):
            self._offered = offered
            editor.set_source(partial(models.entries, *offered))

    def _show_model(self, model: Model | None) -> None:
        row, scenario = self.rows[MODEL], self._session.scenario
        editor = row.editor
        assert isinstance(editor, Picker)
        custom = scenario.model.custom is not None
        if model is not None:
            mark = f" · {text('form.imported')}" if custom else ""
            editor.set_value(None if custom else model.id, f"{model.name}{mark}")
            if suits(model, scenario.workload.kind):
                row.say(models.described(model))
            else:
                row.refuse(models.unsuited(model, scenario.workload.kind))
        elif self._session.catalog is not None:
            row.refuse(text("form.model.missing", model=scenario.model.id))
