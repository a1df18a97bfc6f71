"""Simulated serial readers as stations of a world that is played."""

from collections.abc import Mapping
from pathlib import Path

from simulators.fault_table import FaultKind
from simulators.play import Station
from simulators.scenario import Protocol, Reader
from simulators.serial.a0 import A0Reader
from simulators.serial.faults import LINE_FAULTS
from simulators.serial.m100 import M100Module
from simulators.serial.mercury import MercuryModule
from simulators.serial.pseudo_port import PseudoPort
from simulators.serial.reader import SerialReader
from simulators.serial.server import PERIOD_S, SerialServer
from simulators.serial.surroundings import Surroundings
from simulators.serial.switchboard import SerialSwitchboard
from simulators.serial.tsl import TslHandheld
from simulators.serial.uhfreader_dialects import Reader18, Reader288
from simulators.world import World

# By the names that scenarios and `tagtally-sim serial --protocol` take.
READERS: Mapping[str, type[SerialReader]] = {
    Protocol.MERCURY.value: MercuryModule,
    Protocol.R2000.value: A0Reader,
    Protocol.UHFREADER.value: Reader288,
    Protocol.UHFREADER18.value: Reader18,
    Protocol.TSL.value: TslHandheld,
    Protocol.M100.value: M100Module,
}


def serial_faults(protocol: str) -> Mapping[str, FaultKind]:
    """Give the faults of a protocol's reader, by name."""
    return {**LINE_FAULTS, **READERS[protocol].kinds}


class SerialStation(Station):
    """Raises ReaderError where the link's name cannot be had.

    Raises ConfigError where the protocol's reader has fewer antennas than the scenario's.
    """

    def __init__(self, what: Reader, world: World, link: Path, seed: int) -> None:
        reader = READERS[what.protocol](Surroundings(what, world, seed), what.baud)
        self._server = SerialServer(reader, PseudoPort(link), seed)
        self.verb = f"serving {what.protocol} at"
        self.address = str(link)
        self.switchboard: SerialSwitchboard = SerialSwitchboard(self._server, world)

    @property
    def patience_s(self) -> float:
        return PERIOD_S

    def fileno(self) -> int | None:
        return self._server.fileno()

    def step(self) -> None:
        self._server.step()

    def close(self) -> None:
        self._server.close()
