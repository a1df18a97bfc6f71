"""A simulated serial reader in a thread of this process, for tests."""

import math
from pathlib import Path

import msgspec

from simulators.play import WorldPlayer
from simulators.running import Running, RunningReader
from simulators.scenario import Protocol, Scenario, load_scenario
from simulators.serial.play import SerialStation


class SimulatedSerialReader(Running, RunningReader):
    """`scenario` is one by name, a file's path, or a Scenario; nothing moves after `duration_s`.

    The port is there when the object is made, and answers from `start` on.
    """

    def __init__(  # noqa: PLR0913 - what a reader is, by keywords
        self,
        protocol: str,
        link: Path,
        scenario: str | Scenario = "demo",
        *,
        baud: int | None = None,
        seed: int = 1,
        duration_s: float = math.inf,
    ) -> None:
        played = load_scenario(scenario) if isinstance(scenario, str) else scenario
        world = played.world(seed)
        what = msgspec.structs.replace(played.reader, protocol=Protocol(protocol), baud=baud)
        station = SerialStation(what, world, link, seed)
        self.link = link
        Running.__init__(self, WorldPlayer(world, {what.name: station}), duration_s)
        RunningReader.__init__(self, self, station.switchboard)
