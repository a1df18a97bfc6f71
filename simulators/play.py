"""A world or a trace, played before simulated readers until it is over or somebody says stop.

A station and a trace's player open their port when they are made (ReaderError where it cannot be
had), and give it back with `close`.
"""

import abc
import select
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.model import Now
from simulators.clock import ReaderClock
from simulators.llrp_reader import LlrpReader
from simulators.llrp_server import LlrpServer
from simulators.profile import GENERIC, profile_of
from simulators.replay import Recording
from simulators.scenario import Reader
from simulators.switchboard import LlrpSwitchboard, StoreSwitchboard, Switchboard
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


class Station(abc.ABC):
    """One simulated reader and its port, served a step at a time by whoever plays the world."""

    switchboard: Switchboard
    verb: str  # what it does at its address
    address: str  # HOST:PORT, or the path of a serial port

    @property
    @abc.abstractmethod
    def patience_s(self) -> float:
        """How long it may be left alone when nobody says anything."""

    @abc.abstractmethod
    def fileno(self) -> int | None:
        """Give what is readable as soon as somebody says something; None where nobody can."""

    @abc.abstractmethod
    def step(self) -> None:
        """Do all that is due, without waiting."""

    @abc.abstractmethod
    def close(self) -> None:
        """Give the reader's port back."""


class LlrpStation(Station):
    """`what` is the reader as the scenario has it; its own profile goes before the stand's."""

    def __init__(self, what: Reader, world: World, tags: Tags, stand: Stand, seed: int) -> None:
        start = Now(time.monotonic(), time.time_ns() // 1000)
        profile = profile_of(what.profile or stand.profile, max(what.antenna_ports))
        reader = LlrpReader(profile, what.air(world, seed), tags=tags, connected=what.antenna_ports)
        self._server = stand.serve(reader, ReaderClock(start))
        self.host, self.port = self._server.address
        self.verb = "dialling" if stand.dials else "listening on"
        self.address = f"{self.host}:{self.port}"
        self.switchboard: LlrpSwitchboard = LlrpSwitchboard(self._server, world)

    @property
    def patience_s(self) -> float:
        return self._server.patience_s

    def fileno(self) -> int | None:
        return self._server.fileno()

    def step(self) -> None:
        self._server.step(0.0)

    def close(self) -> None:
        self._server.close()


class WorldPlayer:
    """Plays a world in real time before its readers; the same seed gives the same moves."""

    def __init__(self, world: World, stations: Mapping[str, Station]) -> None:
        self.stations = dict(stations)
        boards = {name: station.switchboard for name, station in stations.items()}
        self.switchboard = StoreSwitchboard(boards)
        self._world = world
        self._start_s = time.monotonic()
        self._quiet = False

    def close(self) -> None:
        """Give the readers' ports back."""
        for station in self.stations.values():
            station.close()

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
        """Play until stopped; after `duration_s` nothing moves, while the readers read on.

        `attend` is called between any two steps, and may use the switchboards.
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
            self._wait()
            for station in self.stations.values():
                station.step()
            passed_s = time.monotonic() - self._start_s

    def _wait(self) -> None:
        """Wait until somebody says something, or the first reader has something to do."""
        poll = select.poll()
        for station in self.stations.values():
            if (descriptor := station.fileno()) is not None:
                poll.register(descriptor, select.POLLIN)
        patience_s = min(station.patience_s for station in self.stations.values())
        poll.poll(patience_s * 1000)


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
