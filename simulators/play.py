"""A scenario or a trace, played on a simulated reader until it is over or somebody says stop.

Both open the reader's port when they are made (ReaderError where it cannot be had), and give it
back with `close`.
"""

import abc
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.model import Now
from simulators.clock import ReaderClock
from simulators.llrp_reader import LlrpReader
from simulators.llrp_server import LlrpServer
from simulators.profile import GENERIC, profile_of
from simulators.replay import Recording
from simulators.scenario import Scenario
from simulators.switchboard import LlrpSwitchboard, Switchboard
from simulators.tags import Tags
from simulators.truth import TruthFile, truth_of
from simulators.world import World

if TYPE_CHECKING:
    from simulators.tls import ReaderTls  # needs a package that others do without

IsStopped = Callable[[], bool]
Attend = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Stand:
    """What a simulated reader is, and where its clients find it.

    With `dials` the reader connects to that host and port itself.
    """

    host: str = "127.0.0.1"
    port: int = 0
    profile: str = GENERIC.name
    tls: "ReaderTls | None" = None
    dials: bool = False

    def serve(self, reader: LlrpReader, clock: ReaderClock) -> LlrpServer:
        return LlrpServer(reader, clock, self.host, self.port, tls=self.tls, dials=self.dials)


class WorldPlayer(abc.ABC):
    """Plays a world in real time before a reader; the same seed gives the same moves and reads."""

    switchboard: Switchboard

    def __init__(self, world: World) -> None:
        self._world = world
        self._quiet = False

    @abc.abstractmethod
    def close(self) -> None:
        """Give the reader's port back."""

    @abc.abstractmethod
    def _step(self) -> float:
        """Let the reader do what is due; give the seconds since the begin."""

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
            passed_s = self._step()


class ScenarioPlayer(WorldPlayer):
    def __init__(self, scenario: Scenario, stand: Stand, seed: int) -> None:
        world = scenario.world(seed)
        super().__init__(world)
        ports = [antenna.port for antenna in scenario.reader.antennas]
        self._start = Now(time.monotonic(), time.time_ns() // 1000)
        air = scenario.air(world, seed)
        reader = LlrpReader(
            profile_of(stand.profile, max(ports)), air, tags=Tags(world), connected=ports
        )
        self._server = stand.serve(reader, ReaderClock(self._start))
        self.address = self._server.address
        self.switchboard: LlrpSwitchboard = LlrpSwitchboard(self._server, world)

    def close(self) -> None:
        self._server.close()

    def _step(self) -> float:
        return self._server.step().monotonic_s - self._start.monotonic_s


class TracePlayer:
    """Serves a trace, at `speed` times its own pace, to whoever has a ROSpec active."""

    def __init__(self, recording: Recording, stand: Stand, speed: float) -> None:
        self.recording = recording
        what = profile_of(stand.profile, max(recording.antenna_ports))
        reader = LlrpReader(what, recording, waits_for_client=True)
        start = Now(time.monotonic(), recording.starts_at_us)
        clock = ReaderClock(start, speed, recording.ends_at_us)
        self._server = stand.serve(reader, clock)
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
