"""Where time comes from: both clocks of the machine, read together.

Wall time stamps what is recorded and shown; waiting and ageing use the monotonic clock, which no
operator and no time server can step.
"""

import time
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Now:
    monotonic_s: float
    utc_us: int


class Clock(Protocol):
    def now(self) -> Now: ...


class SystemClock:
    def now(self) -> Now:
        return Now(time.monotonic(), time.time_ns() // 1000)
