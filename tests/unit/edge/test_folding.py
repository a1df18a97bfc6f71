"""Changes that wait for the file are folded into one, which says the same."""

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge import folding
from edge.engine.changes import Changes, KnownItem, LastRead, StrayReads
from edge.epc import StrayReason
from edge.folding import fold
from edge.model import EventKind, ItemEvent, ItemState, StockChange

GTIN = "80614141123458"
NOTHING = Changes(at_us=None)


def arrived(serial: str, at_us: int) -> Changes:
    event = ItemEvent(EventKind.ARRIVED, GTIN, serial, "floor", at_us)
    item = KnownItem(GTIN, serial, ItemState.PRESENT, "floor", at_us)
    return Changes(at_us, [event], [StockChange(GTIN, "floor", 1)], [item])


def stray(epc: bytes, reads: int, first_at_us: int, last_at_us: int) -> Changes:
    told = StrayReads(epc, StrayReason.PARTITION, reads, first_at_us, last_at_us)
    return Changes(last_at_us, strays=[told])


def test_events_keep_their_order_and_items_their_latest_state() -> None:
    gone = Changes(
        9,
        [ItemEvent(EventKind.MISSING, GTIN, "1", "floor", 9, "floor")],
        [StockChange(GTIN, "floor", -1, 1)],
        [KnownItem(GTIN, "1", ItemState.MISSING, "floor", 4)],
    )
    both = fold(arrived("1", 4), gone)
    assert [event.kind for event in both.events] == [EventKind.ARRIVED, EventKind.MISSING]
    assert [change.present for change in both.stock] == [1, -1]
    assert [item.state for item in both.items] == [ItemState.MISSING]
    assert both.at_us == 9


def test_a_stray_that_was_read_on_has_one_entry_with_all_its_reads() -> None:
    both = fold(stray(b"\x01", 2, 5, 8), stray(b"\x01", 3, 4, 9))
    assert both.strays == [StrayReads(b"\x01", StrayReason.PARTITION, 5, 4, 9)]


def test_strays_beyond_the_limit_go_and_known_ones_still_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(folding, "STRAYS_LIMIT", 1)
    known = stray(b"\x01", 1, 1, 1)
    both = fold(fold(known, stray(b"\x02", 1, 2, 2)), known)
    assert [(one.epc, one.reads) for one in both.strays] == [(b"\x01", 2)]


def test_the_last_read_of_an_item_is_the_newer() -> None:
    older = Changes(1, last_reads=[LastRead(GTIN, "1", 1), LastRead(GTIN, "2", 1)])
    newer = Changes(2, last_reads=[LastRead(GTIN, "1", 2)])
    assert fold(older, newer).last_reads == [LastRead(GTIN, "1", 2), LastRead(GTIN, "2", 1)]


def test_with_no_time_of_its_own_a_change_keeps_the_time_before() -> None:
    assert fold(arrived("1", 4), NOTHING).at_us == 4


ENTRIES = st.lists(
    st.one_of(
        st.builds(arrived, st.sampled_from("123"), st.integers(0, 99)),
        st.builds(
            stray, st.sampled_from([b"\x01", b"\x02"]), st.integers(1, 9), st.just(1), st.just(2)
        ),
        st.just(NOTHING),
    ),
    max_size=8,
)


@given(entries=ENTRIES, cut=st.integers(0, 8))
def test_it_does_not_matter_in_which_groups_changes_are_folded(
    entries: list[Changes], cut: int
) -> None:
    first, second = reduce(fold, entries[:cut], NOTHING), reduce(fold, entries[cut:], NOTHING)
    whole = reduce(fold, entries, NOTHING)
    grouped = fold(first, second)
    for name in ("events", "stock", "items", "last_reads", "strays"):
        assert list(getattr(grouped, name)) == list(getattr(whole, name))
