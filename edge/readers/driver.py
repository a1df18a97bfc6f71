"""A driver joins a link, a session and a clock, and decides nothing."""

import contextlib
from typing import Protocol

from edge.clock import Clock
from edge.errors import ReaderError
from edge.llrp.session import LlrpSession
from edge.model import Polled
from edge.readers.links import Link


class ReaderDriver(Protocol):
    """One physical reader, used by one thread: start(), poll() again and again, stop().

    poll() gives the reads, ticks and health events that have come.  start() and poll() raise
    ReaderError or ProtocolError only; stop() raises nothing and may follow either.  No driver
    repairs itself: its supervisor builds a fresh one.
    """

    def start(self) -> None: ...

    def poll(self, timeout_s: float) -> Polled: ...

    def stop(self) -> None: ...


class LlrpDriver:
    def __init__(self, link: Link, session: LlrpSession, clock: Clock) -> None:
        self._link, self._session, self._clock = link, session, clock

    def start(self) -> None:
        self._link.open()
        self._write(self._session.start(now=self._clock.now()))

    def poll(self, timeout_s: float) -> Polled:
        received = self._link.read(timeout_s)
        output = self._session.step(received, now=self._clock.now())
        self._write(output.to_send)
        return output.polled

    def stop(self) -> None:
        with contextlib.suppress(ReaderError):  # a dead link cannot hear goodbye
            self._write(self._session.stop(now=self._clock.now()))
        self._link.close()

    def _write(self, data: bytes) -> None:
        if data:
            self._link.write(data)
