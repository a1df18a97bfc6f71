"""A simulated reader, our driver under its supervisor, and the engine with its file: one line.

All of it is in this process, over a real socket.  Keepalives come often and waits between
two lives pass ten times as fast as the supervisor has them, so that a test of a loss is short.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edge.clock import SystemClock
from edge.engine.changes import EngineSettings
from edge.engine.pipeline import Pipeline
from edge.health import Health
from edge.llrp.operations import Operation, Outcome
from edge.llrp.session import SILENCE, LinkMemory, LlrpSession
from edge.llrp.settings import LlrpSettings
from edge.model import HealthEvent, HealthKind, Polled
from edge.readers.buffer import ReadBuffer
from edge.readers.desk import Desk
from edge.readers.driver import LlrpDriver
from edge.readers.links import TcpLink
from edge.readers.supervisor import Supervisor
from edge.readers.tls import TlsSettings, securing
from edge.recorder import Recorder
from edge.storage.database import open_database
from edge.storage.items import Items
from edge.storage.ledger import Ledger
from edge.storage.stock import Stock
from simulators.radio import Antenna
from simulators.running import SimulatedReader
from simulators.scenario import Reader, Scenario, Zone
from simulators.tls import ReaderTls
from simulators.world import OUTSIDE, Flow, Product

NAME = "floor-1"
GTIN = "09506000100104"
SETTINGS = LlrpSettings(
    antenna_ports=(1, 2),
    keepalive_s=1.0,
    connect_timeout_s=2.0,
    version_timeout_s=1.0,
    request_timeout_s=2.0,
    antenna_silence_s=3.0,
)
SILENT_S = SILENCE * SETTINGS.keepalive_s
PATIENCE_S = 30.0
_HASTE = 10.0
_LOOK_S = 0.02


def small_store(items: int = 12) -> Scenario:
    """Give two zones and an antenna in each; nothing moves unless a test moves it."""
    antennas = (Antenna(1, "floor", 0.95, -54, 6), Antenna(2, "back", 0.95, -54, 6))
    flows = (Flow(OUTSIDE, "floor", items // 2, 0), Flow(OUTSIDE, "back", items - items // 2, 0))
    zones, readers = (Zone("floor"), Zone("back")), (Reader(NAME, 200, antennas),)
    return Scenario(zones, readers, (Product(GTIN, "T-shirt", 7),), flows)


@dataclass(frozen=True, slots=True)
class Heard:
    """A health event, and when it reached the buffer."""

    at_s: float
    event: HealthEvent


class NotedBuffer(ReadBuffer):
    """Keeps every health event that goes through it, and counts the reads."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Heard] = []
        self.reads = 0

    def put(self, reader: str, polled: Polled) -> None:
        now_s = time.monotonic()
        self.heard += [Heard(now_s, event) for event in polled.health]
        self.reads += len(polled.reads)
        super().put(reader, polled)


class HastyEvent(threading.Event):
    """A stop whose waits are short: only the supervisor waits for it, between two lives."""

    def wait(self, timeout: float | None = None) -> bool:
        return super().wait(None if timeout is None else timeout / _HASTE)


class Line:
    """`buffer` has what the driver told; the counts are in the file at `path`."""

    def __init__(
        self, reader: SimulatedReader, path: Path, new_link: Callable[[], TcpLink]
    ) -> None:
        self.reader, self._path, self._new_link = reader, path, new_link
        self.buffer, self._clock, self._memory = NotedBuffer(), SystemClock(), LinkMemory()
        self._desk = Desk()
        self.stop, self._is_read_out = HastyEvent(), threading.Event()
        self._errors: list[BaseException] = []
        supervisor = Supervisor(NAME, self._build, self.buffer, self._clock, self.stop)
        self._threads = [self._thread(supervisor.run), self._thread(self._record)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Stop as the agent does: first the reader, then what counts; raise what has failed."""
        self.stop.set()
        self._threads[0].join(PATIENCE_S)
        self._is_read_out.set()
        self._threads[1].join(PATIENCE_S)
        if self._errors:
            raise self._errors[0]

    def stock(self) -> dict[str, dict[str, int]]:
        """Give the counts above 0, as the simulated reader's truth has them."""
        with contextlib.closing(open_database(self._path, read_only=True)) as db:
            rows = Stock(db).rows()
        counts = {row.gtin: {z: n for z, n in sorted(row.zones.items()) if n} for row in rows}
        return {gtin: zones for gtin, zones in counts.items() if zones}

    def counts_the_truth(self) -> bool:
        return self.stock() == self.reader.truth()["stock"]

    def news(self) -> Callable[[], list[Heard]]:
        """Give a function that gives what the driver has told from now on."""
        mark = len(self.buffer.heard)
        return lambda: self.buffer.heard[mark:]

    def is_connected(self) -> bool:
        kinds = [one.event.kind for one in self.buffer.heard]
        links = [kind for kind in kinds if kind in {HealthKind.CONNECTED, HealthKind.LOST}]
        return links[-1:] == [HealthKind.CONNECTED]

    def is_steady(self) -> bool:
        """Tell whether the reader's clock has been found to be one."""
        facts = self._desk.facts
        return facts is not None and facts.clock.gait == "steady"

    def ask(self, operation: Operation) -> Outcome:
        """Have the reader do something, as a command would."""
        return self._desk.ask(operation).result(PATIENCE_S)

    def events(self) -> list[str]:
        """Give the kinds of the item events in the file; fail where the file contradicts itself."""
        with contextlib.closing(open_database(self._path, read_only=True)) as db:
            assert Ledger(db).mismatches() == []
            return [kind for (kind,) in db.execute("SELECT kind FROM events ORDER BY rowid")]

    def wait_until(self, is_so: Callable[[], bool], what: str) -> None:
        deadline_s = time.monotonic() + PATIENCE_S
        while not is_so():
            if self._errors:
                raise self._errors[0]
            told = [f"{one.event.kind}: {one.event.detail}" for one in self.buffer.heard]
            assert time.monotonic() < deadline_s, f"{what}: not in {PATIENCE_S:g} s; {told}"
            time.sleep(_LOOK_S)

    def _build(self) -> LlrpDriver:
        session = LlrpSession(SETTINGS, self._memory)
        return LlrpDriver(self._new_link(), session, self._clock, self._desk)

    def _record(self) -> None:
        zones = {(NAME, 1): "floor", (NAME, 2): "back"}
        with contextlib.closing(open_database(self._path)) as db:
            settings = EngineSettings(epoch_s=0.25, absence_s=20.0)
            pipeline = Pipeline(settings, zones, Items(db).all())
            recorder = Recorder(db, pipeline, self.buffer, Health([NAME]), self._clock)
            recorder.run(self._is_read_out.is_set, lambda: None)

    def _thread(self, body: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                body()
            except BaseException as error:  # noqa: BLE001 - the top of a thread; a test raises it
                self._errors.append(error)

        return threading.Thread(target=run, name=f"line of {body.__qualname__}", daemon=True)


@contextmanager
def driven(
    reader: SimulatedReader, folder: Path, port: int, tls: TlsSettings | None = None
) -> Iterator[Line]:
    """Have our driver come to the reader at this port, count, and end it whatever happens."""
    path = folder / "store.db"
    open_database(path).close()
    secure = securing(tls, reader.host) if tls else None
    one = Line(reader, path, lambda: TcpLink(reader.host, port, secure))
    one.start()
    try:
        yield one
    finally:
        one.end()


@contextmanager
def line(
    folder: Path, items: int = 12, *, profile: str = "generic", is_secure: bool = False
) -> Iterator[Line]:
    """Give a running line to a simulated reader of this profile."""
    tls = ReaderTls(folder / "tls") if is_secure else None
    trusted = TlsSettings(ca_file=str(folder / "tls" / "ca.pem")) if is_secure else None
    with (
        SimulatedReader(small_store(items), profile=profile, tls=tls, duration_s=0) as reader,
        driven(reader, folder, reader.port, trusted) as one,
    ):
        yield one
