"""A driver joins a link, a session and a clock, and decides nothing."""

import contextlib
from typing import Protocol

from edge.clock import Clock
from edge.errors import ProtocolError, ReaderError
from edge.llrp.operations import Outcome
from edge.llrp.session import LlrpSession
from edge.model import Polled
from edge.readers.desk import Desk, Order
from edge.readers.links import Link

GOODBYE_S = 2.0  # the reader may have megabytes of reports to send before it hears a goodbye
_LOOK_S = 0.25
_CUT_SHORT = Outcome(done=False, detail="the connection ended before the reader had answered")


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
    """What is left on the desk is done when the session has nothing else to do."""

    def __init__(
        self, link: Link, session: LlrpSession, clock: Clock, desk: Desk | None = None
    ) -> None:
        self._link, self._session, self._clock = link, session, clock
        self._desk = desk or Desk()
        self._is_open = False
        self._failure: ReaderError | None = None
        self._order: Order | None = None

    def start(self) -> None:
        self._open(0.0)

    def poll(self, timeout_s: float) -> Polled:
        if self._failure:
            raise self._failure
        if not self._is_open:
            self._open(timeout_s)
            return Polled()
        self._begin_next()
        output = self._session.step(self._read(timeout_s), now=self._clock.now())
        if self._order and output.done:
            self._order[1].set_result(output.done)
            self._order = None
        self._desk.facts = self._session.facts() if self._session.is_running else None
        try:
            self._write(output.to_send)
        except ReaderError as error:  # what came before it is given first
            self._failure = error
        return output.polled

    def stop(self) -> None:
        """Say goodbye and wait for the answer behind all that was under way; cut a dead link."""
        self._desk.facts = None
        if self._order:
            self._order[1].set_result(_CUT_SHORT)
        goodbye = self._session.stop(now=self._clock.now())
        if self._session.is_dead:
            self._link.abort()
            return
        # A dead link cannot hear goodbye, and what nobody can follow is no farewell.
        with contextlib.suppress(ReaderError, ProtocolError):
            self._write(goodbye)
            until_s = self._clock.now().monotonic_s + GOODBYE_S
            while goodbye and self._clock.now().monotonic_s < until_s:
                if self._session.has_ended(self._link.read(_LOOK_S)):
                    break
        self._link.close()

    def _open(self, timeout_s: float) -> None:
        self._is_open = self._link.open(timeout_s)
        if self._is_open:
            self._write(self._session.start(now=self._clock.now()))

    def _begin_next(self) -> None:
        if self._order is None and self._session.is_idle and (order := self._desk.take()):
            self._order = order
            self._session.begin(order[0])

    def _read(self, timeout_s: float) -> bytes:
        try:
            return self._link.read(timeout_s)
        except ReaderError:
            self._session.step(b"", now=self._clock.now())  # it may know why the reader hung up
            raise

    def _write(self, data: bytes) -> None:
        if data:
            self._link.write(data)
