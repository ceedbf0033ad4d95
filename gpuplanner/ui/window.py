"""The main window: puts the parts together and carries signals between them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QByteArray, Qt, QUrl
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QMainWindow

from gpuplanner.catalog.importers.model_paths import may_be_model
from gpuplanner.errors import InputError, Message
from gpuplanner.scenario import recent
from gpuplanner.scenario.document import Scenario
from gpuplanner.scenario.files import SUFFIX
from gpuplanner.texts import text
from gpuplanner.ui import faults
from gpuplanner.ui.actions import Actions, plain
from gpuplanner.ui.asking import Asking
from gpuplanner.ui.benchmarks.importing import Importing
from gpuplanner.ui.commander import Commander
from gpuplanner.ui.cost.desk import CostDesk
from gpuplanner.ui.desk import Desk
from gpuplanner.ui.document import Document
from gpuplanner.ui.filing import Filing
from gpuplanner.ui.help.desk import HelpDesk
from gpuplanner.ui.language import LanguageSwitch
from gpuplanner.ui.menus import Menus, primary_button
from gpuplanner.ui.notices import Notice
from gpuplanner.ui.packs.desk import ENDING, PackDesk
from gpuplanner.ui.preferences import Preferences
from gpuplanner.ui.questionnaire.desk import QuestionDesk
from gpuplanner.ui.recovery_ui import RecoveryKeeper
from gpuplanner.ui.search_box import SearchBox
from gpuplanner.ui.session import EVERYTHING, Session
from gpuplanner.ui.status import StatusBar
from gpuplanner.ui.theme.icons import icon
from gpuplanner.ui.theme.switch import ThemeSwitch
from gpuplanner.ui.workbench import Workbench

FIRST_SIZE = (1440, 900)
_NEED_FILE = ("revert", "show_file")


class MainWindow(QMainWindow):
    """One scenario, its inputs at the left, the answer in the middle, how it came about at the right.

    Attributes:
        session: scenario, history and estimate.
        document: the scenario's file.
        filing: file commands.
        bench: everything below the tool bar.
    """

    def __init__(
        self, preferences: Preferences, themes: ThemeSwitch, languages: LanguageSwitch, scenario: Scenario | None = None
    ) -> None:
        super().__init__()
        self.preferences, self.themes, self.languages = preferences, themes, languages
        self.session = Session(scenario or preferences.fresh(), self)
        self.document = Document(self.session, self)
        self.filing = Filing(self.session, self.document, preferences, Asking(self), self)
        self.keeper = RecoveryKeeper(self.session, self.document, self)
        self.measurements = Importing(
            self.session, lambda: self.filing.asking, self.filing.folder, self.document.noticed.emit, self
        )
        self.help_desk = HelpDesk(self)
        self.question_desk = QuestionDesk(self)
        self.pack_desk = PackDesk(self)
        self.commander = Commander(self)
        self.actions_by_key = Actions(self)
        self.commander.add_to(self.actions_by_key)
        self.menus = Menus(self, self.actions_by_key, recent.recent_files)
        self.search = SearchBox(self.session, self.actions_by_key, self.menus.tool_bar)
        self.quote_button = primary_button(self.actions_by_key["quote"], self.menus.tool_bar)
        self.menus.add_right(self.search, self.quote_button)
        self.bench = Workbench(self.session, self)
        self.notices = self.bench.notices
        self.desk = Desk(self)
        self.cost_desk = CostDesk(self)
        self.setCentralWidget(self.bench)
        self.status = StatusBar(self.session, self.document, self)
        self.setStatusBar(self.status)
        self._connect_parts()
        self._connect_state()
        self.setAcceptDrops(True)
        self.setWindowIcon(icon("gpuplanner"))
        self._restore()
        self._retranslate()
        self._apply_theme()
        self.bench.form.rows["model.id"].editor.setFocus()

    def tell(self, said: Message | InputError) -> None:
        """Put a sentence under the tool bar."""
        self.notices.add(Notice(said, "bad", said.code))

    def tell_warning(self, code: str, params: Mapping[str, object]) -> None:
        """Put a warning under the tool bar."""
        self.notices.add(Notice(Message(code, params), "caution", code))

    def open_files(self, files: list[Path]) -> None:
        """Open what a later start handed over, and come to the front."""
        for path in files[:1]:
            self._open(path)
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.raise_()
        self.activateWindow()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Scenario files, and files and folders of models may be dropped."""
        if _dropped(event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        for path in _dropped(event.mimeData().urls())[:1]:
            event.acceptProposedAction()
            self._open(path)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Nothing unsaved is lost without a question."""
        if not self.filing.may_leave():
            event.ignore()
            return
        self.keeper.discard()
        self.bench.stop_work()
        geometry = base64.b64encode(self.saveGeometry().data()).decode()
        self.preferences.update(window_geometry=geometry, panel_sizes=self.bench.sizes())
        self.preferences.keep()
        event.accept()

    def _open(self, path: Path) -> None:
        if path.suffix.lower() == ENDING:
            self.pack_desk.read(path)
        else:
            self.filing.open_path(path)

    def _connect_parts(self) -> None:
        commander, filing, bench, menus = self.commander, self.filing, self.bench, self.menus
        bench.form.import_wanted.connect(filing.import_model)
        bench.form.section_folded.connect(self._section_folded)
        bench.library.open_wanted.connect(filing.open_path)
        bench.library.new_wanted.connect(commander.new_from_library)
        bench.library.folder_wanted.connect(commander.choose_folder)
        bench.library.moved.connect(self.document.follow)
        bench.library.noticed.connect(self.notices.add)
        bench.page.figure_wanted.connect(bench.explain)
        bench.page.table.gpu_chosen.connect(commander.choose_gpu)
        bench.page.table.state_changed.connect(self._table_changed)
        bench.why.edit_requested.connect(bench.edit_field)
        bench.why.evidence_requested.connect(commander.show_evidence)
        bench.why_shown.connect(self._why_shown)
        bench.page_shown.connect(self._page_shown)
        bench.drawing_wanted.connect(commander.save_drawing)
        menus.example_wanted.connect(filing.open_example)
        menus.recent_wanted.connect(filing.open_path)
        menus.recent_cleared.connect(commander.clear_recent)
        menus.theme_wanted.connect(commander.choose_theme)
        menus.language_wanted.connect(commander.choose_language)
        self.search.clicked.connect(commander.search)
        self.search.picked.connect(commander.pick)
        self.status.byte_unit_wanted.connect(commander.set_byte_unit)
        self.keeper.restore_wanted.connect(filing.restore)

    def _connect_state(self) -> None:
        session, document, stack = self.session, self.document, self.session.undo_stack
        document.noticed.connect(self.notices.add)
        document.changed.connect(self._name_window)
        document.opened.connect(self._opened)
        session.scenario_changed.connect(self._scenario_changed)
        session.estimate_ready.connect(self._estimate_ready)
        session.failed.connect(self._estimate_failed)
        session.texts_changed.connect(self._retranslate)
        stack.cleanChanged.connect(self._name_window)
        stack.indexChanged.connect(self._name_undo)
        self.themes.changed.connect(self._apply_theme)

    def _restore(self) -> None:
        values = self.preferences.values
        self.resize(*FIRST_SIZE)
        if values.window_geometry:
            self.restoreGeometry(QByteArray(base64.b64decode(values.window_geometry)))
        self.actions_by_key["why"].setChecked(True)
        self._page_shown("plan")
        self.bench.show_why(values.why_panel)
        self.bench.set_sizes(values.panel_sizes)
        self.bench.form.set_folded(dict(values.folded_sections))
        self.bench.page.table.restore_state(dict(values.table))
        self.menus.check("theme", self.themes.choice)
        self.menus.check("language", self.languages.choice)
        self.commander.set_byte_unit(values.byte_unit.value)
        self.bench.library.set_folder(values.folder())

    def _table_changed(self) -> None:
        self.preferences.update(table=self.bench.page.table.state())

    def _retranslate(self) -> None:
        self.quote_button.setText(plain(text("action.quote")))
        for part in (self.actions_by_key, self.menus, self.search, self.bench, self.status):
            part.retranslate()
        self._name_window()
        self._name_undo()

    def _apply_theme(self) -> None:
        self.bench.apply_theme(self.themes.theme)

    def _name_window(self, *_state: object) -> None:
        mark = f" – {text('title.read_only')}" if self.document.read_only else ""
        self.setWindowTitle(f"{self.filing.title()}[*]{mark} — {text('app.name')}")
        self.setWindowModified(self.document.modified)
        self.setWindowFilePath(str(self.document.path or ""))
        for key in _NEED_FILE:
            self.actions_by_key[key].setEnabled(self.document.path is not None)

    def _name_undo(self, *_index: object) -> None:
        stack = self.session.undo_stack
        for key, name, can in (("undo", stack.undoText(), stack.canUndo()), ("redo", stack.redoText(), stack.canRedo())):
            action = self.actions_by_key[key]
            Actions.name(action, text(f"action.{key}"))
            if can and name:
                action.setText(text(f"action.{key}.named", name=name))
                action.setToolTip(plain(action.text()))
            action.setEnabled(can)

    def _scenario_changed(self, path: object) -> None:
        self.actions_by_key["automatic"].setEnabled(self.session.scenario.deployment.gpu is not None)
        if path in (EVERYTHING, "name"):
            self._name_window()

    def _estimate_ready(self, _estimate: object) -> None:
        estimate = self.session.estimate
        answered = estimate is not None and estimate.chosen is not None
        self.actions_by_key["quote"].setEnabled(answered)
        self.actions_by_key["deploy"].setEnabled(answered)
        self.actions_by_key["practice"].setEnabled(answered)
        self.quote_button.setEnabled(answered)
        self.notices.withdraw("notice.no_estimate")

    def _estimate_failed(self, _error: object) -> None:
        self.tell(Message("notice.no_estimate", {"file": str(faults.log_file())}))

    def _opened(self, path: object) -> None:
        if isinstance(path, Path):
            _remember(path)
            self.bench.library.refresh()
            self.bench.library.select(path)

    def _why_shown(self, shown: bool) -> None:
        self.actions_by_key["why"].setChecked(shown)
        self.preferences.update(why_panel=shown)

    def _page_shown(self, name: str) -> None:
        self.actions_by_key[f"page_{name}"].setChecked(True)
        self.actions_by_key["why"].setChecked(self.bench.why_visible)

    def _section_folded(self, key: str, folded: bool) -> None:
        self.preferences.update(folded_sections=self.preferences.values.folded_sections | {key: folded})


def _dropped(urls: list[QUrl]) -> list[Path]:
    paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
    return [path for path in paths if path.suffix.lower() in (SUFFIX, ENDING) or may_be_model(path)]


def _remember(path: Path) -> None:
    try:
        recent.remember(path)
    except InputError:
        faults.log.warning("recent files not kept", exc_info=True)
