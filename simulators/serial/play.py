"""A scenario, played before a simulated serial reader until somebody says stop."""

from collections.abc import Mapping
from pathlib import Path

from edge.errors import ConfigError
from simulators.faults import FaultKind
from simulators.play import Attend, IsStopped
from simulators.scenario import Scenario
from simulators.serial.a0 import A0Reader
from simulators.serial.faults import LINE_FAULTS
from simulators.serial.m100 import M100Module
from simulators.serial.mercury import MercuryModule
from simulators.serial.pseudo_port import PseudoPort
from simulators.serial.reader import SerialReader
from simulators.serial.server import SerialServer
from simulators.serial.surroundings import Surroundings
from simulators.serial.switchboard import SerialSwitchboard
from simulators.serial.tsl import TslHandheld
from simulators.serial.uhfreader_dialects import Reader18, Reader288
from simulators.truth import TruthFile, truth_of

# By the names that `tagtally-sim serial --protocol` takes: a protocol, or one of its dialects.
READERS: Mapping[str, type[SerialReader]] = {
    "mercury": MercuryModule,
    "r2000": A0Reader,
    "uhfreader": Reader288,
    "uhfreader18": Reader18,
    "tsl": TslHandheld,
    "m100": M100Module,
}


def serial_faults(protocol: str) -> Mapping[str, FaultKind]:
    """Give the faults of a protocol's reader, by name."""
    return {**LINE_FAULTS, **READERS[protocol].kinds}


class SerialPlayer:
    """Plays a scenario in real time; the same seed gives the same items, moves and reads.

    Raises ReaderError where the link's name cannot be had, ConfigError where the protocol's reader
    has fewer antennas than the scenario's.
    """

    def __init__(
        self, scenario: Scenario, protocol: str, link: Path, baud: int | None, seed: int
    ) -> None:
        if protocol not in READERS:
            raise ConfigError(f"unknown protocol {protocol!r}, allowed are {', '.join(READERS)}")
        self._world = scenario.world(seed)
        reader = READERS[protocol](Surroundings(scenario, self._world, seed), baud)
        self._server = SerialServer(reader, PseudoPort(link), seed)
        self._start_s = self._server.now.monotonic_s
        self._quiet = False
        self.link = link
        self.switchboard = SerialSwitchboard(self._server, self._world)

    def close(self) -> None:
        self._server.close()

    def truth(self) -> dict[str, object]:
        """Tell what is really there; `quiet` is whether nothing moves any more of itself."""
        return truth_of(self._world, quiet=self._quiet)

    def play(
        self,
        is_stopped: IsStopped,
        duration_s: float,
        truth: TruthFile | None,
        attend: Attend,
    ) -> None:
        """Play until stopped; after `duration_s` nothing moves, while the reader reads on.

        `attend` is called between any two steps, and may use the switchboard.
        """
        told: tuple[bool, int] | None = None  # quiet and changes, as the file has them
        passed_s = 0.0
        while not is_stopped():
            self._world.advance(min(passed_s, duration_s))
            self._quiet = passed_s >= duration_s
            attend()
            if truth is not None and told != (self._quiet, self._world.changes):
                truth.write(self._world, quiet=self._quiet)
                told = (self._quiet, self._world.changes)
            passed_s = self._server.step().monotonic_s - self._start_s
