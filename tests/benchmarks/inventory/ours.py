"""The engine as one of the trackers: fed as a reader's driver would feed it, read by its events."""

from collections.abc import Mapping, Sequence

from edge.engine.changes import EngineSettings
from edge.engine.pipeline import Pipeline
from edge.engine.profiles import Profile
from edge.engine.weights import GENERIC, Weights
from edge.epc import check_digit, encode_sgtin96
from edge.model import HealthEvent, HealthKind, ItemState, Polled, TagRead, Tick, ZoneKind
from tests.benchmarks.inventory.opponents import Read
from tests.benchmarks.inventory.plans import ABSENT, ZONE_NAMES
from tests.benchmarks.inventory.radio import Outage
from tests.benchmarks.inventory.world import EPOCH_S

READER = "r"
START_US = 1_700_000_000_000_000
KINDS = {
    "floor": ZoneKind.SALES_FLOOR,
    "back": ZoneKind.BACK_ROOM,
    "fitting": ZoneKind.FITTING_ROOM,
    "exit": ZoneKind.EXIT,
}
_EPOCH_US = round(EPOCH_S * 1e6)
_NUMBER = {name: number for number, name in enumerate(ZONE_NAMES)}


def epc(tag: int) -> bytes:
    """Give a tag's EPC: its product is of no matter here, its serial is the tag's number."""
    digits = "0950600000001"
    return encode_sgtin96(digits + check_digit(digits), tag, 7)


def ports(zones: Sequence[int]) -> dict[tuple[str, int], str]:
    """Give the antennas of a plan as ports of one reader, antenna n being port n + 1."""
    return {(READER, number + 1): ZONE_NAMES[zone] for number, zone in enumerate(zones)}


class Tagtally:
    def __init__(
        self,
        zones: Sequence[int],
        tags: int,
        weights: Weights = GENERIC,
        outages: Sequence[Outage] = (),
        profiles: Mapping[str, Profile] | None = None,
    ) -> None:
        self.where = [ABSENT] * tags
        self.pipeline = Pipeline(
            EngineSettings(EPOCH_S),
            ports(zones),
            [],
            kinds=KINDS,
            profiles=profiles,
            weights=weights,
        )
        self._epcs = [epc(tag) for tag in range(tags)]
        self._outages = outages
        self._tell(HealthKind.CONNECTED)

    def hear(self, reads: Sequence[Read], now_us: int) -> None:
        """Take an epoch's reads; what is decided of them is known at its end."""
        epcs = self._epcs
        polled = [TagRead(epcs[tag], a + 1, rssi, START_US + at) for tag, a, rssi, at in reads]
        self._tell_outages(now_us // _EPOCH_US - 1)
        self.pipeline.feed(READER, Polled(reads=polled, tick=Tick(START_US + now_us)))
        for event in self.pipeline.take().items:
            is_there = event.state is ItemState.PRESENT
            self.where[int(event.serial)] = _NUMBER[event.zone] if is_there else ABSENT

    def _tell_outages(self, epoch: int) -> None:
        for outage in self._outages:
            if epoch == outage.from_epoch:
                self._tell(HealthKind.ANTENNA_DOWN, outage.antenna + 1)
            elif epoch == outage.to_epoch:
                self._tell(HealthKind.ANTENNA_UP, outage.antenna + 1)

    def _tell(self, kind: HealthKind, port: int | None = None) -> None:
        self.pipeline.feed(READER, Polled(health=(HealthEvent(kind, "", 0, port),)))
