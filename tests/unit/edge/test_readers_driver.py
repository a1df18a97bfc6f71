"""The LLRP driver: it carries bytes between link and session, and loses nothing at an end."""

import pytest

from edge.errors import ProtocolError, ReaderError, ReaderRefused
from edge.llrp.rospec import LlrpSettings
from edge.llrp.session import LlrpSession, SessionOutput
from edge.model import Now, Polled, TagRead
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

    def start(self, now: Now) -> bytes:
        self.nows.append(now)
        return b"begin"

    def step(self, received: bytes, now: Now) -> SessionOutput:
        self.received.append(received)
        self.nows.append(now)
        step = next(self._steps, SessionOutput(b"", Polled()))
        if isinstance(step, Exception):
            raise step
        return step

    def stop(self, now: Now) -> bytes:
        self.nows.append(now)
        return b"goodbye"


def driver(link: ScriptedLink, session: LlrpSession) -> LlrpDriver:
    return LlrpDriver(link, session, ManualClock())


def test_a_start_opens_the_link_and_says_what_the_session_says() -> None:
    link = ScriptedLink()
    driver(link, ScriptedSession()).start()
    assert (link.calls, link.written) == (["open"], [b"begin"])


def test_a_poll_takes_what_came_and_sends_what_is_to_be_sent() -> None:
    link = ScriptedLink([b"said"])
    session = ScriptedSession(SessionOutput(b"answer", READ))
    assert driver(link, session).poll(0.1) == READ
    assert (session.received, link.written) == ([b"said"], [b"answer"])


def test_a_silent_reader_lets_the_session_see_the_time() -> None:
    clock, session = ManualClock(), ScriptedSession()
    LlrpDriver(ScriptedLink([b""]), session, clock).poll(0.1)
    assert (session.received, session.nows) == ([b""], [clock.now()])


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
    link.write_fails = HUNG_UP
    one = driver(link, ScriptedSession(SessionOutput(b"answer", READ)))
    assert one.poll(0.1) == READ
    with pytest.raises(ReaderError, match="closed the connection"):
        one.poll(0.1)


def test_a_stop_says_goodbye_and_closes() -> None:
    link = ScriptedLink()
    driver(link, ScriptedSession()).stop()
    assert (link.written, link.calls) == ([b"goodbye"], ["close"])


def test_a_stop_of_a_dead_link_closes_it_and_raises_nothing() -> None:
    link = ScriptedLink()
    link.write_fails = HUNG_UP
    driver(link, ScriptedSession()).stop()
    assert link.calls == ["close"]


def test_with_the_real_session_nothing_is_said_before_the_reader_speaks() -> None:
    link = ScriptedLink([b""])
    one = driver(link, LlrpSession(LlrpSettings()))
    one.start()
    one.poll(0.1)
    one.stop()
    assert (link.written, link.calls) == ([], ["open", "close"])
