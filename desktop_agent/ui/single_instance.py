"""The running agent's ear: other programs of ours show its window, hand over a link, or end it."""

from __future__ import annotations

import logging
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from ..core.data_folder import DataFolder
from ..core.instance import MAX_LINE_BYTES, TAKEN, addresses, decode

log = logging.getLogger(__name__)

#: Milliseconds that a program has for its line.
LINE_MS = 3000


class SingleInstance(QObject):
    """Listens beside the lock of the data folder, which its owner holds: whoever else listens there is dead."""

    #: A Message.
    told = Signal(object)

    def __init__(self, folder: DataFolder, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        # Nobody but this user.
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._greet)
        for address in addresses(folder):
            # Left behind by an agent that was killed: the lock says that it does not run.
            QLocalServer.removeServer(address)
            if self._server.listen(address):
                return
            log.warning("Cannot listen at %s: %s", address, self._server.errorString())

    def close(self) -> None:
        """Listen no more, and take the socket away."""
        self._server.close()

    def _greet(self) -> None:
        while (connection := self._server.nextPendingConnection()) is not None:
            connection.setReadBufferSize(MAX_LINE_BYTES + 1)
            connection.readyRead.connect(partial(self._hear, connection))
            connection.disconnected.connect(connection.deleteLater)
            QTimer.singleShot(LINE_MS, connection, connection.abort)
            self._hear(connection)

    def _hear(self, connection: QLocalSocket) -> None:
        if not connection.canReadLine():
            if connection.bytesAvailable() > MAX_LINE_BYTES:
                connection.abort()
            return
        message = decode(bytes(connection.readLine(MAX_LINE_BYTES + 1).data()))
        if message is None:
            log.warning("A message that makes no sense was ignored")
            connection.abort()
            return
        connection.write(TAKEN)
        connection.disconnectFromServer()
        self.told.emit(message)
