"""What one reader's thread does in the life after life of its reader."""

import threading

import pytest

from edge.errors import GatewayError, ProtocolError, ReaderError, ReaderRefused
from edge.model import HealthEvent, HealthKind, Polled, TagRead, Tick
from edge.readers import supervisor
from edge.readers.buffer import ReadBuffer
from edge.readers.supervisor import Supervisor
from tests.support.clocks import ManualClock
from tests.support.drivers import ScriptedDriver, Step

READ = Polled(reads=(TagRead(b"\x30" * 12, 1, -50.0, 7),))
CONNECTED = Polled(health=(HealthEvent(HealthKind.CONNECTED, "Simulated 1.0", 5),))
SILENCE = ReaderError("10.0.4.21:5084: nothing heard for 25 s")
TAKEN = ReaderRefused("the connection", 1, "another client is connected")
GIBBERISH = ProtocolError("LLRP frame of 4 bytes, allowed are 10 to 16777216")


class PromptEvent(threading.Event):
    """A stop event whose waits are over at once, and written down."""

    def __init__(self) -> None:
        super().__init__()
        self.waits_s: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.waits_s.append(timeout)
        return self.is_set()


class Lives:
    """Runs a supervisor over one script a life; the last script must end with a stop."""

    def __init__(self) -> None:
        self.clock, self.stop = ManualClock(), PromptEvent()
        self.buffer = ReadBuffer()
        self.drivers: list[ScriptedDriver] = []

    def run(self, *lives: list[Step] | GatewayError) -> list[Polled]:
        scripts = iter(lives)

        def build() -> ScriptedDriver:
            life = next(scripts)
            match life:
                case GatewayError():
                    driver = ScriptedDriver([], start_fails=life)
                case _:
                    driver = ScriptedDriver(life)
            self.drivers.append(driver)
            return driver

        Supervisor("floor-1", build, self.buffer, self.clock, self.stop).run()
        return [batch.polled for batch in self.buffer.take(0)]

    def kinds(self, *lives: list[Step] | GatewayError) -> list[HealthKind]:
        return [event.kind for polled in self.run(*lives) for event in polled.health]


def test_a_loss_is_told_after_the_last_reads_of_the_link() -> None:
    lives = Lives()
    first, second, third, *_ = lives.run([CONNECTED, READ, SILENCE], [lives.stop.set])
    assert (first, second) == (CONNECTED, READ)
    (lost,) = third.health
    assert (lost.kind, lost.detail) == (HealthKind.LOST, str(SILENCE))
    assert lost.at_us == lives.clock.now().utc_us


def test_after_a_failure_a_fresh_driver_serves() -> None:
    lives = Lives()
    told = lives.run([SILENCE], [READ, lives.stop.set])
    assert READ in told
    assert [driver.calls for driver in lives.drivers] == [
        ["start", "poll", "stop"],
        ["start", "poll", "poll", "stop"],
    ]


ENDS = {
    "nothing heard": (SILENCE, [HealthKind.LOST]),
    "a stream that nobody can follow": (GIBBERISH, [HealthKind.LOST]),
    "the reader said no": (TAKEN, [HealthKind.REFUSED, HealthKind.LOST]),
}


@pytest.mark.parametrize(("error", "kinds"), ENDS.values(), ids=ENDS)
def test_what_ended_a_life_is_told_as_it_is(error: GatewayError, kinds: list[HealthKind]) -> None:
    lives = Lives()
    assert lives.kinds([error], [lives.stop.set]) == [*kinds, HealthKind.LOST]


def test_a_reader_that_cannot_be_had_is_told_at_every_attempt() -> None:
    lives = Lives()
    assert lives.kinds(SILENCE, SILENCE, [lives.stop.set]) == [HealthKind.LOST] * 3
    assert lives.drivers[0].calls == ["start", "stop"]


def test_waits_grow_up_to_their_ceiling() -> None:
    lives = Lives()
    lives.run(*[SILENCE] * 12, [lives.stop.set])
    waits_s = lives.stop.waits_s
    assert 0.5 <= waits_s[0] <= 1.0
    assert all(0.5 * 2**n <= wait_s <= 0.5 * 2**n + 0.5 for n, wait_s in enumerate(waits_s[:6]))
    assert all(30.0 <= wait_s <= 30.5 for wait_s in waits_s[-3:])


def test_waits_have_jitter() -> None:
    first_waits_s = set()
    for _ in range(5):
        lives = Lives()
        lives.run(SILENCE, [lives.stop.set])
        first_waits_s.add(lives.stop.waits_s[0])
    assert len(first_waits_s) > 1


def test_a_place_that_is_taken_is_asked_for_again_after_four_seconds() -> None:
    lives = Lives()
    lives.run([TAKEN], [lives.stop.set])
    assert 4.0 <= lives.stop.waits_s[0] <= 4.5


def test_a_steady_life_begins_with_short_waits_again() -> None:
    lives = Lives()

    def an_hour() -> None:
        lives.clock.advance(3600)

    lives.run(*[SILENCE] * 6, [an_hour, SILENCE], SILENCE, [lives.stop.set])
    assert lives.stop.waits_s[5] > 10
    assert len(lives.stop.waits_s) == 7  # none directly after the steady life
    assert lives.stop.waits_s[6] <= 1.0


def test_a_stop_says_goodbye_and_tells_the_loss() -> None:
    lives = Lives()
    told = lives.run([CONNECTED, lives.stop.set])
    assert lives.drivers[0].calls == ["start", "poll", "poll", "stop"]
    assert [event.detail for event in told[-1].health] == ["the agent stopped"]


def test_a_stop_during_a_wait_ends_without_another_attempt() -> None:
    lives = Lives()

    class StopsInTheWait(PromptEvent):
        def wait(self, timeout: float | None = None) -> bool:
            self.set()
            return super().wait(timeout)

    lives.stop = StopsInTheWait()
    lives.run(SILENCE)
    assert len(lives.drivers) == 1


def test_a_real_stop_event_ends_a_long_wait_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "_AFTER_LOSS", lambda _: 3600.0)
    stop, buffer = threading.Event(), ReadBuffer()
    body = Supervisor("floor-1", lambda: ScriptedDriver([], SILENCE), buffer, ManualClock(), stop)
    thread = threading.Thread(target=body.run, daemon=True)
    thread.start()
    assert buffer.take(5), "the failure was told, so the wait has begun or is about to"
    stop.set()
    thread.join(5)
    assert not thread.is_alive()


def test_a_bug_is_not_taken_for_a_reader_that_failed() -> None:
    lives = Lives()

    def bug() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        lives.run([bug])
    assert lives.drivers[0].calls[-1] == "stop"


def test_a_tick_goes_through_as_it_came() -> None:
    lives = Lives()
    tick = Polled(tick=Tick(9))
    assert lives.run([tick, lives.stop.set])[0].tick == Tick(9)


def test_a_failure_is_logged_in_one_line_with_reader_cause_and_wait(
    caplog: pytest.LogCaptureFixture,
) -> None:
    lives = Lives()
    lives.run(SILENCE, [lives.stop.set])
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith(f"reader=floor-1 {SILENCE}; again in ")
