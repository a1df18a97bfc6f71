"""A serial line to a reader: `/dev/…`, by-id and by-path names, `socket://` and `rfc2217://`.

A name is followed to its device at each open, so that a reader that comes back under another one is
found by a name that stays (by-id, by-path).  The port is this program's alone: flock(2) keeps out
those that ask for it, TIOCEXCL all others but root, and a port that another program has open is
not used, since each of the two would get half of the bytes.
"""

import contextlib
import errno
import fcntl
import os
import select
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import serial

from edge.errors import ReaderError
from edge.readers.links import CHUNK, Link, TcpLink
from edge.readers.port_holder import holders

BITS_PER_BYTE = 10  # 8N1: a start bit, eight of data, a stop bit
WRITE_TIMEOUT_S = 5.0
_SOCKET, _REMOTE = "socket://", "rfc2217://"
_LOOK_S = 0.05  # a read that waits looks that often whether its time is over
GATHER_S = 0.004  # after a first byte: better than to be woken for each one
_UNPLUGGED = {errno.EIO, errno.ENXIO, errno.ENODEV, errno.EBADF}
_TAKEN = {errno.EAGAIN, errno.EBUSY}


class SerialLine(Link, Protocol):
    """A link with a rate, which is set before it is opened and may be set again later."""

    @property
    def bytes_per_s(self) -> float | None:
        """What the line can carry at most; None where that is not the rate's matter."""
        ...

    def set_baud(self, baud: int) -> None:
        """Set the rate; what has come at another one and was not read is dropped."""
        ...

    def read(self, timeout_s: float, gather_s: float = GATHER_S) -> bytes:
        """Give what has come, with what comes `gather_s` after it; nothing if nothing came."""
        ...


def serial_line(device: str) -> SerialLine:
    """Make the link for a device's name; nothing is opened yet."""
    if device.startswith(_SOCKET):
        host, _, port = device.removeprefix(_SOCKET).rpartition(":")
        return SocketLine(host, int(port))
    return PortLine(device)


class SocketLine(TcpLink):
    """A serial line behind a device server, which has the line's rate in its own settings."""

    bytes_per_s = None

    def set_baud(self, baud: int) -> None:
        """Do nothing: the device server keeps its rate."""

    def read(self, timeout_s: float, gather_s: float = GATHER_S) -> bytes:
        if not select.select([self._opened()], [], [], timeout_s)[0]:
            return b""
        time.sleep(gather_s)
        return super().read(timeout_s)


class PortLine:
    def __init__(self, device: str) -> None:
        self._device = device
        self._baud = 9600
        self._port: Any = None  # serial.SerialBase, which has no types
        self._poll = select.poll()

    @property
    def bytes_per_s(self) -> float:
        return self._baud / BITS_PER_BYTE

    def open(self, timeout_s: float) -> bool:  # noqa: ARG002 a port opens or does not
        local = {} if self._is_remote else {"exclusive": True, "write_timeout": WRITE_TIMEOUT_S}
        with self._errors("cannot be opened"):
            # 8N1 without flow control; XON and XOFF would be bytes of tags.
            self._port = serial.serial_for_url(
                self._device, baudrate=self._baud, timeout=_LOOK_S, **local
            )
        if self._is_remote:
            return True
        if others := holders(self._device):
            self.close()
            raise ReaderError(f"{self}: in use by {', '.join(map(str, others))}")
        with self._errors("cannot be set up"):
            fcntl.ioctl(self._port.fileno(), termios.TIOCEXCL)
            _keep_control_lines(self._port.fileno())
            self._poll = select.poll()
            self._poll.register(self._port.fileno(), select.POLLIN)
        return True

    def set_baud(self, baud: int) -> None:
        self._baud = baud
        if self._port is None:
            return
        with self._errors(f"cannot be set to {baud} baud"):
            self._port.baudrate = baud
            self._port.reset_input_buffer()

    def read(self, timeout_s: float, gather_s: float = GATHER_S) -> bytes:
        with self._errors("cannot be read"):
            port = self._opened()
            if self._is_remote:
                return self._read_remote(port, timeout_s, gather_s)
            # pyserial's own read() asks the kernel four times for what poll() and read() tell.
            if not self._poll.poll(timeout_s * 1000):
                return b""
            time.sleep(gather_s)
            if not (received := os.read(port.fileno(), CHUNK)):
                raise OSError(errno.EIO, "the line has hung up")
            return received

    def _read_remote(self, port: Any, timeout_s: float, gather_s: float) -> bytes:  # noqa: ANN401 pyserial has no types
        deadline_s = time.monotonic() + timeout_s
        while not (first := bytes(port.read(1))):
            if time.monotonic() >= deadline_s:
                return b""
        time.sleep(gather_s)
        waiting = min(port.in_waiting, CHUNK)
        return first + bytes(port.read(waiting)) if waiting else first

    def write(self, data: bytes) -> None:
        with self._errors("cannot be written"):
            self._opened().write(data)

    def close(self) -> None:
        """Close the port; what was written is sent on by the kernel."""
        port, self._port = self._port, None
        if port is not None:
            with contextlib.suppress(OSError, TypeError, termios.error):
                port.close()

    def abort(self) -> None:
        self.close()

    @property
    def _is_remote(self) -> bool:
        return self._device.startswith(_REMOTE)

    def _opened(self) -> Any:  # noqa: ANN401 pyserial has no types
        if self._port is None:
            raise ReaderError(f"{self}: not open")
        return self._port

    @contextlib.contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        try:
            yield
        except (OSError, TypeError, ValueError, termios.error) as error:
            raise ReaderError(f"{self}: {what}: {self._cause(error)}") from error

    def _cause(self, error: Exception) -> str:
        """Say what has happened, as far as the device itself can tell more than the error."""
        number = getattr(error, "errno", None)
        if number in _TAKEN:
            others = ", ".join(map(str, holders(self._device)))
            return f"in use by {others or 'this or another program'}"
        if number == errno.EACCES:
            group = _group(self._device)
            return f"not allowed; it belongs to the group {group}: is this program's user in it?"
        if not self._is_there():
            return "it is not there; is the reader plugged in?"
        is_open_port = self._port is not None and not self._is_remote
        is_gone = is_open_port and isinstance(error, serial.SerialException)
        if number in _UNPLUGGED or (is_gone and number is None):
            return "the reader was unplugged, or has lost its power"
        return os.strerror(number) if number else str(error)

    def _is_there(self) -> bool:
        return self._is_remote or Path(self._device).exists()

    def __str__(self) -> str:
        """Name the device, and the one behind it where that is another."""
        if self._is_remote or not self._is_there():
            return self._device
        behind = str(Path(self._device).resolve())
        return self._device if behind == self._device else f"{self._device} ({behind})"


def _keep_control_lines(descriptor: int) -> None:
    """Leave DTR as it is when the port is closed: some boards start anew when it drops."""
    attributes = termios.tcgetattr(descriptor)
    attributes[2] &= ~termios.HUPCL
    termios.tcsetattr(descriptor, termios.TCSANOW, attributes)


def _group(device: str) -> str:
    try:
        return Path(device).group()
    except (OSError, KeyError):
        return "of the device"
