"""An engine and a file that do what they are told at once, for tests of what tells them."""

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from edge.engine.changes import EngineSettings
from edge.engine.pipeline import Pipeline
from edge.epc import encode_sgtin96
from edge.errors import GatewayError
from edge.model import Polled, TagRead, Tick, ZoneKind
from edge.recorder import Order
from edge.shop.till_desk import TillDesk
from edge.storage.database import open_database
from edge.storage.items import Items
from edge.storage.ledger import Ledger
from edge.storage.stock import Stock
from edge.storage.tills import Tills
from tests.support.clocks import ManualClock

GTIN, OTHER_GTIN = "80614141123458", "09506000134352"
KINDS = {
    "floor": ZoneKind.SALES_FLOOR,
    "back": ZoneKind.BACK_ROOM,
    "till": ZoneKind.POINT_OF_SALE,
    "dock": ZoneKind.DOCK,
}
_PORTS = {("floor-1", port): zone for port, zone in enumerate(KINDS, 1)}


class Shop:
    """The engine's thread, as `edge.recorder` has it, but without one; `fails` once if told so."""

    def __init__(self, path: Path) -> None:
        self.db, self.clock = open_database(path), ManualClock()
        settings = EngineSettings(epoch_s=1.0, absence_s=60.0)
        self.pipeline = Pipeline(settings, _PORTS, Items(self.db).all(), kinds=KINDS)
        for line, guesses in Tills(self.db).lines(0):
            self.pipeline.await_line(line, guesses)
        self.desk = TillDesk(self.db, self, self.clock, KINDS)
        self.at_us = self.clock.now().utc_us
        self.orders = 0
        self.fails: GatewayError | None = None

    def ask(self, write: Callable[[], None]) -> Future[None]:
        return self._commit(write)

    def order(self, order: Order) -> Future[None]:
        self.orders += 1
        failed: Future[None] = Future()
        try:
            if self.fails:
                raise self.fails
            order.decide(self.pipeline)
        except GatewayError as error:
            failed.set_exception(error)
            return failed
        return self._commit(order.write)

    def _commit(self, write: Callable[[], None]) -> Future[None]:
        with self.db.atomic():
            Ledger(self.db, docks={"dock"}).record(self.pipeline.take())
            write()
        done: Future[None] = Future()
        done.set_result(None)
        return done

    def read(self, *serials: int, zone: str = "floor", gtin: str = GTIN) -> None:
        """Have these items read in a new epoch, and what follows committed."""
        port = [*KINDS].index(zone) + 1
        epcs = [encode_sgtin96(gtin, serial, 7) for serial in serials]
        self.pass_time(1, [TagRead(epc, port, -50.0, self.at_us + 1_000_000) for epc in epcs])

    def pass_time(self, seconds: int, reads: list[TagRead] | None = None) -> None:
        for _ in range(seconds):
            self.at_us += 1_000_000
            self.clock.advance(1)
            tick = Tick(self.at_us + 1_000_000)
            self.pipeline.feed("floor-1", Polled(reads=reads or (), tick=tick))
            reads = None
        self._commit(lambda: None)

    def counts(self) -> dict[str, int]:
        """Give the counts above 0 of GTIN, which are those of its items."""
        assert Ledger(self.db).mismatches() == []
        rows = [row for row in Stock(self.db).rows() if row.gtin == GTIN]
        return {zone: count for row in rows for zone, count in row.zones.items() if count}
