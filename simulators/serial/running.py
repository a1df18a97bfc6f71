"""A simulated serial reader in a thread of this process, for tests."""

import math
from pathlib import Path

from simulators.running import Running
from simulators.scenario import Scenario, load_scenario
from simulators.serial.play import SerialPlayer


class SimulatedSerialReader(Running):
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
        self.link = link
        super().__init__(SerialPlayer(played, protocol, link, baud, seed), duration_s)
