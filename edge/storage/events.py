"""The newest item events, for people who ask what happened.  What counts is in items and stock."""

from collections.abc import Sequence

from edge.model import EventKind, ItemEvent, NumberedEvent
from edge.storage.database import Database

KEPT = 100_000  # about a week of a busy store

_ADD = """
    INSERT INTO events (kind, gtin, serial, zone, at_us, from_zone) VALUES (?, ?, ?, ?, ?, ?)
"""
_PRUNE = "DELETE FROM events WHERE number <= (SELECT max(number) FROM events) - ?"
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
        """Append; what is beyond the newest `kept` goes."""
        with self._db.atomic():
            self._db.write(
                _ADD,
                [(e.kind.value, e.gtin, e.serial, e.zone, e.at_us, e.from_zone) for e in events],
            )
            self._db.execute(_PRUNE, [self._kept])

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
