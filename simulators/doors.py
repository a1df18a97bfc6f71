"""How a client comes to a simulated reader: it connects to the reader, or the reader to it.

Either way, with TLS a connection is handed out when both have shaken hands.
"""

import os
import selectors
import socket
import ssl
import time
from collections.abc import Callable
from typing import Protocol

from edge.errors import ReaderError

_MOST_HANDSHAKES = 16
_HANDSHAKE_S = 5.0
_REDIAL_S = 1.0
_DIAL_S = 5.0

Wrap = Callable[[socket.socket], ssl.SSLSocket]


class Door(Protocol):
    """`shut` and `open` it as the reader goes down and comes back."""

    @property
    def address(self) -> tuple[str, int]: ...
    @property
    def is_dialling(self) -> bool: ...
    def open(self) -> None: ...
    def shut(self) -> None: ...
    def take(self, *, is_wanted: bool) -> socket.socket | None:
        """Give the next client, if there is one; `is_wanted`: the reader has none."""
        ...


class Listener:
    """A TCP port, open when it is made; raises ReaderError where it cannot be had, 0 is any.

    Closed for a while (`shut`), it keeps its number.
    """

    is_dialling = False

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

    def take(self, *, is_wanted: bool) -> socket.socket | None:
        del is_wanted  # those that come too many are told so
        if self._socket is None:
            return None
        try:
            client, _ = self._socket.accept()
        except OSError:  # nobody is there, or has gone again
            return None
        return client


class Dialler:
    """Connects to a host again and again, a second apart, as long as a client is wanted."""

    is_dialling = True

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._dialling: socket.socket | None = None
        self._since_s = 0.0
        self._next_s = 0.0
        self._is_shut = False

    @property
    def address(self) -> tuple[str, int]:
        return self._host, self._port

    def open(self) -> None:
        self._is_shut = False

    def shut(self) -> None:
        self._is_shut = True
        self._give_up()

    def take(self, *, is_wanted: bool) -> socket.socket | None:
        now_s = time.monotonic()
        if self._is_shut or not is_wanted:
            self._give_up()
            return None
        if self._dialling is None and now_s >= self._next_s:
            self._dial(now_s)
        return self._finish(now_s)

    def _dial(self, now_s: float) -> None:
        self._next_s = now_s + _REDIAL_S
        try:
            family, *_, address = socket.getaddrinfo(
                self._host, self._port, type=socket.SOCK_STREAM
            )[0]
        except socket.gaierror:
            return
        self._dialling = socket.socket(family)
        self._dialling.settimeout(0)
        self._dialling.connect_ex(address)
        self._since_s = now_s

    def _finish(self, now_s: float) -> socket.socket | None:
        """Give the connection if it has come about; nobody waits for it here."""
        dialled = self._dialling
        if dialled is None:
            return None
        if (
            dialled.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            or now_s > self._since_s + _DIAL_S
        ):
            self._give_up()
            return None
        try:
            dialled.getpeername()
        except OSError:
            return None
        self._dialling = None
        return dialled

    def _give_up(self) -> None:
        if self._dialling is not None:
            self._dialling.close()
            self._dialling = None


class TlsDoor:
    """Another door's clients, once they have shaken hands; `failures` says who did not."""

    def __init__(self, door: Door, wrap: Wrap) -> None:
        self._door, self._wrap = door, wrap
        self._shaking: list[tuple[ssl.SSLSocket, float]] = []
        self.is_dialling = door.is_dialling
        self.failures: list[str] = []

    @property
    def address(self) -> tuple[str, int]:
        return self._door.address

    def open(self) -> None:
        self._door.open()

    def shut(self) -> None:
        self._door.shut()
        for client, _ in self._shaking:
            client.close()
        self._shaking.clear()

    def take(self, *, is_wanted: bool) -> socket.socket | None:
        client = self._door.take(is_wanted=is_wanted and not (self.is_dialling and self._shaking))
        if client is not None:
            client.settimeout(0)
            self._shaking.append((self._wrap(client), time.monotonic() + _HANDSHAKE_S))
            for late, _ in self._shaking[:-_MOST_HANDSHAKES]:
                late.close()
            del self._shaking[:-_MOST_HANDSHAKES]
        for entry in list(self._shaking):
            if self._shakes_hands(*entry):
                self._shaking.remove(entry)
                return entry[0]
        return None

    def _shakes_hands(self, client: ssl.SSLSocket, until_s: float) -> bool:
        try:
            client.do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            if time.monotonic() <= until_s:
                return False
            why = "it took too long"
        except OSError as error:
            why = str(error)
        else:
            return True
        self.failures.append(why)
        del self.failures[:-100]
        self._shaking.remove((client, until_s))
        client.close()
        return False


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=8)
    except socket.gaierror as error:
        raise ReaderError(f"cannot listen on {host}:{port}: {error.strerror}") from error
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise ReaderError(f"cannot listen on {host}:{port}: {why}") from error
