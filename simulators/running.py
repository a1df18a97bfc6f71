"""A simulated reader in a thread of this process, for tests.

    with SimulatedReader(profile="r420") as reader:
        driver = connect("127.0.0.1", reader.port)
        reader.fault("refuse", status=2)

Every method may be called from any thread; each returns when the reader has done it, between two
of its steps.
"""

import math
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from edge.errors import ReaderError
from simulators.play import LlrpStation, Stand, WorldPlayer
from simulators.profile import GENERIC
from simulators.scenario import Scenario, load_scenario
from simulators.switchboard import Answer, Switchboard
from simulators.tags import Tags

if TYPE_CHECKING:
    from simulators.tls import ReaderTls  # needs a package that others do without

_PATIENCE_S = 10.0
_MOST_TASKS = 100

T = TypeVar("T")


class Running:
    """Plays a player in a thread; nothing moves after `duration_s`."""

    def __init__(self, player: WorldPlayer, duration_s: float) -> None:
        self._player = player
        self._duration_s = duration_s
        self._tasks: queue.Queue[Callable[[], None]] = queue.Queue(_MOST_TASKS)
        self._is_stopped = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="simulated-reader", daemon=True)

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        """End the reader and close its port; raise what has ended it before, if anything has."""
        self._is_stopped.set()
        if self._thread.is_alive():
            self._thread.join(_PATIENCE_S)
        self._player.close()
        if self._error is not None:
            raise ReaderError(f"the simulated reader failed: {self._error!r}") from self._error

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def truth(self) -> Answer:
        """Tell what is really there, as `tagtally-sim run --truth` writes it."""
        return self.call(self._player.truth)

    def tags(self, zone: str | None = None) -> Answer:
        """Give the EPCs of each zone, or of one, in hex."""
        return self.call(lambda: self._any_board.tags(zone))

    def add_tags(self, zone: str, *epcs: str) -> None:
        self.call(lambda: self._any_board.add_tags(zone, epcs))

    def remove_tags(self, *epcs: str) -> None:
        self.call(lambda: self._any_board.remove_tags(epcs))

    @property
    def _any_board(self) -> Switchboard:
        """Give one of the switchboards: the world is the same behind all."""
        return next(iter(self._player.stations.values())).switchboard

    def call(self, task: Callable[[], T]) -> T:
        """Do something in the reader's thread, and give what comes of it."""
        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(task())
            except Exception as error:  # noqa: BLE001 - it is raised where the task came from
                future.set_exception(error)

        if not self._thread.is_alive():
            raise ReaderError("the simulated reader does not run")
        self._tasks.put(run, timeout=_PATIENCE_S)
        return future.result(_PATIENCE_S)

    def _attend(self) -> None:
        while not self._tasks.empty():
            self._tasks.get_nowait()()

    def _run(self) -> None:
        try:
            self._player.play(self._is_stopped.is_set, self._duration_s, None, self._attend)
        except Exception as error:  # noqa: BLE001 - the top of a thread; stop() raises it
            self._error = error


class RunningReader:
    """One reader of those that run."""

    def __init__(self, running: Running, board: Switchboard) -> None:
        self._running, self._board = running, board

    def fault(self, name: str, **values: object) -> Answer:
        """Switch a fault on, or let it happen; `tagtally-sim ctl faults` lists them."""
        return self._running.call(lambda: self._board.fault(name, values))

    def clear(self, name: str | None = None) -> None:
        """Switch one fault off, or all of them."""
        self._running.call(lambda: self._board.clear(name))

    def state(self) -> Answer:
        """Tell how the reader is, who talks to it, and the faults that are on."""
        return self._running.call(self._board.state)


class SimulatedReader(Running, RunningReader):
    """`scenario` is one by name, a file's path, or a Scenario; nothing moves after `duration_s`.

    The port is open when the object is made, and clients are served from `start` on.  With `dials`
    the reader connects to that host and port itself, again and again.
    """

    def __init__(  # noqa: PLR0913 - each has its default, and all but one are keywords
        self,
        scenario: str | Scenario = "demo",
        *,
        profile: str = GENERIC.name,
        seed: int = 1,
        duration_s: float = math.inf,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: "ReaderTls | None" = None,
        dials: bool = False,
    ) -> None:
        played = load_scenario(scenario) if isinstance(scenario, str) else scenario
        stand = Stand(host, port, profile, tls, dials)
        world = played.world(seed)
        self._station = LlrpStation(played.reader, world, Tags(world), stand, seed)
        Running.__init__(self, WorldPlayer(world, {played.reader.name: self._station}), duration_s)
        RunningReader.__init__(self, self, self._station.switchboard)

    @property
    def host(self) -> str:
        return self._station.host

    @property
    def port(self) -> int:
        return self._station.port

    def gpi(self, port: int, *, is_high: bool) -> None:
        """Pull an input up or down."""
        self.call(lambda: self._station.switchboard.gpi(port, is_high=is_high))

    def antenna(self, port: int, *, is_up: bool) -> None:
        """Connect or disconnect an antenna."""
        self.call(lambda: self._station.switchboard.antenna(port, is_up=is_up))
