"""A store's file without a file, and waiting for what other threads do."""

import threading
import time
from collections.abc import Callable

from edge.digest import shard_of, sum_of
from edge.errors import StorageError
from edge.model import (
    EventKind,
    ItemEvent,
    LeftOut,
    NumberedEvent,
    PendingRows,
    ShardRows,
    StockRow,
    SyncState,
)

DEADLINE_S = 60.0


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
        self.left: dict[str, LeftOut] = {}
        self.events: list[NumberedEvent] = []
        self.told = 0
        self.is_rebuilding = self.takeover = False
        self.broken = False
        self.reads: list[int] = []  # for deltas: above which ver
        self._lock = threading.Lock()

    def copy(self) -> "MemoryFile":
        other = type(self)()
        other.rows, other.ver = dict(self.rows), self.ver
        other.term, other.acked, other.check_ver = self.term, self.acked, self.check_ver
        other.answered, other.answered_term = self.answered, self.answered_term
        other.left, other.events, other.told = dict(self.left), list(self.events), self.told
        other.is_rebuilding, other.takeover = self.is_rebuilding, self.takeover
        return other

    def begin(self) -> SyncState:
        """Begin a life of the agent."""
        self.term += 1
        if self.answered:
            self.check_ver = self.ver
        self.answered = False
        return SyncState(
            self.term,
            self.acked,
            self.check_ver,
            self.ver,
            self.answered_term,
            self.told,
            is_rebuilding=self.is_rebuilding,
            takeover=self.takeover,
        )

    def count(self, gtin: str, zones: dict[str, int], missing: int = 0) -> None:
        """Change a GTIN's counts, by an event that says so."""
        with self._lock:
            self.ver += 1
            self.rows[gtin] = StockRow(gtin, self.ver, zones, missing)
            event = ItemEvent(EventKind.ARRIVED, gtin, str(self.ver), "floor", at_us=self.ver)
            self.events.append(NumberedEvent(len(self.events) + 1, event))

    def sendable(self) -> list[StockRow]:
        """Give the rows that nobody has refused."""
        return [row for row in self.rows.values() if not self._is_left_out(row)]

    def truth(self) -> dict[str, dict[str, int]]:
        """Give the counts by GTIN and zone, zeros included."""
        return {gtin: row.zones for gtin, row in self.rows.items()}

    # What SyncStore asks for.

    def pending(self, acked: int, limit: int) -> PendingRows:
        self._check()
        self.reads.append(acked)
        with self._lock:
            above = sorted(
                (row for row in self.rows.values() if row.ver > acked), key=lambda row: row.ver
            )
            found = above[:limit]
            rows = [row for row in found if not self._is_left_out(row)]
            left_out = [self.left[row.gtin] for row in found if self._is_left_out(row)]
            to_ver = found[-1].ver if len(above) > limit else max(self.ver, acked)
            return PendingRows(rows, to_ver, self.ver, left_out, len(self.events))

    def save_answered(self) -> None:
        self._check()
        self.answered, self.answered_term, self.takeover = True, self.term, False
        self.is_rebuilding = False

    def save_acked(self, ver: int) -> None:
        self._check()
        self.acked = ver

    def renew(self, term: int) -> None:
        self._check()
        self.term, self.acked, self.check_ver, self.answered = term, 0, 0, False
        self.ver += 1

    def leave_out(self, row: LeftOut) -> None:
        self._check()
        self.left[row.gtin] = row

    def sum_shard(self, shard: int, acked: int) -> ShardRows:
        self._check()
        with self._lock:
            rows = [row for gtin, row in self.rows.items() if shard_of(gtin) == shard]
        without = [row.gtin for row in rows if self._is_left_out(row)]
        summed = sum_of(row for row in rows if row.gtin not in without)
        is_settled = all(row.ver <= acked for row in rows)
        return ShardRows(summed.rows, summed.sum, without, is_settled)

    def touch(self, shard: int | None) -> None:
        self._check()
        with self._lock:
            for gtin, row in self.rows.items():
                if shard in (None, shard_of(gtin)):
                    self.ver += 1
                    self.rows[gtin] = StockRow(gtin, self.ver, row.zones, row.missing)

    def pick(self, after: int, upto: int, limit: int) -> list[NumberedEvent]:
        self._check()
        return self.events[after:upto][:limit]

    def save_told(self, number: int) -> None:
        self._check()
        self.told = number

    def set_rebuilt(self) -> None:
        self._check()
        self.is_rebuilding = False

    def _is_left_out(self, row: StockRow) -> bool:
        left = self.left.get(row.gtin)
        return left is not None and left.ver == row.ver

    def _check(self) -> None:
        if self.broken:
            raise StorageError("the disk is full")


def eventually(is_true: Callable[[], bool], what: str) -> None:
    """Wait for what other threads or processes bring about; fail with `what` if it never comes."""
    deadline_s = time.monotonic() + DEADLINE_S
    while not is_true():
        assert time.monotonic() < deadline_s, f"not within {DEADLINE_S:g} s: {what}"
        time.sleep(0.01)
