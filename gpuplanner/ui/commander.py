"""What the commands of the window do, besides those of files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QKeySequence
from PySide6.QtWidgets import QApplication

from gpuplanner.errors import InputError, Message
from gpuplanner.scenario import recent
from gpuplanner.scenario.examples import examples
from gpuplanner.texts import text
from gpuplanner.ui import faults
from gpuplanner.ui.actions import Actions, Command
from gpuplanner.ui.form import models
from gpuplanner.ui.notices import Notice

if TYPE_CHECKING:
    from gpuplanner.ui.window import MainWindow


class Commander(QObject):
    """Carries out commands on a window's parts."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session

    def add_to(self, actions: Actions) -> None:
        """Make the action of every command."""
        key, filing, undo = QKeySequence.StandardKey, self._window.filing, self._session.undo_stack
        for command in (
            Command("new", filing.new, key.New),
            Command("questionnaire", self._window.question_desk.open),
            Command("open", filing.open, key.Open),
            Command("save", filing.save, key.Save),
            Command("save_as", filing.save_as, "Ctrl+Shift+S"),
            Command("duplicate", filing.duplicate),
            Command("revert", filing.revert),
            Command("show_file", filing.show_in_folder),
            Command("quote", self.create_quote, "Ctrl+E"),
            Command("deploy", self.show_deployment, "Ctrl+Shift+E"),
            Command("close", self._window.close, "Ctrl+W"),
            Command("quit", QApplication.closeAllWindows, "Ctrl+Q"),
            Command("undo", undo.undo, key.Undo),
            Command("redo", undo.redo, "Ctrl+Shift+Z"),
            Command("search", self.search, "Ctrl+K"),
            Command("page_plan", self.show_plan, "Ctrl+1", checkable=True),
            Command("page_scenarios", self.show_scenarios, "Ctrl+2", checkable=True),
            Command("page_compare", self.show_compare, "Ctrl+3", checkable=True),
            Command("page_load", self.show_load, "Ctrl+4", checkable=True),
            Command("page_estate", self.show_estate, "Ctrl+5", checkable=True),
            Command("page_cost", self.show_cost, "Ctrl+6", checkable=True),
            Command("page_evidence", self.show_evidence, "Ctrl+7", checkable=True),
            Command("inputs", self.show_inputs, "Alt+1"),
            Command("scenarios", self.show_library, "Alt+2"),
            Command("why", self.toggle_why, "F4", checkable=True),
            Command("gib", self.toggle_gib, checkable=True),
            Command("import", filing.import_model, "Ctrl+I"),
            Command("new_model", self.make_model),
            Command("measurements", self._window.measurements.show),
            Command("import_benchmark", self._window.measurements.choose),
            Command("import_prices", self.import_prices),
            Command("import_pack", self._window.pack_desk.choose),
            Command("pack_back", self._window.pack_desk.go_back),
            Command("practice", self.show_practice),
            Command("details", self.edit_details),
            Command("automatic", self.choose_automatic),
            Command("reset", self.reset_all),
            Command("settings", self.show_settings, "Ctrl+,"),
            Command("help", self._window.help_desk.show_contents),
            Command("help_here", self._window.help_desk.show_here, "F1"),
            Command("glossary", self._window.help_desk.show_glossary),
            Command("keys", self._window.help_desk.show_keys),
            Command("log", self.show_log),
            Command("about", self.about),
        ):
            actions.add(command)
        actions["redo"].setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])

    def create_quote(self) -> None:
        """Ask for formats and folder, and write the quote."""
        from gpuplanner.ui.quote.dialog import QuoteDialog

        window, session = self._window, self._session
        if session.estimate is None or session.catalog is None:
            return
        try:
            dialog = QuoteDialog(session, window.preferences, window.filing, window)
        except InputError as error:  # nothing can be offered
            self._quote_failed(error)
            return
        dialog.written.connect(self._quote_written)
        dialog.failed.connect(self._quote_failed)
        dialog.open()

    def show_deployment(self) -> None:
        """Show the files that would start, watch and test the plan."""
        from gpuplanner.ui.dialogs.deploy import DeployDialog

        window, session = self._window, self._session
        if session.estimate is None or session.catalog is None:
            return
        dialog = DeployDialog(session, session.catalog, session.estimate, window.filing, window)
        dialog.written.connect(self._quote_written)
        dialog.failed.connect(self._quote_failed)
        dialog.open()

    def show_practice(self) -> None:
        """Show the tables of practice for the scenario."""
        from gpuplanner.ui.dialogs.practice import PracticeDialog

        window, session = self._window, self._session
        if session.estimate is not None and session.catalog is not None:
            PracticeDialog(
                session.scenario, session.catalog, session.estimate, window.preferences.values.byte_unit, window
            ).open()

    def make_model(self) -> None:
        """Ask for a size or dimensions, and take a model made up from them."""
        from gpuplanner.ui.dialogs.new_model import NewModelDialog

        if self._session.catalog is None:
            return
        dialog = NewModelDialog(self._session.catalog, self._window)
        dialog.made.connect(self._window.filing.take_model)
        dialog.open()

    def import_prices(self) -> None:
        """Read a price list of the user's own."""
        self._window.cost_desk.import_prices()

    def search(self) -> None:
        """Open the search."""
        window = self._window
        window.search.files = tuple(window.bench.library.paths())
        window.search.open()

    def pick(self, kind: str, name: str) -> None:
        """Do what was found by the search."""
        does: dict[str, Callable[[str], object]] = {
            "command": self._run_soon,
            "field": self._window.bench.edit_field,
            "model": self.choose_model,
            "gpu": self.choose_gpu,
            "file": self.open_named,
            "example": self.open_example,
            "theme": self.choose_theme,
            "language": self.choose_language,
            "help": self._window.help_desk.show_page,
        }
        does[kind](name)

    def open_named(self, name: str) -> None:
        """Open a file."""
        self._window.filing.open_path(Path(name))

    def open_example(self, key: str) -> None:
        """Begin with an example."""
        self._window.desk.open_example(next(example for example in examples() if example.key == key))

    def choose_model(self, model_id: str) -> None:
        """Ask about another model."""
        session = self._session
        if session.catalog is not None:
            session.set_many("model.id", models.changes(model_id, session.scenario, session.catalog))

    def choose_gpu(self, gpu_id: str) -> None:
        """Have the answer given for a GPU."""
        self._session.set("deployment.gpu", gpu_id, merges=False)

    def choose_automatic(self) -> None:
        """Let the objective choose the GPU."""
        self._session.set("deployment.gpu", None, merges=False)

    def reset_all(self) -> None:
        """Every input to its default; what the scenario is called stays."""
        now = self._session.scenario
        kept = {"name": now.name, "customer": now.customer, "note": now.note, "library": now.library}
        self._session.set_whole(self._window.preferences.fresh().model_copy(update=kept), "reset")

    def edit_details(self) -> None:
        """Name, customer and note."""
        self._window.bench.edit_field("name")

    def new_from_library(self) -> None:
        """Begin a scenario, and ask for its name."""
        self._window.filing.new()
        self.edit_details()

    def show_inputs(self) -> None:
        """Bring the form to the front, ready to type."""
        self._window.bench.edit_field("model.id")

    def show_library(self) -> None:
        """Bring the scenario files to the front."""
        self._window.bench.show_library()

    def show_plan(self) -> None:
        """The answer in the centre."""
        self._window.bench.show_page("plan")

    def show_scenarios(self) -> None:
        """All scenario files, in the centre."""
        self._window.bench.show_page("scenarios")

    def show_compare(self) -> None:
        """Several scenarios side by side, in the centre."""
        self._window.bench.show_page("compare")

    def show_load(self) -> None:
        """How the plan behaves under load, in the centre."""
        self._window.bench.show_page("load")

    def show_estate(self) -> None:
        """All workloads of the customer together, in the centre."""
        self._window.bench.show_page("estate")

    def show_cost(self) -> None:
        """What owning costs over its life, against clouds, in the centre."""
        self._window.bench.show_page("cost")

    def show_evidence(self) -> None:
        """How good the estimate is, in the centre."""
        self._window.bench.show_page("evidence")

    def save_drawing(self, kind: str) -> None:
        """Keep the drawing of the estate as SVG or PDF."""
        from gpuplanner.ui.estate.saving import save_drawing

        page, filing = self._window.bench.estate, self._window.filing
        if page is None:
            return
        try:
            path = save_drawing(page.site.drawing(), kind, filing.title(), filing.asking)
        except InputError as error:
            self._window.tell(error)
            return
        if path is not None:
            said = Message("notice.drawing", {"file": path.name})
            self._window.notices.add(Notice(said, "info", "drawing", (("notice.open_folder", _opener(path.parent)),)))

    def toggle_why(self) -> None:
        """Show or hide the right panel."""
        self._window.bench.show_why(not self._window.bench.why_visible)

    def toggle_gib(self) -> None:
        """The other unit of sizes."""
        self.set_byte_unit("GB" if self._window.preferences.values.byte_unit == "GiB" else "GiB")

    def set_byte_unit(self, unit: str) -> None:
        """Show sizes in "GB" or "GiB"."""
        window = self._window
        window.preferences.update(byte_unit=unit)
        window.actions_by_key["gib"].setChecked(unit == "GiB")
        window.bench.set_byte_unit(unit)
        window.status.set_byte_unit(unit)

    def choose_theme(self, choice: str) -> None:
        """Light, dark, or as the system."""
        self._window.preferences.update(theme=choice)
        self._window.menus.check("theme", choice)
        self._window.themes.choose(choice)

    def choose_language(self, choice: str) -> None:
        """English, Chinese, or as the system."""
        self._window.preferences.update(language=choice)
        self._window.menus.check("language", choice)
        if self._window.languages.choose(choice):
            self._session.retranslate()

    def choose_folder(self) -> None:
        """List the scenarios of another folder."""
        library = self._window.bench.library
        folder = self._window.filing.asking.folder(library.folder)
        if folder is not None:
            self._window.preferences.update(scenario_folder=str(folder))
            library.set_folder(folder)

    def clear_recent(self) -> None:
        """Forget the recent files."""
        recent.forget()

    def show_settings(self) -> None:
        """Language, look, units, folders, and the company that makes offers."""
        from gpuplanner.ui.settings.dialog import SettingsDialog

        SettingsDialog(self._window).open()

    def show_log(self) -> None:
        """Open the folder of the log."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(faults.log_file().parent)))

    def about(self) -> None:
        """Versions and licences."""
        from gpuplanner.ui.dialogs.about import AboutDialog

        AboutDialog(self._session.catalog, self._window).open()

    def _run_soon(self, key: str) -> None:
        """Once the search is gone, so that a dialog doesn't open above it."""
        action = self._window.actions_by_key[key]
        QTimer.singleShot(0, action, action.trigger)

    def _quote_written(self, files: object) -> None:
        if not isinstance(files, list) or not files:
            return
        folder = files[0].parent
        said = Message("notice.quote", {"files": text("list.comma").join(path.name for path in files), "folder": str(folder)})
        self._window.notices.add(Notice(said, "info", "quote", (("notice.open_folder", _opener(folder)),)))

    def _quote_failed(self, error: object) -> None:
        if isinstance(error, InputError):
            self._window.tell(error)


def _opener(folder: Path) -> Callable[[], object]:
    def open_folder() -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    return open_folder
