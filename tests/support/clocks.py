"""A clock that moves when a test says so."""

from edge.model import Now


class ManualClock:
    def __init__(self, utc_us: int = 1_800_000_000_000_000) -> None:
        self._now = Now(monotonic_s=1000.0, utc_us=utc_us)

    def now(self) -> Now:
        return self._now

    def advance(self, seconds: float) -> Now:
        before = self._now
        self._now = Now(before.monotonic_s + seconds, before.utc_us + round(seconds * 1_000_000))
        return self._now

    def step_utc(self, seconds: float) -> None:
        """Have an operator or a time server set the wall clock; what waits does not notice."""
        before = self._now
        self._now = Now(before.monotonic_s, before.utc_us + round(seconds * 1_000_000))
