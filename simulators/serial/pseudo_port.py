"""A pseudo-terminal that stands for a serial port, under a name of the tester's choice (pty(7)).

The name is a symbolic link to the terminal's slave side.  The master is this program's: it sees
whether a host has the port open, and at which rate.  A host's open drops what it was sent before.
"""

import contextlib
import errno
import fcntl
import os
import select
import struct
import tty
from pathlib import Path

from edge.errors import ReaderError

_TCGETS2 = 0x802C542A  # asm-generic/ioctls.h, struct termios2
_TERMIOS2 = struct.Struct("4I20s2I")  # flags, line and characters, input and output rate
_CHUNK = 4096


class PseudoPort:
    """Is plugged in when it is made; raises ReaderError where the name cannot be had."""

    def __init__(self, link: Path) -> None:
        self._link = link
        self._master: int | None = None
        self._poll = select.poll()
        self.plug()

    def plug(self) -> None:
        """Appear, perhaps as another terminal than before."""
        if self._master is not None:
            return
        master, slave = os.openpty()
        tty.setraw(slave)  # it would echo and edit what is written before a host opens it
        name = os.ttyname(slave)
        os.close(slave)
        os.set_blocking(master, False)
        try:
            self._point_to(name)
        except OSError as error:
            os.close(master)
            raise ReaderError(f"{self._link}: cannot be made: {error.strerror}") from error
        self._master = master
        self._poll.register(master, select.POLLIN)

    def unplug(self) -> None:
        """Vanish: whoever has the port open gets an error."""
        if self._master is None:
            return
        self._link.unlink(missing_ok=True)
        self._poll.unregister(self._master)
        os.close(self._master)
        self._master = None

    @property
    def has_host(self) -> bool:
        """Tell whether a host has the port open."""
        if self._master is None:
            return False
        return not any(events & select.POLLHUP for _, events in self._poll.poll(0))

    def fileno(self) -> int | None:
        """Give the master side; None while it is unplugged."""
        return self._master

    def read(self) -> bytes:
        if self._master is None:
            return b""
        try:
            return os.read(self._master, _CHUNK)
        except OSError:  # nothing is there, or nobody
            return b""

    def write(self, data: bytes) -> None:
        """Send; what the host does not take is lost, as on a line without flow control."""
        if self._master is None:
            return
        try:
            os.write(self._master, data)
        except OSError as error:
            if error.errno not in {errno.EAGAIN, errno.EIO}:
                raise

    def host_baud(self) -> int:
        """Give the rate that the host has set; 0 while nobody can tell."""
        if self._master is None:
            return 0
        with contextlib.suppress(OSError):
            told = fcntl.ioctl(self._master, _TCGETS2, bytes(_TERMIOS2.size))
            return int(_TERMIOS2.unpack(told)[-1])
        return 0

    def _point_to(self, name: str) -> None:
        self._link.parent.mkdir(parents=True, exist_ok=True)
        draft = self._link.with_name(f".{self._link.name}.{os.getpid()}")
        if self._link.exists() and not self._link.is_symlink():
            raise OSError(errno.EEXIST, "it is there, and no link")
        draft.unlink(missing_ok=True)
        draft.symlink_to(name)
        draft.replace(self._link)
