"""Stores take turns: in order, one at a time, and none holds up another."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.bridge.queues import StoreQueues


class Time:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def time() -> Time:
    return Time()


Queues = StoreQueues[str]


@pytest.fixture
def queues(time: Callable[[], float]) -> Queues:
    return StoreQueues(3, time)


def test_jobs_of_a_store_come_in_order_and_one_at_a_time(queues: Queues) -> None:
    for job in "abc":
        assert queues.put("muc", job)
    assert queues.take(0) == ("muc", "a")
    assert queues.take(0) is None
    queues.done("muc")
    assert queues.take(0) == ("muc", "b")


def test_a_store_that_is_busy_holds_up_no_other(queues: Queues) -> None:
    for job in "abc":
        queues.put("muc", job)
    queues.take(0)
    queues.put("ham", "x")
    assert queues.take(0) == ("ham", "x")


def test_stores_take_turns_however_much_one_says(queues: Queues) -> None:
    for job in "abc":
        queues.put("muc", job)
    queues.put("ham", "x")
    seen = []
    while taken := queues.take(0):
        seen.append(taken[1])
        queues.done(taken[0])
    assert seen == ["a", "x", "b", "c"]


def test_a_full_queue_takes_nothing_and_the_others_do(queues: Queues) -> None:
    for job in "abc":
        queues.put("muc", job)
    assert not queues.put("muc", "d")
    assert queues.put("ham", "x")
    assert queues.lengths() == (4, 3)


def test_a_pause_holds_a_store_back_and_then_it_goes_on(queues: Queues, time: Time) -> None:
    queues.put("muc", "a")
    queues.take(0)
    queues.done("muc", pause_s=1.0)
    queues.put("muc", "b")
    queues.put("ham", "x")
    assert queues.take(0) == ("ham", "x")
    assert queues.take(0) is None
    time.now_s = 1.0
    assert queues.take(0) == ("muc", "b")


def test_a_pause_after_which_nothing_came_is_forgotten(queues: Queues, time: Time) -> None:
    queues.put("muc", "a")
    queues.take(0)
    queues.done("muc", pause_s=1.0)
    time.now_s = 2.0
    assert queues.take(0) is None
    queues.put("muc", "b")
    assert queues.take(0) == ("muc", "b")


def test_a_job_for_later_comes_then_even_into_a_full_queue(queues: Queues, time: Time) -> None:
    queues.put_later("muc", "late", 5.0)
    for job in "abc":
        queues.put("muc", job)
    assert queues.take(0) == ("muc", "a")
    time.now_s = 5.0
    seen = []
    queues.done("muc")
    while taken := queues.take(0):
        seen.append(taken[1])
        queues.done(taken[0])
    assert seen == ["b", "c", "late"]


@given(st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from(["put", "take", "done"]))))
def test_nothing_is_lost_doubled_or_overtaken(steps: list[tuple[str, str]]) -> None:
    queues: StoreQueues[int] = StoreQueues(1000, Time())
    put: list[tuple[str, int]] = []
    seen: list[tuple[str, int]] = []
    busy: list[str] = []
    for store, step in steps:
        if step == "put":
            put.append((store, len(put)))
            queues.put(store, put[-1][1])
        elif step == "done" and busy:
            queues.done(busy.pop(0))
        elif taken := queues.take(0):
            assert taken[0] not in busy
            busy.append(taken[0])
            seen.append(taken)
    while busy or (taken := queues.take(0)):
        if busy:
            queues.done(busy.pop())
        elif taken:
            seen.append(taken)
            busy.append(taken[0])
    assert sorted(seen) == sorted(put)
    for store in "xyz":
        numbers = [number for name, number in seen if name == store]
        assert numbers == sorted(numbers)
