"""Counts by GTIN and zone, always equal to the items behind them; missing items counted apart.

`apply` belongs in one transaction with the items and events that it counts.  Every GTIN that it
touches takes a new ver, unique in the file and never used twice; a zone left empty stays, with 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.model import PendingRows, StockChange, StockRow
from edge.storage.database import Database

# Two statements each: SQLite would check the constraint of a row to insert before its conflict.
_ADD_ZONE = "INSERT INTO stock (gtin, zone, count) VALUES (?, ?, 0) ON CONFLICT DO NOTHING"
_COUNT = "UPDATE stock SET count = count + ? WHERE gtin = ? AND zone = ?"
_RENEW = """
    INSERT INTO skus (gtin, ver) VALUES (?, ?) ON CONFLICT (gtin) DO UPDATE SET ver = excluded.ver
"""
_MISS = "UPDATE skus SET missing = missing + ? WHERE gtin = ?"
_PENDING = """
    SELECT gtin, ver, missing, zone, count
    FROM (SELECT * FROM skus WHERE ver > ? ORDER BY ver LIMIT ?) LEFT JOIN stock USING (gtin)
    ORDER BY ver, zone
"""
_ROWS = """
    SELECT gtin, ver, missing, zone, count FROM skus LEFT JOIN stock USING (gtin)
    ORDER BY gtin, zone
"""
_TOTALS = """
    SELECT (SELECT coalesce(sum(count), 0) FROM stock), coalesce(sum(missing), 0), count(*),
           coalesce(sum(ver > (SELECT acked FROM sync)), 0)
    FROM skus
"""


@dataclass(frozen=True, slots=True)
class Totals:
    present: int
    missing: int
    skus: int  # GTINs that were ever counted here
    pending: int  # GTINs that the cloud has not applied


class Stock:
    def __init__(self, db: Database) -> None:
        self._db = db

    def apply(self, changes: Sequence[StockChange], first_ver: int) -> None:
        """Add each difference to its count; the GTINs touched take the vers from first_ver on."""
        zones = dict.fromkeys((change.gtin, change.zone) for change in changes)
        self._db.write(_ADD_ZONE, zones)
        self._db.write(_COUNT, [(c.present, c.gtin, c.zone) for c in changes if c.present])
        self._db.write(
            _RENEW, [(gtin, ver) for ver, gtin in enumerate(touched_gtins(changes), first_ver)]
        )
        self._db.write(_MISS, [(c.missing, c.gtin) for c in changes if c.missing])

    def pending(self, acked: int, limit: int) -> PendingRows:
        """Give the GTINs that the cloud has not applied, at most `limit` of them."""
        with self._db.reading():
            rows = _stock_rows(self._db, _PENDING, (acked, limit))
            [(at_ver,)] = self._db.rows("SELECT ver FROM sync")
        return PendingRows(rows, to_ver=rows[-1].ver if rows else acked, at_ver=at_ver)

    def rows(self) -> list[StockRow]:
        """Give the whole stock, by GTIN."""
        return _stock_rows(self._db, _ROWS)

    def totals(self) -> Totals:
        [totals] = self._db.rows(_TOTALS)
        return Totals(*totals)


def touched_gtins(changes: Sequence[StockChange]) -> list[str]:
    """Give each GTIN once, in the order in which it is first touched."""
    return list(dict.fromkeys(change.gtin for change in changes))


def _stock_rows(db: Database, sql: str, parameters: tuple[int, ...] = ()) -> list[StockRow]:
    """Fold rows of one zone each, those of a GTIN together; a GTIN without zones has one row."""
    found: dict[str, StockRow] = {}
    for gtin, ver, missing, zone, count in db.rows(sql, parameters):
        row = found.setdefault(gtin, StockRow(gtin, ver, {}, missing))
        if zone is not None:
            row.zones[zone] = count
    return list(found.values())
