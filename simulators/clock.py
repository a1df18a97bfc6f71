"""The time of a simulated reader: what its own clock says, beside what really passes.

Keepalives go by monotonic time, since the peer's patience does; all that a reader does with tags,
and every stamp, goes by its own UTC.
"""

from edge.model import Now


class ReaderClock:
    """A reader's UTC clock that runs `speed` times as fast as real time.

    It never reads a clock itself; it stands still whenever it is told so, and at `end_us` for
    good.
    """

    def __init__(self, start: Now, speed: float = 1.0, end_us: int | None = None) -> None:
        self._now, self._speed, self._end_us = start, speed, end_us

    @property
    def now(self) -> Now:
        return self._now

    def advance(self, monotonic_s: float, *, running: bool = True) -> Now:
        utc_us = self._now.utc_us
        if running:
            utc_us += round((monotonic_s - self._now.monotonic_s) * 1_000_000 * self._speed)
        if self._end_us is not None:
            utc_us = min(utc_us, self._end_us)
        self._now = Now(monotonic_s, utc_us)
        return self._now
