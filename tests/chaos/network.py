"""A TCP connection's way that can be cut, swallow all, or hold back what comes down."""

import contextlib
import socket
import threading
from collections import Counter
from enum import StrEnum

_PATIENCE_S = 0.1
_PIECE = 65536


class Way(StrEnum):
    OPEN = "open"
    DOWN = "down"  # connections are closed, new ones too
    HOLE = "hole"  # connections stand, and nothing goes through
    LATE = "late"  # what goes up arrives, what comes down waits


class TcpLink:
    """A proxy on a loopback port of its own, before the server on `port`; `close()` it."""

    def __init__(self, port: int) -> None:
        self.counters: Counter[str] = Counter()
        self._target = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(_PATIENCE_S)
        self.port: int = self._listener.getsockname()[1]
        self._changed = threading.Condition()
        self._way = Way.OPEN
        self._is_closed = False
        self._sockets: set[socket.socket] = set()
        self._thread = threading.Thread(target=self._accept, name=f"link-{self.port}", daemon=True)
        self._thread.start()

    def set(self, way: Way) -> None:
        with self._changed:
            self._way = way
            self._changed.notify_all()
            if way is Way.DOWN:
                self._cut()

    def close(self) -> None:
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
            self._cut()
        self._thread.join(5)
        self._listener.close()

    def _cut(self) -> None:
        for one in self._sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._is_closed:
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            try:
                server = socket.create_connection(self._target, 1.0)
            except OSError:
                client.close()
                continue
            if self._way is Way.DOWN:
                client.close()
                server.close()
                continue
            self.counters["connections"] += 1
            self._join(client, server)

    def _join(self, client: socket.socket, server: socket.socket) -> None:
        with self._changed:
            self._sockets |= {client, server}
        for source, sink, is_up in ((client, server, True), (server, client, False)):
            source.settimeout(None)
            threading.Thread(target=self._pump, args=(source, sink, is_up), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, is_up: bool) -> None:  # noqa: FBT001  (a thread's argument)
        with contextlib.suppress(OSError):
            while data := source.recv(_PIECE):
                self._wait_for_way(is_up=is_up)
                sink.sendall(data)
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        with self._changed:
            self._sockets.discard(source)
        source.close()

    def _wait_for_way(self, *, is_up: bool) -> None:
        """Return when a piece may go on; raise OSError if it never will."""
        open_ways = {Way.OPEN, Way.LATE} if is_up else {Way.OPEN}
        with self._changed:
            self._changed.wait_for(
                lambda: self._is_closed or self._way in open_ways or self._way is Way.DOWN
            )
            if self._is_closed or self._way is Way.DOWN:
                raise ConnectionAbortedError
