"""One client of a simulated reader: what waits to be sent to it, and what has arrived there.

Reads count as delivered when the message that reports them is in the client's machine as a whole,
its TCP having acknowledged the last byte (SIOCOUTQ of tcp(7), on Linux); with TLS, which sends
more bytes than it was given, a little later than that.  Acknowledgements come
late, so a read that is sent again after a client went may have arrived before: twice, but never
not at all.
"""

import contextlib
import fcntl
import socket
import ssl
import struct
import termios
from collections import deque
from collections.abc import Iterable

from simulators.llrp_reader import Outgoing

MOST_WAITING = 256 << 10  # bytes, beyond which the reader must wait for its client
MOST_UNHEARD = 64 << 10  # bytes that a client may say while it takes nothing itself
_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_NO_LINGER = struct.pack("ii", 1, 0)
_SEND_BUFFER = 64 << 10  # little of a report may be on the way when a client goes


class Connection:
    """Not blocking.  A connection that breaks says so by `is_lost`, and raises nothing."""

    def __init__(self, client: socket.socket) -> None:
        client.settimeout(0)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        self.socket = client
        self.is_lost = False
        self._waiting = bytearray()
        self._unheard = bytearray()
        self._messages = 0  # that wait, the one under way among them
        self._sent = 0
        self._queued = 0
        self._reports: deque[tuple[int, int]] = deque()  # byte at which one ends, its reads

    @property
    def peer(self) -> str | None:
        try:
            host, port = self.socket.getpeername()[:2]
        except OSError:
            return None
        return f"{host}:{port}"

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def waiting_messages(self) -> int:
        return self._messages

    @property
    def is_full(self) -> bool:
        return len(self._waiting) >= MOST_WAITING

    @property
    def is_quiet(self) -> bool:
        """Tell whether all that was to be sent has arrived."""
        return not self._waiting and self._unacknowledged() == 0

    def put(self, messages: Iterable[Outgoing]) -> None:
        for message in messages:
            self._waiting += message.data
            self._queued += len(message.data)
            self._messages += 1
            if message.reads:
                self._reports.append((self._queued, message.reads))

    def send(self, piece: int | None = None) -> None:
        """Send as much as the socket takes now, in pieces of so many bytes if that is said."""
        while self._waiting and not self.is_lost:
            try:
                sent = self.socket.send(self._waiting[:piece] if piece else self._waiting)
            except _NOT_NOW:
                return
            except OSError:
                self.is_lost = True
                return
            del self._waiting[:sent]
            self._sent += sent
        self._messages = 0

    @property
    def can_receive(self) -> bool:
        return not self.is_lost and len(self._unheard) < MOST_UNHEARD

    @property
    def has_more(self) -> bool:
        """Tell whether TLS holds bytes that the socket does not show any more."""
        return isinstance(self.socket, ssl.SSLSocket) and self.socket.pending() > 0

    def receive(self) -> None:
        """Take what has come off the socket, also while the client takes nothing itself.

        Only so is it noticed that such a client has gone.
        """
        try:
            data = self.socket.recv(MOST_UNHEARD - len(self._unheard))
        except _NOT_NOW:
            return
        except OSError:
            self.is_lost = True
            return
        self._unheard += data
        self.is_lost = self.is_lost or not data

    def take_heard(self) -> bytes:
        """Give what the client has said, once there is room for answers."""
        if self.is_full:
            return b""
        heard = bytes(self._unheard)
        self._unheard.clear()
        return heard

    def take_delivered(self) -> int:
        """Tell how many more reads have arrived since the last call."""
        if not self._reports:
            return 0
        arrived = self._sent - self._unacknowledged()
        reads = 0
        while self._reports and self._reports[0][0] <= arrived:
            reads += self._reports.popleft()[1]
        return reads

    def finish(self) -> None:
        """Say that nothing more will come."""
        with contextlib.suppress(OSError):
            if isinstance(self.socket, ssl.SSLSocket):
                self.socket.unwrap()  # it sends close_notify, and waits for none
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def abort(self) -> None:
        """Close at once: what has not arrived by now never will."""
        with contextlib.suppress(OSError):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.socket.close()

    def close(self) -> None:
        self.socket.close()

    def _unacknowledged(self) -> int:
        """Count the bytes that the kernel holds until the peer's has acknowledged them."""
        buffer = struct.pack("i", 0)
        with contextlib.suppress(OSError):
            buffer = fcntl.ioctl(self.socket.fileno(), termios.TIOCOUTQ, buffer)
        return int(struct.unpack("i", buffer)[0])
