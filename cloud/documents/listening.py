"""One watch over Firestore's `Listen`: a stream of changes, folded into the query's whole result.

Google's `on_snapshot` is not used: while the server is away it opens the stream again without a
pause, at the cost of a whole core, and it never tells that it has died.  Here every end of the
stream, a stream that falls silent, and an answer that does not add up end the watch, and are told.

Firestore sends something at least every half minute or so; one that is silent for SILENCE_S has
died without a word (Google's own watchdog, in nodejs-firestore, waits as long).  The emulator sends
nothing while nothing changes, so there an idle watch ends, and is opened again, every SILENCE_S.
"""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Protocol

import grpc
from google.cloud.firestore_v1.types import firestore as firestore_types

from cloud.documents.interface import Document, Query
from cloud.documents.polling import tell
from cloud.documents.values import Buffer, document_of, query_buffer, sort_key
from edge.errors import DocumentsError

FIRST_ANSWER_S = 20.0
SILENCE_S = 120.0
LIFE_S = 86_400.0
JOIN_S = 5.0
_TARGET = 1
_Request = firestore_types.ListenRequest.pb()
_Change = firestore_types.TargetChange.TargetChangeType


class Call(Protocol):
    """A gRPC call that streams answers."""

    def __iter__(self) -> Iterator[Buffer]: ...
    def cancel(self) -> object: ...


class Result:
    """What has come of a query's result so far.

    `step` takes one answer and says whether the result is consistent now, that is, as the database
    had it at one moment.
    """

    def __init__(self, query: Query, root: str) -> None:
        self._query, self._root = query, root
        self._found: dict[str, Document] = {}
        self._current = False

    def documents(self) -> list[Document]:
        order_by = self._query.order_by
        found = self._found.values()
        return sorted(
            found, key=lambda each: sort_key(each, order_by), reverse=self._query.descending
        )

    def step(self, answer: Buffer) -> bool:
        match answer.WhichOneof("response_type"):
            case "target_change":
                return self._turn(answer.target_change)
            case "document_change":
                change = answer.document_change
                if _TARGET in change.target_ids:
                    self._found[change.document.name] = document_of(change.document, self._root)
                else:
                    self._found.pop(change.document.name, None)
            case "document_delete":
                self._found.pop(answer.document_delete.document, None)
            case "document_remove":
                self._found.pop(answer.document_remove.document, None)
            case "filter" if answer.filter.count != len(self._found):
                counts = f"{len(self._found)} documents, Firestore counts {answer.filter.count}"
                raise DocumentsError(f"watch of {self._query.collection} has {counts}")
        return False

    def _turn(self, change: Buffer) -> bool:
        match change.target_change_type:
            case _Change.REMOVE:
                text = change.cause.message or "no cause given"
                raise DocumentsError(f"watch of {self._query.collection} was refused: {text}")
            case _Change.RESET:
                self._found.clear()
                self._current = False
            case _Change.CURRENT:
                self._current = True
            case _Change.NO_CHANGE:
                return self._current and not change.target_ids
        return False


class Listener:
    """One watch and its thread."""

    def __init__(
        self,
        query: Query,
        root: str,
        changed: Callable[[list[Document]], None],
        failed: Callable[[Exception], None],
        *,
        silence_s: float = SILENCE_S,
    ) -> None:
        self._query, self._root = query, root
        self._changed, self._failed = changed, failed
        self._silence_s = silence_s
        self._closed = threading.Event()
        self._is_silent = False
        self._heard_s = time.monotonic()
        self._allowed_s = FIRST_ANSWER_S
        self._call: Call | None = None
        self._thread = threading.Thread(target=self._run, name="documents-listener", daemon=True)

    def start(self, call: Callable[[Iterator[Buffer]], Call]) -> None:
        """Open the stream; `call` takes its requests and gives its answers."""
        self._call = call(self._requests())
        self._thread.start()

    @property
    def is_closed(self) -> bool:
        return self._closed.is_set()

    def close(self) -> None:
        self._closed.set()
        if self._call is not None:
            self._call.cancel()

    def join(self) -> None:
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(JOIN_S)

    def _requests(self) -> Iterator[Buffer]:
        """Give the one request, and keep the stream open while the watch lives.

        gRPC runs this in a thread of its own, which therefore watches over the silence too.
        """
        request = _Request(database=self._root.removesuffix("/documents"))
        request.add_target.target_id = _TARGET
        parent, _, _ = self._query.collection.rpartition("/")
        request.add_target.query.parent = f"{self._root}/{parent}" if parent else self._root
        request.add_target.query.structured_query.CopyFrom(query_buffer(self._query, self._root))
        yield firestore_types.ListenRequest.wrap(request)
        while not self._closed.wait(min(1.0, self._silence_s / 4)):
            if time.monotonic() - self._heard_s > self._allowed_s and self._call is not None:
                self._is_silent = True
                self._call.cancel()
                return

    def _run(self) -> None:
        try:
            self._listen()
            error: Exception = DocumentsError("the server has ended the stream")
        except grpc.RpcError as raised:
            told = "silent, taken for dead" if self._is_silent else f"{raised.details()}"
            error = DocumentsError(f"watch of {self._query.collection}: {told}")
        except Exception as raised:  # noqa: BLE001  (the top of a thread: it is told)
            error = raised
        if not self._closed.is_set():
            self.close()
            tell(self._failed, error)

    def _listen(self) -> None:
        result = Result(self._query, self._root)
        shown: list[tuple[str, str]] | None = None
        for answer in self._call or ():
            self._heard_s = time.monotonic()
            if not result.step(firestore_types.ListenResponse.pb(answer)):
                continue
            self._allowed_s = self._silence_s
            documents = result.documents()
            versions = [(document.path, document.version) for document in documents]
            if versions != shown and not self._closed.is_set():
                shown = versions
                self._changed(documents)
