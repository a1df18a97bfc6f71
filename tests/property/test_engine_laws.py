"""Laws of the engine, for any reads: events are a way through the table of states, and count."""

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from edge.engine.changes import Changes, EngineSettings, KnownItem
from edge.engine.pipeline import Pipeline
from edge.engine.transitions import TRANSITIONS
from edge.model import (
    EventKind,
    HealthEvent,
    HealthKind,
    ItemEvent,
    ItemState,
    Polled,
    TagRead,
    Tick,
)
from tests.support.engine import ZONES, at, epc

CONNECTED = HealthEvent(HealthKind.CONNECTED, "", 0)
LOST = HealthEvent(HealthKind.LOST, "", 0)
STRAY = bytes.fromhex("e2806995000040182224401d")

EPCS = st.sampled_from([epc(1), epc(2), epc(3), STRAY])
READS = st.builds(
    TagRead,
    epc=EPCS,
    antenna_port=st.integers(1, 3),
    rssi_dbm=st.integers(-80, -40).map(float),
    at_us=st.integers(0, 300).map(at),
    hits=st.integers(1, 5),
)
POLLS = st.builds(
    Polled,
    reads=st.lists(READS, max_size=4),
    tick=st.none() | st.builds(Tick, st.integers(0, 400).map(at)),
    health=st.sampled_from([(), (), (), (CONNECTED,), (LOST,), (CONNECTED, LOST)]),
)
FED = st.lists(st.tuples(st.sampled_from(["a", "b"]), POLLS), max_size=40)

# The table of states by event.
AFTER = dict(TRANSITIONS.values())
BEFORE = {kind: before for (before, _), (kind, _) in TRANSITIONS.items()}

SORTED_GAPS_MS = st.lists(st.tuples(st.integers(0, 9000), EPCS, st.integers(1, 2)), max_size=60)


def pipeline() -> Pipeline:
    return Pipeline(EngineSettings(epoch_s=2, absence_s=10), ZONES, [])


def run(fed: list[tuple[str, Polled]]) -> Changes:
    engine = pipeline()
    for reader, polled in fed:
        engine.feed(reader, polled)
    return engine.take()


@given(fed=FED)
def test_every_items_events_are_a_way_through_the_table(fed: list[tuple[str, Polled]]) -> None:
    by_item: dict[str, list[EventKind]] = {}
    for event in run(fed).events:
        by_item.setdefault(event.serial, []).append(event.kind)
    for kinds in by_item.values():
        assert BEFORE[kinds[0]] is None
        assert all(BEFORE[later] is AFTER[earlier] for earlier, later in pairwise(kinds))


@given(fed=FED)
def test_the_changes_add_up_to_the_items(fed: list[tuple[str, Polled]]) -> None:
    changes = run(fed)
    counted: Counter[str] = Counter()
    missing = 0
    for change in changes.stock:
        counted[change.zone] += change.present
        missing += change.missing
        assert counted[change.zone] >= 0
        assert missing >= 0
    there = Counter(item.zone for item in changes.items if item.state is ItemState.PRESENT)
    assert +counted == there
    assert missing == sum(item.state is ItemState.MISSING for item in changes.items)


# A life: for so many epochs a tag is heard loudly in one place, and a little in the other.
STAYS = st.lists(st.tuples(st.integers(1, 3), st.integers(5, 40), st.integers(0, 2)), max_size=8)
WAYS = st.lists(STAYS, min_size=1, max_size=3)


def epochs_of(ways: list[list[tuple[int, int, int]]]) -> list[list[TagRead]]:
    """Give the reads of each epoch: tag n goes its way, by ports 1 and 2; port 3 hears nothing."""
    rows: dict[int, list[TagRead]] = {}
    for number, stays in enumerate(ways):
        epoch = 0
        for port, epochs, every in stays:
            for turn in range(epochs):
                reads = rows.setdefault(epoch + turn, [])
                at_us = at(2 * (epoch + turn) + number / 10)
                if port != 3:
                    reads.append(TagRead(epc(number + 1), port, -50.0, at_us))
                    if every and turn % every == 0:
                        reads.append(TagRead(epc(number + 1), 3 - port, -70.0, at_us))
            epoch += epochs
    return [rows.get(epoch, []) for epoch in range(max(rows, default=0) + 1)]


def counts_of(items: dict[str, KnownItem]) -> Counter[str]:
    return Counter(item.zone for item in items.values() if item.state is ItemState.PRESENT)


@given(ways=WAYS)
def test_after_every_take_the_stock_is_the_count_of_present_items(
    ways: list[list[tuple[int, int, int]]],
) -> None:
    engine = pipeline()
    items: dict[str, KnownItem] = {}
    stock: Counter[str] = Counter()
    for epoch, reads in enumerate(epochs_of(ways)):
        engine.feed("a", Polled(reads=reads, tick=Tick(at(2 * epoch + 2))))
        changes = engine.take()
        items |= {item.serial: item for item in changes.items}
        for change in changes.stock:
            stock[change.zone] += change.present
        assert +stock == counts_of(items)
        assert min(stock.values(), default=0) >= 0


def test_such_ways_make_items_move() -> None:
    engine = pipeline()
    for epoch, reads in enumerate(epochs_of([[(1, 30, 1), (2, 30, 2), (1, 30, 0)]])):
        engine.feed("a", Polled(reads=reads, tick=Tick(at(2 * epoch + 2))))
    moved = [(e.from_zone, e.zone) for e in engine.take().events if e.kind is EventKind.MOVED]
    assert moved == [("floor", "back"), ("back", "floor")]


@given(fed=FED)
def test_the_events_of_an_item_are_in_the_order_of_time(fed: list[tuple[str, Polled]]) -> None:
    stamps: dict[str, list[int]] = {}
    for event in run(fed).events:
        stamps.setdefault(event.serial, []).append(event.at_us)
    assert all(row == sorted(row) for row in stamps.values())


@given(fed=FED, cut=st.integers(0, 40))
def test_it_does_not_matter_when_the_changes_are_taken(
    fed: list[tuple[str, Polled]], cut: int
) -> None:
    engine = pipeline()
    taken: list[ItemEvent] = []
    for index, (reader, polled) in enumerate(fed):
        engine.feed(reader, polled)
        if index == cut:
            taken += engine.take().events
    taken += engine.take().events
    assert taken == run(fed).events


@given(gaps=SORTED_GAPS_MS, sizes=st.lists(st.integers(1, 20), min_size=1))
def test_it_does_not_matter_how_the_reads_are_cut_into_polls(
    gaps: list[tuple[int, bytes, int]], sizes: list[int]
) -> None:
    reads = []
    at_us = at(0)
    for gap_ms, tag, port in gaps:
        at_us += gap_ms * 1000
        reads.append(TagRead(tag, port, -60.0, at_us))
    singly = [("a", Polled(reads=[read])) for read in reads]
    grouped = [("a", Polled(reads=group)) for group in cut_into(reads, sizes)]
    begin = [("a", Polled(health=(CONNECTED,), tick=Tick(at(0))))]
    end = [("a", Polled(health=(LOST,)))]
    assert run(begin + singly + end).events == run(begin + grouped + end).events


def cut_into(reads: list[TagRead], sizes: list[int]) -> list[list[TagRead]]:
    groups = []
    for index in range(len(reads)):
        size = sizes[index % len(sizes)]
        groups.append(reads[:size])
        reads = reads[size:]
    return groups
