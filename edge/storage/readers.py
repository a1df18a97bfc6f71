"""How each reader was last known to be, for commands that ask while the agent is down."""

from collections.abc import Sequence

from edge.storage.database import Database
from edge.wire import ReaderStatus

_ADD = "INSERT INTO readers (name, up, detail, last_read_at_us) VALUES (?, ?, ?, ?)"
_ALL = "SELECT name, up, detail, last_read_at_us FROM readers ORDER BY name"


class Readers:
    def __init__(self, db: Database) -> None:
        self._db = db

    def replace(self, readers: Sequence[ReaderStatus]) -> None:
        """Keep these readers and no others."""
        with self._db.atomic():
            self._db.execute("DELETE FROM readers")
            self._db.write(_ADD, [(r.name, r.up, r.detail, r.last_read_at_us) for r in readers])

    def all(self) -> list[ReaderStatus]:
        rows = self._db.rows(_ALL)
        return [ReaderStatus(name, bool(up), detail, at_us) for name, up, detail, at_us in rows]
