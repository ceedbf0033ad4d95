"""A field of the form with its label, its mark, its remark and its reset."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QMenu, QSizePolicy, QWidget

from gpuplanner.scenario.document import Scenario, get
from gpuplanner.texts import has, language, text
from gpuplanner.ui.fields.choice import Choice, Segmented
from gpuplanner.ui.fields.line import LineField, NoteField
from gpuplanner.ui.fields.phases import PhasesField
from gpuplanner.ui.fields.picker import Picker
from gpuplanner.ui.fields.quantity import Asks, QuantityEdit
from gpuplanner.ui.form import models, options
from gpuplanner.ui.form.field_spec import FieldSpec
from gpuplanner.ui.repolish import set_flag
from gpuplanner.units import QuantityKind

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog

LABEL_PX = 104
_DEFAULTS = Scenario()
DOT = "•"


class Field(Protocol):
    """What every editor offers besides being a widget."""

    def set_value(self, value: object) -> None:
        """Show a value."""

    def retranslate(self) -> None:
        """Follow a change of language."""


def make_editor(spec: FieldSpec, parent: QWidget) -> QWidget:
    """The editor that a field asks for."""
    if spec.editor == "quantity":
        return QuantityEdit(spec.asks(_DEFAULTS) if spec.asks else Asks(QuantityKind.NUMBER), parent)
    makers: dict[str, type[QWidget]] = {
        "choice": Choice, "segmented": Segmented, "model": Picker, "draft": Picker, "gpu": Picker, "line": LineField,
        "note": NoteField, "phases": PhasesField,
    }  # fmt: skip
    made = makers[spec.editor](parent)
    if isinstance(made, Segmented) and spec.offers is not None:
        made.set_across(spec.across)
        made.set_options(spec.offers(_DEFAULTS, None))  # now, so that its buttons have their place in the tab order
    return made


class FieldRow(QWidget):
    """A field; a dot marks it when it differs from the default.

    Signals:
        edited: path and new value.
        reset_wanted: path.
    """

    edited = Signal(str, object)
    reset_wanted = Signal(str)

    def __init__(self, spec: FieldSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec = spec
        self.editor = make_editor(spec, self)
        self.label = QLabel(self)
        self.dot = QLabel(DOT, self)
        self.remark = QLabel(self)
        self.differs = False
        self._remarked = ""
        self._basis: tuple[object, ...] = ()
        self._lay_out()
        self.editor.edited.connect(self._edited)  # type: ignore[attr-defined]
        if isinstance(self.editor, QuantityEdit):
            self.editor.remarked.connect(self._show_remark)
        self._own_menu()

    def refresh(self, scenario: Scenario, catalog: Catalog | None) -> None:
        """Show what the scenario holds, and only if the field applies."""
        spec, editor = self.spec, self.editor
        # what a row shows follows from its own section and from these; the others' edits don't concern it
        section = get(scenario, spec.path.partition(".")[0])
        shown = spec.shown(scenario)
        basis = (section, shown, scenario.workload.kind, scenario.money, scenario.deployment, scenario.model, catalog, language())
        if len(basis) == len(self._basis) and all(new is old for new, old in zip(basis, self._basis, strict=True)):
            return
        self._basis = basis
        if isinstance(editor, QuantityEdit):
            if spec.asks is not None:
                editor.set_asks(spec.asks(scenario))
            editor.set_unit(spec.unit(scenario) if spec.unit else "")
            editor.set_currency(scenario.money.currency)
            if spec.usual is not None and shown:
                model = models.chosen(scenario, catalog)
                editor.set_usual(spec.usual(model) if model is not None else None)
        elif isinstance(editor, Choice | Segmented) and spec.offers is not None:
            editor.set_options(spec.offers(scenario, catalog))
        value = get(scenario, spec.path)
        if spec.editor == "gpu" and isinstance(editor, Picker):
            editor.set_value(value, options.gpu_name(value, catalog, spec.empty))
        elif spec.editor == "draft" and isinstance(editor, Picker):
            editor.set_value(value, models.name_of(value, catalog))
        elif spec.editor != "model":  # whose name and description the form puts in
            editor.set_value(value)  # type: ignore[attr-defined]
        self.differs = bool(value != get(_DEFAULTS, spec.path))
        self.dot.setVisible(self.differs and not spec.wide)
        self.setVisible(shown and self._suits(scenario, catalog))
        if spec.note is not None and not self._remarked:
            self._say(spec.note(scenario), wrong=False)

    def _suits(self, scenario: Scenario, catalog: Catalog | None) -> bool:
        model = models.chosen(scenario, catalog) if self.spec.suits is not None else None
        return model is None or self.spec.suits is None or self.spec.suits(model)

    def fill(self, catalog: Catalog | None) -> None:
        """Take what can be chosen from a catalogue."""
        if self.spec.editor == "gpu" and isinstance(self.editor, Picker):
            self.editor.set_source(partial(options.gpus, catalog, self.spec.empty))
        if self.spec.editor == "draft" and isinstance(self.editor, Picker):
            self.editor.set_source(partial(models.drafts, catalog))

    def retranslate(self) -> None:
        """Follow a change of language."""
        key = self.spec.path
        name, helps = text(f"field.{key}"), f"field.{key}.help"
        self.label.setText("" if self.spec.label == "" else text(self.spec.label or f"field.{key}"))
        tip = text(helps) if has(helps) else ""
        self.label.setToolTip(tip)
        self.editor.setToolTip(tip)
        self.dot.setToolTip(text("form.changed"))
        for widget in (self.editor, self.editor.focusProxy()):
            if widget is not None:
                widget.setAccessibleName(name)
                widget.setAccessibleDescription(tip)
        self.editor.retranslate()  # type: ignore[attr-defined]

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer the default."""
        menu = QMenu(self)
        self._add_reset(menu)
        menu.exec(event.globalPos())
        menu.deleteLater()

    def refuse(self, sentence: str) -> None:
        """Say why the document didn't take the value."""
        self._show_remark(sentence, wrong=True)

    def say(self, sentence: str) -> None:
        """Put a quiet line below the field."""
        self._show_remark(sentence, wrong=False)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(2)
        grid.setVerticalSpacing(2)
        self.label.setWordWrap(True)
        self.label.setFixedWidth(LABEL_PX - 11)
        self.label.setBuddy(self.editor)
        self.dot.setFixedWidth(8)
        self.dot.setForegroundRole(self.palette().ColorRole.Link)
        room = self.dot.sizePolicy()
        room.setRetainSizeWhenHidden(not self.spec.wide)
        self.dot.setSizePolicy(room)
        self.dot.hide()
        self.remark.setWordWrap(True)
        self.remark.setTextFormat(Qt.TextFormat.PlainText)
        self.remark.setProperty("quiet", True)
        self.remark.hide()
        self.editor.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        if self.spec.wide:
            self.label.hide()
            grid.addWidget(self.editor, 0, 0)
            grid.addWidget(self.remark, 1, 0)
            return
        grid.addWidget(self.label, 0, 0)
        grid.addWidget(self.dot, 0, 1)
        grid.addWidget(self.editor, 0, 2)
        grid.addWidget(self.remark, 1, 0, 1, 3)
        grid.setColumnStretch(2, 1)

    def _own_menu(self) -> None:
        """Text lines keep their own menu; the reset goes on top of it."""
        line = self.editor.line if isinstance(self.editor, QuantityEdit) else self.editor
        if isinstance(line, QLineEdit):
            line.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            line.customContextMenuRequested.connect(self._line_menu)

    def _line_menu(self, place: QPoint) -> None:
        line = self.sender()
        if not isinstance(line, QLineEdit):
            return
        menu = line.createStandardContextMenu()
        before = menu.actions()[0]
        self._add_reset(menu, before)
        menu.insertSeparator(before)
        menu.exec(line.mapToGlobal(place))
        menu.deleteLater()

    def _add_reset(self, menu: QMenu, before: QAction | None = None) -> None:
        action = QAction(text("form.reset"), menu)
        action.setEnabled(self.differs)
        action.triggered.connect(self._reset)
        if before is None:
            menu.addAction(action)
        else:
            menu.insertAction(before, action)

    def _reset(self) -> None:
        self.reset_wanted.emit(self.spec.path)

    def _edited(self, value: object) -> None:
        self.edited.emit(self.spec.path, value)

    def _show_remark(self, sentence: str, wrong: bool) -> None:
        self._remarked = sentence
        self._say(sentence, wrong=wrong)

    def _say(self, sentence: str, *, wrong: bool) -> None:
        set_flag(self.remark, "wrong", on=wrong)
        set_flag(self.remark, "quiet", on=not wrong)
        if self.remark.text() != sentence:
            self.remark.setText(sentence)
        self.remark.setVisible(bool(sentence))
