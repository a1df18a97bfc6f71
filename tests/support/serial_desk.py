"""A simulated serial reader without a line: commands in, frames out, at times of the test's own."""

from pathlib import Path

from edge.model import Now
from simulators.serial.play import READERS
from simulators.serial.surroundings import Surroundings
from tests.support.clocks import ManualClock
from tests.support.serial_store import small_world


class SerialDesk:
    """`reads_per_s` is the radio's; the world has 25 items on the floor and 20 in the back."""

    def __init__(self, folder: Path, protocol: str, reads_per_s: int = 400) -> None:
        antennas = min(2, READERS[protocol].most_ports)
        scenario = small_world(folder, "desk", antennas, reads_per_s)
        self.world = scenario.world(seed=1)
        self.world.advance(0)
        self.clock = ManualClock()
        self.reader = READERS[protocol](Surroundings(scenario.reader, self.world, seed=1))

    @property
    def now(self) -> Now:
        return self.clock.now()

    def ask(self, data: bytes) -> bytes:
        """Say something, and give what is answered within a millisecond."""
        self.reader.receive(data, self.now)
        return self.play(0.001, 0.001)

    def play(self, seconds: float, step_s: float = 0.01) -> bytes:
        """Give all that is said in this time by a reader whose line takes everything."""
        said = b""
        for _ in range(round(seconds / step_s)):
            self.reader.advance(self.clock.advance(step_s), 4096)
            said += b"".join(self.reader.take())
            self.reader.has_said_all()
        return said
