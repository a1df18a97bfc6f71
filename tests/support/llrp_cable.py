"""The network between an agent and a reader, as a proxy that can be unplugged and plugged in.

Unplugged, nothing goes through and nobody is told: connections stay up, what is sent waits, and
who calls is heard by nobody.  `restart` is what a switch does that comes back: it forgets all.
"""

import contextlib
import selectors
import socket
import threading
from types import TracebackType
from typing import Self

_LOOK_S = 0.02
_PIECE = 1 << 16


class Cable:
    """For one connection after another; `port` is where the reader seems to be."""

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0)
        self._is_plugged, self._is_stopped = threading.Event(), threading.Event()
        self._must_forget = threading.Event()
        self._is_plugged.set()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._thread = threading.Thread(target=self._serve, name="cable", daemon=True)
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_stopped.set()
        self._thread.join(10)
        self._forget()
        self._listener.close()

    def unplug(self) -> None:
        self._is_plugged.clear()

    def plug_in(self) -> None:
        self._is_plugged.set()

    def restart(self) -> None:
        """Plug in, the connections from before being dead on both sides."""
        self._must_forget.set()
        self._is_plugged.set()

    def _serve(self) -> None:
        while not self._is_stopped.wait(_LOOK_S):
            if not self._is_plugged.is_set():
                continue
            if self._must_forget.is_set():
                self._must_forget.clear()
                self._forget()
            self._accept()
            for pair in list(self._pairs):
                self._carry(pair)

    def _accept(self) -> None:
        with contextlib.suppress(BlockingIOError):
            client, _ = self._listener.accept()
            reader = socket.create_connection(self._target, 5)
            self._pairs.append((client, reader))

    def _carry(self, pair: tuple[socket.socket, socket.socket]) -> None:
        """Carry what has come by now, both ways."""
        with selectors.DefaultSelector() as selector:
            for source, target in (pair, pair[::-1]):
                selector.register(source, selectors.EVENT_READ, target)
            for key, _ in selector.select(0):
                try:
                    data = key.fileobj.recv(_PIECE)  # type: ignore[union-attr]  # a socket
                    key.data.sendall(data)
                except OSError:
                    data = b""
                if not data:
                    self._end(pair)
                    return

    def _forget(self) -> None:
        for pair in list(self._pairs):
            self._end(pair)

    def _end(self, pair: tuple[socket.socket, socket.socket]) -> None:
        self._pairs.remove(pair)
        for one in pair:
            one.close()
