"""A zone's clock of absence, and who is missing by it.

The clock runs with the engine's time while the zone is watched, and stands still otherwise.  Who
may be missing next is found in a heap with one valid entry an item.  A read does not touch the
heap: an entry that comes up too early is put back to where its item belongs by then.
"""

import heapq
from collections.abc import Iterator
from itertools import count

from edge.engine.items import Entry, Item


class AbsenceClock:
    def __init__(self, absence_us: int) -> None:
        self._absence_us = absence_us
        self._heap: list[Entry] = []
        self._numbers = count()  # of equal deadlines the older entry comes first
        self.now_us = 0

    def run(self, us: int) -> None:
        self.now_us += us

    def await_item(self, item: Item) -> None:
        """Begin to wait for reads of the item; from now on no other clock waits for it."""
        deadline_us = item.read_clock_us + self._absence_us
        item.entry = deadline_us, next(self._numbers), item
        heapq.heappush(self._heap, item.entry)

    def overdue(self) -> Iterator[tuple[int, Item]]:
        """Take out the items unread for too long, each with the time that it is overdue by."""
        while self._heap and self._heap[0][0] < self.now_us:
            entry = heapq.heappop(self._heap)
            item = entry[2]
            if entry is not item.entry:
                continue
            overdue_us = self.now_us - item.read_clock_us - self._absence_us
            if overdue_us > 0:
                yield overdue_us, item
            else:
                self.await_item(item)
