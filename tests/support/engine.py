"""A store for tests of the engine: seconds instead of stamps, numbers instead of tags."""

from collections.abc import Iterable, Mapping

from edge.engine.changes import Changes, EngineSettings, KnownItem
from edge.engine.pipeline import Pipeline
from edge.engine.profiles import Profile
from edge.epc import encode_sgtin96
from edge.model import HealthEvent, HealthKind, ItemState, Polled, TagRead, Tick, ZoneKind

S = 1_000_000
START_S = 1_000_000  # the readers' clocks at second 0 of a test; whole epochs
GTIN = "80614141123458"
OTHER_GTIN = "09506000134352"
ZONES = {("a", 1): "floor", ("a", 2): "back", ("b", 1): "back"}


def at(second: float) -> int:
    """Give the stamp of a test's second."""
    return round((START_S + second) * S)


def epc(serial: int, gtin: str = GTIN) -> bytes:
    return encode_sgtin96(gtin, serial, 7)


def read(second: float, serial: int = 1, port: int = 1, hits: int = 1) -> TagRead:
    return TagRead(epc(serial), port, -60.0, at(second), hits)


def known(serial: int, state: ItemState = ItemState.PRESENT, zone: str = "floor") -> KnownItem:
    return KnownItem(GTIN, str(serial), state, zone, at(-1000))


class EngineStore:
    """Reader `a` covers floor (1) and back (2), reader `b` back (1); missing after 60 s."""

    def __init__(
        self,
        items: Iterable[KnownItem] = (),
        absence_s: float | None = 60,
        kinds: Mapping[str, ZoneKind] | None = None,
        profiles: Mapping[str, Profile] | None = None,
    ) -> None:
        settings = EngineSettings(2, absence_s)
        self.pipeline = Pipeline(settings, ZONES, items, kinds=kinds, profiles=profiles)

    def health(self, kind: HealthKind, reader: str = "a", port: int | None = None) -> None:
        event = HealthEvent(kind, "", 0, port)
        self.pipeline.feed(reader, Polled(health=(event,)))

    def connect(self, reader: str = "a") -> None:
        self.health(HealthKind.CONNECTED, reader)

    def lose(self, reader: str = "a") -> None:
        self.health(HealthKind.LOST, reader)

    def say(self, *reads: TagRead, reader: str = "a") -> None:
        self.pipeline.feed(reader, Polled(reads=reads))

    def tick(self, second: float, reader: str = "a") -> None:
        self.pipeline.feed(reader, Polled(tick=Tick(at(second))))

    def tick_through(self, first: int, last: int, reader: str = "a") -> None:
        """Have a live reader tick, as it does, at least every ten seconds."""
        for second in [*range(first, last, 10), last]:
            self.tick(second, reader)

    def take(self) -> Changes:
        return self.pipeline.take()

    def told(self) -> list[tuple[str, str, str, float]]:
        """Take the events: what happened to which serial, where, and in which second."""
        return [(e.kind.value, e.serial, e.zone, e.at_us / S - START_S) for e in self.take().events]
