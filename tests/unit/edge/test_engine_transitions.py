"""The table of states, and what it does to the counts."""

import itertools

import pytest

from edge.engine.stock import stock_changes
from edge.engine.transitions import TRANSITIONS, Cause, is_possible, step
from edge.model import EventKind, ItemEvent, ItemState, StockChange

GTIN = "80614141123458"
PRESENT, MISSING = ItemState.PRESENT, ItemState.MISSING
DEPARTED, SOLD = ItemState.DEPARTED, ItemState.SOLD

DESIGNED = {
    (None, Cause.SEEN): (EventKind.ARRIVED, PRESENT),
    (None, Cause.SOLD): (EventKind.SOLD, SOLD),
    (None, Cause.RETURNED): (EventKind.RETURNED, PRESENT),
    (PRESENT, Cause.SEEN_ELSEWHERE): (EventKind.MOVED, PRESENT),
    (PRESENT, Cause.UNSEEN): (EventKind.MISSING, MISSING),
    (PRESENT, Cause.LEFT): (EventKind.DEPARTED, DEPARTED),
    (PRESENT, Cause.SOLD): (EventKind.SOLD, SOLD),
    (MISSING, Cause.SEEN): (EventKind.FOUND, PRESENT),
    (MISSING, Cause.LEFT): (EventKind.DEPARTED, DEPARTED),
    (MISSING, Cause.SOLD): (EventKind.SOLD, SOLD),
    (MISSING, Cause.RETURNED): (EventKind.RETURNED, PRESENT),
    (DEPARTED, Cause.SOLD): (EventKind.SOLD, SOLD),
    (DEPARTED, Cause.RETURNED): (EventKind.RETURNED, PRESENT),
    (SOLD, Cause.RETURNED): (EventKind.RETURNED, PRESENT),
}
UNKNOWN = sorted(set(itertools.product([None, *ItemState], Cause)) - DESIGNED.keys(), key=str)

EFFECTS = {
    "arrived": (EventKind.ARRIVED, None, None, PRESENT, [StockChange(GTIN, "floor", 1)]),
    "moved": (
        EventKind.MOVED,
        "back",
        PRESENT,
        PRESENT,
        [StockChange(GTIN, "back", -1), StockChange(GTIN, "floor", 1)],
    ),
    "missing": (
        EventKind.MISSING,
        "floor",
        PRESENT,
        MISSING,
        [StockChange(GTIN, "floor", -1, 1)],
    ),
    "found where it was": (
        EventKind.FOUND,
        "floor",
        MISSING,
        PRESENT,
        [StockChange(GTIN, "floor", 1, -1)],
    ),
    "departed": (
        EventKind.DEPARTED,
        "floor",
        PRESENT,
        DEPARTED,
        [StockChange(GTIN, "floor", -1)],
    ),
    "sold while missing": (
        EventKind.SOLD,
        "floor",
        MISSING,
        SOLD,
        [StockChange(GTIN, "floor", 0, -1)],
    ),
    "returned": (EventKind.RETURNED, "back", SOLD, PRESENT, [StockChange(GTIN, "floor", 1)]),
    "found elsewhere": (
        EventKind.FOUND,
        "back",
        MISSING,
        PRESENT,
        [StockChange(GTIN, "floor", 1, -1)],
    ),
}


def test_the_table_is_the_designs() -> None:
    assert TRANSITIONS == DESIGNED


@pytest.mark.parametrize(("state", "cause"), DESIGNED)
def test_a_step_is_the_tables(state: ItemState | None, cause: Cause) -> None:
    assert step(state, cause) == DESIGNED[state, cause]


@pytest.mark.parametrize(("state", "cause"), UNKNOWN)
def test_what_the_table_lacks_is_refused_with_state_and_cause(
    state: ItemState | None, cause: Cause
) -> None:
    assert not is_possible(state, cause)
    with pytest.raises(ValueError, match=f"is {state or 'unknown'} cannot be {cause}"):
        step(state, cause)


@pytest.mark.parametrize(
    ("kind", "from_zone", "before", "after", "changes"), EFFECTS.values(), ids=EFFECTS
)
def test_an_event_changes_the_counts(
    kind: EventKind,
    from_zone: str | None,
    before: ItemState | None,
    after: ItemState,
    changes: list[StockChange],
) -> None:
    event = ItemEvent(kind, GTIN, "1", "floor", 0, from_zone)
    assert stock_changes(event, before, after) == changes
