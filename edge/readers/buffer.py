"""Between the readers' threads and the engine's: bounded, in order, and nothing lost unsaid.

When more than `limit` reads of one reader wait, its oldest reads go and are counted.  Ticks and
health events never go: a tick that waits alone is replaced by the next, which says the same and
more, and a reader that has `MAX_BATCHES` waiting must wait itself, while its link holds the bytes.
Who takes is not woken by each poll of each reader: what comes within `GATHER_S` is taken together.
"""

import heapq
import threading
import time
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, replace
from operator import itemgetter

from edge.model import Polled

READS_LIMIT = 50_000  # of one reader: a minute of the fastest there are
MAX_BATCHES = 10_000
GATHER_S = 0.05  # a tenth of the time between two commits
_LOOK_S = 1.0


@dataclass(frozen=True, slots=True)
class Batch:
    """What one poll of one reader has brought."""

    reader: str
    polled: Polled


class _Waiting:
    """One reader's batches, each with its place in the order of arrival."""

    def __init__(self) -> None:
        self.reads = 0
        self.batches: deque[tuple[int, Batch]] = deque()

    def append(self, order: int, batch: Batch) -> None:
        self.reads += len(batch.polled.reads)
        _append(self.batches, order, batch)

    def drop_reads_above(self, limit: int) -> int:
        """Let the oldest reads go, and nothing else; give their number."""
        excess, kept = self.reads - limit, deque[tuple[int, Batch]]()
        while self.reads > limit:
            order, batch = self.batches.popleft()
            gone = min(self.reads - limit, len(batch.polled.reads))
            held = max(batch.polled.held - gone, 0)
            rest = replace(batch.polled, reads=batch.polled.reads[gone:], held=held)
            _append(kept, order, replace(batch, polled=rest))
            self.reads -= gone
        self.batches.extendleft(reversed(kept))
        return max(excess, 0)


def _append(batches: deque[tuple[int, Batch]], order: int, batch: Batch) -> None:
    """Add a batch that says anything; a tick that stands alone before it goes into it."""
    polled = batch.polled
    if not (polled.reads or polled.tick or polled.health):
        return
    last = batches[-1][1].polled if batches else Polled()
    if last.tick and not (last.reads or last.health):
        batches.pop()
        batch = batch if polled.tick else replace(batch, polled=replace(polled, tick=last.tick))
    batches.append((order, batch))


class ReadBuffer:
    """Any number of threads put(); one thread takes."""

    def __init__(self, reads_limit: int = READS_LIMIT) -> None:
        self._limit = reads_limit
        self._lock = threading.Lock()
        self._room = threading.Condition(self._lock)  # for a reader that waits in put()
        self._news = threading.Condition(self._lock)  # something has come where nothing was
        self._urgent = threading.Condition(self._lock)  # take() is to return at once
        self._next_take_s = 0.0
        self._waiting: defaultdict[str, _Waiting] = defaultdict(_Waiting)
        self._dropped: Counter[str] = Counter()
        self._arrived = 0
        self._woken = self._closed = False

    def put(self, reader: str, polled: Polled) -> None:
        """Add what one poll has brought; wait while the reader has too many batches waiting."""
        with self._lock:
            while len(self._waiting[reader].batches) >= MAX_BATCHES and not self._closed:
                self._room.wait(_LOOK_S)
            self._arrived += 1
            self._waiting[reader].append(self._arrived, Batch(reader, polled))
            self._dropped[reader] += self._waiting[reader].drop_reads_above(self._limit)
            self._news.notify()

    def take(self, timeout_s: float) -> list[Batch]:
        """Give all that waits in the order of arrival, at the latest when the time is over."""
        deadline_s = time.monotonic() + timeout_s
        with self._lock:
            self._news.wait_for(self._has_news, timeout_s)
            gather_s = min(self._next_take_s, deadline_s) - time.monotonic()
            if gather_s > 0:
                self._urgent.wait_for(lambda: self._woken, gather_s)
            self._next_take_s = time.monotonic() + GATHER_S
            taken = [one.batches for one in self._waiting.values()]
            self._waiting.clear()
            self._woken = False
            self._room.notify_all()
        return [batch for _, batch in heapq.merge(*taken, key=itemgetter(0))]

    def wake(self) -> None:
        """Let a take() that waits return at once, with nothing if nothing is there."""
        with self._lock:
            self._woken = True
            self._news.notify_all()
            self._urgent.notify_all()

    def close(self) -> None:
        """Keep nobody waiting in put() any more: the engine is gone."""
        with self._lock:
            self._closed = True
            self._room.notify_all()

    def dropped(self) -> dict[str, int]:
        """Give the number of reads that had to go since the start, by reader."""
        with self._lock:
            return dict(self._dropped)

    def _has_news(self) -> bool:
        return self._woken or any(one.batches for one in self._waiting.values())
