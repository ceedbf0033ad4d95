"""A question with the editor for its answer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from gpuplanner.scenario.document import WorkloadKind
from gpuplanner.scenario.fields import limits
from gpuplanner.texts import has, text
from gpuplanner.ui.fields.choice import Choice, Option, Segmented
from gpuplanner.ui.fields.picker import Picker
from gpuplanner.ui.fields.quantity import Asks, QuantityEdit
from gpuplanner.ui.form import models, options
from gpuplanner.ui.questionnaire.questions import Question
from gpuplanner.ui.repolish import set_flag

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog

_FEW, _LONGEST = 4, 200


class QuestionRow(QWidget):
    """The question above its editor, a remark below.

    Signals:
        answered: key and answer.
        judged: what is written can or can't be taken now.
    """

    answered = Signal(str, object)
    judged = Signal()

    def __init__(self, question: Question, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.question = question
        self.label, self.remark = QLabel(self), QLabel(self)
        self.editor = self._make()
        self.label.setWordWrap(True)
        self.label.setBuddy(self.editor)
        self.remark.setWordWrap(True)
        self.remark.setTextFormat(Qt.TextFormat.PlainText)
        self.remark.setProperty("quiet", True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for part in (self.label, self.editor, self.remark):
            column.addWidget(part)
        self._word()

    @property
    def wrong(self) -> bool:
        """Whether what is written can't be taken."""
        return isinstance(self.editor, QuantityEdit) and self.editor.wrong

    def show_answer(self, value: object, named: str) -> None:
        """Show an answer; ``named`` is what a model or GPU is called."""
        if isinstance(self.editor, Picker):
            self.editor.set_value(value, named)
        elif isinstance(self.editor, QLineEdit):
            if self.editor.text() != value:
                self.editor.setText(str(value))
        elif isinstance(self.editor, QuantityEdit):
            self.editor.set_value(value if isinstance(value, int | float) else None)
        elif isinstance(self.editor, Choice | Segmented):
            self.editor.set_value(value)

    def offer(self, catalog: Catalog, kind: WorkloadKind) -> None:
        """What can be picked."""
        if isinstance(self.editor, Picker):
            if self.question.kind == "model":
                self.editor.set_source(partial(models.entries, catalog, kind))
            else:
                self.editor.set_source(partial(options.gpus, catalog))

    def set_currency(self, currency: str) -> None:
        """The currency that money is asked in."""
        if self.question.key == "budget" and isinstance(self.editor, QuantityEdit):
            self.editor.set_currency(currency)
            self.editor.set_unit(currency)

    def _make(self) -> QWidget:
        question = self.question
        if question.kind == "quantity":
            asks = Asks(question.quantity, limits(question.path), question.unit, empty=f"ask.{question.key}.empty")
            editor = QuantityEdit(asks, self)
            editor.set_unit(text(f"ask.{question.key}.unit"))
            editor.remarked.connect(self._remark)
            editor.edited.connect(self._edited)
            return editor
        if question.kind == "line":
            line = QLineEdit(self)
            line.setMaxLength(_LONGEST)
            line.textChanged.connect(self._edited)
            return line
        if question.kind == "choice":
            made = Segmented(self) if len(question.choices) <= _FEW else Choice(self)
            made.set_options([Option(word, text(f"ask.{question.key}.{word}")) for word in question.choices])
            made.edited.connect(self._edited)
            return made
        picker = Picker(self)
        picker.edited.connect(self._edited)
        return picker

    def _word(self) -> None:
        name, helps = text(f"ask.{self.question.key}"), f"ask.{self.question.key}.help"
        self.label.setText(name)
        for widget in (self.editor, self.editor.focusProxy()):
            if widget is not None and not isinstance(self.editor, Segmented):
                widget.setAccessibleName(name)
                widget.setAccessibleDescription(text(helps) if has(helps) else "")
        self.editor.setAccessibleName(name)
        self._remark("", False)

    def _remark(self, said: str, wrong: bool) -> None:
        helps = f"ask.{self.question.key}.help"
        shown = said or (text(helps) if has(helps) else "")
        self.remark.setText(shown)
        self.remark.setVisible(bool(shown))
        set_flag(self.remark, "wrong", on=wrong)
        self.judged.emit()

    def _edited(self, value: object) -> None:
        self.answered.emit(self.question.key, value)
