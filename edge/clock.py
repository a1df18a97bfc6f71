"""Where time comes from: both clocks of the machine, read together."""

import time
from typing import Protocol

from edge.model import Now


class Clock(Protocol):
    def now(self) -> Now: ...


class SystemClock:
    def now(self) -> Now:
        return Now(time.monotonic(), time.time_ns() // 1000)
