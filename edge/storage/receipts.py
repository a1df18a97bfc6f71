"""What is to be delivered, and what of it has arrived.

An item that arrives belongs to the open receipt that names it; else to the one that waits for its
GTIN, the earliest due first.  More of a GTIN than all wait for is *over*, with the earliest.  What
arrives at a dock and is on no receipt is over too, with the receipt that is being unpacked.
Everything here is part of the caller's transaction.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import msgspec

from edge.model import EventKind, ItemEvent
from edge.storage.database import Database

KEPT_US = 90 * 86_400_000_000  # closed ones
ANY = ""  # the serial of a line that any item of its GTIN fulfils

_ADD = "INSERT INTO receipts (id, supplier, due_us, told_us) VALUES (?, ?, ?, ?)"
_ADD_LINE = """
    INSERT INTO receipt_lines (receipt, gtin, serial, expected, received) VALUES (?, ?, ?, ?, ?)
"""
_PRUNE = "DELETE FROM receipts WHERE closed_at_us < ?"
_PRUNE_LINES = "DELETE FROM receipt_lines WHERE receipt NOT IN (SELECT id FROM receipts)"
_ANY_OPEN = "SELECT 1 FROM receipts WHERE closed_at_us IS NULL LIMIT 1"
_WAITING = """
    SELECT receipt, serial, expected - received FROM receipt_lines JOIN receipts ON id = receipt
    WHERE gtin = ? AND closed_at_us IS NULL ORDER BY due_us, told_us, id
"""
_UNPACKED = """
    SELECT id FROM receipts WHERE closed_at_us IS NULL
    ORDER BY coalesce(last_at_us, 0) DESC, due_us, told_us, id LIMIT 1
"""
_RECEIVE = """
    INSERT INTO receipt_lines (receipt, gtin, serial, expected, received) VALUES (?, ?, ?, 0, 1)
    ON CONFLICT DO UPDATE SET received = received + 1
"""
_NOTE = "UPDATE receipts SET last_at_us = ? WHERE id = ?"
_CLOSE = "UPDATE receipts SET closed_at_us = ? WHERE id = ? AND closed_at_us IS NULL"
_OVERDUE = "SELECT id FROM receipts WHERE closed_at_us IS NULL AND due_us < ? ORDER BY due_us, id"
_RECEIPTS = """
    SELECT id, supplier, due_us, told_us, closed_at_us, sum(expected), sum(received),
           sum(max(expected - received, 0)), sum(max(received - expected, 0))
    FROM receipts JOIN receipt_lines ON receipt = id {where}
    GROUP BY id ORDER BY closed_at_us IS NOT NULL, due_us, id
"""
_LINES = """
    SELECT gtin, serial, expected, received FROM receipt_lines WHERE receipt = ?
    ORDER BY gtin, serial
"""


@dataclass(frozen=True, slots=True)
class Expected:
    gtin: str
    serial: str  # or ANY
    quantity: int
    received: int = 0  # what was there before it was told


class ReceiptRow(msgspec.Struct, frozen=True):
    """A receipt as a whole; times in microseconds UTC."""

    id: str
    supplier: str
    due_us: int
    told_us: int
    closed_at_us: int | None
    expected: int
    received: int
    missing: int
    over: int


class ReceiptLine(msgspec.Struct, frozen=True):
    gtin: str
    serial: str  # empty where any item of the GTIN was meant
    expected: int
    received: int

    @property
    def missing(self) -> int:
        return max(self.expected - self.received, 0)

    @property
    def over(self) -> int:
        return max(self.received - self.expected, 0)


class Receipts:
    def __init__(self, db: Database, docks: Collection[str] = ()) -> None:
        """Take `docks` for the zones where goods arrive."""
        self._db, self._docks = db, docks

    def add(
        self, receipt: str, supplier: str, due_us: int, told_us: int, lines: Iterable[Expected]
    ) -> None:
        with self._db.atomic():
            self._db.execute(_PRUNE, [told_us - KEPT_US])
            self._db.execute(_PRUNE_LINES)
            self._db.execute(_ADD, [receipt, supplier, due_us, told_us])
            self._db.write(
                _ADD_LINE, [(receipt, x.gtin, x.serial, x.quantity, x.received) for x in lines]
            )

    def note(self, events: Sequence[ItemEvent]) -> None:
        """Take what has arrived; what returned counts only where it was expected by its serial."""
        arrivals = [e for e in events if e.kind in {EventKind.ARRIVED, EventKind.RETURNED}]
        if not arrivals or not self._db.rows(_ANY_OPEN):
            return
        with self._db.atomic():
            for event in arrivals:
                if found := self._line_of(event):
                    receipt, serial = found
                    self._db.execute(_RECEIVE, [receipt, event.gtin, serial])
                    self._db.execute(_NOTE, [event.at_us, receipt])

    def close(self, receipt: str, at_us: int) -> None:
        with self._db.atomic():
            self._db.execute(_CLOSE, [at_us, receipt])

    def overdue(self, due_us: int) -> list[str]:
        """Give the open ones that were due before."""
        return [receipt for (receipt,) in self._db.rows(_OVERDUE, (due_us,))]

    def all(self) -> list[ReceiptRow]:
        """Give the open ones, earliest due first, and then the closed ones."""
        return [ReceiptRow(*row) for row in self._db.rows(_RECEIPTS.format(where=""))]

    def find(self, receipt: str) -> ReceiptRow | None:
        rows = self._db.rows(_RECEIPTS.format(where="WHERE id = ?"), (receipt,))
        return ReceiptRow(*rows[0]) if rows else None

    def lines(self, receipt: str) -> list[ReceiptLine]:
        return [ReceiptLine(*row) for row in self._db.rows(_LINES, (receipt,))]

    def _line_of(self, event: ItemEvent) -> tuple[str, str] | None:
        """Give the receipt to which an arrival belongs, and the serial of its line."""
        waiting = self._db.rows(_WAITING, (event.gtin,))
        for receipt, serial, open_ in waiting:
            if serial == event.serial and open_ > 0:
                return receipt, serial
        if event.kind is EventKind.RETURNED:
            return None
        for receipt, serial, open_ in waiting:
            if serial == ANY and open_ > 0:
                return receipt, serial
        if waiting:
            return waiting[0][0], ANY
        if event.zone not in self._docks:
            return None
        [(receipt,)] = self._db.rows(_UNPACKED)
        return receipt, ANY
