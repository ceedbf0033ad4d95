"""``gpuplanner --self-test``: the built program proves on this machine that its parts are there and work together.

For those who build and support the program, so it speaks English only. Runs offscreen, in folders of its own.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QEventLoop, QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QImage

from gpuplanner import __version__, assets, paths
from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.errors import InputError
from gpuplanner.report.quote import FORMATS, write_quote
from gpuplanner.scenario.files import load_scenario, save_scenario
from gpuplanner.ui.app import Starter, make_application, prepare_environment
from gpuplanner.ui.language import LanguageSwitch
from gpuplanner.ui.menus import PAGES
from gpuplanner.ui.preferences import Preferences
from gpuplanner.ui.theme.switch import ThemeSwitch
from gpuplanner.ui.window import MainWindow

PATIENCE_S = 30.0
_AF_UNIX = 1  # between processes of one machine
_NETWORK_EVENTS = frozenset({"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.bind", "urllib.Request"})


class Failed(Exception):
    """A part of the program does not do its work."""


def run() -> int:
    """Run all checks and print a line for each.

    Returns:
        0 when all went well, 1 otherwise.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    prepare_environment()
    calls, faults = _watch_network(), _watch_faults()
    complaints = forget_size_hints()
    failed = 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        paths.set_home(Path(folder) / "home")
        for check in (_facts, _examples, _file, _quote, _window, _pages):
            failed += not _passes(check, Path(folder))
    for name, said in (("qt", complaints), ("faults", faults), ("network", calls)):
        failed += bool(said)
        print(f"{'FAILED ' if said else 'ok     '} {name}: {'; '.join(said) or 'nothing heard'}")
    print(f"GPU Planner {__version__}: {'all well' if not failed else f'{failed} failed'}")
    return 1 if failed else 0


def _watch_faults() -> list[str]:
    """Collect what is raised where nobody catches it: in handlers of Qt's events and in slots."""
    faults: list[str] = []

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        said = f"{kind.__name__}: {error}"
        if said not in faults:
            faults.append(said)
            traceback.print_exception(kind, error, trace)

    sys.excepthook = hook
    return faults


def forget_size_hints() -> list[str]:
    """Collect what Qt complains of in the list returned, but for what the offscreen platform says of every window."""
    complaints: list[str] = []

    def hear(kind: QtMsgType, _context: QMessageLogContext, said: str | None) -> None:
        if said and kind != QtMsgType.QtDebugMsg and "propagateSizeHints" not in said:
            complaints.append(said)
            print(said, file=sys.stderr)

    qInstallMessageHandler(hear)
    return complaints


def opened(path: Path, language: str, theme: str) -> MainWindow:
    """A window with a scenario file and its answer, in 1440 x 900.

    Raises:
        Failed: when there is no answer in time.
    """
    app = make_application()
    window = MainWindow(Preferences(), ThemeSwitch(app, theme), LanguageSwitch(app, language))
    window.resize(1440, 900)
    window.show()
    Starter(window, [path]).begin()
    wait(lambda: window.session.estimate is not None, "an answer in the window")
    settle()
    return window


def wait(done: Callable[[], bool], what: str) -> None:
    """Let the window work until ``done``.

    Raises:
        Failed: when that takes longer than anything should.
    """
    give_up = time.monotonic() + PATIENCE_S
    while not done():
        make_application().processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        if time.monotonic() > give_up:
            raise Failed(f"waited {PATIENCE_S:.0f} s for {what}")


def settle(seconds: float = 0.1) -> None:
    """Let the window finish what it does later: timers, layouts, painting."""
    until = time.monotonic() + seconds
    wait(lambda: time.monotonic() > until, "the clock")


def _passes(check: Callable[[Path], str], folder: Path) -> bool:
    name = getattr(check, "__name__", "").strip("_")
    try:
        print(f"ok      {name}: {check(folder)}")
    except Exception as error:  # noqa: BLE001 - whatever fails is what this is for
        said = error.sentence("en") if isinstance(error, InputError) else str(error)
        print(f"FAILED  {name}: {type(error).__name__}: {said}")
        if not isinstance(error, Failed | InputError):
            traceback.print_exc()
        return False
    return True


def _require(condition: object, what: str) -> None:
    if not condition:
        raise Failed(what)


def _example() -> Path:
    found = sorted((assets.resources() / "examples").glob("*.gpuplan"))
    _require(found, "no example scenarios")
    return next((path for path in found if "70b" in path.name), found[0])


def _facts(_folder: Path) -> str:
    catalog = load_catalog()
    _require(len(catalog.gpus) > 100 and len(catalog.models) > 400, "the catalogue is incomplete")
    return f"{len(catalog.gpus)} GPUs, {len(catalog.models)} models, {len(catalog.servers)} servers of {catalog.date}"


def _examples(_folder: Path) -> str:
    catalog = load_catalog()
    examples = sorted((assets.resources() / "examples").glob("*.gpuplan"))
    for path in examples:
        found = estimate(load_scenario(path).scenario, catalog)
        _require(found.chosen, f"{path.name} has no answer")
    return f"{len(examples)} answered"


def _file(folder: Path) -> str:
    scenario = load_scenario(_example()).scenario
    copy = folder / "方案 copy.gpuplan"
    save_scenario(copy, scenario, load_catalog().digest)
    _require(load_scenario(copy).scenario == scenario, "a scenario is another after saving and opening it")
    return f"{copy.stat().st_size} bytes saved and opened again"


def _quote(folder: Path) -> str:
    make_application()
    catalog = load_catalog()
    scenario = load_scenario(_example()).scenario
    files = write_quote(scenario, estimate(scenario, catalog), catalog, folder / "quotes", tuple(FORMATS))
    pdfs = [path.read_bytes() for path in files if path.suffix == ".pdf"]
    asked = 2 * len(FORMATS)
    _require(len(files) == asked and len(pdfs) == 2, f"{asked} documents of a quote asked for, {len(files)} written")
    _require(all(pdf.startswith(b"%PDF-") and b"/FontFile" in pdf for pdf in pdfs), "a PDF without its fonts")
    return ", ".join(f"{path.suffix[1:]} {path.stat().st_size // 1000} kB" for path in files)


def _window(folder: Path) -> str:
    copy = folder / "window.gpuplan"
    copy.write_bytes(_example().read_bytes())
    told = []
    for language, theme in (("en", "light"), ("zh", "dark")):
        with _closing(opened(copy, language, theme)) as window:
            before = window.session.estimate
            window.session.set("workload.input_tokens", window.session.value("workload.input_tokens") + 1000)
            wait(lambda window=window, before=before: window.session.estimate is not before, "an answer to an edit")  # type: ignore[misc]
            settle()
            colours = _colours(window.grab().toImage())
            _require(colours > 50, f"the window shows {colours} colours only: fonts or drawing are missing")
            _require(window.document.save(), "the edited scenario could not be saved")
            told.append(f"{language} {theme} {window.session.estimate_ms:.0f} ms")
    _require(load_scenario(copy).scenario != load_scenario(_example()).scenario, "the edit is not in the file")
    return ", ".join(told)


def _pages(folder: Path) -> str:
    """Every page is shown: what they need must be in a built program too."""
    copy = folder / "pages.gpuplan"
    copy.write_bytes(_example().read_bytes())
    with _closing(opened(copy, "en", "light")) as window:
        for key in PAGES:
            window.actions_by_key[key].trigger()
            settle()
            colours = _colours(window.grab().toImage())
            _require(colours > 50, f"{key} shows {colours} colours only")
    return f"{len(PAGES)} shown"


@contextmanager
def _closing(window: MainWindow) -> Iterator[MainWindow]:
    try:
        yield window
    finally:
        window.session.undo_stack.setClean()  # a question about unsaved changes would wait for ever
        window.close()
        window.deleteLater()
        settle(0.02)


def _colours(image: QImage) -> int:
    return len({image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)})


def _watch_network() -> list[str]:
    """What Python asks of the network from now on; sockets between processes of this machine aren't counted."""
    calls: list[str] = []

    def note(event: str, args: tuple[object, ...]) -> None:
        if event in _NETWORK_EVENTS and not (args and getattr(args[0], "family", None) == _AF_UNIX):
            calls.append(f"{event} {args[1:]}")

    sys.addaudithook(note)
    return calls
