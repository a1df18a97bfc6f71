"""What of sales, deliveries and refilling can be looked at, whether the agent runs or not."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import msgspec

from edge.engine.awaited import WAIT_US
from edge.engine.matches import AwaitedLine
from edge.engine.refill import Minimums, Refill, advise
from edge.errors import NothingSuch
from edge.model import ZoneKind
from edge.storage.database import Database
from edge.storage.receipts import ReceiptLine, ReceiptRow, Receipts
from edge.storage.stock import Stock
from edge.storage.tills import Tills


class ReceiptView(msgspec.Struct, frozen=True):
    """A receipt as a whole; `over` is what came beyond what was expected."""

    id: str
    supplier: str
    due: datetime
    told: datetime
    closed: datetime | None
    expected: int
    received: int
    missing: int
    over: int


class ReceiptLineView(msgspec.Struct, frozen=True, omit_defaults=True):
    gtin: str
    expected: int
    received: int
    missing: int
    over: int
    serial: str = ""


class ReceiptWithLines(msgspec.Struct, frozen=True):
    receipt: ReceiptView
    lines: list[ReceiptLineView]


class AwaitedView(msgspec.Struct, frozen=True):
    """A line of a till's document, `left` of whose items the readers have not shown yet."""

    document: str  # its kind and id
    line: int
    gtin: str
    left: int
    told: datetime
    is_given_up: bool  # so long ago that nothing is taken for it any more


class TillLooks:
    """Each look opens the file for itself; raises StorageError where it cannot be read."""

    def __init__(
        self,
        reading: Callable[[], AbstractContextManager[Database]],
        kinds: Mapping[str, ZoneKind],
        minimums: Callable[[], Minimums],
    ) -> None:
        self._reading, self._kinds, self._minimums = reading, kinds, minimums

    def awaited(self) -> list[AwaitedView]:
        """Give the sales and returns by GTIN whose items are not known."""
        now = datetime.now(UTC)
        with self._reading() as db:
            lines = Tills(db).open_lines()
        return [_awaited_view(line, now) for line in lines]

    def receipts(self) -> list[ReceiptView]:
        with self._reading() as db:
            return [_receipt_view(row) for row in Receipts(db).all()]

    def receipt(self, receipt: str) -> ReceiptWithLines:
        """Raise NothingSuch where there is no such receipt."""
        with self._reading() as db, db.reading():
            row, lines = Receipts(db).find(receipt), Receipts(db).lines(receipt)
        if row is None:
            raise NothingSuch(f"there is no receipt {receipt}")
        return ReceiptWithLines(_receipt_view(row), [_line_view(line) for line in lines])

    def refill(self) -> list[Refill]:
        with self._reading() as db:
            rows = Stock(db).rows()
        return advise(rows, self._kinds, self._minimums())

    def overdue(self, due_us: int) -> list[str]:
        """Give the open receipts that were due before."""
        with self._reading() as db:
            return Receipts(db).overdue(due_us)


def _receipt_view(row: ReceiptRow) -> ReceiptView:
    closed = None if row.closed_at_us is None else _time(row.closed_at_us)
    times = _time(row.due_us), _time(row.told_us), closed
    counts = row.expected, row.received, row.missing, row.over
    return ReceiptView(row.id, row.supplier, *times, *counts)


def _line_view(line: ReceiptLine) -> ReceiptLineView:
    counts = line.expected, line.received, line.missing, line.over
    return ReceiptLineView(line.gtin, *counts, line.serial)


def _awaited_view(line: AwaitedLine, now: datetime) -> AwaitedView:
    told = _time(line.told_us)
    is_given_up = (now - told).total_seconds() * 1e6 > WAIT_US
    return AwaitedView(line.document, line.line, line.gtin, line.left, told, is_given_up)


def _time(at_us: int) -> datetime:
    return datetime.fromtimestamp(at_us / 1e6, UTC)
