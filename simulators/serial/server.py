"""A simulated reader at a pseudo-terminal, served a step at a time: no threads of its own.

Bytes take their time on the line, both ways.  Where the host's rate is not the reader's, each hears
noise of the other.
"""

import random
import time

from edge.model import Now
from simulators.faults import Values
from simulators.serial.damage import Damage
from simulators.serial.pacing import PacedLine
from simulators.serial.pseudo_port import PseudoPort
from simulators.serial.reader import SerialReader

PERIOD_S = 0.004  # how late a byte or a read may be
_CHUNK = 64


class SerialServer:
    """Serves one reader; raises ReaderError where the link's name cannot be had."""

    def __init__(self, reader: SerialReader, port: PseudoPort, seed: int) -> None:
        self.reader, self.port = reader, port
        self.opened = 0  # how often a host has opened the port
        self.received_bytes = self.sent_bytes = 0
        self._to_host, self._to_reader = PacedLine(reader.baud), PacedLine(reader.baud)
        self._random = random.Random(seed)  # noqa: S311 - noise that can be played again
        self._damage = Damage(reader.faults, self._random)
        self._had_host = False
        self._back_s: float | None = None  # when an unplugged reader comes back
        self._burst_s = 0.0
        self._held = bytearray()
        self.now = _now()
        reader.power_up(self.now)

    @property
    def has_host(self) -> bool:
        return self._had_host

    def fileno(self) -> int | None:
        """Give what is readable as soon as the host says something; None while there is none."""
        return self.port.fileno() if self._had_host else None

    def step(self) -> Now:
        """Do all that is due, without waiting."""
        self.now = now = _now()
        self._come_back(now)
        self._see_host()
        self._set_rates()
        is_deaf = self._is_deaf()
        self._to_reader.put(self._as_heard(self.port.read()), now.monotonic_s)
        heard = self._to_reader.take(now.monotonic_s)
        if not is_deaf:
            self.received_bytes += len(heard)
            if heard:
                self.reader.receive(heard, now)
            self.reader.advance(now, self._to_host.room)
        for frame in self.reader.take():
            if not is_deaf:
                self._to_host.put(self._damage.of(frame), now.monotonic_s)
        self._send(now)
        return now

    def unplug(self, values: Values) -> None:
        self._back_s = self.now.monotonic_s + values.number("down_s")
        self.port.unplug()
        self._to_host.clear()
        self._to_reader.clear()

    def close(self) -> None:
        self.port.unplug()

    def _is_deaf(self) -> bool:
        return self._back_s is not None or self.reader.faults.get("deaf") is not None

    def _come_back(self, now: Now) -> None:
        if self._back_s is not None and now.monotonic_s >= self._back_s:
            self._back_s = None
            self.port.plug()
            self.reader.power_up(now)

    def _see_host(self) -> None:
        has_host = self.port.has_host
        if has_host and not self._had_host:
            self.opened += 1
        if self._had_host and not has_host:
            self._to_reader.clear()
        self._had_host = has_host

    def _set_rates(self) -> None:
        """Let the reader speak at the rate that it has now, once what it has said is out."""
        if self._to_host.is_empty:
            self.reader.has_said_all()
        baud = self.reader.baud
        if rate := self.reader.faults.get("rate"):
            baud = rate.whole("baud")
        self._to_host.baud = self._to_reader.baud = baud

    def _send(self, now: Now) -> None:
        self._held += self._to_host.take(now.monotonic_s)
        bursts = self.reader.faults.get("bursts")
        if bursts and now.monotonic_s < self._burst_s:
            return
        self._burst_s = now.monotonic_s + (bursts.whole("ms") / 1000 if bursts else 0.0)
        due, self._held = bytes(self._held), bytearray()
        if not self._had_host:
            return
        self.sent_bytes += len(due)
        due = self._as_heard(due)
        for at in range(0, len(due), _CHUNK):
            self.port.write(due[at : at + _CHUNK])

    def _as_heard(self, data: bytes) -> bytes:
        """Give what the other end hears of the bytes: noise, where its rate is another."""
        if not data or self.port.host_baud() in {0, self._to_host.baud}:
            return data
        return self._random.randbytes(len(data))


def _now() -> Now:
    return Now(time.monotonic(), time.time_ns() // 1000)
