"""The bridge: messages from the broker to workers, and answers back.

A store always goes to the same worker, so its messages stay in order, and a slow or broken store
holds up none but its worker's.  Every queue is bounded; what finds one full is counted and dropped.
Nobody is answered before the documents have it (`cloud.bridge.writer`), and who hears no answer
says it again.
"""

import logging
import queue
import threading
import zlib
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass

from cloud.bridge.writer import StoreWriter
from cloud.documents.interface import Documents
from edge.clock import Clock
from edge.errors import BrokerError, DocumentsError, ProtocolError
from edge.mqtt import Mqtt, Received
from edge.wire import (
    Channel,
    Delta,
    Hello,
    Message,
    Status,
    decode,
    encode,
    parse_topic,
    topic,
)

SHARED_GROUP = "bridge"
WAIT_S = 0.25  # how soon a thread sees that it is to stop

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BridgeSettings:
    workers: int = 16  # they mostly wait for the documents
    queue_size: int = 500  # messages that wait for one worker
    store_every_s: float = 15.0  # a store's own document is not written more often


def subscriptions() -> list[str]:
    """Give what a bridge's link must subscribe.

    Bridges share what comes up; each hears all statuses, as shared subscriptions get no kept ones.
    """
    return [f"$share/{SHARED_GROUP}/{topic('+', Channel.UP)}", topic("+", Channel.STATUS)]


class Bridge:
    """`run` serves; the one who made `mqtt` with `subscriptions()` starts and stops it."""

    def __init__(
        self, documents: Documents, mqtt: Mqtt, settings: BridgeSettings, clock: Clock
    ) -> None:
        self._mqtt, self._clock = mqtt, clock
        self._counters: Counter[str] = Counter()  # the dispatcher's own
        self._workers = [
            _Worker(
                StoreWriter(documents, clock, settings.store_every_s), mqtt, settings.queue_size
            )
            for _ in range(settings.workers)
        ]

    def counters(self) -> Counter[str]:
        """Count since the start: an outcome each, and what else became of messages."""
        total = self._counters.copy()
        total["inbox_drops"] = self._mqtt.inbox.dropped
        for worker in self._workers:
            total.update(worker.counters.copy())
            total.update(worker.writer.counters.copy())
        return total

    def run(self, stop: threading.Event) -> None:
        """Serve until `stop` is set; raise BrokerError if a thread it needs has died."""
        done = threading.Event()
        threads = [
            threading.Thread(target=worker.run, args=[done], name=f"bridge-{index}", daemon=True)
            for index, worker in enumerate(self._workers)
        ]
        for thread in threads:
            thread.start()
        try:
            while not stop.is_set():
                event = self._mqtt.inbox.get(WAIT_S)
                if isinstance(event, Received):
                    self._dispatch(event)
                if not self._mqtt.is_alive or not all(thread.is_alive() for thread in threads):
                    raise BrokerError("a thread of the bridge has ended")
        finally:
            done.set()
            for thread in threads:
                thread.join(5.0)

    def _dispatch(self, received: Received) -> None:
        try:
            store_id, channel = parse_topic(received.topic)
        except ProtocolError as error:
            self._counters["refused"] += 1
            _log.warning("bridge %s", error)
            return
        worker = self._workers[zlib.crc32(store_id.encode()) % len(self._workers)]
        job = _Job(store_id, channel, received, self._clock.now().utc_us)
        try:
            worker.jobs.put_nowait(job)
        except queue.Full:
            self._counters["queue_drops"] += 1


@dataclass(frozen=True, slots=True)
class _Job:
    store_id: str
    channel: Channel
    received: Received
    received_at_us: int


class _Worker:
    """One thread with its stores and their messages."""

    def __init__(self, writer: StoreWriter, mqtt: Mqtt, queue_size: int) -> None:
        self.writer = writer
        self.counters: Counter[str] = Counter()
        self.jobs: queue.Queue[_Job] = queue.Queue(queue_size)
        self._mqtt = mqtt

    def run(self, done: threading.Event) -> None:
        try:
            while not done.is_set():
                with suppress(queue.Empty):
                    self._handle(self.jobs.get(timeout=WAIT_S))
                self.writer.retry_goodbyes()
        except Exception:
            _log.exception("bridge worker ends")
            raise

    def _handle(self, job: _Job) -> None:
        try:
            self._serve(job, _message_of(job))
        except ProtocolError as error:
            self.counters["refused"] += 1
            _log.warning("bridge store=%s message refused: %s", job.store_id, error)
        except DocumentsError as error:
            self.counters["documents_failed"] += 1
            _log.warning("bridge store=%s documents: %s", job.store_id, error)

    def _serve(self, job: _Job, message: Message) -> None:
        match job.channel, message:
            case Channel.UP, Hello() | Delta():
                reply = self.writer.apply(message, job.received_at_us)
                self._mqtt.publish(topic(job.store_id, Channel.ACK), encode(reply))
            case Channel.STATUS, Status():
                kept = job.received.retained
                self.writer.tell_status(message, job.received_at_us, is_kept=kept)
            case _:
                raise ProtocolError(f"{type(message).__name__} has no place on {job.channel}")


def _message_of(job: _Job) -> Message:
    message = decode(job.received.payload)
    if message.store != job.store_id:
        raise ProtocolError(f"message names store {message.store!r}")
    return message
