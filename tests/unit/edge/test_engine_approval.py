"""What a person's approval makes of a count, item by item; the table of `edge.engine.approval`."""

import pytest

from edge.counts import Applied, CountedItem
from edge.engine.approval import Approval
from edge.engine.changes import KnownItem
from edge.engine.matches import AwaitedLine
from edge.engine.transitions import Cause
from edge.model import ItemState
from tests.support.counting import CountingStore
from tests.support.engine import GTIN, at, known, read

OPENED_S, FOUND_S, CLOSED_S = 100, 150, 200
P, M, D, S = ItemState.PRESENT, ItemState.MISSING, ItemState.DEPARTED, ItemState.SOLD


def counted(*, found: bool, was_here: bool) -> CountedItem:
    return CountedItem(GTIN, "1", was_here, was_here, at(FOUND_S) if found else None)


def approve(
    store: CountingStore, *items: CountedItem, writes_off: bool = False
) -> tuple[Applied, list[tuple[str, str]]]:
    approval = Approval(("floor", "fitting"), at(OPENED_S), at(CLOSED_S), items, writes_off)
    applied = store.pipeline.approve(approval, at(CLOSED_S))
    events = store.pipeline.take().events
    assert {event.at_us for event in events} <= {at(CLOSED_S)}
    return applied, [(event.kind.value, event.zone) for event in events]


# The engine's item, whether it was found, and the event: with a write-off the last.
NOBODY: list[KnownItem] = []
TABLE = {
    "unknown, found": (NOBODY, True, [("arrived", "floor")], None),
    "unknown, not found": (NOBODY, False, [], None),
    "present here, found": ([known(1)], True, [], None),
    "present here, not found": ([known(1)], False, [("missing", "floor")], "departed"),
    "in another of its zones": ([known(1, zone="fitting")], True, [], None),
    "present elsewhere, found": ([known(1, zone="back")], True, [("moved", "floor")], None),
    "present elsewhere, not found": ([known(1, zone="back")], False, [], None),
    "missing, found": ([known(1, M)], True, [("found", "floor")], None),
    "missing, not found": ([known(1, M)], False, [], "departed"),
    "departed, found": ([known(1, D)], True, [("returned", "floor")], None),
    "departed, not found": ([known(1, D)], False, [], None),
    "sold, found": ([known(1, S)], True, [("returned", "floor")], None),
    "sold, not found": ([known(1, S)], False, [], None),
}


@pytest.mark.parametrize(("items", "found", "events", "_"), TABLE.values(), ids=TABLE)
def test_each_difference_is_the_event_of_the_table(
    items: list[KnownItem], events: list[tuple[str, str]], _: str | None, *, found: bool
) -> None:
    applied, told = approve(CountingStore(items), counted(found=found, was_here=bool(items)))
    assert told == events
    assert applied == Applied({kind: 1 for kind, _ in events})


WRITTEN_OFF = {name: (case[0], case[3]) for name, case in TABLE.items() if case[3]}


@pytest.mark.parametrize(("items", "kind"), WRITTEN_OFF.values(), ids=WRITTEN_OFF)
def test_what_is_written_off_has_departed(items: list[KnownItem], kind: str) -> None:
    _, told = approve(CountingStore(items), counted(found=False, was_here=True), writes_off=True)
    assert told == [(kind, "floor")]


def later_read(store: CountingStore, second: float, port: int) -> None:
    """Let the fixed readers see the item at a second, and decide."""
    store.connect()
    store.say(read(second, 1, port=port))
    store.tick(second + 4)
    store.take_counts()


NEWS = {
    "an item not found, read by another reader since": (known(1), 120, 1, False),
    "an item not found, moved elsewhere since": (known(1), 120, 2, False),
    "an item found, and read elsewhere later": (known(1, zone="back"), 180, 2, True),
}


@pytest.mark.parametrize(("item", "second", "port", "found"), NEWS.values(), ids=NEWS)
def test_what_readers_said_later_stands(
    item: KnownItem, second: float, port: int, *, found: bool
) -> None:
    store = CountingStore([item])
    later_read(store, second, port)
    applied, told = approve(store, counted(found=found, was_here=not found))
    assert told == []
    assert applied.events == {}


def test_a_difference_that_was_left_alone_is_counted() -> None:
    store = CountingStore([known(1)])
    later_read(store, 120, 1)
    applied, _ = approve(store, counted(found=False, was_here=True))
    assert applied.left_alone == 1


def test_what_was_sold_after_it_was_found_stays_sold() -> None:
    store = CountingStore([known(1)])
    later_read(store, 160, 1)
    store.sell("1")
    store.take_counts()
    assert approve(store, counted(found=True, was_here=True)) == (Applied({}, 1), [])


def test_what_was_approved_is_counted_in_the_stock() -> None:
    store = CountingStore([known(1), known(2, zone="back")])
    items = [
        CountedItem(GTIN, "1", is_expected=True, was_here=True),
        CountedItem(GTIN, "2", is_expected=False, was_here=False, found_at_us=at(FOUND_S)),
        CountedItem(GTIN, "9", is_expected=False, was_here=False, found_at_us=at(FOUND_S)),
    ]
    store.pipeline.approve(Approval(("floor",), at(OPENED_S), at(CLOSED_S), items), at(CLOSED_S))
    changes = store.pipeline.take()
    assert [(c.zone, c.present, c.missing) for c in changes.stock] == [
        ("floor", -1, 1),
        ("back", -1, 0),
        ("floor", 1, 0),
        ("floor", 1, 0),
    ]
    assert {item.serial: item.last_read_at_us for item in changes.items}["9"] == at(FOUND_S)


def test_a_second_approval_finds_nothing_to_do() -> None:
    store = CountingStore([known(1)])
    items = [counted(found=False, was_here=True)]
    approve(store, *items)
    assert approve(store, *items) == (Applied({}, 0), [])


def test_a_tag_that_only_a_handheld_hears_is_not_missing_within_minutes() -> None:
    store = CountingStore([], absence_s=None)
    store.connect()
    store.tick(CLOSED_S)
    approve(store, counted(found=True, was_here=False))
    store.tick_through(CLOSED_S, CLOSED_S + 900)
    assert list(store.pipeline.take().events) == []


def test_what_a_till_sold_without_knowing_which_it_was_is_sold_and_not_missing() -> None:
    store = CountingStore([known(1), known(2)])
    line = AwaitedLine("sale-1", 0, GTIN, Cause.SOLD, 1, at(90))
    store.pipeline.tell_some(line, at(90))
    items = [CountedItem(GTIN, serial, is_expected=True, was_here=True) for serial in ("1", "2")]
    applied, told = approve(store, *items)
    assert applied.events == {"missing": 1, "sold": 1}
    assert told == [("sold", "floor"), ("missing", "floor")]
