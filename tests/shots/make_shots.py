"""Draw the window and the pages of a quote into files, to be looked at.

python -m tests.shots.make_shots build/shots
python -m tests.shots.make_shots build --window-of FILE.gpuplan
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", f"offscreen:configfile={Path(__file__).with_name('screen.json')}")

import numpy as np
from PySide6.QtCore import QSize, Qt, QThreadPool
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from gpuplanner import __version__, assets, paths, texts
from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.estate.build import estate_of
from gpuplanner.engine.estimate import estimate
from gpuplanner.report.compose_estate import has_works
from gpuplanner.report.content import Metadata
from gpuplanner.report.quote import default_number, write_documents
from gpuplanner.report.quotes.make import draft, now
from gpuplanner.scenario import keeping
from gpuplanner.scenario.document import replace
from gpuplanner.scenario.files import load_scenario, save_scenario
from gpuplanner.settings import default_scenario_folder
from gpuplanner.ui.dialogs.practice import PracticeDialog
from gpuplanner.ui.load.page import VIEWS
from gpuplanner.ui.selftest import forget_size_hints, opened, settle, wait
from gpuplanner.ui.window import MainWindow
from gpuplanner.ui.workbench import ADVICE, COST, SERVERS
from tests.ui.every_dialog import DIALOGS, Shown, quote

SIZES = (QSize(1280, 720), QSize(1440, 900))
FRAME = QSize(40, 60)  # what a screen keeps for itself around a dialog
DOTS_PER_INCH = 96
WORKLOADS = {
    "batch": "offline-batch", "images": "images-sdxl", "video": "video-wan", "embedding": "embedding", "speech": "speech",
    "vision": "vision", "tuning": "finetune-glm", "training": "train-gpt-3",
}  # fmt: skip


def main() -> None:
    """Draw what was asked for and name each file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--window-of", type=Path, metavar="FILE", help="only the window with this scenario, in the system's language"
    )
    parser.add_argument("--readme", action="store_true", help="only the picture of the README, small")
    asked = parser.parse_args()
    forget_size_hints()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        paths.set_home(Path(home))
        if asked.window_of is not None:
            window = opened(asked.window_of, "system", "light")
            keep(window, asked.folder / "window.png")
            return
        if asked.readme:
            picture = opened(example(), "en", "light").grab().toImage()
            write(of_few_colours(picture), asked.folder / "window-light.png")
            return
        for language in texts.LANGUAGES:
            for theme in ("light", "dark"):
                windows(example(), language, theme, asked.folder)
                estate_page(language, theme, asked.folder)
                estate_page(language, theme, asked.folder, "campus", "-slices")
                cost_page(language, theme, asked.folder)
                for name, key in WORKLOADS.items():
                    workload(name, example(key), language, theme, asked.folder)
                practice(example(), language, theme, asked.folder)
                dialogs(language, theme, asked.folder)
        quotes(example(), asked.folder)
        quotes(example("train-gpt-3"), asked.folder, "quote-training")
        quotes(example("insurer"), asked.folder, "quote-estate")


def example(named: str = "70b") -> Path:
    """A scenario of the pictures."""
    return next(path for path in sorted((assets.resources() / "examples").glob("*.gpuplan")) if named in path.name)


def practice(scenario: Path, language: str, theme: str, folder: Path) -> None:
    """Each table of practice."""
    window = opened(scenario, language, theme)
    window.commander.show_practice()
    dialog = window.findChild(PracticeDialog)
    for place, key in enumerate(dialog.keys):
        dialog.list.setCurrentRow(place)
        QThreadPool.globalInstance().waitForDone()
        settle(0.2)
        keep(dialog, folder / f"practice-{key}-{language}-{theme}.png")
    dialog.close()
    leave(window)


def workload(name: str, scenario: Path, language: str, theme: str, folder: Path) -> None:
    """The window with another kind of work, in each size."""
    window = opened(scenario, language, theme)
    for size in SIZES:
        window.resize(size)
        settle()
        keep(window, folder / f"{name}-{language}-{theme}-{size.width()}x{size.height()}.png")
    load_page(window, folder, f"training-{language}-{theme}")
    leave(window)


def windows(scenario: Path, language: str, theme: str, folder: Path) -> None:
    """The window in each size, and with its second tab."""
    window = opened(scenario, language, theme)
    for size in SIZES:
        window.resize(size)
        settle()
        keep(window, folder / f"window-{language}-{theme}-{size.width()}x{size.height()}.png")
    window.actions_by_key["scenarios"].trigger()
    settle()
    keep(window, folder / f"scenarios-{language}-{theme}.png")
    load_page(window, folder, f"{language}-{theme}")
    library(window, folder, f"{language}-{theme}")
    evidence_and_advice(window, folder, f"{language}-{theme}")
    leave(window)


def load_page(window: MainWindow, folder: Path, name: str) -> None:
    """The page on load and what-if, each of its views."""
    window.actions_by_key["page_load"].trigger()
    page = window.bench.load
    if page is None:
        return
    for view in VIEWS:
        page.show_view(view)
        for size in SIZES:
            window.resize(size)
            wait(lambda: not page.busy, "the charts")
            settle()
            keep(window, folder / f"load-{view}-{name}-{size.width()}x{size.height()}.png")


def cost_page(language: str, theme: str, folder: Path) -> None:
    """The page on cost with its three tabs, and the Cost tab of the plan."""
    window = opened(example(), language, theme)
    window.session.set("money.api_output_per_million", 2.0)
    window.session.set("money.residual", 0.1)
    settle()
    for size in SIZES:
        window.resize(size)
        window.actions_by_key["page_cost"].trigger()
        page = window.cost_desk.page
        assert page is not None
        for place, tab in enumerate(("money", "prices", "curve")):
            page.side.tabs.setCurrentIndex(place)
            settle()
            keep(window, folder / f"cost-{tab}-{language}-{theme}-{size.width()}x{size.height()}.png")
        window.actions_by_key["page_plan"].trigger()
        window.bench.right_tabs.setCurrentIndex(COST)
        settle()
        keep(window, folder / f"cost-tab-{language}-{theme}-{size.width()}x{size.height()}.png")
    leave(window)


def estate_page(language: str, theme: str, folder: Path, named: str = "insurer", mark: str = "") -> None:
    """The page of an estate, and the Servers tab of its own workload."""
    window = opened(example(named), language, theme)
    for size in SIZES:
        window.resize(size)
        window.actions_by_key["page_estate"].trigger()
        settle()
        keep(window, folder / f"estate{mark}-{language}-{theme}-{size.width()}x{size.height()}.png")
        window.actions_by_key["page_plan"].trigger()
        window.bench.right_tabs.setCurrentIndex(SERVERS)
        settle()
        keep(window, folder / f"servers{mark}-{language}-{theme}-{size.width()}x{size.height()}.png")
    leave(window)


def library(window: MainWindow, folder: Path, name: str) -> None:
    """The scenario library with its details, as cards, and a comparison."""
    place = default_scenario_folder()
    place.mkdir(parents=True, exist_ok=True)
    for number, path in enumerate(sorted((assets.resources() / "examples").glob("*.gpuplan"))[:16]):
        scenario = replace(load_scenario(path).scenario, "customer", ("Acme Bank", "Harbour Logistics", "青禾制药")[number % 3])
        save_scenario(place / path.name, scenario, "")
    parent = place / example().name
    if not list(place.glob("* variant*")):
        for load in (60.0, 300.0):
            made = keeping.variant(parent, f"variant {load:g}").made[0]
            save_scenario(made, replace(load_scenario(made).scenario, "workload.load", load), "")
    window.actions_by_key["page_scenarios"].trigger()
    page = window.desk.library
    if page is None:
        return
    wait(lambda: len(page.model.cards) > 16 and not page.busy, "the scenarios")
    page.select([card.path for card in page.model.cards if parent.name in (card.path.name, card.parent)])
    for view in ("list", "cards"):
        page.centre.show_view(view)
        for size in SIZES:
            window.resize(size)
            wait(lambda: not page.busy, "the details")
            settle()
            keep(window, folder / f"library-{view}-{name}-{size.width()}x{size.height()}.png")
    page.run("compare")
    compared = window.desk.compare
    for size in SIZES if compared is not None else ():
        window.resize(size)
        wait(lambda: compared is None or not compared.busy, "the comparison")
        settle()
        keep(window, folder / f"compare-{name}-{size.width()}x{size.height()}.png")


def evidence_and_advice(window: MainWindow, folder: Path, name: str) -> None:
    """The page on how good the estimate is, with a group opened, and the Advice tab."""
    window.actions_by_key["page_evidence"].trigger()
    page = window.bench.evidence
    if page is None:
        return
    page.compute()
    finished()
    page.view.expand(page.model.index(1, 0))
    window.bench.right_tabs.setCurrentIndex(ADVICE)
    window.bench.advice.compute()
    finished()
    for size in SIZES:
        window.resize(size)
        settle()
        keep(window, folder / f"evidence-{name}-{size.width()}x{size.height()}.png")


def finished() -> None:
    """What runs beside the window is done, and shown."""
    QThreadPool.globalInstance().waitForDone()
    settle()


def dialogs(language: str, theme: str, folder: Path) -> None:
    """Every dialog, on a large and on a small screen; the quote also that of an estate."""
    window = opened(example(), language, theme)
    for show in DIALOGS.values():
        with tempfile.TemporaryDirectory() as files:
            dialog_in_each_size(show(window, Path(files)), language, theme, folder)
    leave(window)
    window = opened(example("insurer"), language, theme)
    dialog_in_each_size(((f"estate-{name}", shown) for name, shown in quote(window, folder)), language, theme, folder)
    leave(window)


def dialog_in_each_size(shown: Shown, language: str, theme: str, folder: Path) -> None:
    """Each state of a dialog as it is where the screen has room, and cut to the small one."""
    last = None
    for name, dialog in shown:
        if last is not None and last is not dialog and isValid(last):
            last.close()
        last, usual = dialog, dialog.size()
        for screen in SIZES:
            dialog.resize(usual.boundedTo(screen - FRAME))
            finished()
            keep(dialog, folder / f"dialog-{name}-{language}-{theme}-{screen.width()}x{screen.height()}.png")
        dialog.resize(usual)
    if last is not None and isValid(last):
        last.close()
    settle()


def quotes(scenario: Path, folder: Path, stem: str = "quote") -> None:
    """The quote in both languages, its pages as pictures where pdftoppm is there."""
    asked = load_scenario(scenario).scenario
    catalog, day = load_catalog(), date(2026, 11, 21)
    answer = estate_of(asked, catalog) if has_works(asked) else estimate(asked, catalog)
    made = draft(asked, answer, catalog, Metadata(default_number(asked, day), day, __version__), now())
    for file in write_documents(made.content, folder, ("pdf",), texts.LANGUAGES, stem):
        print(file)
        if shutil.which("pdftoppm"):
            subprocess.run(["pdftoppm", "-png", "-r", str(DOTS_PER_INCH), file, file.with_suffix("")], check=True)
            print(*sorted(folder.glob(f"{file.stem}-*.png")), sep="\n")


def of_few_colours(picture: QImage) -> QImage:
    """The picture in its 256 most frequent colours, each pixel in the nearest: a third of the size, and no dots."""
    plain = picture.convertToFormat(QImage.Format.Format_RGB32)
    colours, counts = np.unique(np.frombuffer(plain.constBits(), dtype=np.uint32), return_counts=True)
    table = [int(colour) for colour in colours[np.argsort(-counts)][:256]]
    return plain.convertToFormat(QImage.Format.Format_Indexed8, table, Qt.ImageConversionFlag.ThresholdDither)


def leave(window: MainWindow) -> None:
    """Close a window without its question about unsaved changes."""
    window.session.undo_stack.setClean()
    window.close()
    window.deleteLater()
    settle()


def keep(window: QWidget, file: Path) -> None:
    """Save what the window shows."""
    write(window.grab().toImage(), file)


def write(picture: QImage, file: Path) -> None:
    """Save a picture and name it."""
    if not picture.save(str(file), "PNG", 0):  # 0 is small, not bad
        sys.exit(f"{file}: could not be written")
    print(file)


if __name__ == "__main__":
    main()
