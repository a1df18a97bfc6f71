"""What holds for the buffer whatever readers say, and whenever the engine takes it."""

from operator import attrgetter

from hypothesis import given
from hypothesis import strategies as st

from edge.model import HealthEvent, HealthKind, Polled, TagRead, Tick
from edge.readers.buffer import Batch, ReadBuffer

TAKE = "take"
READERS = st.sampled_from("abc")
SHAPES = st.tuples(READERS, st.integers(0, 6), st.booleans(), st.integers(0, 2))


@st.composite
def stories(draw: st.DrawFn) -> list[Batch | str]:
    """Make polls whose stamps grow from one thing said to the next, mixed with takes."""
    story: list[Batch | str] = []
    at_us = 0
    for shape in draw(st.lists(st.one_of(st.just(None), SHAPES), max_size=30)):
        if shape is None:
            story.append(TAKE)
            continue
        reader, number, ticks, healths = shape
        stamps = iter(range(at_us, at_us := at_us + number + healths + 1))
        reads = [TagRead(b"\x30" * 12, 1, -50.0, next(stamps)) for _ in range(number)]
        health = tuple(HealthEvent(HealthKind.FAULT, "", next(stamps)) for _ in range(healths))
        tick = Tick(next(stamps)) if ticks else None
        story.append(Batch(reader, Polled(reads, tick, health)))
    return story


def told(buffer: ReadBuffer, story: list[Batch | str]) -> list[list[Batch]]:
    taken: list[list[Batch]] = []
    for step in story:
        match step:
            case Batch(reader, polled):
                buffer.put(reader, polled)
            case _:
                taken.append(buffer.take(0))
    return [*taken, buffer.take(0)]


def put(story: list[Batch | str]) -> list[Batch]:
    return [step for step in story if isinstance(step, Batch)]


def between_takes(story: list[Batch | str]) -> list[list[Batch]]:
    groups: list[list[Batch]] = [[]]
    for step in story:
        match step:
            case Batch():
                groups[-1].append(step)
            case _:
                groups.append([])
    return groups


def reads_of(batches: list[Batch], reader: str) -> list[int]:
    return [read.at_us for one in batches if one.reader == reader for read in one.polled.reads]


def health_of(batches: list[Batch]) -> list[tuple[str, HealthEvent]]:
    return [(one.reader, event) for one in batches for event in one.polled.health]


def last_word_us(batches: list[Batch], reader: str) -> int:
    """Give the latest time that a reader has told of, by a read or a tick."""
    polled = [one.polled for one in batches if one.reader == reader]
    stamps = [read.at_us for one in polled for read in one.reads]
    return max(stamps + [one.tick.at_us for one in polled if one.tick], default=-1)


@given(story=stories(), limit=st.integers(1, 8))
def test_reads_are_taken_or_counted_and_keep_their_order(
    story: list[Batch | str], limit: int
) -> None:
    buffer = ReadBuffer(limit)
    taken = [batch for group in told(buffer, story) for batch in group]
    for reader in "abc":
        seen = reads_of(taken, reader)
        assert seen == sorted(seen)
        assert len(seen) + buffer.dropped().get(reader, 0) == len(reads_of(put(story), reader))


@given(story=stories(), limit=st.integers(1, 8))
def test_no_more_reads_of_a_reader_wait_than_the_limit_and_they_are_the_newest(
    story: list[Batch | str], limit: int
) -> None:
    for group, said in zip(told(ReadBuffer(limit), story), between_takes(story), strict=True):
        for reader in "abc":
            assert reads_of(group, reader) == reads_of(said, reader)[-limit:]


@given(story=stories(), limit=st.integers(1, 8))
def test_health_events_all_come_in_the_order_of_arrival(
    story: list[Batch | str], limit: int
) -> None:
    taken = [batch for group in told(ReadBuffer(limit), story) for batch in group]
    assert health_of(taken) == health_of(put(story))


@given(story=stories(), limit=st.integers(1, 8))
def test_time_is_never_behind_what_a_reader_has_told(story: list[Batch | str], limit: int) -> None:
    taken = [batch for group in told(ReadBuffer(limit), story) for batch in group]
    for reader in "abc":
        assert last_word_us(taken, reader) == last_word_us(put(story), reader)


@given(story=stories())
def test_with_room_enough_nothing_but_lone_ticks_is_changed(story: list[Batch | str]) -> None:
    buffer = ReadBuffer(10_000)
    taken = [batch for group in told(buffer, story) for batch in group]
    key = attrgetter("reader")
    assert [(b.reader, b.polled.reads) for b in taken if b.polled.reads] == [
        (b.reader, b.polled.reads) for b in put(story) if b.polled.reads
    ]
    assert set(map(key, taken)) <= set(map(key, put(story)))
    assert not any(buffer.dropped().values())
