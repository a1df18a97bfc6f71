"""Links carry bytes to a reader and back, and know nothing of what they say.

A link raises ReaderError only, which names the address and the cause.  One thread uses it.
"""

import contextlib
import socket
import struct
import time
from collections.abc import Callable, Iterator
from typing import Protocol

from edge.errors import ReaderError

CONNECT_TIMEOUT_S = 5.0
WRITE_TIMEOUT_S = 5.0
LINGER_S = 1.0
_NO_LINGER = struct.pack("ii", 1, 0)  # socket(7): close at once, with a reset
CHUNK = 1 << 18  # the largest reports are 512 KiB; two reads are as cheap as one

# Seen from the kernel a dead peer shows in 20 s: unanswered data by the user time-out, and where
# there is none by keepalive (tcp(7)).  The protocol's own liveness comes on top.
_TCP_OPTIONS = {
    "TCP_NODELAY": 1,
    "TCP_KEEPIDLE": 10,
    "TCP_KEEPINTVL": 5,
    "TCP_KEEPCNT": 2,
    "TCP_USER_TIMEOUT": 20_000,
}


class Link(Protocol):
    def open(self, timeout_s: float) -> bool:
        """Connect, and tell whether there is a connection now.

        Who waits to be called does so for this time and may be asked again; who calls takes the
        time that it needs, up to CONNECT_TIMEOUT_S.
        """
        ...

    def read(self, timeout_s: float) -> bytes:
        """Give all that has come, up to a large chunk; nothing if nothing came in time."""
        ...

    def write(self, data: bytes) -> None: ...

    def close(self) -> None:
        """Raise nothing, and let what was written arrive."""
        ...

    def abort(self) -> None:
        """Raise nothing, and wait for nothing: the other end is dead."""
        ...


Secure = Callable[[socket.socket], socket.socket]
"""Makes a connection a secure one (`edge.readers.tls`); raises OSError or ReaderError."""


class TcpLink:
    """A link that calls the reader, and secures the connection if it is told how."""

    def __init__(self, host: str, port: int, secure: Secure | None = None) -> None:
        self._address = (host, port)
        self._secure = secure
        self._socket: socket.socket | None = None

    def open(self, timeout_s: float) -> bool:  # noqa: ARG002 - a call takes the time it needs
        with self._errors("cannot connect"):
            self._take(socket.create_connection(self._address, CONNECT_TIMEOUT_S))
        return True

    def read(self, timeout_s: float) -> bytes:
        with self._errors("cannot read"):
            opened = self._opened()
            opened.settimeout(timeout_s)
            try:
                received = opened.recv(CHUNK)
            except TimeoutError as error:
                if error.errno is not None:  # the kernel gave the peer up, not our own clock
                    raise
                return b""
        if not received:
            raise ReaderError(f"{self}: the reader closed the connection")
        return received

    def write(self, data: bytes) -> None:
        with self._errors("cannot write"):
            opened = self._opened()
            opened.settimeout(WRITE_TIMEOUT_S)
            opened.sendall(data)

    def close(self) -> None:
        if self._socket is None:
            return
        with contextlib.suppress(OSError, ReaderError):
            self._socket.shutdown(socket.SHUT_WR)
            # Closing with bytes unread sends a reset, which may overtake the goodbye.
            deadline_s = time.monotonic() + LINGER_S
            while (left_s := deadline_s - time.monotonic()) > 0:
                self.read(left_s)
        self._socket.close()
        self._socket = None

    def abort(self) -> None:
        if self._socket is None:
            return
        with contextlib.suppress(OSError):
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self._socket.close()
        self._socket = None

    def _take(self, connected: socket.socket) -> None:
        """Make a connection that stands the link's own."""
        self._socket = connected
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _TCP_OPTIONS.items():
            if option := getattr(socket, name, None):  # a kernel may lack one
                connected.setsockopt(socket.IPPROTO_TCP, option, value)
        if self._secure is not None:
            connected.settimeout(CONNECT_TIMEOUT_S)
            self._socket = self._secure(connected)

    def _opened(self) -> socket.socket:
        if self._socket is None:
            raise ReaderError(f"{self}: not connected")
        return self._socket

    @contextlib.contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            cause = error.strerror or str(error) or type(error).__name__
            raise ReaderError(f"{self}: {what}: {cause}") from error

    def __str__(self) -> str:
        host, port = self._address
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
