"""How much of what a serial line can carry is used, and when that is all of it.

A rate of 115200 baud carries 11520 bytes in a second, which are 245 to 550 reads by protocol: a
fast reader at a slow line reads less than it could, and nothing else tells so.
"""

from edge.model import HealthEvent, HealthKind, Now

WINDOW_S = 10.0
SATURATED = 0.9  # gaps between frames take the rest
_STEPS = 20  # it is told anew when it has changed by a twentieth


class LineMeter:
    def __init__(self, now: Now) -> None:
        self._since_s = now.monotonic_s
        self._received = 0
        self._told: tuple[int, float] | None = None  # step and limit
        self._is_saturated = False

    def count(self, received: int) -> None:
        self._received += received

    def tell(self, bytes_per_s: float, now: Now) -> tuple[HealthEvent, ...]:
        """Give what has changed in the last window, once that is over."""
        passed_s = now.monotonic_s - self._since_s
        if passed_s < WINDOW_S:
            return ()
        used = self._received / passed_s / bytes_per_s
        self._since_s, self._received = now.monotonic_s, 0
        return (*self._tell_use(used, bytes_per_s, now), *self._tell_saturation(used, now))

    def _tell_use(self, used: float, bytes_per_s: float, now: Now) -> tuple[HealthEvent, ...]:
        told = round(used * _STEPS), bytes_per_s
        if told == self._told:
            return ()
        self._told = told
        percent = round(100 * told[0] / _STEPS)
        detail = f"line {percent} % used, {bytes_per_s:.0f} bytes/s at most"
        return (HealthEvent(HealthKind.LINE, detail, now.utc_us),)

    def _tell_saturation(self, used: float, now: Now) -> tuple[HealthEvent, ...]:
        was_saturated, self._is_saturated = self._is_saturated, used >= SATURATED
        if was_saturated or not self._is_saturated:
            return ()
        detail = (
            f"the serial line is full ({used:.0%}): the reader reads less than it could; "
            "a higher rate, a read filter or fewer tags in its field help"
        )
        return (HealthEvent(HealthKind.WARNING, detail, now.utc_us),)
