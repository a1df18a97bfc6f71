"""What becomes of count sessions, in the order in which it did: what storage keeps of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from edge.counts import Applied, CountedItem, CountPlan, CountState


@dataclass(frozen=True, slots=True)
class CountOpened:
    """`quantities`: how many of each GTIN are expected; `items`: those known beforehand."""

    plan: CountPlan
    quantities: Mapping[str, int]
    items: Sequence[CountedItem]


class CountFound(msgspec.Struct, frozen=True, gc=False):
    """An item was read for the first time in a session; `pressed_at_us`: by which press, or 0."""

    count: str
    gtin: str
    serial: str
    is_expected: bool
    at_us: int
    pressed_at_us: int


@dataclass(frozen=True, slots=True)
class CountEnded:
    count: str
    state: CountState
    at_us: int
    by: str
    applied: Applied | None = None  # of one that is approved


CountChange = CountOpened | CountFound | CountEnded
