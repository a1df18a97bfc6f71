"""The bridge: messages from the broker to workers, and answers back.

A store's messages are served one at a time and in order, by whichever worker is free: a slow or
broken store holds up one worker and no other store (`cloud.bridge.queues`).  Every queue is
bounded; what finds one full is counted and dropped.  Nobody is answered before the documents have
it (`cloud.bridge.writer`), and who hears no answer says it again.  What cannot be read is kept as a
dead letter, and its sender is told so if it can be told from it at all.
"""

import logging
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from cloud.bridge.counts import Counts
from cloud.bridge.known import KnownStores
from cloud.bridge.limits import NO_LIMITS, Limits, Ramp
from cloud.bridge.metered import MeteredDocuments
from cloud.bridge.metrics import Meters
from cloud.bridge.queues import StoreQueues
from cloud.bridge.sessions import CountWriter
from cloud.bridge.statuses import StatusWriter
from cloud.bridge.writer import StoreWriter
from cloud.documents.interface import Documents
from edge.clock import Clock
from edge.envelope import envelope
from edge.errors import BrokerError, DocumentsError, ProtocolError
from edge.mqtt import Mqtt, Received
from edge.wire import (
    Answer,
    Channel,
    Delta,
    Digest,
    Events,
    Hello,
    Message,
    Outcome,
    Status,
    Upward,
    decode,
    encode,
    parse_topic,
    topic,
)
from edge.wire_counts import CountNoted, CountReport

SHARED_GROUP = "bridge"
WAIT_S = 0.25  # how soon a thread sees that it is to stop
RETRY_S = 5.0  # of what nobody will say again
STOP_S = 20.0  # for what is being committed: longer than a document database's own timeout
MAX_LETTERS = 100  # unreadable messages of one store that are kept in an hour
LETTERS_S = 3600.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BridgeSettings:
    workers: int = 16  # they mostly wait for the documents
    queue_size: int = 50  # messages that wait of one store; an agent has one in flight
    store_every_s: float = 15.0  # a store's own document is not written more often
    limits: Limits = field(default_factory=lambda: NO_LIMITS)


def subscriptions() -> list[str]:
    """Give what a bridge's link must subscribe.

    Bridges share what comes up; each hears all statuses, as shared subscriptions get no kept ones.
    """
    return [f"$share/{SHARED_GROUP}/{topic('+', Channel.UP)}", topic("+", Channel.STATUS)]


@dataclass(frozen=True, slots=True)
class _Said:
    """What has come from a store."""

    channel: Channel
    received: Received
    received_at_us: int
    received_s: float


@dataclass(frozen=True, slots=True)
class _Sweep:
    after: str  # the id of the last document looked at


@dataclass(frozen=True, slots=True)
class _Goodbye:
    """One that could not be written is to be tried again."""


_Job = _Said | _Sweep | _Goodbye


class Bridge:
    """`run` serves; the one who made `mqtt` with `subscriptions()` starts and stops it."""

    def __init__(
        self, documents: Documents, mqtt: Mqtt, settings: BridgeSettings, clock: Clock
    ) -> None:
        self.meters = Meters(self)
        self._mqtt, self._clock, self._settings = mqtt, clock, settings
        self._counts = Counts()
        self._queues: StoreQueues[_Job] = StoreQueues(settings.queue_size, self._now_s)
        self._done = threading.Event()
        ramp = Ramp(settings.limits, time.monotonic, self._done.wait)
        metered = MeteredDocuments(documents, ramp, self._counts, self.meters.commit.observe)
        stores, every_s = KnownStores(metered), settings.store_every_s
        self._writer = StoreWriter(metered, clock, stores, self._counts, every_s)
        self._sessions = CountWriter(metered, stores, self._counts)
        self._statuses = StatusWriter(metered, clock, stores, self._counts, every_s)
        self._letters: Counter[str] = Counter()  # by store, in this hour
        self._letters_until_s = float("-inf")
        self._threads = [
            threading.Thread(target=self._work, name=f"bridge-{index}", daemon=True)
            for index in range(settings.workers)
        ]

    def counters(self) -> Counter[str]:
        """Count since the start: an outcome each, and what else became of messages."""
        total = self._counts.so_far()
        total["inbox_drops"] = self._mqtt.inbox.dropped
        return total

    def queue_lengths(self) -> tuple[int, int]:
        """Give how many messages wait, and the most of one store."""
        return self._queues.lengths()

    @property
    def is_well(self) -> bool:
        """Whether all threads live and the broker's link is open."""
        threads = self._mqtt.is_alive and all(thread.is_alive() for thread in self._threads)
        return threads and self._mqtt.is_open

    def run(self, stop: threading.Event) -> None:
        """Serve until `stop` is set; raise BrokerError if a thread it needs has died.

        What is being committed is waited for, STOP_S at most; the broker has given the rest to
        this bridge alone, and the stores will say it again.
        """
        for thread in self._threads:
            thread.start()
        try:
            while not stop.is_set():
                event = self._mqtt.inbox.get(WAIT_S)
                if isinstance(event, Received):
                    self._dispatch(event)
                if not self._mqtt.is_alive or not all(t.is_alive() for t in self._threads):
                    raise BrokerError("a thread of the bridge has ended")
        finally:
            self._finish()

    def _finish(self) -> None:
        self._done.set()
        deadline_s = time.monotonic() + STOP_S
        for thread in self._threads:
            thread.join(max(0.0, deadline_s - time.monotonic()))
        late = sum(thread.is_alive() for thread in self._threads)
        if late:
            _log.warning("bridge leaves %d commits without waiting for their outcome", late)

    def _dispatch(self, received: Received) -> None:
        try:
            store_id, channel = parse_topic(received.topic)
        except ProtocolError as error:
            self._counts.add("refused")
            _log.warning("bridge %s", error)
            return
        now = self._clock.now()
        if not self._queues.put(store_id, _Said(channel, received, now.utc_us, time.monotonic())):
            self._counts.add("queue_drops")

    # A worker.

    def _work(self) -> None:
        try:
            while not self._done.is_set():
                taken = self._queues.take(WAIT_S)
                if taken is not None:
                    self._handle(*taken)
        except Exception:
            _log.exception("bridge worker ends")
            raise

    def _handle(self, store_id: str, job: _Job) -> None:
        pause_s = 0.0
        try:
            match job:
                case _Said():
                    pause_s = self._serve(store_id, job)
                case _Sweep(after):
                    self._sweep(store_id, after)
                case _Goodbye() if self._statuses.retry_goodbye(store_id):
                    self._queues.put_later(store_id, _Goodbye(), RETRY_S)
        except DocumentsError as error:
            self._counts.add("documents_failed")
            self._writer.forget_sweep(store_id)
            if self._statuses.has_goodbye(store_id):
                self._queues.put_later(store_id, _Goodbye(), RETRY_S)
            _log.warning("bridge store=%s documents: %s", store_id, error)
        self._queues.done(store_id, pause_s)

    def _serve(self, store_id: str, job: _Said) -> float:
        """Serve a message; give how long the store's next one must wait."""
        try:
            message = _message_of(store_id, job)
        except ProtocolError as error:
            self._refuse(store_id, job, str(error)[:200])
            return 0.0
        if isinstance(message, Status):
            kept = job.received.retained
            self._statuses.tell(message, job.received_at_us, is_kept=kept)
            return 0.0
        if isinstance(message, CountReport):
            self._answer(store_id, self._sessions.apply(message, job.received_at_us))
            return 0.0
        reply = self._writer.apply(message, job.received_at_us)
        self._answer(store_id, reply)
        self.meters.message.observe(time.monotonic() - job.received_s)
        if isinstance(message, Hello):
            self._look_at_rival(message, reply)
        if self._writer.is_sweep_due(store_id):
            self._queues.put_later(store_id, _Sweep(""), 0.0)
        is_moved = reply.outcome is Outcome.APPLIED
        return self._settings.limits.cursor_every_s if is_moved else 0.0

    def _answer(self, store_id: str, reply: Answer | CountNoted) -> None:
        self._mqtt.publish(topic(store_id, Channel.ACK), encode(reply))

    def _look_at_rival(self, hello: Hello, reply: Answer) -> None:
        is_rejected = reply.outcome in {Outcome.STALE, Outcome.TWIN}
        if is_rejected and hello.device and reply.device not in ("", hello.device):
            self._statuses.tell_rival(hello)

    def _sweep(self, store_id: str, after: str) -> None:
        """Look at one page; the store's own messages go between it and the next."""
        then = self._writer.sweep(store_id, after)
        if then is not None:
            self._queues.put_later(store_id, _Sweep(then), 0.0)

    def _refuse(self, store_id: str, job: _Said, reason: str) -> None:
        """Keep what cannot be read, unless its sender can still halve it, and say so."""
        self._counts.add("refused")
        _log.warning("bridge store=%s message refused: %s", store_id, reason)
        payload, found = job.received.payload, None
        if job.channel is Channel.UP:
            found = envelope(payload)
        is_known = found is not None and found.store == store_id
        if not (found and is_known and len(found.gtins) > 1) and self._may_keep_letter(store_id):
            self._writer.refuse(store_id, payload, reason, job.received_at_us)
        if found and is_known:
            facts = (store_id, found.term, found.boot, Outcome.REFUSED, 0, 0)
            self._answer(store_id, Answer(*facts, for_number=found.number, reason=reason))

    def _may_keep_letter(self, store_id: str) -> bool:
        """Whether this store has not sent too many of them: noise shall not fill the documents."""
        now_s = self._now_s()
        if now_s >= self._letters_until_s:
            self._letters_until_s = now_s + LETTERS_S
            self._letters.clear()
        self._letters[store_id] += 1
        is_few = self._letters[store_id] <= MAX_LETTERS
        self._counts.add("letters_dropped", not is_few)
        return is_few

    def _now_s(self) -> float:
        return self._clock.now().monotonic_s


def _message_of(store_id: str, job: _Said) -> Upward | CountReport | Status:
    message: Message = decode(job.received.payload)
    if message.store != store_id:
        raise ProtocolError(f"message names store {message.store!r}")
    match job.channel, message:
        case Channel.UP, Hello() | Delta() | Digest() | Events() | CountReport():
            return message
        case Channel.STATUS, Status():
            return message
    raise ProtocolError(f"{type(message).__name__} has no place on {job.channel}")
