"""A reader's clock beside ours: what is corrected, when, and what is told."""

from collections.abc import Iterator

import pytest

from edge.llrp.clock import DOUBT_S, SURE_S, ClockMemory, ReaderClock, shifted, span
from edge.model import TagRead
from tests.support.clocks import ManualClock

S = 1_000_000
YEAR_US = 365 * 86_400 * S


class Reader:
    """A reader whose clock is wrong by `wrong_us`, and runs `speed` times as fast as time."""

    def __init__(
        self,
        wrong_us: int = 0,
        speed: float = 1.0,
        memory: ClockMemory | None = None,
        *,
        trusts: bool = False,
    ) -> None:
        self.here = ManualClock()
        self.wrong_us, self.speed = wrong_us, speed
        self._began_us = self.here.now().utc_us
        self.memory = memory or ClockMemory()
        self.clock = ReaderClock(self.memory, self.here.now(), trusts=trusts)
        self.told: list[str] = []

    @property
    def raw_us(self) -> int:
        passed_us = self.here.now().utc_us - self._began_us
        return self._began_us + round(passed_us * self.speed) + self.wrong_us

    def connect(self) -> "Reader":
        self.told += self.clock.connect(self.raw_us, self.here.now(), is_uptime=False)
        return self

    def hear(self, after_s: float = 0.1, late_us: int = 0) -> int:
        """Hear a stamp made so long ago; give it as it is corrected in the end."""
        self.here.advance(after_s)
        stamp_us = self.raw_us - late_us + self.clock.offset_us
        step_us, told = self.clock.hear(stamp_us, self.here.now())
        settled_us, why = self.clock.settle(self.here.now(), must=False)
        self.told += [*told, *why]
        return stamp_us + step_us + settled_us

    def hear_for(self, seconds: float, every_s: float = 0.1) -> Iterator[int]:
        """Give by how much each corrected stamp is ahead of our time."""
        for _ in range(round(seconds / every_s)):
            yield self.hear(every_s) - self.here.now().utc_us


WRONG = {
    "two days behind": (-2 * 86_400 * S, "2 d behind"),
    "an hour ahead": (3600 * S, "1 h ahead"),
    "in the year 2000": (-27 * YEAR_US, "9855 d behind"),
    "years ahead": (YEAR_US + 5 * 3600 * S, "365 d 5 h ahead"),
    "three seconds behind": (-3 * S, "3.0 s behind"),
}


@pytest.mark.parametrize(("wrong_us", "text"), WRONG.values(), ids=WRONG)
def test_a_wrong_clock_is_corrected_and_told(wrong_us: int, text: str) -> None:
    reader = Reader(wrong_us).connect()
    assert reader.told == [f"the reader's clock is {text}: its stamps are corrected"]
    assert set(reader.hear_for(20)) == {0}
    assert len(reader.told) == 1


def test_a_clock_that_is_right_within_two_seconds_is_not_told_of() -> None:
    reader = Reader(-1_900_000).connect()
    assert set(reader.hear_for(20)) == {0}
    assert reader.told == []


def test_a_clock_that_is_trusted_is_told_of_and_left_as_it_is() -> None:
    reader = Reader(-YEAR_US, trusts=True).connect()
    assert reader.told == ["the reader's clock is 365 d behind: its stamps are taken as they are"]
    assert set(reader.hear_for(20)) == {-YEAR_US}


@pytest.mark.parametrize("speed", [2.0, 10.0, 60.0, 1000.0])
@pytest.mark.parametrize("wrong_us", [0, -YEAR_US], ids=["of today", "of last year"])
def test_a_recording_that_is_played_fast_keeps_its_own_differences(
    speed: float, wrong_us: int
) -> None:
    reader = Reader(wrong_us, speed).connect()
    stamps = [reader.hear(0.02) for _ in range(2000)]
    assert stamps[-1] - stamps[0] == pytest.approx(1999 * 0.02 * S * speed, abs=10)
    assert reader.told[-1] == (
        "the reader's clock runs at another speed than time, and is left alone"
    )


def test_a_recording_that_stood_still_while_it_was_set_up_keeps_its_own_differences() -> None:
    reader = Reader(-YEAR_US, 60.0).connect()
    before_us = reader.raw_us
    reader.here.advance(4)  # of setting up, on a slow machine
    reader.wrong_us -= reader.raw_us - before_us
    stamps = [reader.hear(0.01) for _ in range(1000)]
    assert stamps[-1] - stamps[0] == pytest.approx(999 * 0.01 * S * 60, abs=10)


def test_a_recording_goes_on_where_it_was_after_a_new_connection() -> None:
    reader = Reader(-YEAR_US, 60.0).connect()
    last_us = [reader.hear(0.1) for _ in range(20)][-1]
    again = Reader(memory=reader.memory)
    again.wrong_us = reader.raw_us - again.here.now().utc_us
    again.connect()
    assert again.hear(0.0) == last_us
    assert again.told == []


def test_a_clock_that_is_set_forward_is_corrected_at_once() -> None:
    reader = Reader().connect()
    assert set(reader.hear_for(20)) == {0}
    reader.wrong_us = 3600 * S
    assert set(reader.hear_for(20)) == {0}
    assert reader.told == ["the reader's clock was set, 1 h forward: stamps are corrected"]


def test_a_clock_of_the_year_2000_that_is_set_right_soon_is_corrected_at_once() -> None:
    reader = Reader(-27 * YEAR_US).connect()
    reader.wrong_us = 0
    assert set(reader.hear_for(5)) == {0}
    assert "9855 d forward" in reader.told[-1]


SET_SOON = {"at once": 0.0, "while it is set up": 2.0, "after a silence": 25.0}


@pytest.mark.parametrize("after_s", SET_SOON.values(), ids=SET_SOON)
@pytest.mark.parametrize("by_us", [5 * S, 3600 * S, 86_399 * S])
def test_a_clock_that_is_set_forward_soon_is_corrected_once_it_is_certain(
    by_us: int, after_s: float
) -> None:
    reader = Reader().connect()
    reader.here.advance(after_s)
    reader.wrong_us = by_us
    ahead = [*reader.hear_for(20)]
    assert set(ahead[: round(DOUBT_S * 10)]) == {by_us}
    assert set(ahead[round(DOUBT_S * 10) + 1 :]) == {0}
    assert "the reader's clock was set" in reader.told[0]
    assert len(reader.told) == 1
    assert reader.clock.state(reader.here.now()).gait == "steady"


def test_a_clock_whose_reports_come_late_is_corrected_by_the_freshest() -> None:
    reader = Reader().connect()
    reader.wrong_us = 3600 * S
    for late_us in (900_000, 0, 400_000, 1_500_000) * 10:
        reader.hear(0.1, late_us=late_us)
    assert reader.clock.offset_us == -3600 * S


def test_a_clock_that_was_taken_for_a_recording_is_corrected_when_it_keeps_pace() -> None:
    reader = Reader(speed=60.0).connect()
    assert [*reader.hear_for(2)][-1] > 60 * S
    reader.wrong_us, reader.speed = reader.raw_us - reader.here.now().utc_us, 1.0
    ahead = [*reader.hear_for(SURE_S + 5)]
    assert ahead[0] > 60 * S
    assert ahead[-1] == 0
    assert "the reader's clock was set" in reader.told[-1]


def test_a_clock_that_is_set_back_is_corrected_when_that_is_certain() -> None:
    reader = Reader().connect()
    assert set(reader.hear_for(20)) == {0}
    reader.wrong_us = -3600 * S
    ahead = [*reader.hear_for(30)]
    assert ahead[0] == -3600 * S
    assert set(ahead[-150:]) == {0}
    assert reader.told == ["the reader's clock was set, 1 h back: stamps are corrected"]


def test_reports_that_waited_in_the_reader_are_no_clock_set_back() -> None:
    reader = Reader().connect()
    assert set(reader.hear_for(20)) == {0}
    # Ten minutes of held reads, told within 30 s, faster and faster nearer to now.
    for late_s in range(600, 0, -2):
        reader.hear(0.1, late_us=late_s * S)
    assert set(reader.hear_for(20)) == {0}
    assert reader.told == []


@pytest.mark.parametrize("ppm", [100, -100, 20])
def test_a_quartz_that_drifts_is_followed(ppm: int) -> None:
    reader = Reader(speed=1 + ppm / 1e6).connect()
    ahead = [*reader.hear_for(3600 * 6, every_s=1.0)]
    assert max(map(abs, ahead)) < 0.05 * S
    state = reader.clock.state(reader.here.now())
    assert state.drift_ppm == pytest.approx(-ppm, rel=0.1)
    assert state.gait == "steady"
    assert reader.told == []


def test_late_reports_do_not_look_like_drift() -> None:
    reader = Reader().connect()
    for second in range(3600):
        reader.hear(1.0, late_us=second % 7 * S // 2)
    assert abs(reader.clock.offset_us) < 0.001 * S


def test_a_clock_that_counts_from_the_readers_start_begins_at_the_connection() -> None:
    here = ManualClock()
    clock = ReaderClock(ClockMemory(), here.now(), trusts=True)
    assert clock.connect(60 * S, here.now(), is_uptime=True) == []
    assert 60 * S + clock.offset_us == here.now().utc_us


@pytest.mark.parametrize(
    ("uptime_s", "told"),
    [(500, []), (3, ["the reader has been started anew since the last connection"])],
)
def test_a_reader_that_was_started_anew_is_known_by_its_uptime(
    uptime_s: int, told: list[str]
) -> None:
    here, memory = ManualClock(), ClockMemory()
    first = ReaderClock(memory, here.now(), trusts=False)
    first.connect(60 * S, here.now(), is_uptime=True)
    second = ReaderClock(memory, here.now(), trusts=False)
    assert second.connect(uptime_s * S, here.now(), is_uptime=True) == told


def test_between_stamps_time_goes_on() -> None:
    reader = Reader(-YEAR_US).connect()
    reader.hear(1.0)
    assert reader.clock.at(reader.here.advance(3)) == reader.here.now().utc_us


def test_reads_from_the_future_are_moved_and_the_others_stay() -> None:
    reads = [TagRead(b"\x30", 1, -50.0, at_us) for at_us in (10, 20, 30)]
    assert [read.at_us for read in shifted(reads, -15, after_us=15)] == [10, 5, 15]


SPANS = {
    1_500_000: "1.5 s ahead",
    -90 * S: "1 min 30 s behind",
    86_400 * S + 60 * S: "1 d 1 min ahead",
}


@pytest.mark.parametrize(("us", "text"), SPANS.items())
def test_a_span_is_told_in_its_two_largest_units(us: int, text: str) -> None:
    assert span(us) == text
