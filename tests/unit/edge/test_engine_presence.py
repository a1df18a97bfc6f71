"""What happens to items, from polls to events: the whole engine, one story a test."""

import pytest

from edge.engine.changes import Counters, EngineSettings, LastRead
from edge.engine.pipeline import Pipeline
from edge.engine.profiles import Profile
from edge.engine.register import NO_GTIN
from edge.engine.transitions import Cause
from edge.epc import StrayReason
from edge.model import (
    HealthEvent,
    HealthKind,
    ItemState,
    Polled,
    Sgtin,
    StockChange,
    TagRead,
    Tick,
    ZoneKind,
)
from tests.support.engine import GTIN, OTHER_GTIN, ZONES, EngineStore, at, epc, known, read

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


def test_an_item_moves_when_another_zone_has_it_for_some_epochs(store: EngineStore) -> None:
    store.say(read(1), *[read(second, port=2) for second in range(3, 20, 2)])
    store.tick(20)
    (_, _, _, arrived), (kind, _, zone, moved) = store.told()
    assert (kind, zone) == ("moved", "back")
    assert 6 <= moved - arrived <= 14


def test_an_item_that_moved_is_counted_where_it_is_and_no_longer_where_it_was(
    store: EngineStore,
) -> None:
    store.say(read(1), *[read(second, port=2) for second in range(3, 20, 2)])
    store.tick(20)
    changes = store.take()
    assert changes.stock == [
        StockChange(GTIN, "floor", 1),
        StockChange(GTIN, "floor", -1),
        StockChange(GTIN, "back", 1),
    ]
    assert changes.events[-1].from_zone == "floor"


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
    store.say(read(1), *[read(second, port=2) for second in range(3, 20, 2)])
    store.tick(20, "a")
    store.tick(20, "b")
    store.lose("b")
    store.tick_through(20, 500)
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
    assert [told[:3] for told in store.told()] == [("moved", "1", "floor")]


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


def test_a_tag_that_says_its_number_is_isos_is_no_item(store: EngineStore) -> None:
    iso = TagRead(epc(1), 1, -60.0, at(2), pc=0x31A2)
    store.say(iso)
    store.tick(4)
    changes = store.take()
    assert changes.events == []
    assert [stray.reason for stray in changes.strays] == [StrayReason.ISO]


def test_the_tag_says_how_long_its_number_is(store: EngineStore) -> None:
    store.say(TagRead(epc(1) + b"\0\0\0\0", 1, -60.0, at(2), pc=0x3000))
    store.tick(4)
    assert [event.serial for event in store.take().events] == ["1"]


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


# How long a silence may be where that is not fixed, and what it means.


@pytest.fixture
def adaptive() -> EngineStore:
    """Give a store that learns how well each tag is read; port 2 of its reader is the exit."""
    store = EngineStore(absence_s=None, kinds={"back": ZoneKind.EXIT})
    store.connect("a")
    store.connect("b")
    return store


def tick_both(store: EngineStore, first: int, last: int) -> None:
    for second in [*range(first, last, 10), last]:
        store.tick(second, "a")
        store.tick(second, "b")


def test_a_tag_that_is_always_read_is_missing_sooner_than_one_that_seldom_is(
    adaptive: EngineStore,
) -> None:
    for second in range(0, 600, 2):
        often, seldom = read(second, serial=1), read(second, serial=2)
        adaptive.say(*([often, seldom] if second % 20 == 0 else [often]))
        adaptive.tick(second, "b")
    tick_both(adaptive, 600, 4500)
    missing = {serial: at_s for kind, serial, _, at_s in adaptive.told() if kind == "missing"}
    assert missing["1"] < 660
    assert missing["2"] > missing["1"] + 60


def test_what_falls_silent_at_the_exit_has_departed(adaptive: EngineStore) -> None:
    for second in range(0, 300, 2):
        adaptive.say(read(second))
        adaptive.tick(second, "b")
    adaptive.say(read(300, port=2), read(302, port=2), read(304, port=2), read(306, port=2))
    tick_both(adaptive, 306, 500)
    assert [kind for kind, *_ in adaptive.told()] == ["arrived", "departed"]


def test_what_hangs_near_the_exit_and_is_read_does_not_depart(adaptive: EngineStore) -> None:
    for second in range(0, 1200, 2):
        adaptive.say(read(second), read(second, port=2))
        adaptive.tick(second, "b")
    assert [kind for kind, *_ in adaptive.told()] == ["arrived"]


def test_what_hangs_by_the_exit_and_falls_silent_is_missing_and_has_not_departed(
    adaptive: EngineStore,
) -> None:
    for second in range(0, 1200, 2):
        adaptive.say(read(second, port=2))
        adaptive.tick(second, "b")
    tick_both(adaptive, 1200, 1800)
    assert [kind for kind, *_ in adaptive.told()] == ["arrived", "missing"]


def test_a_departed_item_that_is_read_inside_returns_but_not_at_the_door(
    adaptive: EngineStore,
) -> None:
    for second in range(0, 60, 2):
        adaptive.say(read(second, port=2))
        adaptive.tick(second, "b")
    tick_both(adaptive, 60, 500)
    adaptive.say(read(501, port=2), read(503, port=2))
    tick_both(adaptive, 506, 510)
    assert [kind for kind, *_ in adaptive.told()] == ["arrived", "departed"]
    adaptive.say(read(551), read(553), read(555))
    tick_both(adaptive, 556, 560)
    assert [(kind, zone) for kind, _, zone, _ in adaptive.told()] == [("returned", "floor")]


def test_what_only_a_deaf_antenna_heard_is_not_missed_though_its_zone_is_watched() -> None:
    store = EngineStore(absence_s=60)
    store.connect("a")
    store.connect("b")
    for second in range(0, 20, 2):  # counted on the floor, heard by reader b as well
        store.say(read(second))
        store.say(TagRead(epc(1), 1, -52.0, at(second)), reader="b")
    store.lose("b")
    store.tick_through(20, 400)
    assert "missing" not in [kind for kind, *_ in store.told()]


def test_what_is_missing_for_very_long_has_departed() -> None:
    profile = Profile(departed_s=600)
    store = EngineStore([known(1)], profiles={"floor": profile})
    store.connect()
    store.tick_through(0, 800)
    assert [kind for kind, *_ in store.told()] == ["missing", "departed"]


# What tills and people say.


def test_a_sold_item_is_no_longer_counted_and_its_reads_mean_nothing(store: EngineStore) -> None:
    store.say(read(1))
    store.tick(2)
    store.take()
    assert store.pipeline.tell(Sgtin(GTIN, "1"), Cause.SOLD)
    changes = store.take()
    assert [event.kind for event in changes.events] == ["sold"]
    assert changes.stock == [StockChange(GTIN, "floor", -1)]
    store.say(read(3), read(5))
    store.tick_through(6, 600)
    assert store.told() == []


def test_a_sold_item_that_is_read_inside_the_next_day_but_one_has_returned(
    store: EngineStore,
) -> None:
    store.say(read(1))
    store.tick(2)
    store.pipeline.tell(Sgtin(GTIN, "1"), Cause.SOLD)
    store.take()
    store.say(read(2 * 86_400))
    store.tick(2 * 86_400 + 2)
    assert [kind for kind, *_ in store.told()] == ["returned"]


def test_a_return_is_taken_at_once_and_to_the_zone_that_is_told(store: EngineStore) -> None:
    store.say(read(1))
    store.tick(2)
    store.pipeline.tell(Sgtin(GTIN, "1"), Cause.SOLD)
    assert store.pipeline.tell(Sgtin(GTIN, "1"), Cause.RETURNED, "back")
    assert [(kind, zone) for kind, _, zone, _ in store.told()] == [
        ("arrived", "floor"),
        ("sold", "floor"),
        ("returned", "back"),
    ]


@pytest.mark.parametrize("cause", [Cause.SOLD, Cause.RETURNED, Cause.LEFT])
def test_what_cannot_be_is_refused(store: EngineStore, cause: Cause) -> None:
    assert not store.pipeline.tell(Sgtin(GTIN, "1"), cause)
    store.tick(2)
    assert store.told() == []


def test_strays_can_be_followed_like_items() -> None:
    pipeline = Pipeline(EngineSettings(track_strays=True), ZONES, [])
    pipeline.feed("a", Polled(reads=[TagRead(TID, 1, -60.0, at(1))], tick=Tick(at(2))))
    changes = pipeline.take()
    assert [(item.gtin, item.serial) for item in changes.items] == [(NO_GTIN, TID.hex())]
    assert changes.strays == []


def test_items_of_other_companies_are_strays_where_ours_are_named() -> None:
    pipeline = Pipeline(EngineSettings(company_prefixes=("0614141",)), ZONES, [])
    foreign = epc(2, OTHER_GTIN)
    reads = [TagRead(epc(1), 1, -60.0, at(1)), TagRead(foreign, 1, -60.0, at(1))]
    pipeline.feed("a", Polled(reads=reads, tick=Tick(at(2))))
    changes = pipeline.take()
    assert [item.serial for item in changes.items] == ["1"]
    assert [(stray.epc, stray.reason) for stray in changes.strays] == [
        (foreign, StrayReason.FOREIGN)
    ]
