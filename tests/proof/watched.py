"""``python tests/proof/watched.py HOME CHOSEN``: use every command under an audit hook, and print what was reached for."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

HOME, CHOSEN = Path(sys.argv[1]), Path(sys.argv[2])
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_STARTS = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "os.fork", "os.startfile", "pty.spawn")
_CHANGES = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod")
_ENDS = frozenset({"quit", "close"})
found: list[str] = []


def inside(path: Any) -> bool:
    """Whether a file is the user's own or beside the chosen ones."""
    if isinstance(path, int) or path is None:
        return True
    place = Path(os.path.realpath(os.fsdecode(path)))
    return any(place.is_relative_to(folder.resolve()) for folder in (HOME, CHOSEN)) or str(place) == os.devnull


def hook(event: str, args: tuple[Any, ...]) -> None:
    """Note what must not be."""
    if event.startswith("socket.") and event not in ("socket.gethostname",):
        found.append(event)
    elif event in _STARTS or event.startswith("pickle."):
        found.append(f"{event} {args[:1]}")
    elif event == "open" and isinstance(args[2], int) and args[2] & _WRITES and not inside(args[0]):
        found.append(f"writes {args[0]}")
    elif event in _CHANGES:
        both = event in ("os.rename", "os.link")
        found.extend(f"{event} {path}" for path in args[: 2 if both else 1] if not inside(_whole(path, args[-1])))


def _whole(path: Any, folder: Any) -> Any:
    """A path that counts from an open folder (as when a tree is removed), made whole."""
    if isinstance(path, int) or not isinstance(folder, int) or folder < 0 or Path(os.fsdecode(path)).is_absolute():
        return path
    return os.path.join(os.readlink(f"/proc/self/fd/{folder}"), os.fsdecode(path))  # noqa: PTH118, PTH115 - inside a hook


class Answers:
    """Stands for the system's own dialogs: the chosen folder's files."""

    def unsaved(self, _name: str) -> str:
        """Leave everything."""
        return "discard"

    def benchmarks_to_import(self, _folder: Path) -> list[Path]:
        """One file."""
        return [CHOSEN / "vllm.json"]

    def folder(self, _present: Path) -> Path:
        """The chosen one."""
        return CHOSEN

    def __getattr__(self, question: str) -> Callable[..., Path]:
        if question.startswith("_"):
            raise AttributeError(question)
        files = {"pack_to_import": "new.gpucatalog", "prices_to_import": "prices.csv", "model_to_import": "config.json"}
        return lambda proposed, *_more: CHOSEN / (files.get(question) or f"{question}{proposed.suffix}")


def main() -> None:
    """Trigger every command; write a quote, the deployment files and the scenario."""
    sys.addaudithook(hook)
    from PySide6.QtCore import QEvent, QObject, QUrl, Slot
    from PySide6.QtGui import QDesktopServices
    from PySide6.QtWidgets import QApplication

    from gpuplanner import paths
    from gpuplanner.report.deploy.build import deployment_files, suiting
    from gpuplanner.report.deploy.write import write_files
    from gpuplanner.report.quote import write_quote

    paths.set_home(HOME)
    from gpuplanner.ui.selftest import opened, settle, wait

    class Opener(QObject):
        """Stands for the system's file manager."""

        @Slot(QUrl)
        def opened(self, _url: QUrl) -> None:
            """Nothing to show."""

    opener = Opener()
    QDesktopServices.setUrlHandler("file", opener, "opened")
    window = opened(CHOSEN / "plan.gpuplan", "en", "light")
    window.filing.asking = Answers()  # type: ignore[assignment]
    shown: set[str] = set()
    for action in window.actions_by_key.all():
        if action.objectName() in _ENDS:
            continue
        wait(lambda: window.session.answer() is not None, "an answer")
        action.trigger()
        settle(0.1)
        for top in QApplication.topLevelWidgets():
            if top.isVisible() and top is not window:
                shown.add(type(top).__name__)
                top.grab()
                top.close()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    window.commander.choose_language("zh")
    window.commander.choose_theme("dark")
    window.document.open(CHOSEN / "plan.gpuplan")
    window.session.set("workload.input_tokens", 777)
    wait(lambda: window.session.answer() is not None, "an answer")
    settle(0.7)
    session = window.session
    assert window.document.save()
    assert session.estimate is not None
    assert session.catalog is not None
    given = session.scenario, session.estimate, session.catalog
    write_quote(*given, CHOSEN / "quotes")
    asked = suiting(session.scenario, session.catalog, session.estimate)
    write_files(deployment_files(session.scenario, session.catalog, session.estimate, asked), CHOSEN / "deploy")
    window.session.undo_stack.setClean()
    window.close()
    print(json.dumps({"found": found, "shown": sorted(shown)}))


if __name__ == "__main__":
    main()
