"""The few questions that do stop the window: which file, which folder, and what to do with unsaved changes."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from gpuplanner.catalog.importers.model_paths import SUFFIXES
from gpuplanner.scenario.files import SUFFIX
from gpuplanner.texts import text

Decision = Literal["save", "discard", "cancel"]


class Asking:
    """Native dialogs over a window. Tests put another one in its place."""

    def __init__(self, parent: QWidget) -> None:
        self._parent = parent

    def scenario_to_open(self, folder: Path) -> Path | None:
        """A scenario file."""
        kinds = f"{text('ask.scenarios')} (*{SUFFIX});;{text('ask.all_files')} (*)"
        name, _ = QFileDialog.getOpenFileName(self._parent, text("ask.open"), str(folder), kinds)
        return Path(name) if name else None

    def place_to_save(self, proposed: Path) -> Path | None:
        """Where a scenario shall be saved."""
        name, _ = QFileDialog.getSaveFileName(
            self._parent, text("ask.save"), str(proposed), f"{text('ask.scenarios')} (*{SUFFIX})"
        )
        if not name:
            return None
        return Path(name) if name.lower().endswith(SUFFIX) else Path(name + SUFFIX)

    def drawing_to_save(self, proposed: Path, kind: str) -> Path | None:
        """Where a drawing shall be kept; ``kind`` is the ending of its name."""
        ending = f".{kind}"
        name, _ = QFileDialog.getSaveFileName(
            self._parent, text("estate.ask_save"), f"{proposed}{ending}", f"{kind.upper()} (*{ending})"
        )
        if not name:
            return None
        return Path(name) if name.lower().endswith(ending) else Path(name + ending)

    def model_to_import(self, folder: Path) -> Path | None:
        """A file of a model."""
        kinds = f"{text('ask.configs')} ({' '.join(f'*{suffix}' for suffix in SUFFIXES)});;{text('ask.all_files')} (*)"
        name, _ = QFileDialog.getOpenFileName(self._parent, text("ask.import"), str(folder), kinds)
        return Path(name) if name else None

    def picture_to_open(self, folder: Path) -> Path | None:
        """A picture that can stand in a document."""
        kinds = f"{text('ask.picture')} (*.png *.jpg *.jpeg);;{text('ask.all_files')} (*)"
        name, _ = QFileDialog.getOpenFileName(self._parent, text("ask.picture"), str(folder), kinds)
        return Path(name) if name else None

    def benchmarks_to_import(self, folder: Path) -> list[Path]:
        """Results of benchmarks."""
        kinds = f"{text('ask.benchmarks')} (*.json *.jsonl *.csv *.txt *.md *.log);;{text('ask.all_files')} (*)"
        names, _ = QFileDialog.getOpenFileNames(self._parent, text("ask.benchmarks"), str(folder), kinds)
        return [Path(name) for name in names]

    def prices_to_import(self, folder: Path) -> Path | None:
        """A price list."""
        kinds = f"{text('ask.prices')} (*.csv *.xlsx *.tsv *.txt);;{text('ask.all_files')} (*)"
        name, _ = QFileDialog.getOpenFileName(self._parent, text("ask.prices"), str(folder), kinds)
        return Path(name) if name else None

    def pack_to_import(self, folder: Path) -> Path | None:
        """A catalogue pack."""
        kinds = f"{text('ask.pack')} (*.gpucatalog);;{text('ask.all_files')} (*)"
        name, _ = QFileDialog.getOpenFileName(self._parent, text("ask.pack"), str(folder), kinds)
        return Path(name) if name else None

    def folder(self, present: Path) -> Path | None:
        """A folder."""
        name = QFileDialog.getExistingDirectory(self._parent, text("ask.folder"), str(present))
        return Path(name) if name else None

    def place_to_export(self, proposed: Path) -> Path | None:
        """Where a table shall be written."""
        name, _ = QFileDialog.getSaveFileName(self._parent, text("ask.export"), str(proposed), f"*{proposed.suffix}")
        return Path(name) if name else None

    def unsaved(self, name: str) -> Decision:
        """What to do with changes that would be lost."""
        box = QMessageBox(self._parent)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle(text("app.name"))
        box.setText(text("ask.unsaved", name=name))
        box.setInformativeText(text("ask.unsaved.detail"))
        button = QMessageBox.StandardButton
        box.setStandardButtons(button.Save | button.Discard | button.Cancel)
        box.setDefaultButton(button.Save)
        box.setEscapeButton(button.Cancel)
        answers: dict[int, Decision] = {button.Save.value: "save", button.Discard.value: "discard"}
        return answers.get(box.exec(), "cancel")
