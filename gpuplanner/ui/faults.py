"""Faults of ours: into a log file, and a sentence to the user; never a traceback on the screen."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from types import TracebackType
from typing import Final, TypeVar

from gpuplanner import __version__, paths
from gpuplanner.errors import InputError, Message

_LOG_BYTES: Final = 500_000
_Widget = TypeVar("_Widget")
_Event = TypeVar("_Event")
log = logging.getLogger("gpuplanner")


def log_file() -> Path:
    """Where the log lies."""
    return paths.user_state_dir() / "gpuplanner.log"


def start_log() -> None:
    """Write warnings and faults to the log; without a place to write to there is none."""
    try:
        log_file().parent.mkdir(parents=True, exist_ok=True)
        if log_file().exists() and log_file().stat().st_size > _LOG_BYTES:
            log_file().replace(log_file().with_suffix(".old.log"))
        handler = logging.FileHandler(log_file(), encoding="utf-8", delay=True)
    except OSError:
        return
    handler.setFormatter(logging.Formatter(f"%(asctime)s {__version__} %(levelname)s %(name)s: %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.WARNING)
    log.propagate = False


def catch(tell: Callable[[Message | InputError], object]) -> None:
    """From now on put what nobody caught into the log, and tell it in a sentence."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        if isinstance(error, InputError):
            tell(error)
            return
        log.critical("not caught", exc_info=(kind, error, trace))
        tell(Message("notice.fault", {"file": str(log_file())}))

    sys.excepthook = hook


def guarded(handler: Callable[[_Widget, _Event], None]) -> Callable[[_Widget, _Event], None]:
    """A handler of Qt's events whose faults go where all faults go.

    Let out of the handler, a KeyError that a dictionary raised makes PySide 6.11 on Python 3.11 read the key as if it were the
    exception, and the process ends.
    """

    @wraps(handler)
    def safe(widget: _Widget, event: _Event) -> None:
        try:
            handler(widget, event)
        except Exception:  # noqa: BLE001 - told to the user and the log
            sys.excepthook(*sys.exc_info())

    return safe
