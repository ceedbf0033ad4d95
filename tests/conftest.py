"""What holds for every test: a home of its own, English, no screen, no network, nothing left open."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ.pop("QT_IM_MODULE", None)

# No deadline: tests assert what is computed, never how long it took on this machine.
settings.register_profile(
    "tests", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
settings.load_profile("tests")


@pytest.fixture(scope="session")
def qapp_cls() -> type[Any]:
    """pytest-qt's application is the program's own kind."""
    from gpuplanner.ui.app import Application

    return Application


@pytest.fixture(autouse=True, scope="session")
def one_application(qapp: Any) -> None:
    """A process has one application. It is made before a quote makes a lesser one, for which no window opens."""


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the user's own folders out of the tests."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("GPUPLANNER_HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Start and end every test in English."""
    from gpuplanner import texts

    texts.set_language("en")
    yield
    texts.set_language("en")


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail whatever reaches for another machine; local sockets stay."""

    def guard(name: str) -> None:
        real = getattr(socket.socket, name)

        def refuse(self: socket.socket, *args: Any, **kwargs: Any) -> Any:
            if self.family != getattr(socket, "AF_UNIX", None):
                raise AssertionError(f"network use: socket.{name}{args}")
            return real(self, *args, **kwargs)

        monkeypatch.setattr(socket.socket, name, refuse)

    for name in ("connect", "connect_ex", "sendto", "bind"):
        guard(name)

    def no_lookup(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError(f"network use: getaddrinfo{args}")

    monkeypatch.setattr(socket, "getaddrinfo", no_lookup)


@pytest.fixture(autouse=True)
def nothing_left_open() -> Iterator[None]:
    """Close top-level widgets that a test left; fail on work that still runs beside it."""
    threads = threading.active_count()
    yield
    assert threading.active_count() <= threads, f"threads left running: {threading.enumerate()}"
    if "PySide6.QtWidgets" not in sys.modules:
        return
    from PySide6.QtCore import QCoreApplication, QEvent, QThreadPool
    from PySide6.QtWidgets import QApplication

    if QApplication.instance() is None:
        return
    assert QThreadPool.globalInstance().waitForDone(60_000), "a task of the thread pool still runs"
    for widget in QApplication.topLevelWidgets():
        widget.hide()
        widget.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
