"""A store's file without a file, and waiting for what other threads do."""

import threading
import time
from collections.abc import Callable

from edge.errors import StorageError
from edge.model import PendingRows, StockRow, SyncState

DEADLINE_S = 20.0


class MemoryFile:
    """Rows, vers and the sync's own facts, by the rules of `SyncStore`; copies stand for disks.

    `broken` makes every call raise StorageError.
    """

    def __init__(self) -> None:
        self.rows: dict[str, StockRow] = {}
        self.ver = 0
        self.term = self.acked = self.check_ver = 0
        self.answered = False
        self.answered_term: int | None = None
        self.broken = False
        self._lock = threading.Lock()

    def copy(self) -> "MemoryFile":
        other = type(self)()
        other.rows, other.ver = dict(self.rows), self.ver
        other.term, other.acked, other.check_ver = self.term, self.acked, self.check_ver
        other.answered, other.answered_term = self.answered, self.answered_term
        return other

    def begin(self) -> SyncState:
        """Begin a life of the agent."""
        self.term += 1
        if self.answered:
            self.check_ver = self.ver
        self.answered = False
        return SyncState(self.term, self.acked, self.check_ver, self.ver, self.answered_term)

    def count(self, gtin: str, zones: dict[str, int], missing: int = 0) -> None:
        with self._lock:
            self.ver += 1
            self.rows[gtin] = StockRow(gtin, self.ver, zones, missing)

    def truth(self) -> dict[str, dict[str, int]]:
        """Give the counts by GTIN and zone, zeros included."""
        return {gtin: row.zones for gtin, row in self.rows.items()}

    # What SyncStore asks for.

    def pending(self, acked: int, limit: int) -> PendingRows:
        self._check()
        with self._lock:
            above = sorted(
                (row for row in self.rows.values() if row.ver > acked), key=lambda row: row.ver
            )
            rows = above[:limit]
            to_ver = rows[-1].ver if len(above) > limit else max(self.ver, acked)
            return PendingRows(rows, to_ver, self.ver)

    def save_answered(self) -> None:
        self._check()
        self.answered, self.answered_term = True, self.term

    def save_acked(self, ver: int) -> None:
        self._check()
        self.acked = ver

    def renew(self, term: int) -> None:
        self._check()
        self.term, self.acked, self.check_ver, self.answered = term, 0, 0, False

    def _check(self) -> None:
        if self.broken:
            raise StorageError("the disk is full")


def eventually(is_true: Callable[[], bool], what: str) -> None:
    """Wait for what other threads or processes bring about; fail with `what` if it never comes."""
    deadline_s = time.monotonic() + DEADLINE_S
    while not is_true():
        assert time.monotonic() < deadline_s, f"not within {DEADLINE_S:g} s: {what}"
        time.sleep(0.01)
