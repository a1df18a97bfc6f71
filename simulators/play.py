"""A scenario or a trace, played on a simulated reader until it is over or somebody says stop.

Both open the reader's port when they are made (ReaderError where it cannot be had), and give it
back with `close`.
"""

import time
from collections.abc import Callable

from edge.model import Now
from simulators.clock import ReaderClock
from simulators.llrp_reader import LlrpReader
from simulators.llrp_server import LlrpServer
from simulators.profile import Profile
from simulators.replay import Recording
from simulators.scenario import Scenario
from simulators.switchboard import LlrpSwitchboard, Switchboard
from simulators.truth import TruthFile, truth_of

_FEWEST_ANTENNAS = 4  # a reader has that many sockets, used or not

IsStopped = Callable[[], bool]
Attend = Callable[[], None]


class ScenarioPlayer:
    """Plays a scenario in real time; the same seed gives the same items, moves and reads."""

    def __init__(self, scenario: Scenario, host: str, port: int, seed: int) -> None:
        self._world = scenario.world(seed)
        ports = [antenna.port for antenna in scenario.reader.antennas]
        profile = Profile(max(_FEWEST_ANTENNAS, *ports))
        self._start = Now(time.monotonic(), time.time_ns() // 1000)
        reader = LlrpReader(profile, scenario.air(self._world, seed))
        self._server = LlrpServer(reader, ReaderClock(self._start), host, port)
        self._quiet = False
        self.address = self._server.address
        self.switchboard: Switchboard = LlrpSwitchboard(self._server, self._world)

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
            passed_s = self._server.step().monotonic_s - self._start.monotonic_s


class TracePlayer:
    """Serves a trace, at `speed` times its own pace, to whoever has a ROSpec active."""

    def __init__(self, recording: Recording, host: str, port: int, speed: float) -> None:
        self.recording = recording
        profile = Profile(max(_FEWEST_ANTENNAS, *recording.antenna_ports))
        reader = LlrpReader(profile, recording, waits_for_client=True)
        start = Now(time.monotonic(), recording.starts_at_us)
        clock = ReaderClock(start, speed, recording.ends_at_us)
        self._server = LlrpServer(reader, clock, host, port)
        self.address = self._server.address
        self.close = self._server.close

    def play(self, is_stopped: IsStopped, *, keep: bool) -> None:
        """Play until all reads have arrived and the client is gone; with `keep`, until stopped."""
        is_finished = False
        while not is_stopped():
            self._server.step()
            if not self._server.has_client:
                is_finished = False
                if self.recording.is_over and not keep:
                    return
            elif self.recording.is_given and not is_finished:
                self._server.finish(close=not keep)
                is_finished = True
