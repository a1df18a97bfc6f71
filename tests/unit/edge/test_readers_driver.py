"""The LLRP driver: it carries bytes between link and session, and loses nothing at an end."""

from collections.abc import Iterator

import pytest

from edge.errors import ProtocolError, ReaderError, ReaderRefused, ReaderSilent
from edge.llrp.session import LlrpSession, SessionOutput
from edge.llrp.settings import LlrpSettings
from edge.model import Now, Polled, TagRead
from edge.readers.desk import Desk
from edge.readers.driver import LlrpDriver
from tests.support.clocks import ManualClock
from tests.support.links import ScriptedLink

READ = Polled(reads=(TagRead(b"\x30" * 12, 1, -50.0, 7),))
HUNG_UP = ReaderError("10.0.4.21:5084: the reader closed the connection")
TAKEN = ReaderRefused("the connection", 1, "another client is connected")
GIBBERISH = ProtocolError("LLRP frame of 4 bytes, allowed are 10 to 16777216")


class ScriptedSession(LlrpSession):
    """Each step gives the next output, or raises it."""

    def __init__(self, *steps: SessionOutput | Exception) -> None:
        super().__init__(LlrpSettings())
        self._steps = iter(steps)
        self.received: list[bytes] = []
        self.nows: list[Now] = []

    def start(self, now: Now) -> bytes:  # noqa: ARG002 any time is well
        return b"begin"

    def step(self, received: bytes, now: Now) -> SessionOutput:
        self.received.append(received)
        self.nows.append(now)
        step = next(self._steps, SessionOutput(b"", Polled()))
        if isinstance(step, Exception):
            raise step
        return step

    def stop(self, now: Now) -> bytes:  # noqa: ARG002 any time is well
        return b"goodbye"

    def has_ended(self, received: bytes) -> bool:
        return received == b"farewell"


class TickingClock:
    """A second passes whenever somebody looks."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock

    def now(self) -> Now:
        return self._clock.advance(1.0)


def pieces() -> Iterator[bytes]:
    while True:
        yield bytes(1000)


def driver(link: ScriptedLink, session: LlrpSession, desk: Desk | None = None) -> LlrpDriver:
    """Give a driver that has been started."""
    one = LlrpDriver(link, session, ManualClock(), desk)
    one.start()
    return one


def test_a_start_opens_the_link_and_says_what_the_session_says() -> None:
    link = ScriptedLink()
    driver(link, ScriptedSession())
    assert (link.calls, link.written) == (["open"], [b"begin"])


def test_a_poll_takes_what_came_and_sends_what_is_to_be_sent() -> None:
    link = ScriptedLink([b"said"])
    session = ScriptedSession(SessionOutput(b"answer", READ))
    assert driver(link, session).poll(0.1) == READ
    assert (session.received, link.written) == ([b"said"], [b"begin", b"answer"])


def test_a_silent_reader_lets_the_session_see_the_time() -> None:
    session = ScriptedSession()
    driver(ScriptedLink([b""]), session).poll(0.1)
    assert (session.received, session.nows) == ([b""], [ManualClock().now()])


@pytest.mark.parametrize("error", [TAKEN, GIBBERISH], ids=["refused", "gibberish"])
def test_what_the_session_raises_comes_through(error: Exception) -> None:
    with pytest.raises(type(error), match=str(error).split("(", maxsplit=1)[0]):
        driver(ScriptedLink([b"said"]), ScriptedSession(error)).poll(0.1)


def test_a_reader_that_hangs_up_is_an_error() -> None:
    with pytest.raises(ReaderError, match="closed the connection"):
        driver(ScriptedLink([HUNG_UP]), ScriptedSession()).poll(0.1)


def test_a_session_that_knows_why_the_reader_hung_up_is_believed() -> None:
    one = driver(ScriptedLink([b"said", HUNG_UP]), ScriptedSession(SessionOutput(b"", READ), TAKEN))
    assert one.poll(0.1) == READ
    with pytest.raises(ReaderRefused):
        one.poll(0.1)


def test_reads_that_came_with_the_last_bytes_are_given_before_the_failed_answer() -> None:
    link = ScriptedLink([b"said"])
    one = driver(link, ScriptedSession(SessionOutput(b"answer", READ)))
    link.write_fails = HUNG_UP
    assert one.poll(0.1) == READ
    with pytest.raises(ReaderError, match="closed the connection"):
        one.poll(0.1)


def test_a_stop_says_goodbye_and_closes() -> None:
    link = ScriptedLink()
    driver(link, ScriptedSession()).stop()
    assert (link.written, link.calls) == ([b"begin", b"goodbye"], ["open", "close"])


def test_a_stop_hears_the_farewell_behind_what_was_under_way() -> None:
    reports = [bytes(1000)] * 50
    link = ScriptedLink([*reports, b"farewell", b"never read"])
    driver(link, ScriptedSession()).stop()
    assert link.read(0) == b"never read"
    assert link.calls == ["open", "close"]


class Deaf(ScriptedSession):
    """Cannot follow what comes after the goodbye."""

    def has_ended(self, received: bytes) -> bool:  # noqa: ARG002 whatever it is
        raise GIBBERISH


def test_a_stop_of_a_stream_that_nobody_can_follow_closes_it_and_raises_nothing() -> None:
    link = ScriptedLink([b"gibberish"])
    driver(link, Deaf()).stop()
    assert link.calls == ["open", "close"]


def test_a_stop_does_not_wait_for_a_farewell_for_ever() -> None:
    clock = ManualClock()
    link = ScriptedLink(pieces())
    one = LlrpDriver(link, ScriptedSession(), TickingClock(clock))
    one.start()
    one.stop()
    assert link.calls == ["open", "close"]


def test_a_stop_of_a_link_that_fails_closes_it_and_raises_nothing() -> None:
    link = ScriptedLink()
    one = driver(link, ScriptedSession())
    link.write_fails = HUNG_UP
    one.stop()
    assert link.calls == ["open", "close"]


def test_a_reader_that_is_silent_is_cut_off_without_a_goodbye() -> None:
    link, clock = ScriptedLink([b""]), ManualClock()
    one = LlrpDriver(link, LlrpSession(LlrpSettings(connect_timeout_s=10)), clock)
    one.start()
    clock.advance(11)
    with pytest.raises(ReaderSilent):
        one.poll(0.1)
    one.stop()
    assert (link.written, link.calls) == ([], ["open", "abort"])


def test_a_link_that_waits_to_be_called_begins_when_it_is() -> None:
    link = ScriptedLink([b"said"])
    link.opens = [False, False, True]
    one = driver(link, ScriptedSession(SessionOutput(b"answer", READ)))
    assert [one.poll(0.1), one.poll(0.1)] == [Polled(), Polled()]
    assert link.written == [b"begin"]
    assert one.poll(0.1) == READ


def test_with_the_real_session_nothing_is_said_before_the_reader_speaks() -> None:
    link = ScriptedLink([b""])
    one = driver(link, LlrpSession(LlrpSettings()))
    one.poll(0.1)
    one.stop()
    assert (link.written, link.calls) == ([], ["open", "close"])
