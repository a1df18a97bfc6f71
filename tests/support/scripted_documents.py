"""Documents in memory whose watches say something only when the test tells them to."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cloud.documents.interface import Document, Put, Query, Version, Write
from edge.errors import DocumentsError


@dataclass(eq=False)
class ScriptedWatch:
    query: Query
    changed: Callable[[list[Document]], None]
    failed: Callable[[Exception], None]
    is_closed: bool = False

    def close(self) -> None:
        self.is_closed = True


@dataclass
class ScriptedDocuments:
    """`broken`: every call fails with it.  `after_question` is called after each get and find."""

    description: str = "scripted"
    broken: DocumentsError | None = None
    answers_at_once: bool = True  # a new watch
    after_question: Callable[[], None] = lambda: None
    watches: list[ScriptedWatch] = field(default_factory=list)
    finds: list[Query] = field(default_factory=list)
    gets: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._documents: dict[str, Document] = {}
        self._commits = 0
        self._lock = threading.RLock()

    def get(self, path: str) -> Document | None:
        self._check()
        with self._lock:
            self.gets.append(path)
            found = self._documents.get(path)
        self.after_question()
        return found

    def find(self, query: Query) -> list[Document]:
        self._check()
        with self._lock:
            self.finds.append(query)
            found = self.result(query)
        self.after_question()
        return found

    def commit(self, writes: Sequence[Write]) -> list[Version]:
        self._check()
        with self._lock:
            self._commits += 1
            for write in writes:
                self._write(write)
            return [str(self._commits)] * len(writes)

    def watch(
        self,
        query: Query,
        changed: Callable[[list[Document]], None],
        failed: Callable[[Exception], None],
    ) -> ScriptedWatch:
        self._check()
        watch = ScriptedWatch(query, changed, failed)
        self.watches.append(watch)
        if self.answers_at_once:
            changed(self.result(query))
        return watch

    def close(self) -> None:
        pass

    def open_watches(self) -> list[ScriptedWatch]:
        return [watch for watch in self.watches if not watch.is_closed]

    def tell(self) -> None:
        """Let every open watch say what its query finds now."""
        for watch in self.open_watches():
            watch.changed(self.result(watch.query))

    def fail(self, error: Exception) -> None:
        for watch in self.open_watches():
            watch.failed(error)

    def result(self, query: Query) -> list[Document]:
        """Give what a query finds, though nobody has asked."""
        with self._lock:
            found = [
                document
                for path, document in sorted(self._documents.items())
                if path.rpartition("/")[0] == query.collection
            ]
        if order := query.order_by:
            found.sort(key=lambda document: document.data[order], reverse=query.descending)
        return found[: query.limit]

    def _check(self) -> None:
        if self.broken:
            raise self.broken

    def _write(self, write: Write) -> None:
        if not isinstance(write, Put):
            self._documents.pop(write.path, None)
            return
        known = self._documents.get(write.path)
        data = {**known.data, **write.data} if known and write.merge else dict(write.data)
        self._documents[write.path] = Document(write.path, data, str(self._commits))
