"""What a store loses that is offline, killed or out of disk, as a thousand items a second come.

Reader, agent, broker and bridge are real; nothing leaves, so at the end the documents must hold as
many items as came.  `accepted` is what the agent's file has at the moment of a fault.
"""

import resource
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from cloud import config
from cloud.documents import paths, shapes
from cloud.documents.interface import Documents, Query
from cloud.service import open_documents
from deploy.demo.line import Line, Store
from deploy.demo.place import embedded
from edge.model import TagRead
from tests.support.bench import Figure
from tests.support.flood import epc
from tests.support.serving import serving

STORE = "bench-01"
EVERY_US = 1000  # an item more
FIRST_READS_US = (0, 300_000, 600_000)  # after it came
REREAD_US = 10_000_000
DONE_S = 240.0
FULL = 2 << 20  # bytes that a file may have: less than the items take


class Delivery:
    """An air into which items come one by one; each is read at once, and from time to time."""

    def __init__(self, items: int) -> None:
        self.items = items
        self._began_us: int | None = None

    def has_come(self) -> int:
        """Give how many items have come so far."""
        if self._began_us is None:
            return 0
        return min(self.items, (time.time_ns() // 1000 - self._began_us) // EVERY_US)

    def hear(
        self, antenna_ports: Collection[int], from_us: int, until_us: int, limit: int
    ) -> Sequence[TagRead]:
        del antenna_ports, limit
        if self._began_us is None:
            self._began_us = from_us
        begins_us = [self._began_us + after_us for after_us in FIRST_READS_US]
        begins_us += range(self._began_us + REREAD_US, until_us, REREAD_US)
        reads = [
            TagRead(epc(number), 1, -55.0, begin_us + number * EVERY_US)
            for begin_us in begins_us
            for number in self._between(from_us - begin_us, until_us - begin_us)
        ]
        return sorted(reads, key=lambda read: read.at_us)

    def delivered(self, reads: int) -> None:
        pass

    def lost(self) -> None:
        pass

    def _between(self, from_us: int, until_us: int) -> range:
        first, last = (min(self.items, max(0, -(-us // EVERY_US))) for us in (from_us, until_us))
        return range(first, last)


class Trial:
    """A line with a delivery; `settle` waits until the documents have all that came."""

    def __init__(self, folder: Path, items: int) -> None:
        store = Store(STORE, "Bench", ("floor",), absence_s=900)
        self.line, self.air = Line(folder, embedded(folder), store), Delivery(items)

    def wait(self, is_so: Callable[[], bool]) -> None:
        began_s = time.monotonic()
        while not is_so():
            if time.monotonic() - began_s > DONE_S:
                raise TimeoutError(f"not within {DONE_S:g} s: {self.counted()} items counted")
            time.sleep(0.1)

    def counted(self) -> int:
        return sum(self.accepted().values())

    def accepted(self) -> Counter[str]:
        """Give the items by GTIN in the agent's file."""
        if not self.line.database.exists():
            return Counter()
        with closing(sqlite3.connect(self.line.database, timeout=20)) as db:
            tables = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'stock'").fetchall()
            found = db.execute("SELECT gtin, sum(count) FROM stock GROUP BY gtin") if tables else ()
            return Counter(dict(found))

    def in_documents(self) -> Counter[str]:
        with closing(self._documents()) as documents:
            lines = [
                shapes.stock_line(found) for found in documents.find(Query(paths.stock(STORE)))
            ]
        return Counter({line.gtin: line.present for line in lines})

    def settle(self) -> tuple[int, int]:
        """Give how many items are missing in the documents, and how many are too many."""
        self.wait(lambda: self.counted() >= self.air.items)
        applied = "SELECT ver = acked FROM sync"
        with closing(sqlite3.connect(self.line.database, timeout=20)) as db:
            self.wait(lambda: bool(db.execute(applied).fetchone()[0]))
        there = sum(self.in_documents().values())
        return max(0, self.air.items - there), max(0, there - self.air.items)

    def kill_agent(self) -> Counter[str]:
        """Kill the agent, and give what it had accepted."""
        assert self.line.agent is not None
        self.line.agent.kill()
        return self.accepted()

    def limit_file(self, most: int) -> None:
        assert self.line.agent is not None
        _, hard = resource.prlimit(self.line.agent.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.line.agent.pid, resource.RLIMIT_FSIZE, (most, hard))

    def _documents(self) -> Documents:
        path = self.line.folder / "cloud.toml"
        return open_documents(config.load(path, self.line.place.environment).documents)


@contextmanager
def _trial(items: int, *, online: bool) -> Iterator[Trial]:
    with TemporaryDirectory(prefix="tagtally-bench-") as name:
        trial = Trial(Path(name), items)
        try:
            with serving(trial.air, trial.line.reader_port):
                if online:
                    _connect(trial)
                trial.line.start_agent()
                yield trial
        finally:
            trial.line.stop()


def _connect(trial: Trial) -> None:
    trial.line.broker.start()
    trial.line.start_cloud()


def figures() -> Iterator[Figure]:
    yield from _steady()
    yield from _offline()
    yield from _booted_offline()
    for after in (4000, 9000, 14_000):
        yield from _killed(after)
    yield from _killed_while_draining()
    yield from _full_disk()


def _told(what: str, trial: Trial, accepted: Counter[str] | None = None) -> Iterator[Figure]:
    if accepted is not None:
        yield Figure(f"{what}: accepted before it", accepted.total(), "items")
    missing, doubled = trial.settle()
    if accepted is not None:
        lost = (accepted - trial.in_documents()).total()
        yield Figure(f"{what}: of these lost", lost, "items", 0, at_most=True)
    yield Figure(f"{what}: lost of {trial.air.items:,}", missing, "items", 0, at_most=True)
    yield Figure(f"{what}: doubled", doubled, "items", 0, at_most=True)


def _steady() -> Iterator[Figure]:
    with _trial(20_000, online=True) as trial:
        yield from _told("online, 20 s", trial)


def _offline() -> Iterator[Figure]:
    what = "offline for 60 s"
    with _trial(60_000, online=False) as trial:
        trial.wait(lambda: trial.counted() >= trial.air.items)
        _connect(trial)
        began_s = time.monotonic()
        yield from _told(what, trial)
        yield Figure(f"{what}: until all had arrived", time.monotonic() - began_s, "s")


def _booted_offline() -> Iterator[Figure]:
    with _trial(20_000, online=False) as trial:
        trial.wait(lambda: trial.air.has_come() >= trial.air.items)
        accepted = trial.kill_agent()
        _connect(trial)
        trial.line.start_agent()
        yield from _told("booted offline, killed after 20 s", trial, accepted)


def _killed(after: int) -> Iterator[Figure]:
    with _trial(20_000, online=True) as trial:
        trial.wait(lambda: trial.air.has_come() >= after)
        accepted = trial.kill_agent()
        trial.line.start_agent()
        yield from _told(f"killed online after {after:,}", trial, accepted)


def _killed_while_draining() -> Iterator[Figure]:
    with _trial(20_000, online=False) as trial:
        trial.wait(lambda: trial.counted() >= trial.air.items)
        _connect(trial)
        trial.wait(lambda: bool(trial.in_documents()))
        accepted = trial.kill_agent()
        trial.line.start_agent()
        yield from _told("killed while draining", trial, accepted)


def _full_disk() -> Iterator[Figure]:
    what = f"disk full at {FULL >> 20} MB, offline"
    with _trial(40_000, online=False) as trial:
        trial.wait(lambda: trial.counted() > 0)
        trial.limit_file(FULL)
        trial.wait(lambda: trial.air.has_come() >= trial.air.items)
        accepted = trial.accepted()
        trial.limit_file(resource.RLIM_INFINITY)
        _connect(trial)
        yield from _told(what, trial, accepted)
