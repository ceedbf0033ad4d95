"""What nobody caught: a log and a sentence."""

from __future__ import annotations

import importlib
import logging
import pkgutil
import sys
from collections.abc import Iterator

import pytest
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedWidget, QWidget
from pytestqt.qtbot import QtBot

from gpuplanner import ui
from gpuplanner.errors import InputError, Message
from gpuplanner.ui import faults
from gpuplanner.ui.app import prepare_environment


@pytest.fixture
def own_log() -> Iterator[None]:
    hook, handlers = sys.excepthook, list(faults.log.handlers)
    yield
    sys.excepthook = hook
    for handler in faults.log.handlers:
        if handler not in handlers:
            handler.close()
    faults.log.handlers[:] = handlers
    faults.log.propagate = True
    faults.log.setLevel(logging.NOTSET)


@pytest.mark.usefixtures("own_log")
def test_a_fault_is_logged_and_told_without_traceback() -> None:
    told: list[Message | InputError] = []
    faults.start_log()
    faults.catch(told.append)
    error = ZeroDivisionError("of ours")
    sys.excepthook(ZeroDivisionError, error, None)
    assert "of ours" in faults.log_file().read_text(encoding="utf-8")
    sentence = told[0].sentence()
    assert str(faults.log_file()) in sentence
    assert "Traceback" not in sentence


@pytest.mark.usefixtures("own_log")
def test_bad_input_is_told_as_what_it_is() -> None:
    told: list[Message | InputError] = []
    faults.catch(told.append)
    error = InputError("error.file.empty", file="a.gpuplan")
    sys.excepthook(InputError, error, None)
    assert told == [error]


@pytest.mark.usefixtures("own_log")
def test_a_log_that_grew_is_put_aside() -> None:
    faults.log_file().parent.mkdir(parents=True)
    faults.log_file().write_bytes(b"x" * 600_000)
    faults.start_log()
    assert not faults.log_file().exists()
    assert faults.log_file().with_suffix(".old.log").exists()


@pytest.mark.parametrize(("before", "after"), [("fcitx", "ibus"), ("fcitx5", "ibus"), ("ibus", "ibus")])
def test_chinese_can_be_typed_with_fcitx(monkeypatch: pytest.MonkeyPatch, before: str, after: str) -> None:
    import os

    monkeypatch.setenv("QT_IM_MODULE", before)
    prepare_environment()
    assert os.environ["QT_IM_MODULE"] == after


class _Broken(QWidget):
    @faults.guarded
    def showEvent(self, event: QShowEvent) -> None:
        {1: 1}[5]


def test_a_fault_while_a_page_is_shown_is_told(qtbot: QtBot) -> None:
    """A KeyError that a dictionary raises inside Qt's call of Python must not reach Qt."""
    pages, broken = QStackedWidget(), _Broken()
    qtbot.addWidget(pages)
    pages.addWidget(QWidget(pages))
    pages.addWidget(broken)
    pages.show()
    with qtbot.captureExceptions() as caught:
        pages.setCurrentWidget(broken)
    assert [kind for kind, _, _ in caught] == [KeyError]
    assert pages.currentWidget() is broken


def test_every_page_guards_its_show_event() -> None:
    handlers = [
        vars(kind)["showEvent"]
        for module in (importlib.import_module(found.name) for found in pkgutil.walk_packages(ui.__path__, "gpuplanner.ui."))
        for kind in vars(module).values()
        if isinstance(kind, type) and kind.__module__ == module.__name__ and "showEvent" in vars(kind)
    ]
    assert len(handlers) > 10
    assert all(hasattr(handler, "__wrapped__") for handler in handlers)
