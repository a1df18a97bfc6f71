"""When a new file knows the store: all readers have been up, without a break, for long enough."""

from collections.abc import Callable


class Rebuild:
    def __init__(self, rebuild_s: float, are_readers_up: Callable[[], bool]) -> None:
        self._rebuild_s, self._are_readers_up = rebuild_s, are_readers_up
        self._since_s: float | None = None

    def is_over(self, now_s: float) -> bool:
        """Look; to be asked about once a second."""
        if not self._are_readers_up():
            self._since_s = None
            return False
        if self._since_s is None:
            self._since_s = now_s
        return now_s - self._since_s >= self._rebuild_s
