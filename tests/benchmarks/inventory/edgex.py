"""Two inventories that stores run, rule by rule, on the reads of the benchmark.

EdgeX app-rfid-llrp-inventory 4.0.0: a ring of the last 20 RSSI values for each antenna of a tag;
the tag moves to an antenna with two values and a mean above that of its antenna by an offset that
falls while that antenna is silent.  Intel RSP Controller: means in milliwatts, and only what was
last at an exit can depart.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from tests.benchmarks.inventory.opponents import Read
from tests.benchmarks.inventory.plans import ABSENT

_RING = 20


@dataclass(frozen=True, slots=True)
class Mobility:
    """EdgeX's mobility profile: dB per millisecond, dB, milliseconds."""

    slope: float
    threshold: float
    holdoff_ms: float

    def offset(self, silent_ms: float) -> float:
        grown = self.slope * silent_ms + self.threshold - self.slope * self.holdoff_ms
        return min(self.threshold, grown)


DEFAULT = Mobility(-0.008, 6.0, 500.0)
GARMENT = Mobility(-0.0005, 6.0, 60_000.0)


class _Ring:
    __slots__ = ("last_us", "total", "values")

    def __init__(self) -> None:
        self.values: deque[float] = deque()
        self.total = 0.0
        self.last_us = 0

    def add(self, value: float, at_us: int) -> None:
        self.values.append(value)
        self.total += value
        if len(self.values) > _RING:
            self.total -= self.values.popleft()
        self.last_us = at_us

    def mean(self) -> float:
        return self.total / len(self.values)


class _Tag:
    __slots__ = ("antenna", "read_us", "rings")

    def __init__(self) -> None:
        self.antenna = -1
        self.read_us = 0
        self.rings: dict[int, _Ring] = {}


class EdgeX:
    DEPARTED_US = 600_000_000
    CHECK_US = 30_000_000

    def __init__(self, zones: Sequence[int], tags: int, mobility: Mobility) -> None:
        self.where = [ABSENT] * tags
        self._zones = zones
        self._mobility = mobility
        self._tags = [_Tag() for _ in range(tags)]
        self._checked_us = 0

    def hear(self, reads: Sequence[Read], now_us: int) -> None:
        for number, antenna, rssi, at_us in reads:
            tag = self._tags[number]
            tag.read_us = at_us
            ring = tag.rings.get(antenna)
            if ring is None:
                ring = tag.rings[antenna] = _Ring()
            ring.add(rssi, at_us)
            if antenna != tag.antenna and self._moves(tag, ring, at_us):
                tag.antenna = antenna
                self.where[number] = self._zones[antenna]
        if now_us - self._checked_us >= self.CHECK_US:
            self._checked_us = now_us
            self._depart(now_us)

    def _moves(self, tag: _Tag, incoming: _Ring, at_us: int) -> bool:
        current = tag.rings.get(tag.antenna)
        if current is None:
            return True
        if len(incoming.values) < 2:
            return False
        silent_ms = (at_us - current.last_us) / 1000
        return incoming.mean() > current.mean() + self._mobility.offset(silent_ms)

    def _depart(self, now_us: int) -> None:
        for number, tag in enumerate(self._tags):
            if tag.rings and now_us - tag.read_us > self.DEPARTED_US:
                self._tags[number] = _Tag()
                self.where[number] = ABSENT


class IntelRsp:
    """The exit rule: departed is what was last located at an exit and unread for 30 s."""

    DEPARTED_US = 30_000_000
    CHECK_US = 6_000_000

    def __init__(self, zones: Sequence[int], tags: int, exit_zone: int) -> None:
        self.where = [ABSENT] * tags
        self._zones = zones
        self._exit = exit_zone
        self._tags = [_Tag() for _ in range(tags)]
        self._checked_us = 0

    def hear(self, reads: Sequence[Read], now_us: int) -> None:
        for number, antenna, rssi, at_us in reads:
            tag = self._tags[number]
            tag.read_us = at_us
            ring = tag.rings.get(antenna)
            if ring is None:
                ring = tag.rings[antenna] = _Ring()
            ring.add(10 ** (rssi / 10), at_us)
            if antenna != tag.antenna and self._moves(tag, ring, at_us):
                tag.antenna = antenna
            self.where[number] = self._zones[tag.antenna]
        if now_us - self._checked_us >= self.CHECK_US:
            self._checked_us = now_us
            self._depart(now_us)

    def _moves(self, tag: _Tag, incoming: _Ring, at_us: int) -> bool:
        current = tag.rings.get(tag.antenna)
        if current is None:
            return True
        if len(incoming.values) <= 2:
            return False
        offset_db = GARMENT.offset((at_us - current.last_us) / 1000)
        return incoming.mean() > current.mean() * 10 ** (offset_db / 10)

    def _depart(self, now_us: int) -> None:
        for number, tag in enumerate(self._tags):
            at_exit = self.where[number] == self._exit
            if at_exit and now_us - tag.read_us > self.DEPARTED_US:
                self._tags[number] = _Tag()
                self.where[number] = ABSENT
