"""When a read was, from the module's milliseconds since its read command began."""

from edge.model import Now

_WINDOW_S = 30.0
_MOST_DELAY_MS = 10_000.0


class StreamClock:
    """The time on the way is what a frame came later than the quickest of the last minute.

    So reads that waited in the module or on the line keep their distances, the module's clock may
    drift as it likes, and no stamp is later than the host's own time.
    """

    def __init__(self) -> None:
        self._least_ms = self._before_ms = float("inf")  # in this window, and in the one before
        self._since_s = float("-inf")

    def at_us(self, reader_ms: int, now: Now) -> int:
        offset_ms = now.monotonic_s * 1000 - reader_ms
        if now.monotonic_s - self._since_s > _WINDOW_S:
            self._before_ms, self._least_ms = self._least_ms, offset_ms
            self._since_s = now.monotonic_s
        self._least_ms = min(self._least_ms, offset_ms)
        delay_ms = offset_ms - min(self._least_ms, self._before_ms)
        if delay_ms > _MOST_DELAY_MS:  # the module counts anew
            self._least_ms = self._before_ms = offset_ms
            delay_ms = 0.0
        return now.utc_us - round(delay_ms * 1000)
