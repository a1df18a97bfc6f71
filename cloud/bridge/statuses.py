"""Writes what stores say of themselves: at once when one comes, goes or changes, else now and then.

A goodbye that could not be written is kept, and written later: nobody will say it again.
"""

from cloud.apply import is_current
from cloud.bridge.counts import Counts
from cloud.bridge.known import KnownStore, KnownStores
from cloud.documents import paths, shapes
from cloud.documents.interface import Documents, Put
from edge.clock import Clock
from edge.wire import Hello, Status, SyncTrouble


class StatusWriter:
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

    def tell(self, status: Status, received_at_us: int, *, is_kept: bool) -> None:
        """Write what a store says of itself, unless that is old or was just written.

        `is_kept`: the broker had kept it.  Then only a goodbye is news; that a store was online
        at some time it will say itself, if it still is.
        """
        store = self._stores.of(status.store)
        if not status.online:
            store.goodbye = (status, received_at_us)
            self._say_goodbye(status, received_at_us, store)
        elif not is_kept and self._is_current(status, store):
            store.goodbye = None
            self._write_if_due(shapes.put_status(status, status_at_us=received_at_us), status)
        elif not is_kept and self._waits_for_documents(status, store):
            self._write_if_due(shapes.put_trouble(status, status_at_us=received_at_us), status)

    def retry_goodbye(self, store_id: str) -> bool:
        """Write a goodbye that could not be written; False if there is none left."""
        store = self._stores.of(store_id)
        if store.goodbye:
            self._say_goodbye(*store.goodbye, store)
        return store.goodbye is not None

    def has_goodbye(self, store_id: str) -> bool:
        return self._stores.of(store_id).goodbye is not None

    def tell_rival(self, hello: Hello) -> None:
        """Write, now and then, that a device wants to speak for a store that is another's."""
        store, now = self._stores.of(hello.store), self._clock.now()
        self._counts.add("rivals")
        if now.monotonic_s - store.rival_s >= self._store_every_s:
            rival = f"{hello.device_name} ({hello.device[:8]})"
            put = shapes.put_rival(hello.store, rival, rival_at_us=now.utc_us)
            self._documents.commit([put])
            store.rival_s = now.monotonic_s

    def _waits_for_documents(self, status: Status, store: KnownStore) -> bool:
        """Whether it is a later life of the store's own device that may not write yet."""
        is_ours = store.cursor is not None and status.device == store.cursor.device != ""
        return is_ours and status.trouble is not SyncTrouble.NONE

    def _write_if_due(self, put: Put, status: Status) -> None:
        store = self._stores.of(status.store)
        is_due = self._now_s() - store.status_s >= self._store_every_s
        if is_due or not store.is_online or _condition(status) != store.condition:
            self._write(put, status, store)

    def _say_goodbye(self, status: Status, at_us: int, store: KnownStore) -> None:
        """Write that a store has left, if its document does not say so; by the cursor of now."""
        store.version = store.is_online = None  # another bridge may have heard more
        if self._is_current(status, store) and not self._is_known_offline(status.store, store):
            self._write(shapes.put_status(status, status_at_us=at_us), status, store)
        store.goodbye = None

    def _is_current(self, status: Status, store: KnownStore) -> bool:
        if store.version is None:
            self._stores.read_cursor(status.store, store)
        current = is_current(store.cursor, status)
        self._counts.add("old_statuses", not current)
        return current

    def _is_known_offline(self, store_id: str, store: KnownStore) -> bool:
        if store.is_online is None and (document := self._documents.get(paths.store(store_id))):
            store.is_online = shapes.store(document).online
        return store.is_online is False

    def _write(self, put: Put, status: Status, store: KnownStore) -> None:
        self._documents.commit([put])
        self._counts.add("statuses")
        store.is_online, store.status_s = status.online, self._now_s()
        store.condition = _condition(status)

    def _now_s(self) -> float:
        return self._clock.now().monotonic_s


def _condition(status: Status) -> object:
    """Give what nobody should learn late: readers up, alarms, troubles, whether there is stock."""
    readers = [(reader.name, reader.up) for reader in status.readers]
    return readers, status.alarms, status.trouble, status.present > 0
