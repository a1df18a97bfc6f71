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
        self._failure: ReaderError | None = None

    def start(self) -> None:
        self._link.open()
        self._write(self._session.start(now=self._clock.now()))

    def poll(self, timeout_s: float) -> Polled:
        if self._failure:
            raise self._failure
        output = self._session.step(self._read(timeout_s), now=self._clock.now())
        try:
            self._write(output.to_send)
        except ReaderError as error:  # what came before it is given first
            self._failure = error
        return output.polled

    def stop(self) -> None:
        with contextlib.suppress(ReaderError):  # a dead link cannot hear goodbye
            self._write(self._session.stop(now=self._clock.now()))
        self._link.close()

    def _read(self, timeout_s: float) -> bytes:
        try:
            return self._link.read(timeout_s)
        except ReaderError:
            self._session.step(b"", now=self._clock.now())  # it may know why the reader hung up
            raise

    def _write(self, data: bytes) -> None:
        if data:
            self._link.write(data)
