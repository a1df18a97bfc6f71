"""When a line is full, and which rate it is raised to then.

At 115,200 baud a line carries 303 reads a second, and modules read up to 750.  The new rate is the
highest that the site allows.  It is not stored: a module that has lost its power speaks at its own
rate again.
"""

from collections.abc import Sequence

from edge.model import Now

WINDOW_S = 10.0
FULL = 0.9  # of what the rate carries
_BITS_PER_BYTE = 10


class Rate:
    """It is raised once: a line that cannot do more is left as it is."""

    def __init__(self, allowed: Sequence[int]) -> None:
        self._highest = max(allowed)
        self._since_s = 0.0
        self._received = 0
        self._was_raised = False

    def begin(self, received: int, now: Now) -> None:
        """Begin to look, now that the stream begins; so many bytes have come before."""
        self._since_s, self._received = now.monotonic_s, received

    def raised(self, baud: int, received: int, now: Now) -> int | None:
        """Give the rate that this one is to be raised to, if the line was full until now."""
        passed_s = now.monotonic_s - self._since_s
        if passed_s < WINDOW_S:
            return None
        used = (received - self._received) * _BITS_PER_BYTE / (passed_s * baud)
        self.begin(received, now)
        if used < FULL or self._was_raised or self._highest <= baud:
            return None
        self._was_raised = True
        return self._highest
