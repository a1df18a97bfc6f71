"""Stores whose counts change all the time: `python -m tests.support.busy_stores '{…}'`.

Each has a real SQLite file, a writer that commits its changes ten times a second, and the agent's
own sync over a real link.  At the end one line of JSON says how long changes took from their commit
to head office's word that the documents have them, and what that cost.
"""

import json
import queue
import random
import statistics
import sys
import threading
import time
from bisect import bisect_right
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import msgspec

from edge.clock import SystemClock
from edge.model import StockChange
from edge.mqtt import MqttClient, MqttSettings
from edge.storage.database import open_database
from edge.storage.stock import Stock
from edge.storage.sync import Sync
from edge.sync.loop import SyncLoop, subscriptions
from edge.sync.session import SyncSession, SyncSettings
from edge.sync_file import SyncFile
from edge.wire import Status

COMMIT_S = 0.1
END_S = 30.0
SKUS = 2000


class Load(msgspec.Struct, frozen=True):
    folder: str
    broker_port: int
    stores: int
    changes_a_second: int  # of each store
    seconds: float
    flush_s: float = 1.0


class CountedLink(MqttClient):
    """Counts the bytes of what is published."""

    sent_bytes = 0

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> bool:
        self.sent_bytes += len(payload)
        return super().publish(topic, payload, retain=retain)


class BusyStore:
    def __init__(self, load: Load, number: int) -> None:
        self.store_id = f"busy-{number:02d}"
        self.delays_s: list[float] = []
        self.changes = 0
        self._load, self._path = load, Path(load.folder) / f"{self.store_id}.db"
        self._random = random.Random(number)  # noqa: S311  (the same each time)
        self._asked: queue.Queue[tuple[Callable[[], None], Future[None]]] = queue.Queue()
        self._vers: list[int] = []  # the last one of each commit
        self._times_s: list[float] = []
        self._seen = self.acked = 0
        self._stop = threading.Event()
        self._is_made, self._is_looped = threading.Event(), threading.Event()
        settings = MqttSettings("127.0.0.1", self.store_id, load.broker_port)
        self.link = CountedLink(settings, subscriptions(self.store_id))
        self._threads = [threading.Thread(target=self._write), threading.Thread(target=self._sync)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        self.link.inbox.wake()
        for thread in reversed(self._threads):
            thread.join(END_S)

    @property
    def is_done(self) -> bool:
        return bool(self._vers) and self.acked >= self._vers[-1]

    def _write(self) -> None:
        with open_database(self._path) as db:
            self._sync_table = Sync(db)
            self.state = self._sync_table.begin()
            self._is_made.set()
            self._is_looped.wait(END_S)
            stock, each = Stock(db), self._load.changes_a_second * COMMIT_S
            began_s = time.monotonic()
            until_s, due_s = began_s + self._load.seconds, began_s
            while not self._stop.is_set():
                now_s = time.monotonic()
                if now_s >= due_s and now_s < until_s:
                    due_s += COMMIT_S
                    gtins = [f"{self._random.randrange(SKUS):014d}" for _ in range(int(each))]
                    with db.atomic():
                        changes = [StockChange(gtin, "floor", 1) for gtin in gtins]
                        first = self._sync_table.take_vers(len(set(gtins)))
                        stock.apply(changes, first)
                    self._times_s.append(time.monotonic())
                    self._vers.append(first + len(set(gtins)) - 1)
                    self.changes += len(set(gtins))
                    self._loop.notify()
                self._serve(max(0.0, min(due_s - time.monotonic(), COMMIT_S)))

    def _serve(self, wait_s: float) -> None:
        try:
            write, future = self._asked.get(timeout=wait_s or 0.001)
        except queue.Empty:
            return
        write()
        future.set_result(None)

    def _ask(self, write: Callable[[], None]) -> Future[None]:
        future: Future[None] = Future()
        self._asked.put((write, future))
        return future

    def _sync(self) -> None:
        self._is_made.wait(END_S)
        settings = SyncSettings(flush_s=self._load.flush_s)
        session = SyncSession(self.state, self.store_id, "b1", settings, random.random)
        file = _Noting(self)
        self._loop = SyncLoop(session, file, self.link, SystemClock(), _no_status)
        self._is_looped.set()
        self.link.start()
        self._loop.run(self._stop)
        self.link.stop()
        file.close()

    def note_acked(self, ver: int) -> None:
        """Hear that head office has all up to `ver`."""
        now_s, self.acked = time.monotonic(), ver
        upto = bisect_right(self._vers, ver)
        self.delays_s += [now_s - at_s for at_s in self._times_s[self._seen : upto]]
        self._seen = max(self._seen, upto)


class _Noting(SyncFile):
    def __init__(self, store: BusyStore) -> None:
        super().__init__(store._path, store._sync_table, store._ask)  # noqa: SLF001  (its own half)
        self._store = store

    def save_acked(self, ver: int) -> None:
        self._store.note_acked(ver)
        super().save_acked(ver)


def _no_status() -> Status:
    return Status("", 0, "", online=True)


def main(load: Load) -> None:
    stores = [BusyStore(load, number) for number in range(load.stores)]
    cpu_s, began_s = time.process_time(), time.monotonic()
    for store in stores:
        store.start()
    time.sleep(load.seconds)
    deadline_s = time.monotonic() + END_S
    while not all(store.is_done for store in stores) and time.monotonic() < deadline_s:
        time.sleep(0.05)
    took_s = time.monotonic() - began_s
    delays_s = sorted(delay_s for store in stores for delay_s in store.delays_s)
    changes = sum(store.changes for store in stores)
    told = {
        "p50_s": statistics.median(delays_s),
        "p99_s": delays_s[int(0.99 * (len(delays_s) - 1))],
        "changes": changes,
        "seconds": took_s,
        "is_done": all(store.is_done for store in stores),
        "cpu_us": 1e6 * (time.process_time() - cpu_s) / changes,
        "bytes": sum(store.link.sent_bytes for store in stores),
    }
    for store in stores:
        store.stop()
    sys.stdout.write(f"{json.dumps(told)}\n")


if __name__ == "__main__":
    main(msgspec.json.decode(sys.argv[1], type=Load))
