"""A window with the real catalogue, in a home of its own, that asks no questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.scenario.document import Scenario
from gpuplanner.settings import Settings
from gpuplanner.ui.app import Application, make_application
from gpuplanner.ui.asking import Decision
from gpuplanner.ui.language import LanguageSwitch
from gpuplanner.ui.preferences import Preferences
from gpuplanner.ui.theme.switch import ThemeSwitch
from gpuplanner.ui.window import MainWindow

PATIENCE_MS = 60_000  # a machine that is busy with other things is slow, not wrong


class PatientBot(QtBot):
    """Waits for a minute where a test doesn't say how long."""

    def waitSignal(self, signal: Any, *, timeout: int = PATIENCE_MS, **more: Any) -> Any:
        return super().waitSignal(signal, timeout=timeout, **more)

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = PATIENCE_MS) -> None:
        super().waitUntil(callback, timeout=timeout)

    def waitExposed(self, widget: QWidget, *, timeout: int = PATIENCE_MS) -> Any:
        return super().waitExposed(widget, timeout=timeout)

    def waitActive(self, widget: QWidget, *, timeout: int = PATIENCE_MS) -> Any:
        return super().waitActive(widget, timeout=timeout)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    """The bot of all tests of the window."""
    return PatientBot(request)


class Answers:
    """Stands for the dialogs: gives prepared answers and counts the questions."""

    def __init__(self) -> None:
        self.path: Path | None = None
        self.decision: Decision = "cancel"
        self.asked: list[str] = []

    def _path(self, question: str) -> Path | None:
        self.asked.append(question)
        return self.path

    def scenario_to_open(self, folder: Path) -> Path | None:
        return self._path("open")

    def place_to_save(self, proposed: Path) -> Path | None:
        return self._path(f"save {proposed.name}")

    def drawing_to_save(self, proposed: Path, kind: str) -> Path | None:
        return self._path(f"drawing {kind}")

    def place_to_export(self, proposed: Path) -> Path | None:
        return self._path(f"export {proposed.name}")

    def model_to_import(self, folder: Path) -> Path | None:
        return self._path("import")

    def picture_to_open(self, folder: Path) -> Path | None:
        return self._path("picture")

    def benchmarks_to_import(self, folder: Path) -> list[Path]:
        path = self._path("benchmarks")
        return [] if path is None else [path]

    def prices_to_import(self, folder: Path) -> Path | None:
        return self._path("prices")

    def pack_to_import(self, folder: Path) -> Path | None:
        return self._path("pack")

    def folder(self, present: Path) -> Path | None:
        return self._path("folder")

    def unsaved(self, name: str) -> Decision:
        self.asked.append(f"unsaved {name}")
        return self.decision


@pytest.fixture(scope="session")
def qapp_cls() -> type[QApplication]:
    """The application class of the program."""
    return Application


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The catalogue that comes with the program."""
    return load_catalog(user_dir=Path("/nonexistent"))


MakeWindow = Callable[..., MainWindow]


@pytest.fixture
def make_window(qtbot: QtBot, catalog: Catalog) -> Iterator[MakeWindow]:
    """Makes windows that have an answer."""
    made: list[MainWindow] = []

    def make(
        scenario: Scenario | None = None, *, language: str = "en", theme: str = "light", settings: Settings | None = None
    ) -> MainWindow:
        app = make_application()
        window = MainWindow(Preferences(settings), ThemeSwitch(app, theme), LanguageSwitch(app, language), scenario)
        window.filing.asking = Answers()  # type: ignore[assignment]
        qtbot.addWidget(window)
        made.append(window)
        window.resize(1440, 900)
        window.show()
        window.session.set_catalog(catalog)
        assert window.session.estimate is not None
        return window

    yield make
    for window in made:
        window.session.undo_stack.setClean()
        window.close()
        window.languages.choose("en")
        window.deleteLater()
    make_application().setStyleSheet("")


@pytest.fixture
def window(make_window: MakeWindow) -> MainWindow:
    """A window with the default scenario."""
    return make_window()


@pytest.fixture
def answers(window: MainWindow) -> Answers:
    """The prepared answers of ``window``."""
    asking = window.filing.asking
    assert isinstance(asking, Answers)
    return asking
