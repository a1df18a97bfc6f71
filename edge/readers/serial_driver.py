"""Drivers of serial readers: one that knows its protocol, and one that finds it out first."""

import contextlib
from collections.abc import Callable
from dataclasses import replace

from edge.clock import Clock
from edge.errors import ReaderError
from edge.model import HealthEvent, HealthKind, Polled
from edge.readers.line_meter import LineMeter
from edge.readers.serial_link import SerialLine
from edge.serial.probe import Found, Probe
from edge.serial.session import SerialSession

STEP_S = 0.25  # a session is told the time at least so often
PROBE_STEP_S = 0.05


class SerialDriver:
    """A ReaderDriver that joins a line, a session and a clock, and decides nothing."""

    def __init__(self, line: SerialLine, session: SerialSession, clock: Clock) -> None:
        self._line, self._session, self._clock = line, session, clock
        self._meter = LineMeter(clock.now())
        self._failure: ReaderError | None = None

    def start(self) -> None:
        self._line.set_baud(self._session.baud)
        self._line.open(0.0)
        self.begin()

    def begin(self) -> None:
        """Start on a line that is open, at the rate that the session asks for."""
        self._write(self._session.start(now=self._clock.now()))

    def poll(self, timeout_s: float) -> Polled:
        if self._failure:
            raise self._failure
        received = self._line.read(min(timeout_s, STEP_S), self._session.gather_s)
        now = self._clock.now()
        output = self._session.step(received, now)
        polled = output.polled
        try:
            if output.baud is not None:
                self._line.set_baud(output.baud)
            self._write(output.to_send)
        except ReaderError as error:  # what came before it is given first
            self._failure = error
        self._meter.count(len(received))
        if (limit := self._line.bytes_per_s) and (told := self._meter.tell(limit, now)):
            polled = replace(polled, health=(*polled.health, *told))
        return polled

    def stop(self) -> None:
        with contextlib.suppress(ReaderError):  # a dead line cannot hear goodbye
            self._write(self._session.stop(now=self._clock.now()))
        self._line.close()

    def _write(self, data: bytes) -> None:
        if data:
            self._line.write(data)


class ProbingDriver:
    """A ReaderDriver that first finds out which protocol its line speaks, and tells it.

    `converse` gives the session for what was found; ReaderError where there can be none.
    """

    def __init__(
        self,
        line: SerialLine,
        probe: Probe,
        converse: Callable[[Found], SerialSession],
        clock: Clock,
    ) -> None:
        self._line, self._probe, self._converse, self._clock = line, probe, converse, clock
        self._driver: SerialDriver | None = None

    def start(self) -> None:
        self._line.set_baud(self._probe.baud)
        self._line.open(0.0)
        self._write(self._probe.start(self._clock.now()))

    def poll(self, timeout_s: float) -> Polled:
        if self._driver:
            return self._driver.poll(timeout_s)
        received = self._line.read(min(timeout_s, PROBE_STEP_S))
        output = self._probe.step(received, self._clock.now())
        if output.baud is not None:
            self._line.set_baud(output.baud)
        self._write(output.to_send)
        return self._serve(output.found) if output.found else Polled()

    def stop(self) -> None:
        if self._driver:
            self._driver.stop()
        else:
            self._line.close()

    def _serve(self, found: Found) -> Polled:
        driver = SerialDriver(self._line, self._converse(found), self._clock)
        driver.begin()
        self._driver = driver
        detail = f"found {found.protocol.name} at {found.baud} baud: {found.told}"
        event = HealthEvent(HealthKind.NOTICE, detail, self._clock.now().utc_us)
        return Polled(health=(event,))

    def _write(self, data: bytes) -> None:
        if data:
            self._line.write(data)
