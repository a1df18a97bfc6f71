"""Firestore's limits, kept by construction; off for databases that have none.

* Traffic on new collections begins at 500 operations a second and may grow by half every five
  minutes (Firestore, "Ramping up traffic"): a token bucket holds every commit to that.
* One document takes about one write a second for long ("Maximum write rate to a document"): a
  store's cursor moves no faster, as its next message waits.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from edge.errors import DocumentsError

WAIT_S = 30.0  # for the bucket; who would wait longer is told to come again


@dataclass(frozen=True, slots=True)
class Limits:
    """What a target bears; 0 is no limit."""

    first_rate: float = 0.0  # document writes a second of all stores together, in the beginning
    growth: float = 1.5
    grows_every_s: float = 300.0
    cursor_every_s: float = 0.0  # the least time between two moves of one store's cursor


NO_LIMITS = Limits()
FIRESTORE_LIMITS = Limits(first_rate=500.0, cursor_every_s=1.0)


class Ramp:
    """The bucket; `take` is called by many threads, in whose order it serves."""

    def __init__(
        self,
        limits: Limits,
        now_s: Callable[[], float],
        sleep: Callable[[float], object],
    ) -> None:
        self._limits, self._now_s, self._sleep = limits, now_s, sleep
        self._lock = threading.Lock()
        self._began_s: float | None = None
        self._free_s = float("-inf")  # until when what was taken lasts

    def rate(self) -> float:
        """Give how many writes a second are allowed now."""
        began_s = self._now_s() if self._began_s is None else self._began_s
        steps = int((self._now_s() - began_s) // self._limits.grows_every_s)
        return self._limits.first_rate * self._limits.growth ** min(steps, 20)

    def take(self, writes: int) -> None:
        """Wait until so many writes may be done; raise DocumentsError if that takes too long."""
        if not self._limits.first_rate:
            return
        with self._lock:
            now_s = self._now_s()
            if self._began_s is None:
                self._began_s = now_s
            start_s = max(now_s, self._free_s)
            wait_s = start_s - now_s
            if wait_s > WAIT_S:
                raise DocumentsError(f"held back for {wait_s:.0f} s: {self.rate():.0f} writes/s")
            self._free_s = start_s + writes / self.rate()
        if wait_s > 0:
            self._sleep(wait_s)
