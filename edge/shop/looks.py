"""What the store's own machines may look at: how the agent is, and what it has counted.

Each look opens the file for itself, and sees one moment of it.
"""

import contextlib
from collections import Counter
from contextlib import AbstractContextManager
from http import HTTPStatus
from pathlib import Path

import msgspec

from edge.clock import Clock
from edge.engine.awaited import WAIT_US
from edge.engine.transitions import Cause
from edge.health import Health
from edge.local.routes import Answer, Request, Route
from edge.model import StockRow
from edge.storage.database import Database, open_database
from edge.storage.stock import Stock
from edge.storage.tills import Tills
from edge.wire import ReaderStatus


class StatusView(msgspec.Struct, frozen=True):
    store: str
    present: int
    missing: int
    skus: int
    pending: int  # GTINs that head office has not confirmed
    readers: list[ReaderStatus]
    alarms: dict[str, str]  # by what they are about


class StockView(msgspec.Struct, frozen=True):
    """`awaited`: what was sold by GTIN and is still counted, as nobody knows which items it was."""

    store: str
    stock: list[StockRow]
    awaited: dict[str, int]


class Looks:
    """Any thread may look; raises StorageError where the file cannot be read."""

    def __init__(self, store: str, path: Path, health: Health, clock: Clock) -> None:
        self._store, self._path, self._health, self._clock = store, path, health, clock

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/health", lambda _: self._health_answer()),
            Route("GET", "/status", lambda _: Answer(self.status())),
            Route("GET", "/stock", self._stock_answer),
        ]

    def status(self) -> StatusView:
        with self.reading() as db:
            totals = Stock(db).totals()
        return StatusView(
            self._store,
            totals.present,
            totals.missing,
            totals.skus,
            totals.pending,
            self._health.readers(),
            self._health.alarms(),
        )

    def reading(self) -> AbstractContextManager[Database]:
        return contextlib.closing(open_database(self._path, read_only=True))

    def _health_answer(self) -> Answer:
        """Answer 503 while an alarm stands, so that a monitor needs to look at the status only."""
        alarms = self._health.alarms()
        status = HTTPStatus.SERVICE_UNAVAILABLE if alarms else HTTPStatus.OK
        return Answer({"well": not alarms, "alarms": alarms}, status)

    def _stock_answer(self, request: Request) -> Answer:
        wanted = request.query.get("gtin")
        with self.reading() as db:
            rows, lines = Stock(db).rows(), Tills(db).open_lines(self._clock.now().utc_us - WAIT_US)
        awaited = Counter[str]()
        for line in lines:
            if line.cause is Cause.SOLD and wanted in {None, line.gtin}:
                awaited[line.gtin] += line.left
        found = [row for row in rows if wanted in {None, row.gtin}]
        return Answer(StockView(self._store, found, dict(awaited)))
