"""Joins session, storage and network: the one thread of the agent's sync.

The session decides; this loop only does what it says and tells it what has happened.  Nothing is
said of a term that is not on the disk, and when the file cannot be read or written nothing is sent
until it can.  Every wait ends within a second, so that a stop is seen.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Protocol

import msgspec

from edge.clock import Clock
from edge.errors import BrokerError, ProtocolError, StorageError
from edge.model import PendingRows
from edge.mqtt import Connected, LastWill, Lost, Mqtt, Received
from edge.sync.session import Act, Fetch, Reconnect, Renew, Save, Say, SyncSession
from edge.wire import MAX_ROWS, Answer, Channel, Delta, Hello, Status, decode, encode, topic

STATUS_EVERY_S = 10.0
LOOK_EVERY_S = 1.0  # whether a reader's state has changed

_log = logging.getLogger(__name__)


class SyncStore(Protocol):
    """The file, as the sync sees it; each call raises StorageError when it cannot be done.

    The writing calls return when the engine's thread has committed.
    """

    def pending(self, acked: int, limit: int) -> PendingRows:
        """Read, in one transaction, the `limit` oldest changes above `acked`."""
        ...

    def save_answered(self) -> None:
        """Note that the hello of the present term was answered."""
        ...

    def save_acked(self, ver: int) -> None: ...

    def renew(self, term: int) -> None:
        """Begin `term`, with acked = 0 and no hello answered."""
        ...


def subscriptions(store_id: str) -> list[str]:
    """Give what an agent's link must subscribe."""
    return [topic(store_id, Channel.ACK)]


def last_will(session: SyncSession) -> LastWill:
    """Give what the broker shall say when this life's link breaks."""
    status = Status(session.store_id, session.term, session.boot, online=False)
    return LastWill(topic(session.store_id, Channel.STATUS), encode(status))


class SyncLoop:
    """`status` gives what the agent knows of itself; store, term, boot and online are set here.

    It is called about once a second by the loop's thread.
    """

    def __init__(
        self,
        session: SyncSession,
        store: SyncStore,
        mqtt: Mqtt,
        clock: Clock,
        status: Callable[[], Status],
    ) -> None:
        self.refused_messages = 0
        self._session, self._store, self._mqtt = session, store, mqtt
        self._clock, self._status = clock, status
        self._notified = threading.Event()
        self._is_connected = False
        self._row_limit = MAX_ROWS
        self._look_s = self._status_s = 0.0
        self._told_readers: list[tuple[str, bool, str]] = []

    def notify(self) -> None:
        """Hear, from any thread, that something was committed, or that a stop was set."""
        self._notified.set()
        self._mqtt.inbox.wake()

    def run(self, stop: threading.Event) -> None:
        """Serve until `stop` is set, then say goodbye; raise BrokerError if the network died."""
        while not stop.is_set():
            if not self._mqtt.is_alive:
                raise BrokerError("the thread that serves the broker's link has ended")
            event = self._mqtt.inbox.get(self._wait_s())
            self._take(event)
            if self._notified.is_set():
                self._notified.clear()
                self._session.notified(self._now_s())
            self._do_all(self._session.timer(self._now_s()))
            self._look_after_status()
        if self._is_connected:
            self._tell_status(self._status(), online=False)

    def _now_s(self) -> float:
        return self._clock.now().monotonic_s

    def _wait_s(self) -> float:
        wake_s = self._session.wake_s
        left_s = LOOK_EVERY_S if wake_s is None else wake_s - self._now_s()
        return min(max(left_s, 0.0), LOOK_EVERY_S)

    def _take(self, event: Connected | Lost | Received | None) -> None:
        match event:
            case Connected():
                self._is_connected, self._look_s, self._status_s = True, 0.0, 0.0
                self._do_all(self._session.connected(self._now_s()))
            case Lost():
                self._is_connected = False
                self._do_all(self._session.lost(self._now_s()))
            case Received():
                self._hear(event)

    def _hear(self, received: Received) -> None:
        try:
            message = decode(received.payload)
        except ProtocolError as error:
            self.refused_messages += 1
            _log.warning("sync topic=%s %s", received.topic, error)
            return
        if not isinstance(message, Answer):
            self.refused_messages += 1
            return
        contests = self._session.counters.contests
        self._do_all(self._session.heard(message, self._now_s()))
        if self._session.counters.contests > contests:
            _log.warning(
                "sync store=%s another agent uses this store's identity; waiting before"
                " all rows are sent again",
                message.store,
            )

    # What the session asks for.

    def _do_all(self, acts: list[Act]) -> None:
        """Do the acts and those that follow from them; at a failure of the file drop the rest."""
        left = deque(acts)
        while left:
            try:
                left.extend(self._do(left.popleft()))
            except StorageError as error:
                _log.warning("sync store=%s waits: %s", self._session.store_id, error)
                left = deque(self._session.failed(self._now_s()))

    def _do(self, act: Act) -> list[Act]:
        match act:
            case Say(message):
                self._say(message)
            case Fetch(acked):
                limit = self._row_limit
                pending = self._store.pending(acked, limit)
                more = len(pending.rows) >= limit
                return self._session.filled(pending, self._now_s(), more=more)
            case Save(acked, answered):
                if answered:
                    self._store.save_answered()
                self._store.save_acked(acked)
            case Renew(term):
                return self._renew(term)
            case Reconnect(reason):
                self._mqtt.reconnect(reason)
        return []

    def _renew(self, term: int) -> list[Act]:
        _log.warning(
            "sync store=%s term %d: head office knows what this database does not (an old copy was"
            " restored, or another agent uses this identity); all rows are sent again",
            self._session.store_id,
            term,
        )
        self._store.renew(term)
        return self._session.renewed(self._now_s())

    def _say(self, message: Hello | Delta) -> None:
        payload = encode(message)
        if len(payload) > self._mqtt.max_payload and isinstance(message, Delta):
            rows = len(message.gtins)
            self._row_limit = max(1, rows * self._mqtt.max_payload // (2 * len(payload)))
            _log.warning(
                "sync store=%s a delta of %d bytes is above the broker's %d; now %d rows each",
                message.store,
                len(payload),
                self._mqtt.max_payload,
                self._row_limit,
            )
            return
        self._mqtt.publish(topic(self._session.store_id, Channel.UP), payload)

    # What the store says of itself.

    def _look_after_status(self) -> None:
        now_s = self._now_s()
        if not self._is_connected or now_s < self._look_s:
            return
        self._look_s = now_s + LOOK_EVERY_S
        status = self._status()
        readers = [(reader.name, reader.up, reader.detail) for reader in status.readers]
        if now_s >= self._status_s or readers != self._told_readers:
            self._status_s, self._told_readers = now_s + STATUS_EVERY_S, readers
            self._tell_status(status, online=True)

    def _tell_status(self, status: Status, *, online: bool) -> None:
        session = self._session
        told = msgspec.structs.replace(
            status, store=session.store_id, term=session.term, boot=session.boot, online=online
        )
        self._mqtt.publish(topic(told.store, Channel.STATUS), encode(told), retain=True)
