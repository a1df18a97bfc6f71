"""Where time comes from: both clocks of the machine, read together."""

import time
from typing import Protocol

from edge.model import Now


class Clock(Protocol):
    def now(self) -> Now: ...


class SystemClock:
    def now(self) -> Now:
        return Now(time.monotonic(), time.time_ns() // 1000)


class StepWatch:
    """Sees that the wall clock was set back: it is compared with the one that only goes on."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._furthest_us = self._ahead_us()

    def back_s(self) -> float:
        """Give by how much the wall clock is behind where it has been; 0 where it goes on."""
        ahead_us = self._ahead_us()
        self._furthest_us = max(self._furthest_us, ahead_us)
        return (self._furthest_us - ahead_us) / 1e6

    def _ahead_us(self) -> int:
        now = self._clock.now()
        return now.utc_us - round(now.monotonic_s * 1e6)
