"""The file as the sync's thread sees it: read on a connection of its own, written by the engine's.

Whoever asks for a write waits until it is committed.  Only the sync's thread calls this.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

from edge.count_views import wire_header, wire_rows
from edge.counts import CountState
from edge.errors import StorageError
from edge.health import Health
from edge.model import LeftOut, NumberedEvent, PendingRows, ShardRows
from edge.storage.counts import Counts
from edge.storage.database import Database, open_database
from edge.storage.events import Events
from edge.storage.stock import Stock, Totals
from edge.storage.strays import Strays
from edge.storage.sync import Sync
from edge.sync.count_telling import CountNews
from edge.wire import Status
from edge.wire_counts import MAX_PARTS, parts_of

REST = 50  # times as long as it took: reading a large file again and again is no use
MAX_ALARM = 200  # characters of what head office is told
WRITE_S = 10.0  # longer than the engine's thread waits for a file that another program has locked

Ask = Callable[[Callable[[], None]], Future[None]]


class SyncFile:
    def __init__(self, path: Path, writer: Sync, ask: Ask) -> None:
        self._path, self._writer, self._ask = path, writer, ask
        self._db: Database | None = None

    def pending(self, acked: int, limit: int) -> PendingRows:
        return Stock(self._reading()).pending(acked, limit)

    def save_answered(self) -> None:
        self._save(self._writer.set_answered)

    def save_acked(self, ver: int) -> None:
        self._save(lambda: self._writer.set_acked(ver))

    def renew(self, term: int) -> None:
        self._save(lambda: self._writer.renew(term))

    def leave_out(self, row: LeftOut) -> None:
        self._save(lambda: Stock(self._writer.db).leave_out(row))

    def sum_shard(self, shard: int, acked: int) -> ShardRows:
        return Stock(self._reading()).sum_shard(shard, acked)

    def touch(self, shard: int | None) -> None:
        self._save(lambda: Stock(self._writer.db).touch(shard, self._writer.take_vers))

    def pick(self, after: int, upto: int, limit: int) -> list[NumberedEvent]:
        return Events(self._reading()).between(after, upto, limit)

    def save_told(self, number: int) -> None:
        self._save(lambda: self._writer.set_told(number))

    def count_news(self) -> CountNews | None:
        counts = Counts(self._reading())
        head = counts.untold()
        if head is None:
            return None
        has_lines = head.state in {CountState.CLOSED, CountState.APPROVED, CountState.CANCELLED}
        parts = parts_of(wire_rows(counts, head.plan.id))[:MAX_PARTS] if has_lines else []
        return CountNews(wire_header(head, counts.presses(head.plan.id), len(parts)), parts)

    def save_count_told(self, count: str, rev: int) -> None:
        self._save(lambda: Counts(self._writer.db).set_told(count, rev))

    def set_rebuilt(self) -> None:
        self._save(self._writer.set_rebuilt)

    def left_out(self) -> list[LeftOut]:
        return Stock(self._reading()).left_out()

    def totals(self) -> Totals:
        return Stock(self._reading()).totals()

    def strays(self) -> int:
        return Strays(self._reading()).count()

    def close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    def _reading(self) -> Database:
        if self._db is None:
            self._db = open_database(self._path, read_only=True)
        return self._db

    def _save(self, write: Callable[[], None]) -> None:
        asked = self._ask(write)
        try:
            asked.result(WRITE_S)
        except TimeoutError as error:
            asked.cancel()  # so that it is not done behind the back of who was told no
            raise StorageError(f"{self._path}: not written within {WRITE_S:g} s") from error


class StatusSource:
    """What head office is told of this store; what cannot be read now stays as it was."""

    def __init__(self, file: SyncFile, health: Health, name: str, program: str) -> None:
        self._file, self._health = file, health
        self._name, self._program = name, program
        self._totals, self._strays = Totals(0, 0, 0, 0), 0
        self._left_out: list[LeftOut] = []
        self._due_s = float("-inf")

    def __call__(self) -> Status:
        self._look()
        return Status(
            store="",
            term=0,
            boot="",
            online=True,
            name=self._name,
            program=self._program,
            readers=self._health.readers(),
            alarms=[f"{about}: {text}"[:MAX_ALARM] for about, text in self._alarms().items()],
            present=self._totals.present,
            missing=self._totals.missing,
            skus=self._totals.skus,
            strays=self._strays,
            pending=self._totals.pending,
        )

    def _look(self) -> None:
        """Read the file, unless that took so long that it would do little else."""
        began_s = time.monotonic()
        if began_s < self._due_s:
            return
        with suppress(StorageError):  # the engine's thread raises the alarm
            self._totals, self._strays = self._file.totals(), self._file.strays()
            self._left_out = self._file.left_out()
        took_s = time.monotonic() - began_s
        self._due_s = time.monotonic() + took_s * REST

    def _alarms(self) -> dict[str, str]:
        alarms = self._health.alarms()
        if self._left_out:
            first = self._left_out[0]
            told = f"{len(self._left_out)} GTINs cannot be sent: {first.gtin}: {first.reason}"
            alarms["left out"] = told
        return alarms
