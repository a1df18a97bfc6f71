"""Readers that call us: one listener for all that call the same port, known by where they are.

A call that nobody waits for just then is kept until its reader's turn comes; one from elsewhere is
turned away and counted.
"""

import logging
import socket
import threading
import time

from edge.errors import ReaderError
from edge.readers.links import Secure, TcpLink

_MOST_STRANGERS_LOGGED = 20
_log = logging.getLogger(__name__)


class Reception:
    """A listening socket, shared by the threads of its readers.

    Raises ReaderError where the port cannot be had.  open() by the first that waits.
    """

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self._expected: set[str] = set()
        self._kept: dict[str, socket.socket] = {}
        self.strangers = 0  # calls that were turned away

    def expect(self, address: str) -> None:
        with self._lock:
            self._expected.add(address)

    def wait_for(self, address: str, timeout_s: float) -> socket.socket | None:
        """Give the connection that this reader has opened; None if none came in time."""
        deadline_s = time.monotonic() + timeout_s
        while True:
            with self._lock:
                if call := self._kept.pop(address, None):
                    return call
                self._accept(min(0.05, max(deadline_s - time.monotonic(), 0.0)))
                if call := self._kept.pop(address, None):
                    return call
            if time.monotonic() >= deadline_s:
                return None

    def port(self) -> int:
        with self._lock:
            return int(self._opened().getsockname()[1])

    def close(self) -> None:
        with self._lock:
            for call in self._kept.values():
                call.close()
            self._kept.clear()
            if self._listener is not None:
                self._listener.close()
                self._listener = None

    def _accept(self, timeout_s: float) -> None:
        listener = self._opened()
        listener.settimeout(timeout_s)
        try:
            call, (address, *_) = listener.accept()
        except OSError:  # nobody, or nobody any more
            return
        address = address.removeprefix("::ffff:")
        if address not in self._expected:
            call.close()
            self.strangers += 1
            if self.strangers <= _MOST_STRANGERS_LOGGED:
                host, port = self._address
                _log.warning("%s:%d turned away a call from %s, no reader's", host, port, address)
            return
        if older := self._kept.pop(address, None):  # it has called again
            older.close()
        self._kept[address] = call

    def _opened(self) -> socket.socket:
        if self._listener is None:
            host, port = self._address
            try:
                family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
                self._listener = socket.create_server(self._address, family=family, backlog=16)
            except OSError as error:
                cause = error.strerror or str(error)
                raise ReaderError(f"cannot listen on {host}:{port}: {cause}") from error
        return self._listener


class Receptions:
    """The receptions of one agent, by address."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], Reception] = {}

    def at(self, host: str, port: int) -> Reception:
        return self._known.setdefault((host, port), Reception(host, port))

    def close(self) -> None:
        for reception in self._known.values():
            reception.close()


class AcceptedLink(TcpLink):
    """A link that the reader opens; `host` says which reader it is, by name or address."""

    def __init__(
        self, host: str, port: int, reception: Reception, secure: Secure | None = None
    ) -> None:
        super().__init__(host, port, secure)
        self._reception = reception

    def open(self, timeout_s: float) -> bool:
        with self._errors("cannot be found"):
            address = str(socket.getaddrinfo(self._address[0], None)[0][4][0])
        self._reception.expect(address)
        call = self._reception.wait_for(address, timeout_s)
        if call is None:
            return False
        with self._errors("cannot accept"):
            self._take(call)
        return True
