"""Engine and storage joined: the body of the one thread that writes the file.

It takes what the readers have brought, feeds the engine, and commits what has been decided in
groups, one fsync a group; what other threads want written goes into the same groups.  When the file
cannot be written nothing is called accepted: whoever asked is told so, an alarm is raised, what was
decided stays folded in memory, and it is tried again.  With MAX_UNWRITTEN events in memory the
engine's time stands still: reads are counted and let go until the file can be written.  A file
that is damaged, or may have lost what was synced, is written no more: the agent ends.
"""

import datetime as dt
import queue
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from edge.clock import Clock
from edge.engine.changes import Changes
from edge.engine.pipeline import Pipeline
from edge.errors import FileDamaged, FileUnsynced, GatewayError, StorageError
from edge.folding import fold
from edge.health import Health
from edge.model import Polled
from edge.readers.buffer import Batch, ReadBuffer
from edge.storage.damage import mark_damaged
from edge.storage.database import Database
from edge.storage.ledger import Ledger
from edge.storage.readers import Readers
from edge.tape import Tape
from edge.wire import ReaderStatus

COMMIT_S = 0.5  # a power cut takes no more than this from what the readers have said
RETRY_S = 2.0
CALM_S = 10.0  # the time of a reader's last read changes all the time, and is written so often
TRIM_EVERY_S = 10.0
EXIT_ALARM_S = 900.0
MAX_UNWRITTEN = 100_000  # events: some hours of a large store

_ALARM = "storage"
_Write = Callable[[], None]


class Order(Protocol):
    """Something that the engine is told from outside, and what is kept of it.

    `decide` is called first, and may tell the engine; if it raises GatewayError nothing was told,
    and nothing is kept.  `write` is called in the transaction that holds what came of it, and again
    if that fails: what was decided stays decided.
    """

    def decide(self, pipeline: Pipeline) -> None: ...
    def write(self) -> None: ...


@dataclass(frozen=True, slots=True)
class _Request:
    write: _Write
    future: Future[None]
    order: Order | None = None


class Recorder:
    """run() belongs to the engine's thread, ask() to any other."""

    def __init__(  # noqa: PLR0913 the parts that it joins
        self,
        db: Database,
        pipeline: Pipeline,
        buffer: ReadBuffer,
        health: Health,
        clock: Clock,
        *,
        docks: Collection[str] = (),
    ) -> None:
        self._db, self._ledger, self._readers = db, Ledger(db, docks), Readers(db)
        self._pipeline, self._buffer, self._health = pipeline, buffer, health
        self._clock = clock
        self.tape = Tape()  # hears all that the engine hears
        self._requests: queue.Queue[_Request] = queue.Queue(64)
        self._unwritten = Changes(at_us=None)
        self._undone: list[_Write] = []  # of orders that are decided
        self._is_failing = False
        self._written_readers: list[ReaderStatus] = []
        self._due_s = self._calm_due_s = self._trim_due_s = 0.0
        self._exit_alarms: dict[str, float] = {}  # until when, by exit
        self._unheard: Counter[str] = Counter()  # reads let go while too much was unwritten

    def muted(self) -> Mapping[str, float]:
        """Give the zones that are muted, each with the seconds that are left; for any thread."""
        return self._pipeline.muted()

    def ask(self, write: _Write) -> Future[None]:
        """Have `write` done in the next group; the future is done once that is committed.

        It fails with StorageError if it cannot be committed, and may be asked again.
        """
        return self._queue(_Request(write, Future()))

    def order(self, order: Order) -> Future[None]:
        """Have something decided and kept; the future is done once both are committed.

        It fails with what `decide` raises, or with StorageError: then it may have been decided, and
        whoever asks again must be answered the same.  While the file cannot be written nothing is
        decided.
        """
        return self._queue(_Request(order.write, Future(), order))

    def _queue(self, request: _Request) -> Future[None]:
        try:
            self._requests.put_nowait(request)
        except queue.Full:
            request.future.set_exception(StorageError("too many writes wait for the file"))
        self._buffer.wake()
        return request.future

    def run(self, until: Callable[[], bool], committed: Callable[[], None]) -> None:
        """Record until told; then take what is there, write it, and return.

        `until` is asked about twice a second; `committed` hears of each commit with events, and
        so of changed stock.
        """
        while not until():
            wait_s = self._due_s - self._now_s()
            self._hear(self._buffer.take(min(max(wait_s, 0.0), COMMIT_S)))
            if not self._requests.empty() or self._now_s() >= self._due_s:
                self._record(committed)
            self._trim()
        self._hear(self._buffer.take(0))
        self._calm_due_s = 0.0
        self._record(committed)

    def _now_s(self) -> float:
        return self._clock.now().monotonic_s

    def _hear(self, batches: Iterable[Batch]) -> None:
        now_us = self._clock.now().utc_us
        for batch in batches:
            polled = batch.polled
            self._health.hear(batch.reader, polled, now_us)
            self.tape.hear(batch.reader, polled.reads)
            if len(self._unwritten.events) + len(self._unwritten.counts) >= MAX_UNWRITTEN:
                self._unheard[batch.reader] += len(polled.reads)
                polled = Polled(health=polled.health)
            self._pipeline.feed(batch.reader, polled)

    def _record(self, committed: Callable[[], None]) -> None:
        """Write what has been decided and asked for; keep it if that fails."""
        waiting = [self._requests.get_nowait() for _ in range(self._requests.qsize())]
        asked = [one for one in waiting if one.future.set_running_or_notify_cancel()]
        requests = [request for request in asked if self._is_decided(request)]
        self._pipeline.counting.pass_time(self._clock.now().utc_us)
        changes = self._pipeline.take()
        self._tell_of_exits(changes)
        self._unwritten = fold(self._unwritten, changes)
        self._due_s = self._now_s() + COMMIT_S
        if self._now_s() >= self._calm_due_s:
            self._count_dropped()
        readers = self._health.readers()
        if not (requests or self._is_urgent(readers) or self._now_s() >= self._calm_due_s):
            return
        try:
            self._write(requests, readers)
        except StorageError as error:
            self._fail(error, requests)
            return
        self._is_failing = False
        self._health.clear_alarm(_ALARM)
        has_events = bool(self._unwritten.events)
        self._unwritten, self._written_readers = Changes(at_us=None), readers
        self._undone.clear()
        self._calm_due_s = self._now_s() + CALM_S
        for request in requests:
            request.future.set_result(None)
        if has_events:
            committed()

    def _tell_of_exits(self, changes: Changes) -> None:
        """Raise the alarm for what went out in bulk; it ends by itself."""
        for found in changes.bulk_exits:
            seconds = max(1, (found.last_at_us - found.first_at_us) // 1_000_000)
            moment = dt.datetime.fromtimestamp(found.last_at_us // 1_000_000, dt.UTC)
            text = f"{found.items} items went out within {seconds} s, {moment:%H:%M:%S} UTC"
            self._health.raise_alarm(f"exit {found.zone}", text)
            self._exit_alarms[found.zone] = self._now_s() + EXIT_ALARM_S
        for zone in [zone for zone, end_s in self._exit_alarms.items() if end_s <= self._now_s()]:
            del self._exit_alarms[zone]
            self._health.clear_alarm(f"exit {zone}")

    def _is_decided(self, request: _Request) -> bool:
        """Have an order decided; tell whether there is something to write."""
        try:
            if request.order is not None:
                if self._is_failing:
                    raise StorageError(f"{self._db.path}: cannot be written at the moment")
                request.order.decide(self._pipeline)
        except GatewayError as error:
            request.future.set_exception(error)
            return False
        return True

    def _fail(self, error: StorageError, requests: Sequence[_Request]) -> None:
        """Tell whoever asked, and try again later; or raise it where that would be no use."""
        for request in requests:
            request.future.set_exception(error)
            if request.order is not None:
                self._undone.append(request.write)
        self._is_failing = True
        if isinstance(error, FileDamaged):
            mark_damaged(self._db.path)
        if isinstance(error, FileDamaged | FileUnsynced):
            raise error
        self._due_s = self._now_s() + RETRY_S
        self._health.raise_alarm(_ALARM, str(error))

    def _trim(self) -> None:
        if self._now_s() >= self._trim_due_s:
            self._trim_due_s = self._now_s() + TRIM_EVERY_S
            with suppress(StorageError):  # the next write will tell
                self._db.trim()

    def _count_dropped(self) -> None:
        for reader, reads in (self._unheard + Counter(self._buffer.dropped())).items():
            self._health.count_dropped(reader, reads)

    def _is_urgent(self, readers: Iterable[ReaderStatus]) -> bool:
        return (
            self._is_failing
            or not self._unwritten.is_empty()
            or _states(readers) != _states(self._written_readers)
        )

    def _write(self, requests: Sequence[_Request], readers: Sequence[ReaderStatus]) -> None:
        """Commit all of it, or raise StorageError and nothing of it is written."""
        is_same = self._unwritten.is_empty() and readers == self._written_readers
        if is_same and not (requests or self._undone):
            return
        with self._db.atomic():
            self._ledger.record(self._unwritten)
            self._readers.replace(readers)
            for write in [*self._undone, *(request.write for request in requests)]:
                write()


def _states(readers: Iterable[ReaderStatus]) -> list[tuple[str, bool, str]]:
    return [(reader.name, reader.up, reader.detail) for reader in readers]
