"""Reads what will be sent next while head office is busy with what is under way.

What was read ahead is given once, to the very question that it answers, and within a second; any
other question forgets it, and so must whoever hears that the file has changed.
"""

from collections.abc import Callable
from contextlib import suppress

from edge.errors import StorageError
from edge.model import PendingRows

FRESH_S = 1.0

Read = Callable[[int, int], PendingRows]  # by acked and limit; raises StorageError


class ReadAhead:
    def __init__(self, read: Read, now_s: Callable[[], float]) -> None:
        self._read, self._now_s = read, now_s
        self._next: tuple[int, int] | None = None
        self._found: tuple[tuple[int, int], PendingRows, float] | None = None

    def pending(self, acked: int, limit: int) -> PendingRows:
        """Give the rows as of now, or of a moment ago, when nothing was different."""
        found, self._found, self._next = self._found, None, None
        is_answer = found is not None and found[0] == (acked, limit)
        if found and is_answer and self._now_s() - found[2] <= FRESH_S:
            rows = found[1]
        else:
            rows = self._read(acked, limit)
        if rows.to_ver < rows.at_ver:
            self._next = (rows.to_ver, limit)
        return rows

    def look(self) -> None:
        """Read what follows on the last rows given; a failure is told to whoever asks for it."""
        if self._next is None:
            return
        key, self._next = self._next, None
        with suppress(StorageError):
            self._found = key, self._read(*key), self._now_s()

    def forget(self) -> None:
        self._found = None
