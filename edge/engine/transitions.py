"""What may become of an item, and nothing else (ARCHITECTURE.md, the table of states)."""

from enum import StrEnum

from edge.model import EventKind, ItemState


class Cause(StrEnum):
    SEEN = "seen"  # enough evidence in a zone
    SEEN_ELSEWHERE = "seen elsewhere"  # evidence has moved to another zone
    UNSEEN = "unseen"  # for longer than the item's reads allow, its antennas being up
    LEFT = "left"  # unseen, and last heard at an exit; or missing beyond the profile's limit
    SOLD = "sold"  # told by the till
    RETURNED = "returned"  # seen inside after the anti-bounce time, or told by a person


TRANSITIONS: dict[tuple[ItemState | None, Cause], tuple[EventKind, ItemState]] = {
    (None, Cause.SEEN): (EventKind.ARRIVED, ItemState.PRESENT),
    (None, Cause.SOLD): (EventKind.SOLD, ItemState.SOLD),
    (None, Cause.RETURNED): (EventKind.RETURNED, ItemState.PRESENT),
    (ItemState.PRESENT, Cause.SEEN_ELSEWHERE): (EventKind.MOVED, ItemState.PRESENT),
    (ItemState.PRESENT, Cause.UNSEEN): (EventKind.MISSING, ItemState.MISSING),
    (ItemState.PRESENT, Cause.LEFT): (EventKind.DEPARTED, ItemState.DEPARTED),
    (ItemState.PRESENT, Cause.SOLD): (EventKind.SOLD, ItemState.SOLD),
    (ItemState.MISSING, Cause.SEEN): (EventKind.FOUND, ItemState.PRESENT),
    (ItemState.MISSING, Cause.LEFT): (EventKind.DEPARTED, ItemState.DEPARTED),
    (ItemState.MISSING, Cause.SOLD): (EventKind.SOLD, ItemState.SOLD),
    (ItemState.MISSING, Cause.RETURNED): (EventKind.RETURNED, ItemState.PRESENT),
    (ItemState.DEPARTED, Cause.SOLD): (EventKind.SOLD, ItemState.SOLD),
    (ItemState.DEPARTED, Cause.RETURNED): (EventKind.RETURNED, ItemState.PRESENT),
    (ItemState.SOLD, Cause.RETURNED): (EventKind.RETURNED, ItemState.PRESENT),
}


def step(state: ItemState | None, cause: Cause) -> tuple[EventKind, ItemState]:
    """Give the event and the state after; raise ValueError for what the table does not have."""
    try:
        return TRANSITIONS[state, cause]
    except KeyError:
        raise ValueError(f"an item that is {state or 'unknown'} cannot be {cause}") from None


def is_possible(state: ItemState | None, cause: Cause) -> bool:
    return (state, cause) in TRANSITIONS
