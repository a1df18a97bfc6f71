"""Count sessions: which reads belong to which, what is found, and when one is over."""

import pytest

from edge.counts import Basis, CountPlan, CountState
from edge.engine.count_changes import CountEnded, CountFound, CountOpened
from edge.errors import InputConflict
from edge.model import HealthKind, ItemState, Polled, Sgtin, Tick
from tests.support.counting import CountingStore, plan, press
from tests.support.engine import GTIN, OTHER_GTIN, at, epc, known, read


@pytest.fixture
def store() -> CountingStore:
    return CountingStore([known(1), known(2), known(3, ItemState.MISSING), known(4, zone="back")])


def test_what_was_in_the_zones_present_or_missing_is_expected(store: CountingStore) -> None:
    store.open(plan())
    [opened] = store.opened()
    assert dict(opened.quantities) == {GTIN: 3}
    assert [(item.serial, item.is_expected) for item in opened.items] == [
        ("1", True),
        ("2", True),
        ("3", True),
    ]


def test_reads_of_a_handheld_are_found_once_each(store: CountingStore) -> None:
    store.open(plan())
    store.press(10, 1, 4)
    store.press(11, 1, 2)
    assert store.found() == [("1", True), ("4", False), ("2", True)]


def test_reads_of_a_handheld_change_no_stock(store: CountingStore) -> None:
    store.open(plan())
    store.press(10, 1, 3, 4, 77)
    store.pipeline.feed("hand", Polled(tick=Tick(at(300))))
    store.take_counts()
    assert store.events == []


def test_a_tag_that_is_no_item_is_a_stray_of_the_count(store: CountingStore) -> None:
    store.open(plan())
    store.pipeline.feed("hand", Polled(reads=[press(10, bytes(12))]))
    changes = store.pipeline.take()
    assert [stray.epc for stray in changes.strays] == [bytes(12)]


def test_a_list_of_items_says_what_is_expected(store: CountingStore) -> None:
    store.open(plan(Basis.ITEMS), listed=[Sgtin(GTIN, "2"), Sgtin(OTHER_GTIN, "9")])
    store.press(10, 1, 2)
    assert store.found() == [("1", False), ("2", True)]


def test_of_a_list_of_quantities_the_first_ones_are_expected(store: CountingStore) -> None:
    store.open(plan(Basis.QUANTITIES), quantities={GTIN: 2})
    store.press(10, 11, 12, 13)
    assert store.found() == [("11", True), ("12", True), ("13", False)]


def test_the_first_read_of_a_press_opens_a_session_of_the_handhelds_zone(
    store: CountingStore,
) -> None:
    store.press(10, 1)
    [opened] = store.opened()
    assert opened.plan == CountPlan(
        id="19700112-134650000-hand",
        zones=("floor",),
        readers=("hand",),
        basis=Basis.STATE,
        opened_by="trigger",
        opened_at_us=at(10),
        idle_s=300.0,
    )
    assert store.found() == [("1", True)]


def test_a_read_without_a_press_opens_nothing(store: CountingStore) -> None:
    store.pipeline.feed("hand", Polled(reads=[read(10)]))
    changes = store.pipeline.take()
    assert (list(changes.counts), changes.counters.unclaimed_reads) == ([], 1)


def test_a_press_joins_the_session_that_counts_the_handhelds_zone(store: CountingStore) -> None:
    store.open(plan(readers=()))
    store.press(10, 1)
    assert len(store.opened()) == 1
    assert store.found() == [("1", True)]


def test_what_still_comes_of_a_press_when_its_session_is_closed_opens_no_other(
    store: CountingStore,
) -> None:
    store.press(10, 1)
    [opened] = store.opened()
    store.pipeline.counting.end(opened.plan.id, CountState.CLOSED, at(11), "command")
    store.press(12, 2, pressed=10)
    assert [type(change) for change in store.changes] == [CountOpened, CountFound, CountEnded]
    store.press(13, 2)
    assert len(store.opened()) == 2


def test_a_handheld_that_reads_the_closing_tag_closes_its_session() -> None:
    card = bytes.fromhex("e28011700000020a7d3c5b10")
    store = CountingStore([known(1)], close_epc=card)
    store.press(10, 1)
    again = [press(12, card), press(12, epc(2)), press(12, card)]
    store.pipeline.feed("hand", Polled(reads=again))
    [opened] = store.opened()
    assert store.found() == [("1", True)]
    assert store.changes[-1] == CountEnded(opened.plan.id, CountState.CLOSED, at(12), "trigger")
    store.press(20, 2)
    assert len(store.opened()) == 2


def test_a_fixed_reader_finds_what_the_engine_takes_to_be_in_the_zone() -> None:
    store = CountingStore([known(1), known(4, zone="back")])
    store.connect()
    store.open(plan(readers=("a",)))
    store.say(read(10, 1), read(10, 4, port=2), read(10.5, 5))
    store.tick(14)
    assert store.found() == [("1", True), ("5", False)]


def test_what_a_fixed_reader_read_before_the_session_is_not_found() -> None:
    store = CountingStore([known(1)])
    store.connect()
    store.say(read(10, 1))
    store.open(plan(readers=("a",), at_s=11))
    store.tick(14)
    assert store.found() == []


def test_a_handheld_does_not_keep_its_zone_from_being_watched() -> None:
    store = CountingStore([known(1)])
    store.connect()
    store.connect("hand")
    store.health(HealthKind.LOST, "hand")
    store.tick_through(0, 70)
    assert [event.kind.value for event in store.pipeline.take().events] == ["missing"]


OVERLAPS = {
    "the same zone": (plan(name="b", readers=("a",)), "zone floor is being counted by c"),
    "the same reader": (plan(name="b", zones=("back",)), "reader hand counts for c"),
    "the same id": (plan(zones=("back",), readers=("a",)), "count c runs already"),
}


@pytest.mark.parametrize(("second", "words"), OVERLAPS.values(), ids=OVERLAPS)
def test_no_read_can_count_twice(store: CountingStore, second: CountPlan, words: str) -> None:
    store.open(plan())
    with pytest.raises(InputConflict, match=words):
        store.open(second)


def test_sessions_of_other_zones_and_readers_run_side_by_side(store: CountingStore) -> None:
    store.connect()
    store.open(plan())
    store.open(plan(name="b", zones=("back",), readers=("a",)))
    store.press(10, 1)
    store.say(read(10, 4, port=2))
    store.tick(14)
    store.tick(14, "hand")
    store.take_counts()
    found = [(one.count, one.serial) for one in store.changes if isinstance(one, CountFound)]
    assert found == [("c", "1"), ("b", "4")]


FORGOTTEN = {
    "nothing heard for its time": ([], 1801, True),
    "heard in between": ([1000], 1801, False),
    "heard, and then not": ([1000], 2801, True),
    "heard all the time, for too long": ([*range(0, 28_000, 1000)], 28_801, True),
}


@pytest.mark.parametrize(("presses", "now_s", "is_over"), FORGOTTEN.values(), ids=FORGOTTEN)
def test_a_forgotten_session_is_closed(
    store: CountingStore, presses: list[int], now_s: int, *, is_over: bool
) -> None:
    store.open(plan())
    for second in presses:
        store.press(second, 1)
    store.pipeline.counting.pass_time(at(now_s))
    store.take_counts()
    ended = [one for one in store.changes if isinstance(one, CountEnded)]
    assert ended == [CountEnded("c", CountState.CLOSED, at(now_s), "timeout")] * is_over


def test_a_session_that_is_resumed_goes_on_where_it_was(store: CountingStore) -> None:
    store.open(plan(Basis.QUANTITIES), quantities={GTIN: 2})
    store.press(10, 1)
    [opened] = store.opened()
    again = CountingStore([])
    items = [item for item in opened.items if item.serial != "1"] + [store.found_item("1")]
    again.pipeline.counting.resume(opened.plan, opened.quantities, items)
    again.press(20, 1, 2, 3)
    assert again.found() == [("2", True), ("3", False)]


def test_only_a_session_that_runs_can_be_ended(store: CountingStore) -> None:
    with pytest.raises(InputConflict, match="count c does not run"):
        store.pipeline.counting.end("c", CountState.CLOSED, at(1), "command")


def test_the_same_input_gives_the_same_changes() -> None:
    stores = [CountingStore([known(2), known(1)]) for _ in range(2)]
    for store in stores:
        store.press(10, 1, 9)
        store.press(11, 2, 9)
        store.pipeline.counting.pass_time(at(400))
        store.take_counts()
    assert stores[0].changes == stores[1].changes
