"""Where readers' threads and the engine's meet: order, bound, and who waits for whom."""

import threading

import pytest

from edge.model import HealthEvent, HealthKind, Polled, TagRead, Tick
from edge.readers import buffer as module
from edge.readers.buffer import Batch, ReadBuffer

LOST = HealthEvent(HealthKind.LOST, "10.0.4.21:5084: closed", 3)


def reads(*stamps_us: int) -> Polled:
    return Polled(reads=[TagRead(b"\x30" * 12, 1, -50.0, at_us) for at_us in stamps_us])


def stamps_us(batches: list[Batch]) -> list[int]:
    return [read.at_us for batch in batches for read in batch.polled.reads]


def test_batches_come_out_in_the_order_of_arrival_over_all_readers() -> None:
    buffer = ReadBuffer()
    for reader, at_us in [("a", 1), ("b", 2), ("a", 3), ("c", 4), ("b", 5)]:
        buffer.put(reader, reads(at_us))
    taken = buffer.take(0)
    assert [(batch.reader, *stamps_us([batch])) for batch in taken] == [
        ("a", 1),
        ("b", 2),
        ("a", 3),
        ("c", 4),
        ("b", 5),
    ]


def test_what_was_taken_is_gone() -> None:
    buffer = ReadBuffer()
    buffer.put("a", reads(1))
    buffer.take(0)
    assert buffer.take(0) == []


def test_the_oldest_reads_of_a_reader_that_is_too_fast_go_and_are_counted() -> None:
    buffer = ReadBuffer(reads_limit=3)
    buffer.put("a", reads(1, 2))
    buffer.put("a", reads(3, 4))
    buffer.put("b", reads(5))
    assert stamps_us(buffer.take(0)) == [2, 3, 4, 5]
    assert buffer.dropped() == {"a": 1, "b": 0}


def test_one_batch_larger_than_the_limit_keeps_its_newest_reads() -> None:
    buffer = ReadBuffer(reads_limit=3)
    buffer.put("a", reads(*range(10)))
    assert stamps_us(buffer.take(0)) == [7, 8, 9]
    assert buffer.dropped() == {"a": 7}


def test_a_health_event_stays_when_the_reads_beside_it_go() -> None:
    buffer = ReadBuffer(reads_limit=1)
    buffer.put("a", Polled(reads=reads(1).reads, health=(LOST,)))
    buffer.put("a", reads(2))
    first, second = buffer.take(0)
    assert first.polled == Polled(reads=[], health=(LOST,))
    assert stamps_us([second]) == [2]


def test_a_tick_that_waits_alone_is_replaced_by_the_next() -> None:
    buffer = ReadBuffer()
    for at_us in range(1000):
        buffer.put("a", Polled(tick=Tick(at_us)))
    assert buffer.take(0) == [Batch("a", Polled(tick=Tick(999)))]


def test_a_tick_before_a_loss_is_not_told_after_it() -> None:
    buffer = ReadBuffer()
    buffer.put("a", Polled(health=(LOST,)))
    buffer.put("a", Polled(tick=Tick(4)))
    assert [batch.polled for batch in buffer.take(0)] == [
        Polled(health=(LOST,)),
        Polled(tick=Tick(4)),
    ]


def test_an_empty_poll_takes_no_place() -> None:
    buffer = ReadBuffer()
    buffer.put("a", Polled())
    assert buffer.take(0) == []


def test_a_wake_ends_one_wait() -> None:
    buffer = ReadBuffer()
    buffer.wake()
    assert buffer.take(3600) == []


def test_a_put_wakes_the_thread_that_waits() -> None:
    buffer = ReadBuffer()
    taken: list[Batch] = []
    thread = threading.Thread(target=lambda: taken.extend(buffer.take(3600)), daemon=True)
    thread.start()
    buffer.put("a", reads(1))
    thread.join(5)
    assert stamps_us(taken) == [1]


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> ReadBuffer:
    """Give a buffer that was taken from, and gathers for an hour before it is again."""
    monkeypatch.setattr(module, "GATHER_S", 3600.0)
    buffer = ReadBuffer()
    buffer.take(0)
    return buffer


def test_what_comes_soon_after_a_take_is_gathered_until_somebody_is_in_a_hurry(
    patient: ReadBuffer,
) -> None:
    taken: list[Batch] = []
    thread = threading.Thread(target=lambda: taken.extend(patient.take(3600)), daemon=True)
    thread.start()
    for at_us in (1, 2, 3):
        patient.put("a", reads(at_us))
    assert thread.is_alive()
    patient.wake()
    thread.join(5)
    assert stamps_us(taken) == [1, 2, 3]


def test_who_has_no_time_is_given_what_is_there(patient: ReadBuffer) -> None:
    patient.put("a", reads(1))
    assert stamps_us(patient.take(0)) == [1]


def test_the_first_to_come_after_a_long_silence_is_given_at_once() -> None:
    buffer = ReadBuffer()
    buffer.put("a", reads(1))
    assert stamps_us(buffer.take(3600)) == [1]


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> ReadBuffer:
    monkeypatch.setattr(module, "MAX_BATCHES", 2)
    buffer = ReadBuffer()
    for at_us in (1, 2):
        buffer.put("a", reads(at_us))
    return buffer


def putting(buffer: ReadBuffer, reader: str, polled: Polled) -> threading.Thread:
    thread = threading.Thread(target=buffer.put, args=(reader, polled), daemon=True)
    thread.start()
    return thread


def test_a_reader_with_too_many_batches_waits_until_they_are_taken(full: ReadBuffer) -> None:
    thread = putting(full, "a", reads(3))
    seen = [*stamps_us(full.take(5)), *stamps_us(full.take(5))]
    thread.join(5)
    seen += stamps_us(full.take(0))
    assert sorted(seen) == [1, 2, 3]


def test_another_reader_need_not_wait(full: ReadBuffer) -> None:
    full.put("b", reads(3))
    assert stamps_us(full.take(0)) == [1, 2, 3]


def test_nobody_waits_any_more_once_it_is_closed(full: ReadBuffer) -> None:
    thread = putting(full, "a", reads(3))
    full.close()
    thread.join(5)
    assert not thread.is_alive()
