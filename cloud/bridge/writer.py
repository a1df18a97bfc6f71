"""Commits what stores say to their documents; of each store by one thread at a time.

* A message is decided by the store's cursor (`cloud.apply`) and committed as one atomic batch: its
  stock rows, one change, and the cursor under the condition that it still is the one decided by.
  Where that has failed, or no word came back, the cursor is read again and all is decided anew.
* What is decided without a write is answered by the cursor as just read, never by a remembered one:
  another bridge may have moved it.
* What no database takes is refused, and its sender sends it by halves; the one row that is left is
  kept as a dead letter.
* What a snapshot has left over is deleted page by page, each document only if it still is what was
  read; whoever finds that undone, goes on with it.
"""

import logging
import secrets
from collections.abc import Callable

from cloud.apply import Cursor, Decision, answer, compare, decide, note, swept
from cloud.bridge.counts import Counts
from cloud.bridge.known import KnownStore, KnownStores
from cloud.documents import paths, records, shapes
from cloud.documents.interface import ABSENT, Delete, Documents, Put, Query
from edge.clock import Clock
from edge.errors import (
    DocumentsError,
    OutcomeUnknown,
    PreconditionFailed,
    ProtocolError,
    WritesRefused,
)
from edge.model import StockRow
from edge.wire import Answer, Delta, Digest, Events, Hello, Outcome, Upward, encode

MAX_TRIES = 5  # to commit one message, before the store is left to say it again
SWEEP_PAGE = 400  # documents read at once, and at most deleted

_log = logging.getLogger(__name__)


class StoreWriter:
    def __init__(
        self,
        documents: Documents,
        clock: Clock,
        stores: KnownStores,
        counts: Counts,
        store_every_s: float,
    ) -> None:
        self._documents, self._clock = documents, clock
        self._stores, self._counts, self._store_every_s = stores, counts, store_every_s

    def apply(self, message: Upward, received_at_us: int) -> Answer:
        """Commit what the message brings and give its answer.

        Raises DocumentsError when that could not be done: it may be committed or not, and the
        same message will get the right answer another time.
        """
        match message:
            case Hello():
                return self._decide(message, lambda _: [])
            case Delta():
                return self._apply_delta(message, received_at_us)
            case Digest():
                return self._compare(message)
            case Events():
                return self._note(message, received_at_us)

    def refuse(self, store_id: str, payload: bytes, reason: str, at_us: int) -> None:
        """Keep what cannot be taken."""
        put = records.put_dead_message(store_id, payload, reason, at_us=at_us)
        self._documents.commit([put])
        self._counts.add("dead_letters")

    def is_sweep_due(self, store_id: str) -> bool:
        """Whether a snapshot's leftovers are to be deleted, and nobody here is at it."""
        store = self._stores.of(store_id)
        cursor = store.cursor
        return cursor is not None and cursor.is_sweep_due and not store.is_sweeping

    def sweep(self, store_id: str, after: str) -> str | None:
        """Delete the leftovers among the next page of stock documents.

        Gives the id to go on after, which is empty at the beginning; None when all is done.
        """
        store = self._stores.of(store_id)
        store.is_sweeping = True
        version = self._stores.read_cursor(store_id, store)
        if store.cursor is None or not store.cursor.is_sweep_due:
            store.is_sweeping = False
            return None
        page = self._documents.find(
            Query(paths.stock(store_id), limit=SWEEP_PAGE, after=after or None)
        )
        term = store.cursor.sweep_term
        gone = [Delete(d.path, d.version) for d in page if shapes.stock_line(d).term < term]
        try:
            self._documents.commit(gone)
            self._counts.add("swept", len(gone))
            if len(page) < SWEEP_PAGE:
                self._finish_sweep(store_id, store, store.cursor, version)
                return None
        except (PreconditionFailed, OutcomeUnknown) as error:
            _log.info("bridge store=%s a page is swept anew: %s", store_id, error)
            return after
        return page[-1].id

    def forget_sweep(self, store_id: str) -> None:
        """Leave a sweep to whoever finds it undone."""
        self._stores.of(store_id).is_sweeping = False

    def _finish_sweep(self, store_id: str, store: KnownStore, cursor: Cursor, version: str) -> None:
        done = swept(cursor)
        store.version = None
        [store.version] = self._documents.commit([shapes.put_cursor(store_id, done, version)])
        store.cursor, store.is_sweeping = done, False
        self._counts.add("sweeps")

    # Hello and delta: decided by the cursor, committed with it.

    def _decide(self, message: Hello | Delta, writes_of: Callable[[Decision], list[Put]]) -> Answer:
        store = self._stores.of(message.store)
        for _ in range(MAX_TRIES):
            is_fresh = store.version is None
            version = self._stores.read_cursor(message.store, store) if is_fresh else store.version
            decision = decide(store.cursor, message)
            store.version = None  # until it is known what became of this
            match decision:
                case Decision(changed=True, cursor=Cursor() as cursor):
                    writes = writes_of(decision)
                    writes.append(shapes.put_cursor(message.store, cursor, version or ABSENT))
                    if self._commit(writes, cursor, store):
                        return self._answer(message, decision)
                case _ if is_fresh:
                    store.version = version
                    return self._answer(message, decision)
        raise OutcomeUnknown(f"cursor of {message.store} is contested, {MAX_TRIES} tries")

    def _apply_delta(self, delta: Delta, received_at_us: int) -> Answer:
        try:
            return self._decide(delta, lambda found: self._writes(delta, found, received_at_us))
        except (ProtocolError, WritesRefused) as error:
            reason = str(error)[:200]
            _log.warning("bridge store=%s %d rows refused: %s", delta.store, len(delta.vers), error)
        if len(delta.vers) == 1:
            self.refuse(delta.store, encode(delta), reason, received_at_us)
        store = self._stores.of(delta.store)
        return self._answer(delta, Decision(Outcome.REFUSED, store.cursor), reason)

    def _commit(self, writes: list[Put], cursor: Cursor, store: KnownStore) -> bool:
        """Write all or nothing; False: the cursor is not what it was, or nobody knows."""
        try:
            versions = self._documents.commit(writes)
        except (PreconditionFailed, OutcomeUnknown) as error:
            self._counts.add("decided_anew")
            _log.info("bridge decides anew: %s", error)
            return False
        store.cursor, store.version = cursor, versions[-1]
        return True

    def _writes(self, delta: Delta, decision: Decision, received_at_us: int) -> list[Put]:
        """Give all that a delta writes beside the cursor."""
        store_id, term = delta.store, delta.term
        store = self._stores.of(store_id)
        before, after = store.cursor, decision.cursor
        if before is None or after is None:
            return []
        stock = [
            shapes.put_stock(store_id, row, term=term, changed_at_us=received_at_us)
            for row in decision.rows
        ]
        dead = [
            records.put_dead_row(store_id, term, row, at_us=received_at_us) for row in decision.dead
        ]
        change = shapes.put_change(
            store_id,
            secrets.token_hex(12),
            decision.rows,
            term=term,
            from_ver=before.applied,
            to_ver=delta.to_ver,
            received_at_us=received_at_us,
            swept_below=after.sweep_term if after.ended_term > before.ended_term else 0,
        )
        return [*stock, *dead, change, *self._applied(store_id, store)]

    def _applied(self, store_id: str, store: KnownStore) -> list[Put]:
        now = self._clock.now()
        if now.monotonic_s - store.applied_s < self._store_every_s:
            return []
        store.applied_s = now.monotonic_s
        return [shapes.put_applied(store_id, applied_at_us=now.utc_us)]

    # Digest and events: no cursor is moved.

    def _compare(self, digest: Digest) -> Answer:
        store = self._stores.of(digest.store)
        version = self._stores.read_cursor(digest.store, store)
        found = self._documents.find(shapes.shard(digest.store, digest.shard))
        try:
            lines = [shapes.stock_line(document) for document in found]
            held = [(StockRow(e.gtin, e.ver, e.zones, e.missing), e.term) for e in lines]
            decision = compare(store.cursor, digest, held)
        except DocumentsError as error:  # changed by hand into what is no stock any more
            _log.warning("bridge store=%s %s", digest.store, error)
            decision = Decision(Outcome.DIFFERENT, store.cursor)
        if self._stores.read_cursor(digest.store, store) != version:
            decision = Decision(Outcome.UNCERTAIN, store.cursor)
        return self._answer(digest, decision)

    def _note(self, events: Events, received_at_us: int) -> Answer:
        store = self._stores.of(events.store)
        self._stores.read_cursor(events.store, store)
        decision, reason = note(store.cursor, events), ""
        if decision.outcome is Outcome.NOTED:
            try:
                puts = records.put_events(
                    events.store, events.events, received_at_us=received_at_us
                )
                self._documents.commit([*puts])
                self._counts.add("events", len(events.events))
            except (ProtocolError, WritesRefused) as error:
                decision, reason = Decision(Outcome.REFUSED, store.cursor), str(error)[:200]
        return self._answer(events, decision, reason)

    def _answer(self, message: Upward, decision: Decision, reason: str = "") -> Answer:
        self._counts.add(decision.outcome)
        self._counts.add("rows", len(decision.rows))
        self._counts.add("dead_rows", len(decision.dead))
        return answer(message, decision, reason)
