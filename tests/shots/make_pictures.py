"""Draw ten lines of practice where a user meets them, small, for docs/practice.md.

python tests/shots/make_pictures.py docs/pictures
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import Final

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from make_shots import example, of_few_colours, write
from PySide6.QtCore import QSize, QThreadPool
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QWidget

from gpuplanner import paths
from gpuplanner.scenario.document import Phase
from gpuplanner.ui.dialogs.practice import PracticeDialog
from gpuplanner.ui.selftest import forget_size_hints, opened, settle
from gpuplanner.ui.window import MainWindow
from gpuplanner.ui.workbench import SERVERS

#: A table of practice for each line it answers.
TABLES: Final = {
    "S000-3": "resources",
    "S000-14": "rules",
    "S000-16": "cards",
    "S001-5": "tiers",
    "S001-9": "engines",
    "S001-17": "balancing",
    "S002-28": "sizes",
    "S004-13": "questions",
}
DIALOG, WINDOW = QSize(1320, 520), QSize(1280, 720)


def main() -> None:
    """Draw all ten and name each file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    forget_size_hints()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        paths.set_home(Path(home))
        tables(folder)
        servers(folder)
        phases(folder)


def tables(folder: Path) -> None:
    """Tables of practice, each with one line of it."""
    window = opened(example(), "en", "light")
    window.commander.show_practice()
    dialog = window.findChild(PracticeDialog)
    dialog.resize(DIALOG)
    settle()
    for line, key in TABLES.items():
        dialog.list.setCurrentRow(list(dialog.keys).index(key))
        QThreadPool.globalInstance().waitForDone()
        settle(0.2)
        keep(dialog, folder / f"{line}.png")
    dialog.close()
    put_away(window)


def servers(folder: Path) -> None:
    """Cores and memory of a GPU server, with what they are made of."""
    window = opened(example(), "en", "light")
    window.resize(WINDOW)
    window.bench.right_tabs.setCurrentIndex(SERVERS)
    settle()
    browser = window.bench.servers.browser
    bar = browser.verticalScrollBar()
    bar.setValue(bar.maximum())
    browser.find("Cores")
    settle()
    at = bar.value()
    browser.moveCursor(QTextCursor.MoveOperation.Start)  # nothing stays marked
    bar.setValue(at)
    settle()
    keep(window.bench.servers, folder / "S003-8.png")
    put_away(window)


def phases(folder: Path) -> None:
    """Starting small: an estate on the day of its pilot."""
    window = opened(example("insurer"), "en", "light")
    window.resize(WINDOW)
    window.session.set("site.phases", (Phase(name="Pilot", share=0.1), Phase(name="Phase 1", share=0.5), Phase(name="Phase 2")))
    window.actions_by_key["page_estate"].trigger()
    settle()
    page = window.bench.estate
    assert page is not None
    page.phase.button(1).click()
    settle()
    keep(page, folder / "S003-24.png")
    put_away(window)


def put_away(window: MainWindow) -> None:
    """Let go of a window without being asked about what changed in it."""
    window.hide()
    window.deleteLater()
    settle()


def keep(shown: QWidget, file: Path) -> None:
    """Save what is shown, in few colours."""
    write(of_few_colours(shown.grab().toImage()), file)


if __name__ == "__main__":
    main()
