"""Parts for tests of count sessions."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path

from edge.counts import Basis, CountedItem, CountPlan
from edge.engine.changes import EngineSettings, KnownItem
from edge.engine.count_changes import CountChange, CountFound, CountOpened
from edge.engine.counting import CountSettings
from edge.engine.pipeline import Pipeline
from edge.engine.transitions import Cause
from edge.errors import GatewayError
from edge.model import ItemEvent, Polled, Sgtin, TagRead
from edge.shop.count_desk import CountDesk, CountPlaces, Order, resume_counts
from edge.storage.counts import CountHead, Counts
from edge.storage.database import open_database
from edge.storage.items import Items
from edge.storage.ledger import Ledger
from edge.storage.stock import Stock
from tests.support.clocks import ManualClock
from tests.support.engine import GTIN, START_S, ZONES, EngineStore, S, at, epc
from tests.support.storage import arrived


class CountingStore(EngineStore):
    """A store of the engine's tests with a handheld, `hand`, whose trigger counts the floor."""

    def __init__(
        self,
        items: Iterable[KnownItem],
        absence_s: float | None = 60,
        close_epc: bytes = b"",
    ) -> None:
        super().__init__()
        settings = EngineSettings(2, absence_s)
        self.pipeline = Pipeline(
            settings,
            ZONES,
            items,
            handhelds={"hand": "floor"},
            counts=CountSettings(close_epc=close_epc),
        )
        self.changes: list[CountChange] = []
        self.events: list[ItemEvent] = []

    def open(
        self,
        plan: CountPlan,
        listed: Iterable[Sgtin] = (),
        quantities: Mapping[str, int] | None = None,
    ) -> None:
        self.pipeline.counting.open(plan, listed, quantities or {})

    def press(self, second: float, *serials: int, pressed: float | None = None) -> None:
        began = second if pressed is None else pressed
        reads = [press(second, epc(serial), began) for serial in serials]
        self.pipeline.feed("hand", Polled(reads=reads))
        self.take_counts()

    def sell(self, serial: str) -> None:
        assert self.pipeline.tell(Sgtin(GTIN, serial), Cause.SOLD)

    def take_counts(self) -> None:
        taken = self.pipeline.take()
        self.changes += taken.counts
        self.events += taken.events

    def opened(self) -> list[CountOpened]:
        self.take_counts()
        return [change for change in self.changes if isinstance(change, CountOpened)]

    def found(self) -> list[tuple[str, bool]]:
        """Give the serials found, in order, and whether each was expected."""
        self.take_counts()
        found = [change for change in self.changes if isinstance(change, CountFound)]
        return [(one.serial, one.is_expected) for one in found]

    def found_item(self, serial: str) -> CountedItem:
        [one] = [
            change
            for change in self.changes
            if isinstance(change, CountFound) and change.serial == serial
        ]
        return CountedItem(one.gtin, one.serial, one.is_expected, True, one.at_us)  # noqa: FBT003


def plan(
    basis: Basis = Basis.STATE,
    *,
    name: str = "c",
    zones: tuple[str, ...] = ("floor",),
    readers: tuple[str, ...] = ("hand",),
    at_s: float = 0,
) -> CountPlan:
    return CountPlan(name, zones, readers, basis, "command", at(at_s), 1800.0)


def press(second: float, epc_: bytes, pressed: float | None = None) -> TagRead:
    """Give a read of a handheld, of a press that has just begun if nothing else is said."""
    began = second if pressed is None else pressed
    return TagRead(epc_, 1, -50.0, at(second), pressed_at_us=at(began))


class CountedStore:
    """Engine, file and desk in one thread: what is told is committed at once.

    Zones floor, back and fitting; reader `a` covers floor and back, `hand` counts the floor.
    """

    def __init__(self, path: Path, **stock: Sequence[int]) -> None:
        """Open the file; `stock` are the serials of items that come into it by zone."""
        self.db, self.clock = open_database(path), ManualClock()
        for zone, serials in stock.items():
            Ledger(self.db).record(arrived(*serials, zone=zone))
        self.pipeline = Pipeline(
            EngineSettings(2, 60), ZONES, Items(self.db).all(), handhelds={"hand": "floor"}
        )
        places = CountPlaces(
            {"floor", "back", "fitting"}, {"a": {"floor", "back"}}, ("hand",), 1800.0
        )
        self.desk = CountDesk(self.db, self._order, places, self.clock)
        self.counts = Counts(self.db)
        resume_counts(self.db, self.pipeline)

    def now_s(self) -> float:
        """Give the present second, as the engine's tests count them."""
        return self.clock.now().utc_us / S - START_S

    def press(self, *serials: int) -> None:
        self.clock.advance(1)
        reads = [press(self.now_s(), epc(serial)) for serial in serials]
        self.pipeline.feed("hand", Polled(reads=reads))
        self.commit()

    def present(self) -> dict[str, int]:
        assert Ledger(self.db).mismatches() == []
        return {z: n for row in Stock(self.db).rows() for z, n in row.zones.items() if n}

    def commit(self) -> None:
        Ledger(self.db).record(self.pipeline.take())

    def head(self, count: str) -> CountHead:
        head = self.counts.head(count)
        assert head is not None
        return head

    def _order(self, order: Order) -> Future[None]:
        future: Future[None] = Future()
        try:
            order.decide(self.pipeline)
        except GatewayError as error:
            future.set_exception(error)
            return future
        with self.db.atomic():
            self.commit()
            order.write()
        future.set_result(None)
        return future
