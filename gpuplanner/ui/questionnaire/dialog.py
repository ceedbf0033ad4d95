"""The dialog: a page of questions at a time, then what will stand in the form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from gpuplanner.texts import text
from gpuplanner.ui.form import options
from gpuplanner.ui.questionnaire import sheet
from gpuplanner.ui.questionnaire.filling import along_with_use, filled, first_answers, usual_model
from gpuplanner.ui.questionnaire.questions import asked, kind_of, pages
from gpuplanner.ui.questionnaire.row import QuestionRow
from gpuplanner.ui.theme import fonts
from gpuplanner.ui.why.browser import PageBrowser

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog
    from gpuplanner.scenario.document import Scenario

SUMMARY = "summary"
_SIZE = (600, 560)


class Questionnaire(QDialog):
    """Does not stop the window; nothing is filled in before the last button is pressed.

    Attributes:
        answers: what was said, by key.
        rows: the questions on the page that is shown, by key.

    Signals:
        finished_with: the filled :class:`Scenario`.
        sheet_wanted: "pdf" or "md", and whether it shall be empty.
    """

    finished_with = Signal(object)
    sheet_wanted = Signal(str, bool)

    def __init__(self, scenario: Scenario, catalog: Catalog, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._scenario, self._catalog = scenario, catalog
        self.answers = first_answers(scenario)
        self.page = "who"
        self.rows: dict[str, QuestionRow] = {}
        self.title, self.step = QLabel(self), QLabel(self)
        self.area = QScrollArea(self)
        self.back_button, self.next_button, self.fill_button = (QPushButton(self) for _ in range(3))
        self.pdf_button, self.text_button, self.empty_button = (QPushButton(self) for _ in range(3))
        self._lay_out()
        self._connect()
        self.setWindowTitle(text("ask.title"))
        self.resize(*_SIZE)
        self._show_page("who")

    def named(self, key: str, value: object) -> str:
        """What a model or GPU that was answered is called."""
        if key == "gpu":
            return options.gpu_name(str(value) if value else None, self._catalog)
        model = self._catalog.models.get(str(value)) if value else None
        if model is not None:
            return model.name
        usual = usual_model(self.answers, self._scenario, self._catalog)
        name = self._catalog.models[usual].name if usual in self._catalog.models else usual
        return text("ask.model.usual", model=name)

    def result_scenario(self) -> Scenario:
        """What the answers make of the scenario.

        Raises:
            InputError: when a field can't hold an answer.
        """
        return filled(self.answers, self._scenario, self._catalog)

    def _show_page(self, name: str) -> None:
        """Make the widgets of a page."""
        self.page = name
        steps = [*pages(self.answers), SUMMARY]
        self.title.setText(text(f"ask.page.{name}"))
        self.step.setText(text("ask.step", at=steps.index(name) + 1, of=len(steps)))
        self.back_button.setEnabled(name != steps[0])
        last = name == SUMMARY
        self.next_button.setVisible(not last)
        for button in (self.fill_button, self.pdf_button, self.text_button):
            button.setVisible(last)
        self.empty_button.setVisible(not last)
        (self.fill_button if last else self.next_button).setDefault(True)
        self._show_summary() if last else self._show_questions(name)
        self._check()

    def _show_questions(self, name: str) -> None:
        body = _panel(self.area)
        column = QVBoxLayout(body)
        column.setContentsMargins(2, 4, 10, 4)
        column.setSpacing(16)
        self.rows = {}
        for question in asked(name, self.answers):
            row = QuestionRow(question, body)
            row.offer(self._catalog, kind_of(self.answers))
            row.set_currency(str(self.answers["currency"]))
            row.show_answer(self.answers[question.key], self._named(question.key))
            row.answered.connect(self._answered)
            row.judged.connect(self._check)
            column.addWidget(row)
            self.rows[question.key] = row
        column.addStretch(1)
        self._put(body)
        first = next(iter(self.rows.values()), None)
        if first is not None:
            first.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_summary(self) -> None:
        self.rows = {}
        self.summary = PageBrowser(self.area)
        self.summary.setAccessibleName(text("ask.page.summary"))
        self.summary.setHtml(sheet.html(sheet.rows(self.answers, self.named), text("ask.sheet.title")).partition("</p>")[2])
        self._put(self.summary)
        self.fill_button.setFocus()

    def _put(self, body: QWidget) -> None:
        """Show another page; the one before may be in the middle of telling an answer."""
        before = self.area.takeWidget()
        if before is not None:
            before.hide()
            before.deleteLater()
        self.area.setWidget(body)

    def _named(self, key: str) -> str:
        return self.named(key, self.answers[key]) if key in ("model", "gpu") else ""

    def _answered(self, key: str, value: object) -> None:
        before = asked(self.page, self.answers)
        self.answers[key] = value
        if key == "use":
            self.answers |= along_with_use(str(value))
            self.rows["model"].offer(self._catalog, kind_of(self.answers))
            self.rows["model"].show_answer(None, self._named("model"))
        if asked(self.page, self.answers) != before:
            self._show_page(self.page)
            self.rows[key].editor.setFocus()
        for row in self.rows.values():
            row.set_currency(str(self.answers["currency"]))
        if key in ("model", "gpu"):
            self.rows[key].show_answer(value, self._named(key))
        self._check()

    def _check(self) -> None:
        """A page with a wrong answer can't be left forwards."""
        self.next_button.setEnabled(not any(row.wrong for row in self.rows.values()))

    def _move(self, by: int) -> None:
        steps = [*pages(self.answers), SUMMARY]
        self._show_page(steps[max(0, min(len(steps) - 1, steps.index(self.page) + by))])

    def _fill(self) -> None:
        self.finished_with.emit(self.result_scenario())
        self.accept()

    def _connect(self) -> None:
        self.back_button.clicked.connect(lambda: self._move(-1))
        self.next_button.clicked.connect(lambda: self._move(1))
        self.fill_button.clicked.connect(self._fill)
        self.pdf_button.clicked.connect(lambda: self.sheet_wanted.emit("pdf", False))
        self.text_button.clicked.connect(lambda: self.sheet_wanted.emit("md", False))
        self.empty_button.clicked.connect(lambda: self.sheet_wanted.emit("pdf", True))

    def _lay_out(self) -> None:
        self.title.setFont(fonts.font(17, bold=True))
        self.step.setProperty("quiet", True)
        self.area.setWidgetResizable(True)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for key in ("back", "next", "fill", "pdf", "text", "empty"):
            getattr(self, f"{key}_button").setText(text(f"ask.{key}"))
        head, foot = QHBoxLayout(), QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.step)
        for button in (self.empty_button, self.pdf_button, self.text_button):
            button.setAutoDefault(False)
            foot.addWidget(button)
        foot.addStretch(1)
        for button in (self.back_button, self.next_button, self.fill_button):
            foot.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 14)
        column.setSpacing(14)
        column.addLayout(head)
        column.addWidget(self.area, 1)
        column.addLayout(foot)


def _panel(parent: QWidget) -> QWidget:
    body = QWidget(parent)
    body.setAutoFillBackground(False)
    return body
