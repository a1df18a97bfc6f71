"""The one way in which the engine's decisions reach the file: all of a group, or nothing.

The invariant: stock is the number of present items by GTIN and zone, and a SKU's missing that of
its missing items, in every committed state of the file.
"""

from collections.abc import Collection
from dataclasses import dataclass

from edge.engine.changes import Changes
from edge.storage.counts import Counts
from edge.storage.database import Database
from edge.storage.events import Events
from edge.storage.items import Items
from edge.storage.receipts import Receipts
from edge.storage.stock import Stock, touched_gtins
from edge.storage.strays import Strays
from edge.storage.sync import Sync
from edge.storage.tills import Tills

# What the items say (counted up) against what the counts say (counted down).
_MISMATCHES = """
    SELECT gtin, zone, sum(item), sum(kept) FROM (
        SELECT gtin, zone, 1 AS item, 0 AS kept FROM items WHERE state = 'present'
        UNION ALL SELECT gtin, zone, 0, count FROM stock
        UNION ALL SELECT gtin, NULL, 1, 0 FROM items WHERE state = 'missing'
        UNION ALL SELECT gtin, NULL, 0, missing FROM skus
    )
    GROUP BY gtin, zone HAVING sum(item) <> sum(kept) ORDER BY gtin, zone
"""


@dataclass(frozen=True, slots=True)
class Mismatch:
    gtin: str
    zone: str | None  # None: the missing ones
    items: int
    count: int


class Ledger:
    def __init__(self, db: Database, docks: Collection[str] = ()) -> None:
        self._db = db
        self._tills, self._receipts = Tills(db), Receipts(db, docks)
        self._items, self._stock, self._sync = Items(db), Stock(db), Sync(db)
        self._events, self._strays = Events(db), Strays(db)
        self._counts = Counts(db)

    def record(self, changes: Changes) -> None:
        """Commit; if it raises StorageError nothing of it is kept, and it may be tried again."""
        if changes.is_empty():
            return
        with self._db.atomic():
            self._items.put(changes.items)
            self._items.note_reads(changes.last_reads)
            self._events.add(changes.events)
            first_ver = self._sync.take_vers(len(touched_gtins(changes.stock)))
            self._stock.apply(changes.stock, first_ver)
            self._strays.add(changes.strays)
            self._counts.record(changes.counts)
            self._tills.match(changes.matches)
            self._receipts.note(changes.events)

    def mismatches(self) -> list[Mismatch]:
        """Give where the counts are not what the items say; there is no such place."""
        return [Mismatch(*row) for row in self._db.rows(_MISMATCHES)]
