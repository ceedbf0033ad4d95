"""One window a user: a second start hands its files over and ends."""

from __future__ import annotations

import getpass
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from gpuplanner import paths

_WAIT_MS: Final = 1000
_LONGEST: Final = 1_000_000


def server_name() -> str:
    """One a user and data folder, short enough for every system."""
    whose = f"{getpass.getuser()}|{paths.user_data_dir()}"
    return f"gpuplanner-{hashlib.sha256(whose.encode()).hexdigest()[:16]}"


def hand_over(files: Sequence[Path], name: str | None = None) -> bool:
    """Give files to a window that is already there; False when there is none."""
    socket = QLocalSocket()
    socket.connectToServer(name or server_name())
    if not socket.waitForConnected(_WAIT_MS):
        return False
    socket.write(json.dumps([str(path) for path in files]).encode() + b"\n")
    socket.flush()
    done = socket.waitForReadyRead(_WAIT_MS)
    socket.disconnectFromServer()
    return done


class Receiver(QObject):
    """Listens for later starts.

    Signals:
        received: the files they hand over, a list of paths; empty when only the window is wanted.
    """

    received = Signal(object)

    def __init__(self, parent: QObject | None = None, name: str | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._connected)
        name = name or server_name()
        if not self._server.listen(name):
            QLocalServer.removeServer(name)  # left behind by a crash: nobody answered on it
            self._server.listen(name)

    def _connected(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.setParent(self)
            socket.readyRead.connect(self._readable)
            socket.disconnected.connect(socket.deleteLater)
            if socket.canReadLine():
                self._read(socket)

    def _readable(self) -> None:
        socket = self.sender()
        if isinstance(socket, QLocalSocket):
            self._read(socket)

    def _read(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() > _LONGEST:
                socket.abort()
            return
        files = _files(bytes(socket.readLine(_LONGEST).data()))
        if files is None:
            socket.abort()
            return
        socket.write(b"ok\n")
        socket.flush()
        self.received.emit(files)


def _files(line: bytes) -> list[Path] | None:
    try:
        names = json.loads(line)
    except ValueError:
        return None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return None
    return [Path(name) for name in names]
