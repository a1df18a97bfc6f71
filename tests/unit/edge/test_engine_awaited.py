"""What a till says in the engine: by the item, and by the GTIN where it knows no more."""

from collections.abc import Mapping

import pytest

from edge.engine.changes import Changes
from edge.engine.matches import AwaitedLine, Match
from edge.engine.transitions import Cause
from edge.model import ItemState, Sgtin, StockChange, ZoneKind
from tests.support.engine import GTIN, EngineStore, at, known, read

DAY_S = 86_400
ONE = Sgtin(GTIN, "1")
TILL_IS_BACK: Mapping[str, ZoneKind] = {"back": ZoneKind.POINT_OF_SALE}
EXIT_IS_BACK: Mapping[str, ZoneKind] = {"back": ZoneKind.EXIT}


def line(cause: Cause, quantity: int, second: float, document: str = "s1") -> AwaitedLine:
    return AwaitedLine(document, 0, GTIN, cause, quantity, at(second))


def sell(
    store: EngineStore, quantity: int, second: float, sold: float | None = None
) -> AwaitedLine:
    told = line(Cause.SOLD, quantity, second)
    store.pipeline.tell_some(told, at(second if sold is None else sold))
    return told


def take_back(store: EngineStore, quantity: int, second: float) -> AwaitedLine:
    told = line(Cause.RETURNED, quantity, second, "r1")
    store.pipeline.tell_some(told, at(second))
    return told


def on_the_floor(*serials: int, kinds: Mapping[str, ZoneKind] | None = None) -> EngineStore:
    """Give a store with items read on the floor until second 10; their events are taken."""
    store = EngineStore(kinds=kinds)
    store.connect()
    store.connect("b")
    for second in range(0, 11, 2):
        store.say(*(read(second, serial) for serial in serials))
        store.tick(second, "b")
    store.take()
    return store


def tick_both(store: EngineStore, first: int, last: int) -> None:
    for second in [*range(first, last, 10), last]:
        store.tick(second)
        store.tick(second, "b")


def kinds_of(changes: Changes) -> list[tuple[str, str]]:
    return [(event.kind.value, event.serial) for event in changes.events]


def move(store: EngineStore, serial: int, first: int) -> Changes:
    """Have an item read in the zone `back`, well and for long."""
    for second in range(first, first + 201, 2):
        store.say(read(second, serial, port=2, hits=4))
        store.tick(second, "b")
    return store.take()


# By GTIN.


def test_what_is_read_on_the_floor_is_not_called_sold_on_a_guess() -> None:
    store = on_the_floor(1, 2)
    told = sell(store, 1, 10)
    assert (store.take().events, told.left) == ([], 1)


def test_the_next_of_its_items_that_falls_silent_is_sold_and_not_missing() -> None:
    store = on_the_floor(1)
    sell(store, 1, 10)
    tick_both(store, 12, 120)
    changes = store.take()
    assert kinds_of(changes) == [("sold", "1")]
    assert changes.stock == [StockChange(GTIN, "floor", -1)]
    assert changes.matches == [Match("s1", 0, GTIN, "1", changes.events[0].at_us)]


def test_no_more_items_are_sold_than_were_told() -> None:
    store = on_the_floor(1, 2, 3)
    sell(store, 2, 10)
    tick_both(store, 12, 120)
    assert sorted(kind for kind, _ in kinds_of(store.take())) == ["missing", "sold", "sold"]


def test_an_item_that_is_carried_to_an_exit_is_sold_there() -> None:
    store = on_the_floor(1, kinds=EXIT_IS_BACK)
    sell(store, 1, 10)
    changes = move(store, 1, 12)
    assert kinds_of(changes) == [("sold", "1")]
    assert changes.stock == [StockChange(GTIN, "floor", -1)]


def test_an_item_that_moves_elsewhere_is_not_sold_for_that() -> None:
    store = on_the_floor(1)
    sell(store, 1, 10)
    assert kinds_of(move(store, 1, 12)) == [("moved", "1")]


def test_what_lies_at_the_till_is_sold_at_once() -> None:
    store = on_the_floor(1, 2, kinds=TILL_IS_BACK)
    for second in range(12, 73, 2):
        store.say(read(second, 1), read(second, 2, port=2, hits=4))
        store.tick(second, "b")
    store.take()
    told = sell(store, 1, 72)
    assert (kinds_of(store.take()), told.left) == ([("sold", "2")], 0)


def test_what_has_just_gone_missing_is_sold_at_once() -> None:
    store = on_the_floor(1)
    tick_both(store, 12, 120)
    assert kinds_of(store.take()) == [("missing", "1")]
    sell(store, 1, 120)
    changes = store.take()
    assert kinds_of(changes) == [("sold", "1")]
    assert changes.stock == [StockChange(GTIN, "floor", 0, -1)]


def test_what_has_departed_is_sold_by_a_till_that_says_so_late() -> None:
    store = on_the_floor(1, 2)
    store.pipeline.tell(ONE, Cause.LEFT)
    store.take()
    told = sell(store, 1, 7200, sold=15)
    changes = store.take()
    assert (kinds_of(changes), changes.stock, told.left) == ([("sold", "1")], [], 0)


def test_what_was_missing_long_before_is_not_what_was_sold() -> None:
    store = EngineStore([known(1, ItemState.MISSING)])
    store.connect()
    store.tick(0)
    assert sell(store, 1, 0).left == 1


def test_a_sale_is_given_up_after_a_day() -> None:
    store = on_the_floor(1)
    store.pipeline.await_line(line(Cause.SOLD, 1, -DAY_S))
    tick_both(store, 12, 120)
    assert kinds_of(store.take()) == [("missing", "1")]


def test_a_sale_of_an_earlier_life_is_still_waited_for() -> None:
    store = EngineStore([known(1)])
    store.pipeline.await_line(line(Cause.SOLD, 1, -100))
    store.connect()
    tick_both(store, 0, 120)
    assert kinds_of(store.take()) == [("sold", "1")]


def test_a_guess_is_taken_back_when_its_item_is_still_read_inside() -> None:
    store = on_the_floor(1, 2)
    told = sell(store, 1, 10)
    for second in range(12, 120, 2):
        store.say(read(second, 2))
        store.tick(second, "b")
    assert kinds_of(store.take()) == [("sold", "1")]
    for second in range(120, 820, 2):  # it was only hidden; the other one goes
        store.say(read(second, 1))
        store.tick(second, "b")
    changes = store.take()
    assert kinds_of(changes) == [("missing", "2"), ("returned", "1"), ("sold", "2")]
    matches = [(match.serial, match.is_undone) for match in changes.matches]
    assert matches == [("1", True), ("2", False)]
    assert told.left == 0


def test_a_guess_of_an_earlier_life_can_be_taken_back_too() -> None:
    store = EngineStore([known(1, ItemState.SOLD)])
    told = line(Cause.SOLD, 1, -900)
    told.left = 0
    store.pipeline.await_line(told, [ONE])
    store.connect()
    store.say(read(1))
    tick_both(store, 2, 6)
    assert (kinds_of(store.take()), told.left) == ([("returned", "1")], 1)


def test_what_the_till_names_after_a_guess_was_no_guess() -> None:
    store = on_the_floor(1)
    told = sell(store, 1, 10)
    tick_both(store, 12, 120)
    assert (kinds_of(store.take()), told.left) == ([("sold", "1")], 0)
    assert not store.pipeline.tell(ONE, Cause.SOLD)
    assert told.left == 1


def test_what_a_customer_brings_back_was_sold_as_guessed() -> None:
    store = on_the_floor(1)
    told = sell(store, 1, 10)
    tick_both(store, 12, 120)
    store.pipeline.tell(ONE, Cause.RETURNED)
    store.pipeline.tell(ONE, Cause.SOLD)
    assert told.left == 0


def test_an_item_that_a_person_says_has_left_is_not_taken_for_a_sale() -> None:
    store = on_the_floor(1)
    told = sell(store, 1, 10)
    store.pipeline.tell(ONE, Cause.LEFT)
    assert (kinds_of(store.take()), told.left) == ([("departed", "1")], 1)


def test_a_return_is_the_sold_item_that_is_read_next_inside() -> None:
    store = on_the_floor(1, 2)
    store.pipeline.tell(ONE, Cause.SOLD)
    store.say(read(12), read(12, 2))
    tick_both(store, 14, 20)
    assert kinds_of(store.take()) == [("sold", "1")]
    told = take_back(store, 1, 20)
    store.say(read(22), read(22, 2))
    tick_both(store, 24, 28)
    assert (kinds_of(store.take()), told.left) == ([("returned", "1")], 0)


def test_what_is_sold_after_a_return_was_told_is_not_that_return() -> None:
    store = on_the_floor(1)
    take_back(store, 1, 8)
    store.tick(12)
    store.tick(12, "b")
    store.pipeline.tell(ONE, Cause.SOLD)
    store.say(read(14))
    tick_both(store, 16, 20)
    assert kinds_of(store.take()) == [("sold", "1")]


# By the item.


def test_an_item_that_nobody_has_read_is_sold_and_does_not_arrive_later() -> None:
    store = on_the_floor()
    assert store.pipeline.tell(ONE, Cause.SOLD, "till")
    store.say(read(12))
    tick_both(store, 14, 20)
    changes = store.take()
    assert (kinds_of(changes), changes.stock) == ([("sold", "1")], [])


def test_an_item_that_nobody_has_read_needs_a_place() -> None:
    store = on_the_floor()
    assert not store.pipeline.tell(ONE, Cause.SOLD)


@pytest.mark.parametrize(
    ("state", "counts"),
    [(ItemState.MISSING, StockChange(GTIN, "floor", 1, -1)), (None, StockChange(GTIN, "floor", 1))],
    ids=["missing", "unknown"],
)
def test_what_comes_back_is_counted_whatever_was_known_of_it(
    state: ItemState | None, counts: StockChange
) -> None:
    store = EngineStore([known(1, state)] if state else [])
    assert store.pipeline.tell(ONE, Cause.RETURNED, "floor", at(0))
    assert store.take().stock == [counts]


def test_before_any_reader_has_been_heard_the_tills_own_time_counts() -> None:
    store = EngineStore()
    store.pipeline.tell(ONE, Cause.SOLD, "till", at(5))
    changes = store.take()
    assert [event.at_us for event in changes.events] == [at(5)]
    store.connect()
    store.say(read(7))
    store.tick_through(8, 20)
    assert store.take().events == []


def test_the_time_of_a_sale_outlives_the_agent() -> None:
    first = EngineStore([known(1, ItemState.MISSING)])
    first.pipeline.tell(ONE, Cause.SOLD, at_us=at(0))
    [kept] = first.take().items
    assert kept.since_us == at(0)
    second = EngineStore([kept])
    second.connect()
    second.say(read(DAY_S - 10))
    second.tick_through(DAY_S - 8, DAY_S - 2)
    assert second.take().events == []
    second.say(read(DAY_S + 3))
    second.tick_through(DAY_S + 4, DAY_S + 8)
    assert kinds_of(second.take()) == [("returned", "1")]
