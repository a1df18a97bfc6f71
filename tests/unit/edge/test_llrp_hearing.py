"""When an antenna is called silent, and when it is not."""

from collections.abc import Iterable

from edge.llrp.hearing import Hearing, HearingMemory, Told
from edge.model import HealthEvent, HealthKind, TagRead

SILENCE_S = 600.0
NEVER_S = 6 * SILENCE_S


class Antennas:
    """A reader's antennas 1 and 2, polled every second."""

    def __init__(
        self, memory: HearingMemory | None = None, *, ports: Iterable[int] = (1, 2)
    ) -> None:
        self.now_s = 1000.0
        self.hearing = Hearing(memory or HearingMemory(), [*ports], SILENCE_S)
        self.hearing.begin(self.now_s)
        self.told: list[Told] = []

    def poll(self, seconds: float, *heard: int) -> None:
        """Have these antennas hear a tag every second."""
        reads = [TagRead(b"\x30", port, -50.0, 0) for port in heard]
        for _ in range(round(seconds)):
            self.now_s += 1.0
            self.told += self.hearing.take(reads, (), self.now_s)

    def say(self, kind: HealthKind, port: int) -> None:
        self.hearing.take((), [HealthEvent(kind, "", 0, port)], self.now_s)


def test_an_antenna_that_heard_tags_and_hears_none_is_told_once_and_when_it_hears_again() -> None:
    antennas = Antennas()
    antennas.poll(60, 1, 2)
    antennas.poll(SILENCE_S - 10, 1)
    assert antennas.told == []
    antennas.poll(3 * SILENCE_S, 1)
    text = "antenna 2 has heard no tag for 10 min, and others have"
    assert antennas.told == [(HealthKind.ANTENNA_SILENT, text, 2)]
    antennas.poll(60, 1, 2)
    assert antennas.told[1:] == [(HealthKind.ANTENNA_HEARD, "antenna 2 hears tags again", 2)]


def test_an_antenna_that_is_often_silent_for_long_is_given_more_time() -> None:
    antennas = Antennas()
    for _ in range(5):
        antennas.poll(SILENCE_S / 2, 1)
        antennas.poll(5, 1, 2)
    antennas.poll(SILENCE_S * 1.9, 1)
    assert antennas.told == []
    antennas.poll(SILENCE_S * 0.2, 1)
    assert [kind for kind, *_ in antennas.told] == [HealthKind.ANTENNA_SILENT]


def test_reports_may_come_seldom() -> None:
    antennas = Antennas()
    for _ in range(5):
        antennas.poll(59)
        antennas.poll(1, 1, 2)
    for _ in range(9):
        antennas.poll(59)
        antennas.poll(1, 1)
    assert antennas.told == []
    antennas.poll(59)
    antennas.poll(1, 1)
    antennas.poll(30)
    assert [port for *_, port in antennas.told] == [2]


def test_a_silence_of_all_antennas_is_none_of_one() -> None:
    antennas = Antennas()
    antennas.poll(60, 1, 2)
    antennas.poll(10 * SILENCE_S)
    antennas.poll(SILENCE_S - 60, 1)
    assert antennas.told == []
    antennas.poll(60, 1)
    assert [port for *_, port in antennas.told] == [2]


def test_an_antenna_that_never_heard_a_tag_is_noticed_once_in_its_life() -> None:
    memory = HearingMemory()
    antennas = Antennas(memory)
    antennas.poll(NEVER_S - 10, 1)
    assert antennas.told == []
    antennas.poll(2 * NEVER_S, 1)
    text = "antenna 2 has heard no tag for 60 min, and others have"
    assert antennas.told == [(HealthKind.NOTICE, text, 2)]
    antennas.poll(5, 1, 2)
    again = Antennas(memory)
    again.poll(10, 1, 2)
    assert (antennas.told[1:], again.told) == ([], [])


def test_what_the_reader_calls_disconnected_is_not_told_twice() -> None:
    antennas = Antennas()
    antennas.poll(60, 1, 2)
    antennas.say(HealthKind.ANTENNA_DOWN, 2)
    antennas.poll(3 * SILENCE_S, 1)
    assert antennas.told == []
    antennas.say(HealthKind.ANTENNA_UP, 2)
    antennas.poll(SILENCE_S - 10, 1)
    assert antennas.told == []
    antennas.poll(20, 1)
    assert len(antennas.told) == 1


def test_a_new_connection_begins_the_time_anew_and_remembers_who_has_heard() -> None:
    memory = HearingMemory()
    antennas = Antennas(memory)
    antennas.poll(60, 1, 2)
    antennas.poll(2 * SILENCE_S, 1)
    again = Antennas(memory)
    again.poll(SILENCE_S - 10, 1)
    assert again.told == []
    again.poll(20, 1)
    assert [kind for kind, *_ in again.told] == [HealthKind.ANTENNA_SILENT]


def test_where_no_antennas_are_named_those_that_have_heard_are_watched() -> None:
    antennas = Antennas(ports=())
    antennas.poll(60, 1, 2)
    antennas.poll(2 * SILENCE_S, 2)
    assert [port for *_, port in antennas.told] == [1]
