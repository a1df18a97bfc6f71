"""What a watch has shown so far, for a test that waits for the next of it.

A watch that fails is opened anew by whoever waits for more, as head office does it: gRPC 1.85 now
and then hands over a message with its frame's header in front, which nothing can read.
"""

import queue
from collections.abc import Callable
from types import TracebackType
from typing import Self

from cloud.documents.interface import Document, Documents, Query, Watch

WAIT_S = 20.0
MAX_FAILURES = 3


class Shown:
    """Watch a query while the block lasts; results and failures wait here in their order."""

    def __init__(self, documents: Documents, query: Query) -> None:
        self._documents, self._query = documents, query
        self.results: queue.Queue[list[Document] | None] = queue.Queue()  # None: it has failed
        self.failures: queue.Queue[Exception] = queue.Queue()
        self._watch: Watch | None = None

    def __enter__(self) -> Self:
        self._watch = self._documents.watch(self._query, self.results.put, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        assert self._watch is not None
        self._watch.close()

    def next(self) -> list[Document]:
        while (result := self.results.get(timeout=WAIT_S)) is None:
            assert self.failures.qsize() <= MAX_FAILURES, list(self.failures.queue)
            self.__enter__()
        return result

    def until(self, is_there: Callable[[list[Document]], bool]) -> list[Document]:
        """Give the first result that satisfies the condition; others before it may be partial."""
        while not is_there(result := self.next()):
            pass
        return result

    def _note(self, failure: Exception) -> None:
        self.failures.put(failure)
        self.results.put(None)
