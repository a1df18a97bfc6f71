"""Laws of count sessions, for any reads in any polls."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from edge.counts import Basis, CountedItem
from edge.engine.approval import Approval
from edge.engine.count_changes import CountFound, CountOpened
from edge.model import ItemState, Polled, Sgtin, TagRead
from tests.support.counting import CountingStore, plan, press
from tests.support.engine import GTIN, OTHER_GTIN, at, epc, known

EPCS = st.sampled_from([epc(n, gtin) for gtin in (GTIN, OTHER_GTIN) for n in range(1, 6)])
READS = st.lists(st.builds(press, st.integers(10, 60), EPCS), max_size=25)
BASES = st.sampled_from([Basis.STATE, Basis.ITEMS, Basis.QUANTITIES])


def counted(basis: Basis, reads: list[TagRead], piece: int) -> CountingStore:
    store = CountingStore([known(1), known(2), known(3, zone="back")])
    listed = [Sgtin(GTIN, "1"), Sgtin(OTHER_GTIN, "2")] if basis is Basis.ITEMS else []
    store.open(plan(basis), listed, {GTIN: 2, OTHER_GTIN: 1})
    for start in range(0, len(reads), piece):
        store.pipeline.feed("hand", Polled(reads=reads[start : start + piece]))
        store.take_counts()
    store.take_counts()
    return store


@given(BASES, READS)
def test_what_was_found_and_expected_is_what_was_expected_and_not_missing(
    basis: Basis, reads: list[TagRead]
) -> None:
    store = counted(basis, reads, 5)
    [opened] = [one for one in store.changes if isinstance(one, CountOpened)]
    found = [one for one in store.changes if isinstance(one, CountFound)]
    for gtin in (GTIN, OTHER_GTIN):
        mine = [one for one in found if one.gtin == gtin]
        matched = sum(one.is_expected for one in mine)
        assert 0 <= matched <= opened.quantities.get(gtin, 0)
        read = {read.epc for read in reads} & {epc(n, gtin) for n in range(1, 6)}
        assert len(mine) == len({(one.gtin, one.serial) for one in mine}) == len(read)


@given(BASES, READS, st.integers(1, 6))
def test_what_is_found_does_not_depend_on_how_reads_are_cut_into_polls(
    basis: Basis, reads: list[TagRead], piece: int
) -> None:
    assert counted(basis, reads, piece).changes == counted(basis, reads, len(reads) or 1).changes


@given(BASES, READS)
def test_no_read_of_a_handheld_makes_an_event(basis: Basis, reads: list[TagRead]) -> None:
    assert counted(basis, reads, 3).events == []


ITEMS = st.lists(
    st.tuples(st.integers(1, 8), st.sampled_from(ItemState), st.sampled_from(["floor", "back"])),
    unique_by=lambda item: item[0],
)


@given(items=ITEMS, found=st.sets(st.integers(1, 10)), writes_off=st.booleans())
def test_an_approved_count_is_the_stock_of_its_zone(
    items: list[tuple[int, ItemState, str]], found: set[int], *, writes_off: bool
) -> None:
    store = CountingStore([known(*item) for item in items])
    here = {
        serial
        for serial, state, zone in items
        if zone == "floor" and state in (ItemState.PRESENT, ItemState.MISSING)
    }
    counted = [
        CountedItem(GTIN, str(n), n in here, n in here, at(50) if n in found else None)
        for n in sorted(here | found)
    ]
    approval = Approval(("floor",), at(0), at(60), counted, writes_off=writes_off)
    applied = store.pipeline.approve(approval, at(60))
    changes = store.pipeline.take()
    before = Counter(zone for _, state, zone in items if state is ItemState.PRESENT)
    stock = before.copy()
    for change in changes.stock:
        stock[change.zone] += change.present
    elsewhere = {n for n, state, zone in items if state is ItemState.PRESENT and zone == "back"}
    assert +stock == +Counter({"floor": len(found), "back": len(elsewhere - found)})
    assert applied.left_alone == 0
    assert sum(applied.events.values()) == len(changes.events)
