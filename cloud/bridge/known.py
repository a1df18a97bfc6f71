"""What the bridge remembers of each store, so that it need not read before each write.

A store's entry is used by one thread at a time (`cloud.bridge.queues`); the register by all.
"""

import threading
from dataclasses import dataclass

from cloud.apply import Cursor
from cloud.documents import paths, shapes
from cloud.documents.interface import ABSENT, Documents, Version
from edge.wire import Status

MAX_STORES = 100_000


@dataclass(slots=True)
class KnownStore:
    cursor: Cursor | None = None
    version: Version | None = None  # of the cursor's document; None: it must be read
    is_online: bool | None = None  # as its document says; None: not known
    status_s: float = float("-inf")  # monotonic, when its status was written last
    condition: object = None  # of that status
    applied_s: float = float("-inf")
    rival_s: float = float("-inf")
    is_sweeping: bool = False
    goodbye: tuple[Status, int] | None = None  # still to be written, with the time it came


class KnownStores:
    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._lock = threading.Lock()
        self._stores: dict[str, KnownStore] = {}

    def of(self, store_id: str) -> KnownStore:
        with self._lock:
            if store_id not in self._stores and len(self._stores) >= MAX_STORES:
                del self._stores[next(iter(self._stores))]
            return self._stores.setdefault(store_id, KnownStore())

    def read_cursor(self, store_id: str, store: KnownStore) -> Version:
        store.version = None  # in case it cannot be read
        document = self._documents.get(paths.cursor(store_id))
        store.cursor = shapes.cursor(document) if document else None
        store.version = document.version if document else ABSENT
        return store.version
