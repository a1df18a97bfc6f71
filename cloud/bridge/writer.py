"""Commits what stores say to their documents; one worker's stores, by that worker's thread only.

* A message is decided by the store's cursor (`cloud.apply`) and committed as one atomic batch: its
  stock rows, one change, and the cursor under the condition that it still is the one decided by.
  Where that has failed, or no word came back, the cursor is read again and all is decided anew.
* What is decided without a write is answered by the cursor as just read, never by a remembered one:
  another bridge may have moved it.
* A store's own document is written when it comes or goes, and otherwise now and then.
"""

import logging
import secrets
from collections import Counter
from dataclasses import dataclass

from cloud.apply import Cursor, Decision, answer, decide, is_current
from cloud.documents import paths, shapes
from cloud.documents.interface import ABSENT, Documents, Put, Version
from edge.clock import Clock
from edge.errors import DocumentsError, OutcomeUnknown, PreconditionFailed
from edge.wire import Answer, Delta, Hello, Status

MAX_TRIES = 5  # to commit one message, before the store is left to say it again
RETRY_S = 5.0
MAX_STORES = 10_000  # remembered by one worker

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Store:
    """What is remembered of one store."""

    cursor: Cursor | None = None
    version: Version | None = None  # of the cursor's document; None: it must be read
    is_online: bool | None = None  # as its document says; None: not known
    status_s: float = float("-inf")  # monotonic, when its status was written last
    condition: object = None  # of that status
    applied_s: float = float("-inf")
    goodbye: tuple[Status, int] | None = None  # still to be written, with the time it came


class StoreWriter:
    def __init__(self, documents: Documents, clock: Clock, store_every_s: float) -> None:
        self.counters: Counter[str] = Counter()
        self._documents, self._clock = documents, clock
        self._store_every_s = store_every_s
        self._stores: dict[str, _Store] = {}
        self._retry_s = float("-inf")

    def apply(self, message: Hello | Delta, received_at_us: int) -> Answer:
        """Commit what the message brings and give its answer.

        Raises DocumentsError when that could not be done: it may be committed or not, and the
        same message will get the right answer another time.
        """
        store = self._store(message.store)
        for _ in range(MAX_TRIES):
            is_fresh = store.version is None
            version = self._read_cursor(message.store, store) if is_fresh else store.version
            decision = decide(store.cursor, message)
            store.version = None  # until it is known what became of this
            match decision:
                case Decision(changed=True, cursor=Cursor() as cursor):
                    writes = self._writes(message, decision, store, received_at_us)
                    writes.append(shapes.put_cursor(message.store, cursor, version or ABSENT))
                    if self._commit(writes, cursor, store):
                        return self._answer(message, decision)
                case _ if is_fresh:
                    store.version = version
                    return self._answer(message, decision)
        raise OutcomeUnknown(f"cursor of {message.store} is contested, {MAX_TRIES} tries")

    def tell_status(self, status: Status, received_at_us: int, *, is_kept: bool) -> None:
        """Write what a store says of itself, unless that is old or was just written.

        `is_kept`: the broker had kept it.  Then only a goodbye is news; that a store was online
        at some time it will say itself, if it still is.
        """
        store = self._store(status.store)
        if not status.online:
            store.goodbye = (status, received_at_us)
            self._say_goodbye(status, received_at_us, store)
        elif not is_kept and self._is_current(status, store):
            store.goodbye = None
            is_due = self._now_s() - store.status_s >= self._store_every_s
            if is_due or not store.is_online or _condition(status) != store.condition:
                self._write_status(status, received_at_us, store)

    def retry_goodbyes(self) -> None:
        """Write the goodbyes that could not be written: nobody will say them again."""
        if self._now_s() < self._retry_s:
            return
        self._retry_s = self._now_s() + RETRY_S
        try:
            for store in self._stores.values():
                if store.goodbye:
                    self._say_goodbye(*store.goodbye, store)
        except DocumentsError as error:
            _log.warning("bridge goodbyes wait: %s", error)

    def _say_goodbye(self, status: Status, at_us: int, store: _Store) -> None:
        """Write that a store has left, if its document does not say so; by the cursor of now."""
        store.version = store.is_online = None  # another bridge may have heard more
        if self._is_current(status, store) and not self._is_known_offline(status.store, store):
            self._write_status(status, at_us, store)
        store.goodbye = None

    def _is_current(self, status: Status, store: _Store) -> bool:
        if store.version is None:
            self._read_cursor(status.store, store)
        current = is_current(store.cursor, status)
        self.counters["old_statuses"] += not current
        return current

    def _is_known_offline(self, store_id: str, store: _Store) -> bool:
        if store.is_online is None and (document := self._documents.get(paths.store(store_id))):
            store.is_online = shapes.store(document).online
        return store.is_online is False

    def _store(self, store_id: str) -> _Store:
        if store_id not in self._stores and len(self._stores) >= MAX_STORES:
            del self._stores[next(iter(self._stores))]
        return self._stores.setdefault(store_id, _Store())

    def _now_s(self) -> float:
        return self._clock.now().monotonic_s

    def _read_cursor(self, store_id: str, store: _Store) -> Version:
        store.version = None  # in case it cannot be read
        document = self._documents.get(paths.cursor(store_id))
        store.cursor = shapes.cursor(document) if document else None
        store.version = document.version if document else ABSENT
        return store.version

    def _answer(self, message: Hello | Delta, decision: Decision) -> Answer:
        self.counters[decision.outcome] += 1
        self.counters["rows"] += len(decision.rows)
        return answer(message, decision)

    def _commit(self, writes: list[Put], cursor: Cursor, store: _Store) -> bool:
        """Write all or nothing; False: the cursor is not what it was, or nobody knows."""
        try:
            versions = self._documents.commit(writes)
        except (PreconditionFailed, OutcomeUnknown) as error:
            self.counters["decided_anew"] += 1
            _log.info("bridge decides anew: %s", error)
            return False
        store.cursor, store.version = cursor, versions[-1]
        return True

    def _writes(
        self, message: Hello | Delta, decision: Decision, store: _Store, received_at_us: int
    ) -> list[Put]:
        """Give all that a decision writes beside the cursor: of a hello nothing."""
        if not isinstance(message, Delta) or store.cursor is None:
            return []
        store_id, term = message.store, message.term
        writes = [
            shapes.put_stock(store_id, row, term=term, changed_at_us=received_at_us)
            for row in decision.rows
        ]
        change = shapes.put_change(
            store_id,
            secrets.token_hex(12),
            decision.rows,
            term=term,
            from_ver=store.cursor.applied,
            to_ver=message.to_ver,
            received_at_us=received_at_us,
        )
        writes.append(change)
        now = self._clock.now()
        if now.monotonic_s - store.applied_s >= self._store_every_s:
            store.applied_s = now.monotonic_s
            writes.append(shapes.put_applied(store_id, applied_at_us=now.utc_us))
        return writes

    def _write_status(self, status: Status, at_us: int, store: _Store) -> None:
        self._documents.commit([shapes.put_status(status, status_at_us=at_us)])
        self.counters["statuses"] += 1
        store.is_online, store.status_s = status.online, self._now_s()
        store.condition = _condition(status)


def _condition(status: Status) -> object:
    """Give what nobody should learn late: which readers are up, and the alarms."""
    return [(reader.name, reader.up) for reader in status.readers], status.alarms
