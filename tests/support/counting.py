"""Parts for tests of count sessions."""

from collections.abc import Iterable, Mapping

from edge.counts import Basis, CountedItem, CountPlan
from edge.engine.changes import EngineSettings, KnownItem
from edge.engine.count_changes import CountChange, CountFound, CountOpened
from edge.engine.pipeline import Pipeline
from edge.engine.transitions import Cause
from edge.model import ItemEvent, Polled, Sgtin, TagRead
from tests.support.engine import GTIN, ZONES, EngineStore, at, epc


class CountingStore(EngineStore):
    """A store of the engine's tests with a handheld, `hand`, whose trigger counts the floor."""

    def __init__(self, items: Iterable[KnownItem], absence_s: float | None = 60) -> None:
        super().__init__()
        settings = EngineSettings(2, absence_s)
        self.pipeline = Pipeline(settings, ZONES, items, handhelds={"hand": "floor"})
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
