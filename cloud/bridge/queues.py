"""Jobs by store: of each store one at a time and in order; a store that waits holds up no other.

Any thread puts, many take.  Each store has a bounded queue; what finds it full is not taken.
"""

import heapq
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Job = TypeVar("Job")


@dataclass(slots=True)
class _Store(Generic[Job]):
    jobs: deque[Job] = field(default_factory=deque)
    is_busy: bool = False  # one of its jobs is being done, or it is on the heap


class StoreQueues(Generic[Job]):
    def __init__(self, size: int, now_s: Callable[[], float]) -> None:
        self._size, self._now_s = size, now_s
        self._changed = threading.Condition()
        self._stores: dict[str, _Store[Job]] = {}
        self._ready: list[tuple[float, int, str]] = []  # from when a store may go on
        self._later: list[tuple[float, int, str, Job]] = []
        self._count = 0

    def put(self, store_id: str, job: Job) -> bool:
        """Add a job; False if the store's queue is full."""
        with self._changed:
            store = self._stores.setdefault(store_id, _Store())
            if len(store.jobs) >= self._size:
                return False
            self._append(store_id, store, job)
            self._changed.notify()
            return True

    def put_later(self, store_id: str, job: Job, wait_s: float) -> None:
        """Add a job of our own after a time, whether or not the queue is full then."""
        with self._changed:
            heapq.heappush(self._later, (self._now_s() + wait_s, self._next(), store_id, job))
            self._changed.notify()

    def take(self, timeout_s: float) -> tuple[str, Job] | None:
        """Give the next job of the store that has waited longest; call `done` after it."""
        with self._changed:
            self._changed.wait_for(self._has_ready, self._patience_s(timeout_s))
            if not self._has_ready():
                return None
            _, _, store_id = heapq.heappop(self._ready)
            return store_id, self._stores[store_id].jobs.popleft()

    def done(self, store_id: str, pause_s: float = 0.0) -> None:
        """Let a store go on, after a pause."""
        with self._changed:
            store = self._stores[store_id]
            if store.jobs or pause_s > 0:
                self._make_ready(store_id, pause_s)
            else:
                del self._stores[store_id]
            self._changed.notify()

    def lengths(self) -> tuple[int, int]:
        """Give how many jobs wait, and the most of one store."""
        with self._changed:
            lengths = [len(store.jobs) for store in self._stores.values()]
        return sum(lengths), max(lengths, default=0)

    def _append(self, store_id: str, store: _Store[Job], job: Job) -> None:
        store.jobs.append(job)
        if not store.is_busy:
            store.is_busy = True
            self._make_ready(store_id, 0.0)

    def _make_ready(self, store_id: str, pause_s: float) -> None:
        heapq.heappush(self._ready, (self._now_s() + pause_s, self._next(), store_id))

    def _has_ready(self) -> bool:
        now_s = self._now_s()
        while self._later and self._later[0][0] <= now_s:
            _, _, store_id, job = heapq.heappop(self._later)
            self._append(store_id, self._stores.setdefault(store_id, _Store()), job)
        while self._ready and self._ready[0][0] <= now_s:
            store_id = self._ready[0][2]
            if self._stores[store_id].jobs:
                return True
            heapq.heappop(self._ready)  # its pause is over, and nothing has come
            del self._stores[store_id]
        return False

    def _patience_s(self, timeout_s: float) -> float:
        times_s = [heap[0][0] for heap in (self._ready, self._later) if heap]
        left_s = min(times_s, default=float("inf")) - self._now_s()
        return max(0.0, min(timeout_s, left_s))

    def _next(self) -> int:
        self._count += 1
        return self._count
