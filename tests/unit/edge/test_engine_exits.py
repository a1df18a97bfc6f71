"""Many items past one exit at once, and zones that are muted while deliveries pass."""

import pytest

from edge.engine.changes import BulkExit, EngineSettings
from edge.engine.exits import KEPT_S, ExitWatch
from edge.engine.pipeline import Pipeline
from edge.model import HealthEvent, HealthKind, Polled, Sgtin, TagRead, Tick, ZoneKind
from tests.support.engine import ZONES, EngineStore, at, epc, read

S = 1_000_000


def passes(watch: ExitWatch, *stamps_s: float, first: int = 0) -> list[int]:
    """Let as many items pass at these seconds; give how many were told of, each time."""
    told = []
    for number, stamp_s in enumerate(stamps_s, first):
        found = watch.note(Sgtin("", str(number)), round(stamp_s * S))
        told += [found.items] if found else []
    return told


TOLD = {
    "too few": ([0, 1, 2, 3], []),
    "enough": ([0, 1, 2, 3, 4], [5]),
    "enough, and too slow": ([0, 3, 6, 9, 12], []),
    "just within the time": ([0, 1, 2, 3, 10], [5]),
    "told late and in no order": ([9, 2, 4, 1, 3], [5]),
    "more, but not twice as many": ([0, 1, 2, 3, 4, 5, 6, 7, 8], [5]),
    "twice as many": ([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [5, 10]),
    "again, much later": ([0, 1, 2, 3, 4, 100, 101, 102, 103, 104], [5, 5]),
}


@pytest.mark.parametrize(("stamps_s", "told"), TOLD.values(), ids=TOLD)
def test_many_passes_within_seconds_are_told_of(stamps_s: list[float], told: list[int]) -> None:
    assert passes(ExitWatch("door", items=5, within_s=10), *stamps_s) == told


def test_what_is_told_has_its_place_and_time() -> None:
    watch = ExitWatch("door", items=3, within_s=10)
    watch.note(Sgtin("", "early"), 1 * S)
    watch.note(Sgtin("", "a"), 50 * S)
    watch.note(Sgtin("", "b"), 55 * S)
    assert watch.note(Sgtin("", "c"), 52 * S) == BulkExit("door", 3, 50 * S, 55 * S)


def test_an_item_that_goes_in_and_out_counts_once() -> None:
    watch = ExitWatch("door", items=2, within_s=10)
    assert [watch.note(Sgtin("", "1"), second * S) for second in range(5)] == [None] * 5
    assert watch.note(Sgtin("", "1"), (KEPT_S + 10) * S) is None


@pytest.fixture
def store() -> EngineStore:
    """Give a store whose port 2 of reader `a` is the exit; all items are on the floor."""
    store = EngineStore(absence_s=None, kinds={"back": ZoneKind.EXIT})
    store.connect("a")
    store.connect("b")
    for second in range(0, 60, 2):
        store.say(*(read(second, serial) for serial in range(6)))
        store.tick(second, "b")
    store.take()
    return store


def leave(store: EngineStore, *serials: int) -> None:
    """Have items be heard at the exit for some seconds, and then no more."""
    for second in (60, 62, 64, 66):
        store.say(*(read(second, serial, port=2) for serial in serials))
        store.tick(second, "b")
    for second in range(70, 400, 10):
        store.tick(second, "a")
        store.tick(second, "b")


def test_many_items_that_leave_at_once_are_told_of(store: EngineStore) -> None:
    leave(store, 0, 1, 2, 3, 4)
    changes = store.take()
    assert {event.kind.value for event in changes.events} >= {"departed"}
    [found] = changes.bulk_exits
    assert (found.zone, found.items) == ("back", 5)


def test_few_items_that_leave_are_customers(store: EngineStore) -> None:
    leave(store, 0, 1, 2)
    assert list(store.take().bulk_exits) == []


def test_what_passes_a_muted_exit_causes_nothing(store: EngineStore) -> None:
    assert store.pipeline.mute("back", 3600)
    for second in range(60, 300, 2):
        floor = (read(second, serial) for serial in range(6))
        store.say(*floor, *(read(second, serial, port=2) for serial in range(20, 60)))
        store.tick(second, "b")
    changes = store.take()
    assert list(changes.events) == []
    assert changes.counters.muted_reads == 40 * 120


def test_the_clocks_of_a_muted_zone_stand_still() -> None:
    store = EngineStore(absence_s=60)
    store.connect("a")
    store.say(read(0))
    store.tick(2)
    store.pipeline.mute("floor", 600)
    store.tick_through(2, 500)
    assert [kind for kind, *_ in store.told()] == ["arrived"]
    store.tick_through(500, 800)
    assert [(kind, at_s > 660) for kind, _, _, at_s in store.told()] == [("missing", True)]


def test_a_zone_is_heard_again_when_its_time_is_over_or_somebody_says_so() -> None:
    store = EngineStore()
    store.connect("a")
    store.tick(0)
    store.pipeline.mute("floor", 60)
    assert store.pipeline.muted() == {"floor": 60.0}
    store.tick(30)
    assert store.pipeline.muted() == {"floor": 30.0}
    store.tick(60)
    assert store.pipeline.muted() == {}
    store.pipeline.mute("floor", 600)
    store.pipeline.mute("floor", 0)
    store.say(read(62))
    store.tick(66)
    assert [kind for kind, *_ in store.told()] == ["arrived"]


def test_before_any_reader_was_heard_there_is_no_time_to_mute_for() -> None:
    pipeline = Pipeline(EngineSettings(), ZONES, [])
    assert not pipeline.mute("floor", 60)
    up = HealthEvent(HealthKind.CONNECTED, "", 0)
    pipeline.feed("a", Polled(tick=Tick(at(0)), health=(up,)))
    assert pipeline.mute("floor", 60)


def test_other_zones_of_the_same_reader_are_heard(store: EngineStore) -> None:
    store.pipeline.mute("back", 600)
    store.say(TagRead(epc(99), 1, -50.0, at(61)))
    store.tick(70, "a")
    store.tick(70, "b")
    assert [(kind, serial) for kind, serial, *_ in store.told()] == [("arrived", "99")]


def till_store(selling: frozenset[str], seconds: int) -> EngineStore:
    """Give a store whose port 2 is the till: there an item waits for so long, and is silent."""
    kinds = {"back": ZoneKind.POINT_OF_SALE}
    store = EngineStore(absence_s=None, kinds=kinds)
    settings = EngineSettings(selling_zones=selling)
    store.pipeline = Pipeline(settings, ZONES, [], kinds=kinds)
    store.connect("a")
    store.connect("b")
    for second in range(0, seconds, 2):
        store.say(read(second, port=2))
        store.tick(second, "b")
    for second in range(seconds, seconds + 3600, 10):
        store.tick(second, "a")
        store.tick(second, "b")
    return store


BOUGHT = {
    "a till that sells": (frozenset({"back"}), 60, "sold"),
    "a till that does not": (frozenset[str](), 60, "missing"),
    "only passed by": (frozenset({"back"}), 6, "missing"),
}


@pytest.mark.parametrize(("selling", "seconds", "kind"), BOUGHT.values(), ids=BOUGHT)
def test_what_waits_at_a_till_is_sold_only_where_the_till_sells(
    selling: frozenset[str], seconds: int, kind: str
) -> None:
    told = [kind for kind, *_ in till_store(selling, seconds).told()]
    assert told == ["arrived", kind]
