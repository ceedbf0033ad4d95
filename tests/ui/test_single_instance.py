"""A second start hands its files over."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QProcess
from pytestqt.qtbot import QtBot

from gpuplanner.ui.single_instance import Receiver, hand_over, server_name


@pytest.fixture
def name(tmp_path: Path) -> str:
    return f"gpuplanner-test-{abs(hash(str(tmp_path))):x}"


def test_nobody_there_takes_nothing(name: str) -> None:
    assert hand_over([Path("a.gpuplan")], name) is False


def test_files_of_a_second_start_arrive(qtbot: QtBot, name: str) -> None:
    receiver = Receiver(name=name)
    files = [Path("/some where/客户.gpuplan"), Path("/b.gpuplan")]
    code = "import sys; from pathlib import Path; from gpuplanner.ui.single_instance import hand_over\n"
    code += "sys.exit(0 if hand_over([Path(name) for name in sys.argv[2:]], sys.argv[1]) else 1)"
    second = QProcess()
    with qtbot.waitSignal(second.finished), qtbot.waitSignal(receiver.received) as received:
        second.start(sys.executable, ["-c", code, name, *map(str, files)])
    assert received.args == [files]
    assert second.exitCode() == 0
    receiver.deleteLater()


@pytest.mark.parametrize("line", [b"not json\n", b'{"a": 1}\n', b"[1, 2]\n"])
def test_nonsense_is_ignored(qtbot: QtBot, name: str, line: bytes) -> None:
    from PySide6.QtNetwork import QLocalSocket

    receiver = Receiver(name=name)
    heard: list[object] = []
    receiver.received.connect(heard.append)
    socket = QLocalSocket()
    socket.connectToServer(name)
    assert socket.waitForConnected(1000)
    with qtbot.waitSignal(socket.disconnected):
        socket.write(line)
        socket.flush()
    assert heard == []
    receiver.deleteLater()


def test_each_data_folder_has_its_own_window(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    here = server_name()
    monkeypatch.setenv("GPUPLANNER_HOME", str(tmp_path / "elsewhere"))
    assert server_name() != here
