"""The time of a simulated reader: what its own clock says, and how long a peer really waits."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Instant:
    """`real_s` is monotonic and the same for everybody; `at_us` is what the reader takes for UTC.

    Keepalives go by the one, since the peer's patience does; all that a reader does with tags,
    and every stamp, goes by the other.
    """

    real_s: float
    at_us: int


class ReaderClock:
    """A reader's UTC clock, in microseconds; it runs `speed` times as fast as real time.

    It never reads a clock itself, and it stands still whenever it is told so.
    """

    def __init__(self, start: Instant, speed: float = 1.0) -> None:
        self._now, self._speed = start, speed

    @property
    def now(self) -> Instant:
        return self._now

    def advance(self, real_s: float, *, running: bool = True) -> Instant:
        passed_us = round((real_s - self._now.real_s) * 1_000_000 * self._speed)
        at_us = self._now.at_us + (passed_us if running else 0)
        self._now = Instant(real_s, at_us)
        return self._now
