"""A count that a person has approved, as events of its items.

| the engine's item                    | found in the count    | was here, and not found |
| ------------------------------------ | --------------------- | ----------------------- |
| unknown                              | arrived               | -                       |
| present in one of the count's zones  | -                     | missing, or departed    |
| present elsewhere                    | moved                 | -                       |
| missing                              | found                 | -, or departed          |
| departed, sold                       | returned              | -                       |

*Departed* where the person writes off what is not there; *sold* where a till has sold one of its
GTIN and could not say which.  What the store's readers, tills and
people did after the count had seen an item (or, where it has not, after it had begun) stands: such
a difference is left alone.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from edge.counts import Applied, CountedItem
from edge.engine.items import Item
from edge.engine.transitions import Cause
from edge.model import EventKind, ItemState, Sgtin


@dataclass(frozen=True, slots=True)
class Approval:
    """A count that has ended, and how a person wants it: `zones[0]` is where unknown items go."""

    zones: tuple[str, ...]
    opened_at_us: int
    closed_at_us: int
    items: Iterable[CountedItem]
    writes_off: bool = False


Tell = Callable[[Sgtin, Cause, str, int], EventKind]
"""Decides a cause for an item: in which zone, and up to when it was seen; gives the event."""


def apply_count(approval: Approval, find: Callable[[Sgtin], Item | None], tell: Tell) -> Applied:
    """Decide each difference between the count and the engine's items."""
    events: Counter[str] = Counter()
    left_alone = 0
    for counted in approval.items:
        sgtin = Sgtin(counted.gtin, counted.serial)
        item = find(sgtin)
        if item is not None and item.state is None:
            item = None
        cause = _cause(approval, counted, item)
        if cause is None:
            left_alone += _differs(approval, counted, item)
            continue
        zone = approval.zones[0]
        if item is not None and item.zone in approval.zones:
            zone = item.zone
        events[tell(sgtin, cause, zone, counted.found_at_us or 0).value] += 1
    return Applied(dict(sorted(events.items())), left_alone)


def _cause(approval: Approval, counted: CountedItem, item: Item | None) -> Cause | None:
    if counted.found_at_us is not None:
        return _cause_of_found(approval, counted.found_at_us, item)
    if not counted.was_here or item is None:
        return None
    return _cause_of_unfound(approval, item)


def _cause_of_found(approval: Approval, found_at_us: int, item: Item | None) -> Cause | None:
    if item is None:
        return Cause.SEEN
    match item.state:
        case ItemState.PRESENT:
            is_elsewhere = item.zone not in approval.zones
            is_older = item.last_read_at_us <= found_at_us
            return Cause.SEEN_ELSEWHERE if is_elsewhere and is_older else None
        case ItemState.MISSING:
            return Cause.SEEN if item.since_us <= approval.closed_at_us else None
        case _:
            return Cause.RETURNED if item.since_us <= found_at_us else None


def _cause_of_unfound(approval: Approval, item: Item) -> Cause | None:
    if item.zone not in approval.zones:
        return None
    if item.state is ItemState.MISSING:
        return Cause.LEFT if approval.writes_off else None
    news_us = max(item.last_read_at_us, item.since_us)
    if item.state is not ItemState.PRESENT or news_us >= approval.opened_at_us:
        return None
    return Cause.LEFT if approval.writes_off else Cause.UNSEEN


def _differs(approval: Approval, counted: CountedItem, item: Item | None) -> bool:
    """Tell whether the count and the engine still say different things of an item."""
    if item is None:
        return False
    is_here = item.state is ItemState.PRESENT and item.zone in approval.zones
    if counted.found_at_us is not None:
        return not is_here
    return counted.was_here and is_here
