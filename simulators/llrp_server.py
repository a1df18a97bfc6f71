"""A simulated reader on a TCP port: one loop, one client, no threads of its own.

Whoever owns the server calls `step` again and again; between two calls nothing happens.  What
the client does not take fast enough waits in one bounded buffer, and while that is full the
reader neither listens to its client nor reads tags.
"""

import selectors
import socket
import ssl
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from edge.model import Now
from simulators.clock import ReaderClock
from simulators.connection import Connection
from simulators.doors import Dialler, Door, Listener, TlsDoor
from simulators.llrp_reader import LlrpReader, Outgoing

if TYPE_CHECKING:
    from simulators.tls import ReaderTls  # needs a package that others do without

_PERIOD_S = 0.01  # how late a read or a keepalive may be
_FAREWELL_S = 2.0  # how long a client has to notice that the reader has closed


class LlrpServer:
    """Serves one reader.  Raises ReaderError when the port cannot be had; 0 is a free one.

    With `dials` the reader itself connects, to the host and port named, and again when that ends.
    """

    def __init__(  # noqa: PLR0913 - where it is served, and how
        self,
        reader: LlrpReader,
        clock: ReaderClock,
        host: str,
        port: int,
        *,
        tls: "ReaderTls | None" = None,
        dials: bool = False,
    ) -> None:
        self.reader, self._clock = reader, clock
        self._selector = selectors.DefaultSelector()
        door: Door = Dialler(host, port) if dials else Listener(host, port, self._selector)
        self._door = door if tls is None else _with_tls(door, tls, reader)
        self._connection: Connection | None = None
        self._leaving: list[tuple[Connection, float]] = []
        self._frozen: list[Connection] = []
        self._taken_until_s = 0.0  # a dead client is taken for alive
        self._down_until_s: float | None = None
        self._waiting_since_s = 0.0
        self.accepted = self.turned_away = self.delivered = 0

    @property
    def address(self) -> tuple[str, int]:
        return self._door.address

    @property
    def now(self) -> Now:
        """Give the time of the last step, by the reader's own clock."""
        return self._clock.now

    @property
    def tls_failures(self) -> list[str]:
        """Say why handshakes have failed, the last hundred."""
        return list(self._door.failures) if isinstance(self._door, TlsDoor) else []

    @property
    def has_client(self) -> bool:
        return self._connection is not None

    @property
    def client(self) -> str | None:
        """Name the client by its address."""
        return self._connection.peer if self._connection is not None else None

    def fileno(self) -> int:
        """Give what is readable as soon as a client says something."""
        return self._selector.fileno()

    @property
    def patience_s(self) -> float:
        """How long it may be left alone when nobody says anything."""
        return 0.0 if self.reader.is_behind and not self._is_blocked() else _PERIOD_S

    def step(self, wait_s: float | None = None) -> Now:
        """Wait for something to happen, as long as there is patience, and do all that is due."""
        wait_s = self.patience_s if wait_s is None else wait_s
        ready = {key.fileobj for key, _ in self._selector.select(wait_s)}
        now = self._tell_time()
        if self._down_until_s is not None and now.monotonic_s >= self._down_until_s:
            self.come_up()
        if self._connection is not None:
            self._receive(self._connection, now, is_ready=self._connection.socket in ready)
        self._accept(now)
        if self._down_until_s is None and not self._is_blocked():
            self._put(self.reader.advance(now))
        self._send(now)
        self._see_off(now)
        return now

    def finish(self, *, close: bool) -> None:
        """Report what is left; with `close`, announce the end and close when all has arrived."""
        self._put(self.reader.finish(self._clock.now, close=close))

    def inject(self, messages: Sequence[Outgoing]) -> None:
        """Send this too, if there is a client."""
        self._put(messages)

    def flush(self) -> None:
        """Send what waits, as far as the client takes it now."""
        if self._connection is not None:
            self._connection.send()

    def reset(self) -> None:
        """Reset the connection; what was not sent by now never will be."""
        self._forget()

    def hang_up(self) -> None:
        """Close the connection without a word."""
        if self._connection is not None:
            self._part_from(self._connection, self._clock.now)

    def freeze(self, taken_s: float) -> None:
        """Never again read from the client, or send to it; its TCP connection stays up."""
        if self._connection is not None:
            self._selector.unregister(self._connection.socket)
            self._frozen.append(self._connection)
            self._taken_until_s = self._clock.now.monotonic_s + taken_s
            self._connection = None
            self.reader.disconnect()

    def reboot(self, down_s: float, *, keeps_specs: bool) -> None:
        self._forget()
        for connection in self._frozen:
            connection.abort()
        self._frozen.clear()
        self._taken_until_s = 0.0
        self._door.shut()
        self._down_until_s = self._clock.now.monotonic_s + down_s
        self.reader.reboot(self._clock.now, keeps_specs=keeps_specs)

    def come_up(self) -> None:
        """Open the port again, if a reboot has closed it."""
        self._down_until_s = None
        self._door.open()

    def give_place(self) -> None:
        """Take the next client, even if a dead one was taken for alive."""
        self._taken_until_s = 0.0

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        for connection in (*self._frozen, *(connection for connection, _ in self._leaving)):
            connection.close()
        self._door.shut()
        self._selector.close()

    def _is_blocked(self) -> bool:
        return self._connection is not None and self._connection.is_full

    def _tell_time(self) -> Now:
        running = not self.reader.stands_still(blocked=self._is_blocked())
        return self._clock.advance(time.monotonic(), running=running)

    def _put(self, messages: Sequence[Outgoing]) -> None:
        if self._connection is not None:
            if not self._connection.waiting:
                self._waiting_since_s = self._clock.now.monotonic_s
            self._connection.put(messages)

    def _accept(self, now: Now) -> None:
        is_wanted = self._connection is None and self._down_until_s is None
        client = self._door.take(is_wanted=is_wanted)
        if client is None:
            return
        if self._connection is not None:  # it may have gone by now
            self._receive(self._connection, now, is_ready=True)
        connection = Connection(client)
        if values := self.reader.faults.take("refuse"):
            self._turn_away(connection, self.reader.refusal(now, values.whole("status")), now)
        elif self._connection is not None or now.monotonic_s < self._taken_until_s:
            self._turn_away(connection, self.reader.refusal(now), now)
            self._put(self.reader.another_client(now))
            self._probe(now)
        else:
            self.accepted += 1
            self._connection = connection
            self._put(self.reader.connect(now))
            self._selector.register(client, selectors.EVENT_READ)

    def _probe(self, now: Now) -> None:
        """Find out that the client is dead, if it is, as some readers do when another one comes."""
        probes_s = self.reader.profile.quirks.probes_client_s
        if probes_s is not None and self._connection is None:
            self._taken_until_s = min(self._taken_until_s, now.monotonic_s + probes_s)

    def _turn_away(self, connection: Connection, word: Outgoing, now: Now) -> None:
        self.turned_away += 1
        connection.put([word])
        connection.send()
        self._leave(connection, now)

    def _receive(self, connection: Connection, now: Now, *, is_ready: bool) -> None:
        if (is_ready or connection.has_more) and connection.can_receive:
            connection.receive()
        if heard := connection.take_heard():
            self._put(self.reader.receive(heard, now))
        if connection.is_lost:
            self._forget()

    def _send(self, now: Now) -> None:
        connection = self._connection
        if connection is None:
            return
        if not self._is_held_back(connection, now):
            split = self.reader.faults.get("split")
            connection.send(split.whole("bytes") if split else None)
        self._note_delivered(connection)
        events = selectors.EVENT_READ if connection.can_receive else 0
        events |= selectors.EVENT_WRITE if connection.waiting else 0
        self._selector.modify(connection.socket, events or selectors.EVENT_READ)

    def _note_delivered(self, connection: Connection) -> None:
        reads = connection.take_delivered()
        self.delivered += reads
        self.reader.delivered(reads)

    def _is_held_back(self, connection: Connection, now: Now) -> bool:
        values = self.reader.faults.get("coalesce")
        if values is None or connection.is_full:
            return False
        waited_s = now.monotonic_s - self._waiting_since_s
        is_few = connection.waiting_messages < values.whole("messages")
        return is_few and waited_s < values.number("hold_s")

    def _see_off(self, now: Now) -> None:
        """Close what is to be closed: the client's connection, and refused ones."""
        connection = self._connection
        if connection is not None and connection.is_lost:
            self._forget()
        elif connection is not None and (
            self.reader.hangs_up or (self.reader.is_closing and connection.is_quiet)
        ):
            self._part_from(connection, now)
        for leaving, until_s in self._leaving:
            leaving.receive()
            leaving.take_heard()
            if leaving.is_lost or now.monotonic_s > until_s:
                leaving.close()
        self._leaving = [entry for entry in self._leaving if entry[0].socket.fileno() != -1]

    def _part_from(self, connection: Connection, now: Now) -> None:
        self._selector.unregister(connection.socket)
        self._leave(connection, now)
        self._connection = None
        self.reader.disconnect()

    def _leave(self, connection: Connection, now: Now) -> None:
        """Say that nothing more will come, and give the client time to read what has."""
        connection.finish()
        self._leaving.append((connection, now.monotonic_s + _FAREWELL_S))

    def _forget(self) -> None:
        if self._connection is None:
            return
        self._selector.unregister(self._connection.socket)
        self._note_delivered(self._connection)
        self._connection.abort()
        self._connection = None
        self.reader.disconnect()


def _with_tls(door: Door, tls: "ReaderTls", reader: LlrpReader) -> TlsDoor:
    def wrap(client: socket.socket) -> ssl.SSLSocket:
        if door.is_dialling:
            return tls.client_context().wrap_socket(client, do_handshake_on_connect=False)
        context = tls.server_context(reader.faults)
        return context.wrap_socket(client, server_side=True, do_handshake_on_connect=False)

    return TlsDoor(door, wrap)
