"""A scenario, played before a simulated serial reader until somebody says stop."""

from collections.abc import Mapping
from pathlib import Path

from edge.errors import ConfigError
from simulators.fault_table import FaultKind
from simulators.play import WorldPlayer
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


class SerialPlayer(WorldPlayer):
    """Raises ReaderError where the link's name cannot be had.

    Raises ConfigError where the protocol's reader has fewer antennas than the scenario's.
    """

    def __init__(
        self, scenario: Scenario, protocol: str, link: Path, baud: int | None, seed: int
    ) -> None:
        if protocol not in READERS:
            raise ConfigError(f"unknown protocol {protocol!r}, allowed are {', '.join(READERS)}")
        world = scenario.world(seed)
        super().__init__(world)
        reader = READERS[protocol](Surroundings(scenario, world, seed), baud)
        self._server = SerialServer(reader, PseudoPort(link), seed)
        self._start_s = self._server.now.monotonic_s
        self.link = link
        self.switchboard = SerialSwitchboard(self._server, world)

    def close(self) -> None:
        self._server.close()

    def _step(self) -> float:
        return self._server.step().monotonic_s - self._start_s
