"""What happens to items, from polls to events: the whole engine, one story a test."""

import pytest

from edge.engine.changes import Counters, LastRead
from edge.epc import StrayReason
from edge.model import HealthEvent, HealthKind, ItemState, Polled, StockChange, TagRead, Tick
from tests.support.engine import GTIN, EngineStore, at, epc, known, read

ABSENCE_S = 60
TID = bytes.fromhex("e2806995000040182224401d")


@pytest.fixture
def store() -> EngineStore:
    """Give a store whose reader `a` is up, and has said so at second 0."""
    store = EngineStore()
    store.connect()
    store.tick(0)
    return store


def test_an_item_that_is_read_arrives_at_the_end_of_the_epoch(store: EngineStore) -> None:
    store.say(read(3))
    assert store.told() == []
    store.tick(4)
    assert store.told() == [("arrived", "1", "floor", 4)]


def test_an_item_that_arrived_is_kept_present_with_its_last_read(store: EngineStore) -> None:
    store.say(read(2), read(3))
    store.tick(4)
    [item] = store.take().items
    assert (item.state, item.zone, item.last_read_at_us) == (ItemState.PRESENT, "floor", at(3))


def test_one_item_under_two_encodings_arrives_once(store: EngineStore) -> None:
    long_epc = bytes.fromhex("3634257bf7194e5b3770e40000000000000000000000000000")
    store.say(read(3, serial=6789), TagRead(long_epc, 1, -60.0, at(3)))
    store.tick(4)
    assert store.told() == [("arrived", "6789", "floor", 4)]


def test_an_item_is_read_again_and_again_without_an_event(store: EngineStore) -> None:
    for second in range(0, 300, 5):
        store.say(read(second))
    assert len(store.told()) == 1


def test_an_item_moves_when_another_zone_has_it_for_three_epochs(store: EngineStore) -> None:
    store.say(read(1), read(3, port=2), read(5, port=2), read(7, port=2))
    store.tick(10)
    assert store.told() == [("arrived", "1", "floor", 2), ("moved", "1", "back", 8)]


def test_a_single_loud_cross_read_moves_nothing(store: EngineStore) -> None:
    store.say(read(1), TagRead(epc(1), 2, -30.0, at(3), hits=50), read(5))
    store.tick(10)
    assert store.told() == [("arrived", "1", "floor", 2)]


def test_an_item_unread_for_longer_than_the_absence_is_missing(store: EngineStore) -> None:
    store.say(read(1))
    store.tick_through(2, 2 + ABSENCE_S)
    assert store.told() == [("arrived", "1", "floor", 2)]
    store.tick(4 + ABSENCE_S)
    changes = store.take()
    [event] = changes.events
    assert (event.kind, event.at_us) == ("missing", at(4 + ABSENCE_S))
    assert changes.stock == [StockChange(GTIN, "floor", -1, 1)]


def test_a_missing_item_that_is_read_again_is_found(store: EngineStore) -> None:
    store.say(read(1))
    store.tick_through(2, 100)
    store.take()
    store.say(read(101))
    store.tick(102)
    changes = store.take()
    assert [event.kind for event in changes.events] == ["found"]
    assert changes.stock == [StockChange(GTIN, "floor", 1, -1)]


def test_a_missing_item_may_be_found_in_another_zone_at_once(store: EngineStore) -> None:
    store.say(read(1))
    store.tick_through(2, 100)
    store.say(read(101, port=2))
    store.tick(102)
    assert store.told()[-1] == ("found", "1", "back", 102)


def test_a_found_item_can_be_missing_again(store: EngineStore) -> None:
    store.say(read(1))
    store.tick_through(2, 100)
    store.say(read(101))
    store.tick_through(102, 200)
    assert [kind for kind, *_ in store.told()] == ["arrived", "missing", "found", "missing"]


def test_items_are_missing_in_the_order_of_time_whatever_their_zones(store: EngineStore) -> None:
    store.connect("b")
    store.tick(0, "b")
    store.say(read(11, serial=1, port=2), read(13, serial=2), read(15, serial=3, port=2))
    for second in (20, 45, 70, 98):  # the last word finds all of them overdue
        store.tick(second, "a")
        store.tick(second, "b")
    missing = [(serial, second) for kind, serial, _, second in store.told() if kind == "missing"]
    assert missing == [("1", 74), ("2", 76), ("3", 78)]


def test_an_item_that_was_missing_and_is_read_again_in_one_poll_was_missing(
    store: EngineStore,
) -> None:
    others = [read(second, serial=2) for second in range(5, 100, 5)]
    store.say(read(1), *others, read(101))
    store.tick(104)
    assert [(kind, second) for kind, serial, _, second in store.told() if serial == "1"] == [
        ("arrived", 2),
        ("missing", 64),
        ("found", 102),
    ]


# What stops the clocks of absence.


def test_while_the_reader_is_down_nothing_is_missing(store: EngineStore) -> None:
    store.say(read(1))
    store.tick(4)
    store.lose()
    store.connect()
    store.tick_through(5000, 5040)
    assert [kind for kind, *_ in store.told()] == ["arrived"]
    store.tick_through(5050, 5080)
    assert [kind for kind, *_ in store.told()] == ["missing"]


def test_a_reader_that_was_silent_for_too_long_had_not_been_watching(store: EngineStore) -> None:
    store.say(read(1))
    store.tick(4)
    store.tick(5000)
    assert [kind for kind, *_ in store.told()] == ["arrived"]


def test_a_zone_with_one_of_its_antennas_down_stands_still(store: EngineStore) -> None:
    store.connect("b")
    store.tick(0, "b")
    store.say(read(1, port=2))
    store.tick_through(2, 30)
    store.tick_through(2, 30, "b")
    store.lose("b")
    store.tick_through(30, 500)
    assert [kind for kind, *_ in store.told()] == ["arrived"]


def test_an_antenna_that_is_reported_down_stops_only_its_own_zone(store: EngineStore) -> None:
    store = EngineStore()
    store.connect("a")
    store.connect("b")
    store.say(read(1, serial=1, port=1), read(1, serial=2, port=2))
    store.tick(2, "b")
    store.health(HealthKind.ANTENNA_DOWN, "b", 1)
    for second in range(10, 110, 10):
        store.tick(second, "a")
        store.tick(second, "b")
    assert [serial for kind, serial, *_ in store.told() if kind == "missing"] == ["1"]


def test_an_antenna_that_is_up_again_counts_from_then_on(store: EngineStore) -> None:
    store.say(read(1))
    store.health(HealthKind.ANTENNA_DOWN, "a", 1)
    store.tick_through(2, 200)
    store.health(HealthKind.ANTENNA_UP, "a", 1)
    store.tick_through(200, 200 + ABSENCE_S)
    assert [kind for kind, *_ in store.told()] == ["arrived"]
    store.tick(210 + ABSENCE_S)
    assert [kind for kind, *_ in store.told()] == ["missing"]


def test_an_antenna_that_is_up_again_counts_by_its_own_readers_time() -> None:
    store = EngineStore([known(1)])
    store.connect("a")
    store.connect("b")
    store.health(HealthKind.ANTENNA_DOWN, "a", 1)
    store.tick_through(0, 100, "b")
    store.tick_through(0, 128, "a")
    store.health(HealthKind.ANTENNA_UP, "a", 1)
    for second in (128, 150, 128 + ABSENCE_S):
        store.tick(second, "b")
        store.tick(second, "a")
    assert store.told() == []
    store.tick(130 + ABSENCE_S, "b")
    store.tick(130 + ABSENCE_S, "a")
    assert [kind for kind, *_ in store.told()] == ["missing"]


def test_a_zone_is_watched_from_when_the_last_of_its_readers_came() -> None:
    store = EngineStore([known(1, zone="back")])
    store.connect("b")
    store.tick_through(0, 50, "b")
    store.connect("a")
    store.tick(70, "a")
    for second in range(60, 70 + ABSENCE_S + 1, 10):
        store.tick(second, "b")
        store.tick(second, "a")
    assert store.told() == []


def test_an_item_that_moved_is_awaited_in_its_new_zone_only(store: EngineStore) -> None:
    store.connect("b")
    store.say(read(1), read(3, port=2), read(5, port=2), read(7, port=2))
    store.tick(10, "a")
    store.tick(10, "b")
    store.lose("b")
    store.tick_through(10, 500)
    assert [kind for kind, *_ in store.told()] == ["arrived", "moved"]


def test_a_reader_that_connects_anew_has_all_its_antennas_until_it_says_otherwise() -> None:
    store = EngineStore([known(1)])
    store.health(HealthKind.ANTENNA_DOWN, "a", 1)
    store.connect()
    store.tick_through(0, 100)
    assert [kind for kind, *_ in store.told()] == ["missing"]


def test_after_a_start_absence_is_counted_from_the_first_stamp() -> None:
    store = EngineStore([known(1)])
    store.connect()
    store.tick_through(0, ABSENCE_S)
    assert store.told() == []
    store.tick(ABSENCE_S + 2)
    assert store.told() == [("missing", "1", "floor", ABSENCE_S + 2)]


def test_an_item_of_a_zone_without_antennas_stays_until_it_is_read_elsewhere() -> None:
    store = EngineStore([known(1, zone="cellar")])
    store.connect()
    store.tick_through(0, 500)
    store.say(read(501), read(503), read(505))
    store.tick(506)
    assert store.told() == [("moved", "1", "floor", 506)]


# Starts, and what is known from before.


def test_a_known_item_does_not_arrive_again() -> None:
    store = EngineStore([known(1)])
    store.connect()
    store.say(read(1))
    store.tick(4)
    assert store.told() == []


def test_an_item_known_as_missing_is_found() -> None:
    store = EngineStore([known(1, ItemState.MISSING)])
    store.connect()
    store.say(read(1))
    store.tick(4)
    assert store.told() == [("found", "1", "floor", 2)]


# Time: readers that are late, silent, or gone.


def test_what_is_open_is_decided_when_the_last_reader_is_lost(store: EngineStore) -> None:
    store.say(read(3))
    store.lose()
    assert store.told() == [("arrived", "1", "floor", 4)]


def test_the_last_words_of_a_reader_count_though_they_come_with_its_loss(
    store: EngineStore,
) -> None:
    lost = HealthEvent(HealthKind.LOST, "", 0)
    store.pipeline.feed("a", Polled(reads=[read(3)], health=(lost,)))
    assert [kind for kind, *_ in store.told()] == ["arrived"]


def test_a_reader_that_was_lost_and_came_back_in_one_poll_is_up(store: EngineStore) -> None:
    health = (HealthEvent(HealthKind.LOST, "", 0), HealthEvent(HealthKind.CONNECTED, "", 0))
    store.pipeline.feed("a", Polled(reads=[read(3)], tick=Tick(at(3)), health=health))
    assert store.told() == []
    store.tick(4)
    assert len(store.told()) == 1


def test_one_readers_time_does_not_run_past_what_another_is_about_to_tell() -> None:
    store = EngineStore()
    store.connect("a")
    store.connect("b")
    store.say(read(1))
    store.tick(20)
    assert store.told() == []
    store.say(TagRead(epc(1), 1, -40.0, at(1), hits=9), reader="b")
    store.tick(20, "b")
    assert store.told() == [("arrived", "1", "back", 2)]


def test_a_late_read_is_counted_and_the_item_is_not_missing(store: EngineStore) -> None:
    store.say(read(1))
    store.tick_through(2, 50)
    store.say(read(40))
    store.tick_through(52, 100)
    changes = store.take()
    assert [event.kind for event in changes.events] == ["arrived"]
    assert changes.counters == Counters(reads=2, late_reads=1)
    store.tick_through(100, 110)
    assert [event.kind for event in store.take().events] == ["missing"]


@pytest.mark.parametrize(("second", "kinds"), [(80, ["found"]), (20, [])])
def test_a_missing_item_is_found_by_a_late_read_that_is_not_too_old(
    store: EngineStore, second: int, kinds: list[str]
) -> None:
    store.say(read(1))
    store.tick_through(2, 100)
    store.take()
    store.say(read(second))
    store.tick(101)
    assert [event.kind for event in store.take().events] == kinds


def test_absence_of_an_item_found_by_a_late_read_counts_from_that_read(
    store: EngineStore,
) -> None:
    store.say(read(1))
    store.tick_through(2, 100)
    store.say(read(80))
    store.tick_through(100, 140)
    assert [kind for kind, *_ in store.told()] == ["arrived", "missing", "found"]
    store.tick(142)
    assert [kind for kind, *_ in store.told()] == ["missing"]


def test_a_late_read_of_an_unknown_tag_does_not_say_where_it_is_now(store: EngineStore) -> None:
    store.tick(50)
    store.say(read(1), TagRead(TID, 1, -60.0, at(1)))
    store.tick(60)
    changes = store.take()
    assert changes.events == []
    assert [stray.epc for stray in changes.strays] == [TID]


# What else is taken.


def test_reads_of_a_port_that_covers_no_zone_are_counted_only(store: EngineStore) -> None:
    store.say(read(3, port=4))
    store.tick(4)
    changes = store.take()
    assert changes.is_empty()
    assert changes.counters == Counters(reads=1, unmapped_reads=1)


def test_a_stray_is_told_of_with_its_reason_and_never_counted(store: EngineStore) -> None:
    store.say(TagRead(TID, 1, -60.0, at(2), hits=3), TagRead(TID, 1, -60.0, at(5)))
    store.tick(6)
    changes = store.take()
    [stray] = changes.strays
    assert (stray.reason, stray.reads) == (StrayReason.TID, 4)
    assert (stray.first_at_us, stray.last_at_us) == (at(2), at(5))
    assert changes.events == []


def test_a_known_stray_is_told_of_again_only_once_in_a_minute(store: EngineStore) -> None:
    told = []
    for second in range(0, 130, 2):
        store.say(TagRead(TID, 1, -60.0, at(second)))
        told += [(second, stray.reads) for stray in store.take().strays]
    assert told == [(2, 1), (60, 29), (120, 30)]


def test_last_reads_are_told_once_in_a_minute(store: EngineStore) -> None:
    told = []
    for second in range(0, 130, 2):
        store.say(read(second))
        told += [(second, last_read) for last_read in store.take().last_reads]
    assert told == [
        (60, LastRead(GTIN, "1", at(58))),
        (120, LastRead(GTIN, "1", at(118))),
    ]


def test_what_was_taken_is_not_given_again(store: EngineStore) -> None:
    store.say(read(3))
    store.tick(4)
    store.take()
    changes = store.take()
    assert changes.is_empty()
    assert changes.counters == Counters()
    assert changes.at_us == at(4)


def test_before_anything_was_heard_there_is_nothing_to_take() -> None:
    changes = EngineStore().take()
    assert changes.is_empty()
    assert changes.at_us is None
