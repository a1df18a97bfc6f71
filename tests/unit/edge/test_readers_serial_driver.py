"""Drivers of serial readers: what they carry between line and session, and in which order."""

import pytest

from edge.errors import ReaderError
from edge.model import HealthEvent, HealthKind, Now, Polled, TagRead
from edge.readers.serial_driver import ProbingDriver, SerialDriver
from edge.serial.mercury.protocol import MERCURY
from edge.serial.probe import Found, Probe
from edge.serial.r2000.protocol import R2000
from edge.serial.session import SessionOutput
from tests.support.clocks import ManualClock
from tests.support.serial_lines import ScriptedLine
from tests.support.serial_readers import A0Reader

READ = TagRead(b"\x30" * 12, 1, -50.0, 7)
UNPLUGGED = ReaderError("/dev/ttyUSB0: the reader was unplugged")


class ScriptedSession:
    """Gives an output a step; keeps what it was given."""

    baud = 57_600
    gather_s = 0.01

    def __init__(self, *outputs: SessionOutput) -> None:
        self.outputs = list(outputs)
        self.heard: list[bytes] = []

    def start(self, now: Now) -> bytes:
        del now
        return b"start"

    def step(self, received: bytes, now: Now) -> SessionOutput:
        del now
        self.heard.append(received)
        return self.outputs.pop(0) if self.outputs else SessionOutput(b"", Polled())

    def stop(self, now: Now) -> bytes:
        del now
        return b"stop"


def driver(line: ScriptedLine, session: ScriptedSession) -> SerialDriver:
    return SerialDriver(line, session, ManualClock())


def test_the_port_is_opened_at_the_rate_that_the_session_asks_for() -> None:
    line = ScriptedLine()
    driver(line, ScriptedSession()).start()
    assert line.did == [57_600, "open", b"start"]


def test_what_the_line_brings_reaches_the_session_and_what_it_says_reaches_the_line() -> None:
    line = ScriptedLine(b"abc")
    session = ScriptedSession(SessionOutput(b"ask", Polled(reads=[READ])))
    assert driver(line, session).poll(10).reads == [READ]
    assert (session.heard, line.did) == ([b"abc"], [b"ask"])


def test_a_new_rate_is_set_before_what_is_said_at_it() -> None:
    line = ScriptedLine()
    session = ScriptedSession(SessionOutput(b"ask", Polled(), 9600))
    driver(line, session).poll(0.25)
    assert line.did == [9600, b"ask"]


def test_a_silent_line_still_tells_the_session_the_time() -> None:
    session = ScriptedSession()
    driver(ScriptedLine(), session).poll(0.25)
    assert session.heard == [b""]


def test_what_came_before_a_write_that_fails_is_given_first() -> None:
    line = ScriptedLine()
    line.write_fails = UNPLUGGED
    one = driver(line, ScriptedSession(SessionOutput(b"ask", Polled(reads=[READ]))))
    assert one.poll(0.25).reads == [READ]
    with pytest.raises(ReaderError, match="unplugged"):
        one.poll(0.25)


def test_a_line_that_fails_is_an_error_of_the_poll() -> None:
    with pytest.raises(ReaderError, match="unplugged"):
        driver(ScriptedLine(UNPLUGGED), ScriptedSession()).poll(0.25)


def test_a_stop_is_said_and_the_port_is_closed() -> None:
    line = ScriptedLine()
    driver(line, ScriptedSession()).stop()
    assert line.did == [b"stop", "close"]


def test_a_dead_line_is_closed_without_a_word() -> None:
    line = ScriptedLine()
    line.write_fails = UNPLUGGED
    driver(line, ScriptedSession()).stop()
    assert line.did == ["close"]


def told(line: ScriptedLine, seconds: int) -> list[HealthEvent]:
    clock = ManualClock()
    one = SerialDriver(line, ScriptedSession(), clock)
    events: list[HealthEvent] = []
    for _ in range(seconds):
        clock.advance(1)
        events += one.poll(0.25).health
    return events


def test_the_use_of_the_line_is_told_against_what_it_can_carry() -> None:
    (event,) = told(ScriptedLine(*[b"x" * 4608] * 10), 10)
    assert event.kind is HealthKind.LINE
    assert event.detail == "line 40 % used, 11520 bytes/s at most"


def test_a_line_without_a_rate_of_its_own_has_no_use() -> None:
    assert told(ScriptedLine(*[b"x" * 4608] * 30, bytes_per_s=None), 30) == []


# Finding the protocol first.


def probing(line: ScriptedLine) -> tuple[ProbingDriver, ManualClock, list[Found]]:
    clock = ManualClock()
    founds: list[Found] = []

    def converse(found: Found) -> ScriptedSession:
        founds.append(found)
        return ScriptedSession()

    return ProbingDriver(line, Probe([MERCURY, R2000]), converse, clock), clock, founds


def test_what_a_probe_finds_is_told_and_served_on_the_open_line() -> None:
    reader, line = A0Reader(), ScriptedLine()
    one, clock, founds = probing(line)
    one.start()
    health: list[HealthEvent] = []
    for _ in range(40):
        clock.advance(0.05)
        health += one.poll(0.25).health
        if R2000.identify in line.did and not founds:
            line.pieces = [reader.hear(R2000.identify)]
    (found,) = founds
    assert (found.protocol, found.baud) == (R2000, 115_200)
    assert [event.kind for event in health] == [HealthKind.NOTICE]
    assert health[0].detail.startswith("found r2000 at 115200 baud: reader with A0 protocol")
    assert line.did.count("open") == 1
    assert line.did[-1] == b"start"
    one.stop()
    assert line.did[-2:] == [b"stop", "close"]


def test_a_probe_that_finds_nothing_is_an_error_that_says_what_was_tried() -> None:
    line = ScriptedLine()
    one, clock, _ = probing(line)
    one.start()

    def poll_for_a_minute() -> None:
        for _ in range(1200):
            clock.advance(0.05)
            one.poll(0.25)

    with pytest.raises(ReaderError, match=r"no reader answers; tried mercury, r2000 at 115200, "):
        poll_for_a_minute()
    one.stop()
    assert line.did[-1] == "close"
    assert 9600 in line.did
