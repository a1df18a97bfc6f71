"""Which antenna hears which tag when: a reader that visits its antennas in turn.

In one visit a tag answers once at most, and the reader hears no more tags than its rate allows;
the next visit of that antenna goes on where the last one stopped, as tags that have answered stay
quiet for a while (Gen2's inventoried flag).  Chance comes from the seed alone.
"""

import random
import zlib
from collections import Counter
from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from edge.model import TagRead

VISIT_US = 200_000  # so that one antenna hears a tag five times a second at most
_NOISE_DB = 1.5
_RSSI_DBM = (-90, -20)  # beyond it no reader hears, or a tag would have to touch the antenna


Word = Annotated[
    str,
    Meta(
        pattern=r"\A[a-z0-9][a-z0-9_-]{0,39}\Z",
        description="1 to 40 of a-z, 0-9, - and _, the first a letter or a digit",
    ),
]


class Antenna(msgspec.Struct, frozen=True):
    """`rssi_dbm` is the middle of its zone; where a tag lies is worth `spread_db`, up or down."""

    port: Annotated[int, Meta(ge=1, le=255, description="an integer from 1 to 255")]
    zone: Word
    read_probability: Annotated[float, Meta(ge=0, le=1, description="a number from 0 to 1")] = 0.9
    rssi_dbm: Annotated[float, Meta(ge=-90, le=-20, description="dBm, -90 to -20")] = -55
    spread_db: Annotated[float, Meta(ge=0, le=30, description="a number from 0 to 30")] = 8


class Radio:
    def __init__(self, antennas: Sequence[Antenna], reads_per_s: float, seed: int) -> None:
        self.antennas = {antenna.port: antenna for antenna in antennas}
        self._most_reads = max(1, round(reads_per_s * VISIT_US / 1_000_000))
        self._random = random.Random(seed)  # noqa: S311 - a world that can be played again
        self._resume: Counter[int] = Counter()

    def visit(self, port: int, epcs: Sequence[bytes], at_us: int) -> list[TagRead]:
        """Give the reads of one visit that begins at `at_us`, of those tags before the antenna."""
        antenna = self.antennas[port]
        heard = self._answers(antenna, epcs)
        spacing_us = VISIT_US / max(1, len(heard))
        return [
            TagRead(epc, port, self._rssi(antenna, epc), at_us + int(index * spacing_us))
            for index, epc in enumerate(heard)
        ]

    def _answers(self, antenna: Antenna, epcs: Sequence[bytes]) -> list[bytes]:
        first = self._resume[antenna.port] % max(1, len(epcs))
        heard: list[bytes] = []
        asked = 0
        for epc in (*epcs[first:], *epcs[:first]):
            if len(heard) == self._most_reads:
                break
            asked += 1
            if self._random.random() < antenna.read_probability:
                heard.append(epc)
        self._resume[antenna.port] = first + asked
        return heard

    def _rssi(self, antenna: Antenna, epc: bytes) -> int:
        place = zlib.crc32(epc) / 2**31 - 1  # -1 to 1, of this tag for good
        rssi = antenna.rssi_dbm + place * antenna.spread_db + self._random.gauss(0, _NOISE_DB)
        lowest, highest = _RSSI_DBM
        return min(highest, max(lowest, round(rssi)))
