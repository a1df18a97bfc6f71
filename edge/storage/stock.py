"""Counts by GTIN and zone, always equal to the items behind them; missing items counted apart.

`apply` belongs in one transaction with the items and events that it counts.  Every GTIN that it
touches takes a new ver, unique in the file and never used twice; a zone left empty stays, with 0.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from edge.digest import shard_of, sum_of
from edge.model import LeftOut, PendingRows, ShardRows, StockChange, StockRow
from edge.storage.database import Database, Row

# Two statements each: SQLite would check the constraint of a row to insert before its conflict.
_ADD_ZONE = "INSERT INTO stock (gtin, zone, count) VALUES (?, ?, 0) ON CONFLICT DO NOTHING"
_COUNT = "UPDATE stock SET count = count + ? WHERE gtin = ? AND zone = ?"
_RENEW = """
    INSERT INTO skus (gtin, ver) VALUES (?, ?) ON CONFLICT (gtin) DO UPDATE SET ver = excluded.ver
"""
_MISS = "UPDATE skus SET missing = missing + ? WHERE gtin = ?"
_PENDING = """
    SELECT gtin, ver, missing, zone, count, reason
    FROM (SELECT * FROM skus WHERE ver > ? ORDER BY ver LIMIT ?)
    LEFT JOIN left_out USING (gtin, ver) LEFT JOIN stock USING (gtin)
    ORDER BY ver, zone
"""
_AT = "SELECT ver, (SELECT coalesce(max(number), 0) FROM events) FROM sync"
_ROWS = """
    SELECT gtin, ver, missing, zone, count FROM skus LEFT JOIN stock USING (gtin)
    {where} ORDER BY gtin, zone
"""
_AT_ONCE = 500  # GTINs asked for by name
_TOTALS = """
    SELECT (SELECT coalesce(sum(count), 0) FROM stock), coalesce(sum(missing), 0), count(*),
           (SELECT count(*) FROM skus WHERE ver > (SELECT acked FROM sync))
    FROM skus
"""
_LEAVE_OUT = """
    INSERT INTO left_out (gtin, ver, reason) VALUES (?, ?, ?)
    ON CONFLICT (gtin) DO UPDATE SET ver = excluded.ver, reason = excluded.reason
"""
_FORGET_SENT = "DELETE FROM left_out WHERE (gtin, ver) NOT IN (SELECT gtin, ver FROM skus)"
_LEFT_OUT = "SELECT gtin, ver, reason FROM left_out JOIN skus USING (gtin, ver) ORDER BY gtin"
_TOUCH = "UPDATE skus SET ver = ? WHERE gtin = ?"


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
            found = self._db.rows(_PENDING, (acked, limit))
            [(at_ver, at_event)] = self._db.rows(_AT)
        left_out = [LeftOut(row[0], row[1], row[5]) for row in found if row[5] is not None]
        rows = _folded(row[:5] for row in found if row[5] is None)
        is_cut = len(rows) + len({row.gtin for row in left_out}) >= limit
        to_ver = found[-1][1] if is_cut else max(at_ver, acked)
        return PendingRows(rows, to_ver, at_ver, list(dict.fromkeys(left_out)), at_event)

    def rows(self) -> list[StockRow]:
        """Give the whole stock, by GTIN."""
        return _folded(self._db.rows(_ROWS.format(where="")))

    def totals(self) -> Totals:
        [totals] = self._db.rows(_TOTALS)
        return Totals(*totals)

    def leave_out(self, row: LeftOut) -> None:
        """Note that this row is not to be sent before it changes."""
        with self._db.atomic():
            self._db.execute(_LEAVE_OUT, [row.gtin, row.ver, row.reason])
            self._db.execute(_FORGET_SENT)

    def left_out(self) -> list[LeftOut]:
        """Give the rows that are left out now, by GTIN."""
        return [LeftOut(*row) for row in self._db.rows(_LEFT_OUT)]

    def sum_shard(self, shard: int, acked: int) -> ShardRows:
        """Add up what the documents must hold of a shard when all up to `acked` is applied."""
        with self._db.reading():
            gtins = self._gtins(shard)
            rows = [row for part in _parts(gtins) for row in self._rows_of(part)]
            without = {row.gtin for row in self.left_out()}.intersection(gtins)
        summed = sum_of(row for row in rows if row.gtin not in without)
        is_settled = all(row.ver <= acked for row in rows)
        return ShardRows(summed.rows, summed.sum, sorted(without), is_settled)

    def touch(self, shard: int | None, take_vers: Callable[[int], int]) -> None:
        """Give all rows of a shard, or of the file, new vers: all of them are pending then."""
        with self._db.atomic():
            gtins = self._gtins(shard)
            first_ver = take_vers(len(gtins))
            self._db.write(_TOUCH, enumerate(gtins, first_ver))

    def _gtins(self, shard: int | None) -> list[str]:
        found = (gtin for (gtin,) in self._db.execute("SELECT gtin FROM skus ORDER BY gtin"))
        return [gtin for gtin in found if shard in (None, shard_of(gtin))]

    def _rows_of(self, gtins: Sequence[str]) -> list[StockRow]:
        places = ", ".join("?" * len(gtins))
        return _folded(self._db.rows(_ROWS.format(where=f"WHERE gtin IN ({places})"), tuple(gtins)))


def touched_gtins(changes: Sequence[StockChange]) -> list[str]:
    """Give each GTIN once, in the order in which it is first touched."""
    return list(dict.fromkeys(change.gtin for change in changes))


def _parts(gtins: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(gtins), _AT_ONCE):
        yield gtins[start : start + _AT_ONCE]


def _folded(found: Iterable[Row]) -> list[StockRow]:
    """Fold rows of one zone each, those of a GTIN together; a GTIN without zones has one row."""
    rows: dict[str, StockRow] = {}
    for gtin, ver, missing, zone, count in found:
        row = rows.setdefault(gtin, StockRow(gtin, ver, {}, missing))
        if zone is not None:
            row.zones[zone] = count
    return list(rows.values())
