"""The items of the store, as the engine left them.  Opens no transaction."""

from collections.abc import Iterator, Sequence

import msgspec

from edge.engine.changes import KnownItem, LastRead
from edge.model import ItemState
from edge.storage.database import Database

_PUT = """
    INSERT INTO items (gtin, serial, state, zone, last_read_at_us, since_us)
    VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET
        state = excluded.state,
        zone = excluded.zone,
        since_us = excluded.since_us,
        last_read_at_us = max(last_read_at_us, excluded.last_read_at_us)
"""
_READ = "UPDATE items SET last_read_at_us = max(last_read_at_us, ?) WHERE gtin = ? AND serial = ?"
_DWELLING = """
    SELECT gtin, serial, zone, since_us FROM items
    WHERE state = 'present' AND zone = ? ORDER BY since_us, gtin, serial
"""
_ALL = "SELECT gtin, serial, state, zone, last_read_at_us, since_us FROM items ORDER BY 1, 2"


class Dwelling(msgspec.Struct, frozen=True):
    """`since_us`: when the item came into its zone, or was found there."""

    gtin: str
    serial: str
    zone: str
    since_us: int


class Items:
    def __init__(self, db: Database) -> None:
        self._db = db

    def put(self, items: Sequence[KnownItem]) -> None:
        rows = [
            (i.gtin, i.serial, i.state.value, i.zone, i.last_read_at_us, i.since_us) for i in items
        ]
        self._db.write(_PUT, rows)

    def note_reads(self, reads: Sequence[LastRead]) -> None:
        self._db.write(_READ, [(read.at_us, read.gtin, read.serial) for read in reads])

    def dwelling(self, zone: str) -> list[Dwelling]:
        """Give what is present in a zone, the longest first."""
        return [Dwelling(*row) for row in self._db.rows(_DWELLING, (zone,))]

    def all(self) -> Iterator[KnownItem]:
        """Give every item, for an engine that starts."""
        for gtin, serial, state, zone, last_read_at_us, since_us in self._db.rows(_ALL):
            yield KnownItem(gtin, serial, ItemState(state), zone, last_read_at_us, since_us)
