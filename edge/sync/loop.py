"""Joins session, storage and network: the one thread of the agent's sync.

The session decides; this loop only does what it says and tells it what has happened.  Nothing is
said of a term that is not on the disk, and when the file cannot be read or written nothing is sent
until it can.  Every wait ends within a second, so that a stop is seen.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import msgspec

from edge.clock import Clock
from edge.errors import BrokerError, ProtocolError, StorageError
from edge.model import LeftOut, NumberedEvent, PendingRows, ShardRows
from edge.mqtt import Connected, LastWill, Lost, Mqtt, Received
from edge.sync.ahead import ReadAhead
from edge.sync.count_talk import CountTalk
from edge.sync.rebuild import Rebuild
from edge.sync.session import (
    Act,
    Fetch,
    LeaveOut,
    Pick,
    Reconnect,
    Renew,
    Save,
    SaveTold,
    Say,
    Sum,
    SyncSession,
    Touch,
)
from edge.sync.troubles import alarm
from edge.wire import (
    Answer,
    Channel,
    Command,
    Hello,
    Status,
    Upward,
    Wish,
    decode,
    encode,
    topic,
)
from edge.wire_counts import CountNoted, CountWish

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

    def leave_out(self, row: LeftOut) -> None:
        """Note a row that is not to be sent before it changes."""
        ...

    def sum_shard(self, shard: int, acked: int) -> ShardRows: ...

    def touch(self, shard: int | None) -> None:
        """Give all rows of the shard, or of the file, new vers."""
        ...

    def pick(self, after: int, upto: int, limit: int) -> list[NumberedEvent]: ...

    def save_told(self, number: int) -> None: ...

    def set_rebuilt(self) -> None:
        """Note that the file knows what is in the store."""
        ...


def subscriptions(store_id: str) -> list[str]:
    """Give what an agent's link must subscribe."""
    return [topic(store_id, Channel.ACK), topic(store_id, Channel.COMMAND)]


def last_will(session: SyncSession) -> LastWill:
    """Give what the broker shall say when this life's link breaks."""
    status = Status(session.store_id, session.term, session.boot, online=False)
    return LastWill(topic(session.store_id, Channel.STATUS), encode(status))


class SyncLoop:
    """`status` gives what the agent knows of itself; store, term, boot and online are set here.

    It is called about once a second by the loop's thread.  `rebuild` tells when a file that is new
    knows the store; `counts` talks of count sessions.
    """

    def __init__(  # noqa: PLR0913, PLR0917  (the parts that it joins)
        self,
        session: SyncSession,
        store: SyncStore,
        mqtt: Mqtt,
        clock: Clock,
        status: Callable[[], Status],
        rebuild: Rebuild | None = None,
        counts: CountTalk | None = None,
    ) -> None:
        self.refused_messages = 0
        self._session, self._store, self._mqtt = session, store, mqtt
        self._clock, self._status, self._rebuild = clock, status, rebuild
        self._ahead = ReadAhead(store.pending, self._now_s)
        self._counts = counts
        self._notified = threading.Event()
        self._is_connected = False
        self._heard_command = ""
        self._look_s = self._status_s = 0.0
        self._told: list[object] = []
        self._alarms: list[str] = []  # of the talk with head office

    def notify(self) -> None:
        """Hear, from any thread, that something was committed, or that a stop was set."""
        self._notified.set()
        self._mqtt.inbox.wake()

    def run(self, stop: threading.Event) -> None:
        """Serve until `stop` is set, then say goodbye; raise BrokerError if the network died."""
        while not stop.is_set():
            if not self._mqtt.is_alive:
                raise BrokerError("the thread that serves the broker's link has ended")
            self._ahead.look()
            event = self._mqtt.inbox.get(self._wait_s())
            if self._notified.is_set():
                self._notified.clear()
                self._ahead.forget()
                self._session.notified(self._now_s())
            self._take(event)
            self._do_all(self._session.timer(self._now_s()))
            if self._counts:
                self._counts.look(self._session, self._mqtt, self._now_s())
            self._look_after_rebuild()
            self._look_after_trouble()
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
        match message:
            case Answer():
                self._do_all(self._session.heard(message, self._now_s()))
            case CountNoted() if self._counts:
                self._counts.heard(self._session, message, self._now_s())
            case Command() if message.store == self._session.store_id:
                self._obey(message)
            case _:
                self.refused_messages += 1

    def _obey(self, command: Command) -> None:
        """Take a command as often as it comes; do it once, and if it is for this device."""
        is_ours = self._session.device.startswith(command.device)
        if command.id == self._heard_command or not is_ours:
            return
        if command.wish is Wish.TAKEOVER and not command.device:
            self.refused_messages += 1
            return
        _log.warning("sync store=%s head office says %s", command.store, command.wish)
        self._heard_command, self._status_s, self._look_s = command.id, 0.0, 0.0
        if self._counts and isinstance(command.count, CountWish):
            self._counts.obey(self._session, command.count)
        elif command.wish is not Wish.COUNT:
            self._session.wish(command.wish, self._now_s())

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
                return self._say(message)
            case Fetch(acked, limit):
                pending = self._ahead.pending(acked, limit)
                more = pending.to_ver < pending.at_ver
                return self._session.filled(pending, self._now_s(), more=more)
            case Save(acked, answered):
                if answered:
                    self._store.save_answered()
                self._store.save_acked(acked)
            case SaveTold(number):
                self._store.save_told(number)
            case Renew(term):
                return self._renew(term)
            case LeaveOut(row):
                return self._leave_out(row)
            case Reconnect(reason):
                self._mqtt.reconnect(reason)
            case _:
                return self._do_rarely(act)
        return []

    def _do_rarely(self, act: Sum | Touch | Pick) -> list[Act]:
        match act:
            case Sum(shard, acked):
                return self._session.summed(self._store.sum_shard(shard, acked), self._now_s())
            case Touch(shard):
                self._store.touch(shard)
                what = "all rows are" if shard is None else f"shard {shard} is"
                _log.warning("sync store=%s %s sent again", self._session.store_id, what)
                return self._session.touched(self._now_s())
            case Pick(after, upto, limit):
                return self._session.picked(self._store.pick(after, upto, limit), self._now_s())

    def _renew(self, term: int) -> list[Act]:
        _log.warning(
            "sync store=%s term %d: head office knows what this database does not (an old copy was"
            " restored, or another agent uses this identity); all rows are sent again",
            self._session.store_id,
            term,
        )
        self._store.renew(term)
        return self._session.renewed(self._now_s())

    def _leave_out(self, row: LeftOut) -> list[Act]:
        store_id = self._session.store_id
        _log.error("sync store=%s GTIN %s is left out: %s", store_id, row.gtin, row.reason)
        self._store.leave_out(row)
        return self._session.left_out(self._now_s())

    def _say(self, message: Upward) -> list[Act]:
        payload, most = encode(message), self._mqtt.max_payload
        if len(payload) > most and not isinstance(message, Hello):
            reason = f"message of {len(payload)} bytes, the broker takes {most}"
            _log.warning("sync store=%s %s", self._session.store_id, reason)
            return self._session.unsayable(reason, self._now_s())
        self._mqtt.publish(topic(self._session.store_id, Channel.UP), payload)
        return []

    # What the store says of itself.

    def _look_after_rebuild(self) -> None:
        now_s = self._now_s()
        if not (self._rebuild and self._session.is_rebuilding and self._rebuild.is_over(now_s)):
            return
        with suppress(StorageError):  # asked again within a second
            self._store.set_rebuilt()
            _log.warning("sync store=%s the file is rebuilt", self._session.store_id)
            self._session.rebuilt(now_s)

    def _look_after_trouble(self) -> None:
        """Have the log say what a person must decide, once; head office hears it in the status."""
        session = self._session
        alarms = alarm(session.trouble, session.owner, session.reason)
        if alarms != self._alarms:
            self._alarms = alarms
            for text in alarms or ["sync: in order again"]:
                _log.warning("store=%s %s", session.store_id, text)

    def _look_after_status(self) -> None:
        now_s = self._now_s()
        if not self._is_connected or now_s < self._look_s:
            return
        self._look_s = now_s + LOOK_EVERY_S
        status = self._status()
        readers = [(reader.name, reader.up, reader.detail) for reader in status.readers]
        told: list[object] = [*readers, self._session.trouble, status.present > 0]
        if now_s >= self._status_s or told != self._told:
            self._status_s, self._told = now_s + STATUS_EVERY_S, told
            self._tell_status(status, online=True)

    def _tell_status(self, status: Status, *, online: bool) -> None:
        session = self._session
        told = msgspec.structs.replace(
            status,
            store=session.store_id,
            term=session.term,
            boot=session.boot,
            online=online,
            alarms=[*status.alarms, *self._alarms],
            device=session.device,
            trouble=session.trouble,
            heard=self._heard_command,
        )
        self._mqtt.publish(topic(told.store, Channel.STATUS), encode(told), retain=True)
