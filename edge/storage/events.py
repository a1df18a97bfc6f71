"""The newest item events, for people who ask what happened.  What counts is in items and stock.

Bounded by number and by age, so that what head office has not heard for long is let go.
"""

from collections.abc import Sequence

from edge.model import EventKind, ItemEvent, NumberedEvent
from edge.storage.database import Database

KEPT = 100_000  # about a week of a busy store
KEPT_US = 30 * 86_400_000_000  # by the events' own times

_ADD = """
    INSERT INTO events (kind, gtin, serial, zone, at_us, from_zone) VALUES (?, ?, ?, ?, ?, ?)
"""
_PRUNE = "DELETE FROM events WHERE number <= (SELECT max(number) FROM events) - ?"
# Of the oldest 1000 only: the others' turn comes.
_PRUNE_OLD = """
    DELETE FROM events WHERE number IN (
        SELECT number FROM (SELECT number, at_us FROM events ORDER BY number LIMIT 1000)
        WHERE at_us < ?
    )
"""
_NEWEST = """
    SELECT kind, gtin, serial, zone, at_us, from_zone FROM events ORDER BY number DESC LIMIT ?
"""
_BETWEEN = """
    SELECT number, kind, gtin, serial, zone, at_us, from_zone FROM events
    WHERE number > ? AND number <= ? ORDER BY number LIMIT ?
"""


class Events:
    def __init__(self, db: Database, kept: int = KEPT) -> None:
        self._db = db
        self._kept = kept

    def add(self, events: Sequence[ItemEvent]) -> None:
        """Append; what is beyond the newest `kept` goes, and what is KEPT_US older than these."""
        with self._db.atomic():
            self._db.write(
                _ADD,
                [(e.kind.value, e.gtin, e.serial, e.zone, e.at_us, e.from_zone) for e in events],
            )
            self._db.execute(_PRUNE, [self._kept])
            if events:
                self._db.execute(_PRUNE_OLD, [events[-1].at_us - KEPT_US])

    def newest(self, limit: int) -> list[ItemEvent]:
        """Give the last events, newest first."""
        rows = self._db.rows(_NEWEST, (limit,))
        return [ItemEvent(EventKind(kind), *rest) for kind, *rest in rows]

    def between(self, after: int, upto: int, limit: int) -> list[NumberedEvent]:
        """Give the oldest events with `after < number <= upto` that are still here."""
        rows = self._db.rows(_BETWEEN, (after, upto, limit))
        return [
            NumberedEvent(number, ItemEvent(EventKind(kind), *rest)) for number, kind, *rest in rows
        ]
