"""What is around a simulated serial reader: the world, and what its antennas hear of it."""

from collections import deque
from dataclasses import dataclass

from edge.model import TagRead
from simulators.radio import VISIT_US, Radio
from simulators.scenario import Reader
from simulators.world import World, WorldAir


class Rounds:
    """What a reader hears that looks for tags when it is told to, for so long, by one antenna."""

    def __init__(self, reader: Reader, world: World, seed: int, round_s: float) -> None:
        self._world = world
        # A Radio reckons with visits of a fixed length: as many reads in one as a round may have.
        share = round_s * 1_000_000 / VISIT_US
        self._radio = Radio(reader.antennas, reader.reads_per_s * share, seed)
        self._share = share

    def begin(self, port: int, at_us: int) -> deque[TagRead]:
        """Give the reads of a round that begins now, each with the time at which it will be."""
        antenna = self._radio.antennas.get(port)
        if antenna is None:
            return deque()
        reads = self._radio.visit(port, self._world.epcs_in(antenna.zone), 0)
        return deque(
            TagRead(read.epc, port, read.rssi_dbm, at_us + round(read.at_us * self._share))
            for read in reads
        )

    def is_there(self, read: TagRead) -> bool:
        """Tell whether the tag is still before the antenna."""
        zone = self._radio.antennas[read.antenna_port].zone
        return self._world.is_in(zone, read.epc)


@dataclass(frozen=True, slots=True)
class Surroundings:
    reader: Reader  # as the scenario has it
    world: World
    seed: int

    def air(self) -> WorldAir:
        """For a reader that reads by itself, without end."""
        return self.reader.air(self.world, self.seed)

    def rounds(self, round_s: float) -> Rounds:
        return Rounds(self.reader, self.world, self.seed, round_s)
