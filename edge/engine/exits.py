"""Many items past one exit within seconds: a sweep, or a delivery that nobody has announced.

An item passes an exit when it moves into its zone or departs by it; it counts once in KEPT_S.  The
departures become known late and in no order, so passes are kept by the time at which they were.
"""

from bisect import bisect_left, bisect_right, insort
from collections import deque

from edge.engine.changes import BulkExit
from edge.model import Sgtin

KEPT_S = 600
_KEPT_US = KEPT_S * 1_000_000
_MOST_PASSES = 1_000


class ExitWatch:
    """The passes of one exit: `items` of them within `within_s` are too many."""

    def __init__(self, zone: str, items: int, within_s: float) -> None:
        self._zone, self._items = zone, items
        self._within_us = round(within_s * 1e6)
        self._passes: list[int] = []  # sorted stamps
        self._known: dict[Sgtin, int] = {}
        self._order: deque[Sgtin] = deque()
        self._told: BulkExit | None = None

    def note(self, item: Sgtin, at_us: int) -> BulkExit | None:
        """Take one item's pass; tell of it where it makes them too many, or twice as many."""
        if item in self._known:
            return None
        self._forget(at_us)
        self._known[item] = at_us
        self._order.append(item)
        insort(self._passes, at_us)
        found = self._busiest(at_us)
        told = self._told
        is_same = told is not None and found.first_at_us <= told.last_at_us + self._within_us
        least = 2 * told.items if told is not None and is_same else self._items
        if found.items < least:
            return None
        self._told = found
        return found

    def _busiest(self, at_us: int) -> BulkExit:
        """Give the window around a pass with the most passes in it."""
        passes, within_us = self._passes, self._within_us
        first = bisect_left(passes, at_us - within_us)
        last = bisect_right(passes, at_us)
        most = max(
            (bisect_right(passes, passes[begin] + within_us) - begin, -begin)
            for begin in range(first, last)
        )
        begin = -most[1]
        return BulkExit(self._zone, most[0], passes[begin], passes[begin + most[0] - 1])

    def _forget(self, now_us: int) -> None:
        order, known = self._order, self._known
        while order and (known[order[0]] < now_us - _KEPT_US or len(order) >= _MOST_PASSES):
            at_us = known.pop(order.popleft())
            del self._passes[bisect_left(self._passes, at_us)]
