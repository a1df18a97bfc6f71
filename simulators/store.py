"""All readers of a scenario before one world, of whatever kinds they are."""

import math
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from edge.errors import ConfigError
from simulators.play import LlrpStation, Stand, Station, WorldPlayer
from simulators.running import Running, RunningReader
from simulators.scenario import Protocol, Reader, Scenario, load_scenario
from simulators.serial.play import SerialStation
from simulators.tags import Tags

_PORTS = 1 << 16


def store_player(scenario: Scenario, stand: Stand, links: Path, seed: int) -> WorldPlayer:
    """Open the port of every reader of a scenario.

    An LLRP reader stands at the stand's port, the next one at the port above, and so on; a serial
    reader's port is a link in the folder `links` with the reader's name.  Raises ReaderError where
    a port cannot be had, ConfigError for what does not go together.
    """
    world = scenario.world(seed)
    stands, tags = _stands(scenario, stand), Tags(world)
    stations: dict[str, Station] = {}
    with ExitStack() as opened:
        for index, reader in enumerate(scenario.readers):
            station: Station
            if reader.protocol is Protocol.LLRP:
                station = LlrpStation(reader, world, tags, next(stands), seed + index)
            else:
                station = SerialStation(reader, world, links / reader.name, seed + index)
            opened.callback(station.close)
            stations[reader.name] = station
        opened.pop_all()
    return WorldPlayer(world, stations)


def _stands(scenario: Scenario, stand: Stand) -> Iterator[Stand]:
    """Give each LLRP reader its own stand."""
    llrp = [reader for reader in scenario.readers if reader.protocol is Protocol.LLRP]
    if stand.dials and len(llrp) > 1:
        raise ConfigError(f"{len(llrp)} LLRP readers of a scenario cannot all dial one client")
    if stand.port + len(llrp) > _PORTS:
        raise ConfigError(f"port {stand.port}: {len(llrp)} LLRP readers need as many in a row")
    for index in range(len(llrp)):
        yield replace(stand, port=stand.port and stand.port + index)


class StoreReader(RunningReader):
    """One reader of a SimulatedStore: what the scenario says of it, and where it is found."""

    def __init__(self, running: Running, what: Reader, station: Station) -> None:
        super().__init__(running, station.switchboard)
        self.what, self.address = what, station.address


class SimulatedStore(Running):
    """A scenario with all of its readers in a thread of this process, for tests."""

    def __init__(
        self,
        scenario: str | Scenario,
        links: Path,
        *,
        seed: int = 1,
        duration_s: float = math.inf,
    ) -> None:
        played = load_scenario(scenario) if isinstance(scenario, str) else scenario
        player = store_player(played, Stand(), links, seed)
        super().__init__(player, duration_s)
        self.readers = {
            what.name: StoreReader(self, what, player.stations[what.name])
            for what in played.readers
        }
