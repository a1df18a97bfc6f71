"""How a client comes to a simulated reader: it connects to the reader's port."""

import os
import selectors
import socket

from edge.errors import ReaderError


class Listener:
    """A TCP port, open when it is made; raises ReaderError where it cannot be had, 0 is any.

    Closed for a while (`shut`), it keeps its number.
    """

    def __init__(self, host: str, port: int, selector: selectors.BaseSelector) -> None:
        self._host, self._port, self._selector = host, port, selector
        self._socket: socket.socket | None = None
        self.open()

    @property
    def address(self) -> tuple[str, int]:
        return self._host, self._port

    def open(self) -> None:
        if self._socket is not None:
            return
        self._socket = _listen(self._host, self._port)
        self._socket.settimeout(0)
        self._port = int(self._socket.getsockname()[1])
        self._selector.register(self._socket, selectors.EVENT_READ)

    def shut(self) -> None:
        if self._socket is not None:
            self._selector.unregister(self._socket)
            self._socket.close()
            self._socket = None

    def take(self) -> socket.socket | None:
        """Give the next client, if there is one at the door."""
        if self._socket is None:
            return None
        try:
            client, _ = self._socket.accept()
        except OSError:  # nobody is there, or has gone again
            return None
        return client


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=8)
    except socket.gaierror as error:
        raise ReaderError(f"cannot listen on {host}:{port}: {error.strerror}") from error
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise ReaderError(f"cannot listen on {host}:{port}: {why}") from error
