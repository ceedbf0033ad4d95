"""Every dialog of the program, opened as a user would: for the pictures and for the walk of the keyboard."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QDialog, QWidget

from gpuplanner.catalog.pack import signing
from gpuplanner.catalog.pack.archive import make_pack, sign_pack
from gpuplanner.ui.crash import CrashQuestion
from gpuplanner.ui.selftest import settle, wait
from gpuplanner.ui.window import MainWindow

CARD: Final = "nvidia-h100-sxm5-80gb"
RUNS: Final = """\
model,gpus,tp,engine,weights,isl,osl,concurrency,throughput_tok_s,ttft_ms,tpot_ms
Qwen3-32B,2,2,vllm,fp8,2048,512,32,1240,310,24.8
Qwen3-32B,2,2,vllm,fp8,2048,512,64,1990,520,30.6
"""
CRASH: Final = 'Traceback (most recent call last):\n  File "gpuplanner/ui/window.py", line 1, in <module>\nValueError: sample\n'
Shown = Iterator[tuple[str, QWidget]]


def newest(window: MainWindow) -> QWidget:
    """The dialog that was opened last."""
    shown = [dialog for dialog in window.findChildren(QDialog) if dialog.isVisible()]
    assert shown, "no dialog is open"
    return shown[-1]


def by_command(command: str) -> Callable[[MainWindow, Path], Shown]:
    """A dialog that a menu entry opens."""

    def opened(window: MainWindow, _: Path) -> Shown:
        window.actions_by_key[command].trigger()
        yield command, newest(window)

    return opened


def settings(window: MainWindow, _: Path) -> Shown:
    """Each page of the settings."""
    from gpuplanner.ui.settings.dialog import PAGES, SettingsDialog

    window.commander.show_settings()
    dialog = window.findChildren(SettingsDialog)[-1]
    for page in PAGES:
        dialog.show_page(page)
        settle()
        yield f"settings-{page}", dialog


def questionnaire(window: MainWindow, _: Path) -> Shown:
    """From the first question to the sheet."""
    window.question_desk.open()
    dialog = window.question_desk.dialog
    assert dialog is not None
    while True:
        settle()
        yield f"questionnaire-{dialog.page}", dialog
        if not dialog.next_button.isVisible():
            return
        dialog.next_button.click()


def quote(window: MainWindow, _: Path) -> Shown:
    """Each tab of the quote, with its pages beside."""
    from gpuplanner.ui.quote.dialog import QuoteDialog

    window.commander.create_quote()
    dialog = window.findChildren(QuoteDialog)[-1]
    wait(lambda: dialog.pages.paper.count > 2, "the pages of the quote")
    for place, tab in enumerate(("head", "prices", "options", "history")):
        dialog.tabs.setCurrentIndex(place)
        settle()
        yield f"quote-{tab}", dialog


def prices(window: MainWindow, folder: Path) -> Shown:
    """A price list with a line that nobody knows, and the table of prices."""
    file = folder / "list.csv"
    file.write_text(f"型号,单价,备注\n{CARD},123456,x\nwarp drive,5,y\n", encoding="utf-8")
    window.cost_desk.read_prices(file)
    assert window.cost_desk.dialog is not None
    yield "prices-import", window.cost_desk.dialog
    window.cost_desk.dialog.reject()
    window.cost_desk.show_prices()
    assert window.cost_desk.prices is not None
    settle()
    yield "prices", window.cost_desk.prices


def measurements(window: MainWindow, folder: Path) -> Shown:
    """Two runs that don't say on which GPU, and those that are kept."""
    file = folder / "notes.csv"
    file.write_text(RUNS, encoding="utf-8")
    assert window.measurements.open([file])
    assert window.measurements.dialog is not None
    yield "measurements-import", window.measurements.dialog
    window.measurements.dialog.reject()
    window.actions_by_key["measurements"].trigger()
    yield "measurements", newest(window)


def pack(window: MainWindow, folder: Path) -> Shown:
    """A pack that changes a card, signed by a stranger."""
    (folder / "facts" / "gpus").mkdir(parents=True, exist_ok=True)
    changes = [{"id": CARD, "change": {"tdp_w": 650}}, {"id": "nvidia-t4", "hidden": True}]
    (folder / "facts" / "gpus" / "new.json").write_text(json.dumps({"records": changes}), encoding="utf-8")
    out = folder / "november.gpucatalog"
    make_pack(folder / "facts", out, "November", date(2026, 11, 1), "Facts Ltd", "From the stick")
    if not (folder / "key.json").exists():
        signing.make_key(folder / "key.json")
    sign_pack(out, signing.read_key(folder / "key.json"))
    window.pack_desk.read(out)
    assert window.pack_desk.dialog is not None
    yield "pack", window.pack_desk.dialog


def help_pages(window: MainWindow, _: Path) -> Shown:
    """A task, a word, the keys, a field."""
    for command in ("help", "glossary", "keys", "help_here"):
        window.actions_by_key[command].trigger()
        assert window.help_desk.help is not None
        settle()
        yield command, window.help_desk.help


def search(window: MainWindow, _: Path) -> Shown:
    """What Ctrl+K finds by the initials of a Chinese name."""
    window.commander.search()
    popup = window.search.popup
    popup.list.line.setText("h20")
    popup.list.search("h20")
    settle()
    yield "search", popup


def crash(window: MainWindow, _: Path) -> Shown:
    """The question after a crash."""
    question = CrashQuestion(CRASH, window.filing.asking)
    question.show()
    settle()
    yield "crash", question


DIALOGS: Final[dict[str, Callable[[MainWindow, Path], Shown]]] = {
    "settings": settings,
    "questionnaire": questionnaire,
    "quote": quote,
    "deploy": by_command("deploy"),
    "practice": by_command("practice"),
    "new_model": by_command("new_model"),
    "about": by_command("about"),
    "prices": prices,
    "measurements": measurements,
    "pack": pack,
    "help": help_pages,
    "search": search,
    "crash": crash,
}
"""By name; each gives the states that it is looked at in, one after the other."""
