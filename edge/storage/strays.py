"""Tags that are no items of this store, with the reason; those read last are kept."""

from collections.abc import Sequence

from edge.engine.changes import StrayReads
from edge.epc import StrayReason
from edge.storage.database import Database, Row

KEPT = 10_000

_ADD = """
    INSERT INTO strays (epc, reason, reads, first_at_us, last_at_us) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET
        reason = excluded.reason,
        reads = reads + excluded.reads,
        first_at_us = min(first_at_us, excluded.first_at_us),
        last_at_us = max(last_at_us, excluded.last_at_us)
"""
_PRUNE = """
    DELETE FROM strays WHERE epc IN (
        SELECT epc FROM strays ORDER BY last_at_us DESC, epc LIMIT -1 OFFSET ?
    )
"""
_NEWEST = """
    SELECT epc, reason, reads, first_at_us, last_at_us FROM strays
    ORDER BY last_at_us DESC, epc LIMIT ?
"""


class Strays:
    def __init__(self, db: Database, kept: int = KEPT) -> None:
        self._db = db
        self._kept = kept

    def add(self, strays: Sequence[StrayReads]) -> None:
        with self._db.atomic():
            self._db.write(
                _ADD,
                [(s.epc, s.reason.value, s.reads, s.first_at_us, s.last_at_us) for s in strays],
            )
            if self.count() > self._kept:
                self._db.execute(_PRUNE, [self._kept])

    def count(self) -> int:
        [(count,)] = self._db.rows("SELECT count(*) FROM strays")
        return int(count)

    def newest(self, limit: int) -> list[StrayReads]:
        """Give the strays read last, with all their reads."""
        rows = self._db.rows(_NEWEST, (limit,))
        return [StrayReads(epc, StrayReason(reason), *rest) for epc, reason, *rest in rows]


def _row(stray: StrayReads) -> Row:
    return stray.epc, stray.reason.value, stray.reads, stray.first_at_us, stray.last_at_us
