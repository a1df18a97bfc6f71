"""A simulated reader on a TCP port: one loop, one client, no threads of its own.

Whoever owns the server calls `step` again and again; between two calls nothing happens.  What
the client does not take fast enough waits in one bounded buffer, and while that is full the
reader neither listens to its client nor reads tags.
"""

import os
import selectors
import socket
import time
from collections.abc import Sequence

from edge.errors import ReaderError
from edge.model import Now
from simulators.clock import ReaderClock
from simulators.connection import Connection
from simulators.llrp_reader import LlrpReader, Outgoing

_PERIOD_S = 0.01  # how late a read or a keepalive may be
_FAREWELL_S = 2.0  # how long a client has to notice that the reader has closed


class LlrpServer:
    """Serves one reader.  Raises ReaderError when the port cannot be had; 0 is a free one."""

    def __init__(self, reader: LlrpReader, clock: ReaderClock, host: str, port: int) -> None:
        self._reader, self._clock = reader, clock
        self._listener = _listen(host, port)
        self._listener.settimeout(0)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._connection: Connection | None = None
        self._leaving: list[tuple[Connection, float]] = []

    @property
    def address(self) -> tuple[str, int]:
        host, port = self._listener.getsockname()[:2]
        return str(host), int(port)

    @property
    def has_client(self) -> bool:
        return self._connection is not None

    def step(self) -> Now:
        """Wait for something to happen, a hundredth of a second at most, and do all that is due."""
        ready = {key.fileobj for key, _ in self._selector.select(self._patience_s())}
        now = self._tell_time()
        if self._connection is not None:
            self._receive(self._connection, now, is_ready=self._connection.socket in ready)
        if self._listener in ready:
            self._accept(now)
        if not self._is_blocked():
            self._put(self._reader.advance(now))
        self._send()
        self._see_off(now)
        return now

    def finish(self, *, close: bool) -> None:
        """Report what is left; with `close`, announce the end and close when all has arrived."""
        self._put(self._reader.finish(self._clock.now, close=close))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        for connection, _ in self._leaving:
            connection.close()
        self._listener.close()
        self._selector.close()

    def _patience_s(self) -> float:
        return 0.0 if self._reader.is_behind and not self._is_blocked() else _PERIOD_S

    def _is_blocked(self) -> bool:
        return self._connection is not None and self._connection.is_full

    def _tell_time(self) -> Now:
        running = not self._reader.stands_still(blocked=self._is_blocked())
        return self._clock.advance(time.monotonic(), running=running)

    def _put(self, messages: Sequence[Outgoing]) -> None:
        if self._connection is not None:
            self._connection.put(messages)

    def _accept(self, now: Now) -> None:
        try:
            client, _ = self._listener.accept()
        except OSError:  # it has gone again
            return
        connection = Connection(client)
        if self._connection is None:
            self._connection = connection
            connection.put(self._reader.connect(now))
            self._selector.register(client, selectors.EVENT_READ)
            return
        connection.put([self._reader.refusal(now)])
        connection.send()
        self._leave(connection, now)
        self._put(self._reader.another_client(now))

    def _receive(self, connection: Connection, now: Now, *, is_ready: bool) -> None:
        if is_ready and connection.can_receive:
            connection.receive()
        if heard := connection.take_heard():
            connection.put(self._reader.receive(heard, now))
        if connection.is_lost:
            self._forget()

    def _send(self) -> None:
        connection = self._connection
        if connection is None:
            return
        connection.send()
        self._reader.delivered(connection.take_delivered())
        events = selectors.EVENT_READ if connection.can_receive else 0
        events |= selectors.EVENT_WRITE if connection.waiting else 0
        self._selector.modify(connection.socket, events)

    def _see_off(self, now: Now) -> None:
        """Close what is to be closed: the client's connection, and refused ones."""
        connection = self._connection
        if connection is not None and connection.is_lost:
            self._forget()
        elif connection is not None and self._reader.is_closing and connection.is_quiet:
            self._selector.unregister(connection.socket)
            self._leave(connection, now)
            self._connection = None
            self._reader.disconnect()
        for leaving, until_s in self._leaving:
            leaving.receive()
            leaving.take_heard()
            if leaving.is_lost or now.monotonic_s > until_s:
                leaving.close()
        self._leaving = [entry for entry in self._leaving if entry[0].socket.fileno() != -1]

    def _leave(self, connection: Connection, now: Now) -> None:
        """Say that nothing more will come, and give the client time to read what has."""
        connection.finish()
        self._leaving.append((connection, now.monotonic_s + _FAREWELL_S))

    def _forget(self) -> None:
        if self._connection is None:
            return
        self._selector.unregister(self._connection.socket)
        self._reader.delivered(self._connection.take_delivered())
        self._connection.abort()
        self._connection = None
        self._reader.disconnect()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=8)
    except socket.gaierror as error:
        raise ReaderError(f"cannot listen on {host}:{port}: {error.strerror}") from error
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise ReaderError(f"cannot listen on {host}:{port}: {why}") from error
