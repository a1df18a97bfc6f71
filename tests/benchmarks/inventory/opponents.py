"""The plain ways to say where a tag is: last seen, fixed windows, and SMURF's growing windows.

An opponent takes the reads of an epoch in the order of time, as (tag, antenna, RSSI, stamp), and
keeps `where`: each tag's zone, 0 where it takes the tag for absent.
"""

import math
from collections import deque
from collections.abc import Sequence
from typing import Protocol

from tests.benchmarks.inventory.plans import ABSENT
from tests.benchmarks.inventory.world import EPOCH_S

Read = tuple[int, int, float, int]  # tag, antenna, RSSI in dBm, stamp in microseconds
_EPOCH_US = round(EPOCH_S * 1e6)


class Tracker(Protocol):
    where: list[int]

    def hear(self, reads: Sequence[Read], now_us: int) -> None:
        """Take the reads of one epoch, which ends at `now_us`."""


class LastSeen:
    """A tag is where it was read last, until it has not been read for `timeout_s`."""

    def __init__(self, zones: Sequence[int], tags: int, timeout_s: float) -> None:
        self.where = [ABSENT] * tags
        self._zones = zones
        self._timeout_us = round(timeout_s * 1e6)
        self._read_us = [0] * tags

    def hear(self, reads: Sequence[Read], now_us: int) -> None:
        where, zones, read_us = self.where, self._zones, self._read_us
        for tag, antenna, _, at_us in reads:
            where[tag] = zones[antenna]
            read_us[tag] = at_us
        oldest = now_us - self._timeout_us
        for tag, at_us in enumerate(read_us):
            if at_us < oldest:
                where[tag] = ABSENT


class FixedWindow:
    """A tag is in the zone with the most reads of the last `window_s`."""

    def __init__(self, zones: Sequence[int], tags: int, window_s: float) -> None:
        self.where = [ABSENT] * tags
        self._zones = zones
        self._epochs = round(window_s / EPOCH_S)
        self._counts = [[0] * (max(zones) + 1) for _ in range(tags)]
        self._window: deque[Sequence[Read]] = deque()

    def hear(self, reads: Sequence[Read], now_us: int) -> None:
        del now_us  # windows are cut into epochs
        zones, counts = self._zones, self._counts
        touched = set()
        self._window.append(reads)
        for tag, antenna, _, _ in reads:
            counts[tag][zones[antenna]] += 1
            touched.add(tag)
        if len(self._window) > self._epochs:
            for tag, antenna, _, _ in self._window.popleft():
                counts[tag][zones[antenna]] -= 1
                touched.add(tag)
        for tag in touched:
            of_tag = counts[tag]
            most = max(of_tag)
            here = self.where[tag]
            if not most:
                self.where[tag] = ABSENT
            elif of_tag[here] < most:
                self.where[tag] = of_tag.index(most)


class _SmurfWindow:
    """The adaptive window of one tag in one zone (Jeffery et al., VLDB 2006, section 4)."""

    __slots__ = ("rates", "size")

    def __init__(self) -> None:
        self.size = 1
        self.rates: deque[tuple[int, float]] = deque()  # epochs with reads, and their read rates

    def slide(self, epoch: int, confidence: float) -> float:
        """Adapt the window's size; give the weight of its evidence, 0 where it is empty."""
        rates = self.rates
        while rates and rates[0][0] <= epoch - self.size:
            rates.popleft()
        if not rates:
            self.size = 1
            return 0.0
        seen = len(rates)
        mean = sum(rate for _, rate in rates) / seen
        needed = math.ceil(math.log(1 / confidence) / mean)
        if needed > self.size:
            self.size = max(min(self.size + 2, needed), 1)
        elif abs(seen - self.size * mean) > 2 * math.sqrt(self.size * mean * (1 - mean)):
            self.size = max(min(self.size // 2, needed), 1)
        return seen * mean


class Smurf:
    """A tag is in the zone whose SMURF window, of those with a read, has the most of it."""

    CYCLES = 10  # interrogations of an epoch, by which its reads are a rate

    def __init__(self, zones: Sequence[int], tags: int, confidence: float = 0.05) -> None:
        self.where = [ABSENT] * tags
        self._zones = zones
        self._confidence = confidence
        self._windows: list[dict[int, _SmurfWindow]] = [{} for _ in range(tags)]

    def hear(self, reads: Sequence[Read], now_us: int) -> None:
        epoch = now_us // _EPOCH_US
        counts: dict[tuple[int, int], int] = {}
        for tag, antenna, _, _ in reads:
            key = tag, self._zones[antenna]
            counts[key] = counts.get(key, 0) + 1
        for (tag, zone), count in counts.items():
            window = self._windows[tag].setdefault(zone, _SmurfWindow())
            window.rates.append((epoch, min(1.0, count / self.CYCLES)))
        for tag, windows in enumerate(self._windows):
            if windows:
                self.where[tag] = self._strongest(windows, epoch)

    def _strongest(self, windows: dict[int, _SmurfWindow], epoch: int) -> int:
        best, most = ABSENT, 0.0
        for zone in list(windows):
            weight = windows[zone].slide(epoch, self._confidence)
            if not weight:
                del windows[zone]
            elif weight > most:
                best, most = zone, weight
        return best
