"""A zone's clock of absence, and whose silence is over by it.

The clock runs with the engine's time while the zone is watched, and stands still otherwise.  Who is
due next is found in a heap with one valid entry an item.  A read does not touch the heap: an entry
that comes up too early is put back to where its item belongs by then, but never by more than
RECHECK_S, since reads can also make the silence that is allowed shorter.
"""

import heapq
from collections.abc import Callable, Iterator
from itertools import count

from edge.engine.items import Entry, Item

RECHECK_S = 30
_RECHECK_US = RECHECK_S * 1_000_000


class AbsenceClock:
    """`allowed_us` says for how long an item may be silent, `least_us` that it is never less."""

    def __init__(self, allowed_us: Callable[[Item], int], least_us: int) -> None:
        self._allowed_us = allowed_us
        self._least_us = least_us
        self._heap: list[Entry] = []
        self._numbers = count()  # of equal deadlines the older entry comes first
        self.now_us = 0

    def run(self, us: int) -> None:
        self.now_us += us

    def await_item(self, item: Item) -> None:
        """Begin to wait for reads of the item; from now on no other clock waits for it."""
        self._push(item, item.read_clock_us + self._least_us)

    def overdue(self) -> Iterator[tuple[int, Item]]:
        """Take out the items silent for too long, each with the time that it is overdue by."""
        while self._heap and self._heap[0][0] < self.now_us:
            entry = heapq.heappop(self._heap)
            due_us, _, item = entry
            if entry is not item.entry:
                continue
            deadline_us = item.read_clock_us + self._allowed_us(item)
            if deadline_us <= due_us:
                yield self.now_us - due_us, item
            else:
                self._push(item, min(deadline_us, due_us + _RECHECK_US))

    def _push(self, item: Item, due_us: int) -> None:
        item.entry = due_us, next(self._numbers), item
        heapq.heappush(self._heap, item.entry)
