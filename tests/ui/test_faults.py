"""What nobody caught: a log and a sentence."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator

import pytest

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
