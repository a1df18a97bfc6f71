"""Documents whose cost is counted and whose writes are held to the target's limits."""

import time
from collections.abc import Callable, Sequence

from cloud.bridge.counts import Counts
from cloud.bridge.limits import Ramp
from cloud.documents.interface import Delete, Document, Documents, Query, Version, Watch, Write
from edge.errors import DocumentsError

Observe = Callable[[float], None]


class MeteredDocuments:
    """`Documents` in `inner`; `observe` hears how long each commit took, in seconds."""

    def __init__(self, inner: Documents, ramp: Ramp, counts: Counts, observe: Observe) -> None:
        self.description = inner.description
        self._inner, self._ramp, self._counts, self._observe = inner, ramp, counts, observe

    def get(self, path: str) -> Document | None:
        self._counts.add("document_reads")
        return self._inner.get(path)

    def find(self, query: Query) -> list[Document]:
        found = self._inner.find(query)
        self._counts.add("document_reads", max(1, len(found)))  # Firestore bills an empty one too
        return found

    def commit(self, writes: Sequence[Write]) -> list[Version]:
        self._ramp.take(len(writes))
        began_s = time.perf_counter()
        try:
            versions = self._inner.commit(writes)
        except DocumentsError:
            self._counts.add("failed_commits")
            raise
        self._observe(time.perf_counter() - began_s)
        deletes = sum(isinstance(write, Delete) for write in writes)
        self._counts.add("commits")
        self._counts.add("document_deletes", deletes)
        self._counts.add("document_writes", len(writes) - deletes)
        return versions

    def watch(
        self,
        query: Query,
        changed: Callable[[list[Document]], None],
        failed: Callable[[Exception], None],
    ) -> Watch:
        return self._inner.watch(query, changed, failed)

    def close(self) -> None:
        self._inner.close()
