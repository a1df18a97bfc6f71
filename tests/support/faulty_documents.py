"""Documents whose commits go wrong in the ways a real database's do."""

from collections import deque
from collections.abc import Callable, Sequence
from enum import Enum

from cloud.documents.interface import Document, Documents, Query, Version, Watch, Write
from edge.errors import DocumentsError, OutcomeUnknown


class Fault(Enum):
    REFUSED = 1  # an error, and nothing is written
    NOT_DONE = 2  # no answer, and nothing is written
    ANSWER_LOST = 3  # no answer, and all is written


class FaultyDocuments:
    """The `inner` documents; each commit meets the next of `faults`, None being none.

    `before_commit` is called ahead of each; while `unreachable`, every call fails.
    """

    def __init__(self, inner: Documents) -> None:
        self.inner, self.description = inner, inner.description
        self.faults: deque[Fault | None] = deque()
        self.before_commit: Callable[[], None] = lambda: None
        self.unreachable = False
        self.commits: list[Sequence[Write]] = []
        self.gets: list[str] = []

    def get(self, path: str) -> Document | None:
        self._check()
        self.gets.append(path)
        return self.inner.get(path)

    def find(self, query: Query) -> list[Document]:
        self._check()
        return self.inner.find(query)

    def commit(self, writes: Sequence[Write]) -> list[Version]:
        self._check()
        self.before_commit()
        fault = self.faults.popleft() if self.faults else None
        if fault is Fault.REFUSED:
            raise DocumentsError("refused")
        if fault is Fault.NOT_DONE:
            raise OutcomeUnknown("no answer")
        versions = self.inner.commit(writes)
        self.commits.append(writes)
        if fault is Fault.ANSWER_LOST:
            raise OutcomeUnknown("no answer")
        return versions

    def watch(
        self,
        query: Query,
        changed: Callable[[list[Document]], None],
        failed: Callable[[Exception], None],
    ) -> Watch:
        return self.inner.watch(query, changed, failed)

    def close(self) -> None:
        self.inner.close()

    def _check(self) -> None:
        if self.unreachable:
            raise DocumentsError("unreachable")
