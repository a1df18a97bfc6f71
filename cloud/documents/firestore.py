"""The documents in Google Firestore, or in its emulator.

Credentials come from firebase-admin; the calls go through Google's generated client, below the SDK
that would retry an unreachable server for 300 s.  Here no call is retried, each has its timeout,
and each failure is told as what it means for a writer:

| gRPC status                                    | of a commit        | else           |
| ---------------------------------------------- | ------------------ | -------------- |
| FAILED_PRECONDITION, ALREADY_EXISTS, NOT_FOUND | PreconditionFailed | DocumentsError |
| those in which no word came back (`_UNHEARD`)  | OutcomeUnknown     | DocumentsError |
| INVALID_ARGUMENT                               | WritesRefused      | DocumentsError |
| any other, ABORTED too: nothing was written    | DocumentsError     | DocumentsError |

A version is the document's update time.  Importing this module takes Google's libraries in.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import grpc
from firebase_admin import credentials as firebase_credentials
from google.api_core.exceptions import GoogleAPICallError
from google.auth.exceptions import GoogleAuthError
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcTransport
from google.cloud.firestore_v1.types import firestore as firestore_types

from cloud.documents import checks
from cloud.documents.interface import ABSENT, Document, Put, Query, Version, Write
from cloud.documents.listening import LIFE_S, SILENCE_S, Listener
from cloud.documents.values import document_of, query_buffer, version_of, write_buffer
from edge.errors import (
    ConfigError,
    DocumentsError,
    OutcomeUnknown,
    PreconditionFailed,
    WritesRefused,
)

TIMEOUT_S = 15.0
MAX_WATCHES = 200
DEFAULT_DATABASE = "(default)"

# An outage must neither be noticed late (keepalive) nor outlast itself: gRPC would wait up to two
# minutes between its attempts to connect.
_CHANNEL = [
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 3_000),
    ("grpc.max_receive_message_length", -1),
]
_UNMET = {
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.ALREADY_EXISTS,
    grpc.StatusCode.NOT_FOUND,
}
_UNHEARD = {
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.UNKNOWN,
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.DATA_LOSS,
}


class FirestoreDocuments:
    """`Documents` in one Firestore database; see `connect_firestore` and `connect_emulator`."""

    def __init__(  # noqa: PLR0913  (settings, each by its name)
        self,
        channel: grpc.Channel,
        database: str,
        description: str,
        *,
        metadata: Sequence[tuple[str, str]] = (),
        timeout_s: float = TIMEOUT_S,
        silence_s: float = SILENCE_S,
    ) -> None:
        self.description = description
        self._channel, self._database = channel, database
        self._client = FirestoreClient(transport=FirestoreGrpcTransport(channel=channel))
        self._root = f"{database}/documents"
        self._timeout_s, self._silence_s = timeout_s, silence_s
        routing = ("google-cloud-resource-prefix", database)
        self._metadata = [routing, *metadata]
        self._lock = threading.Lock()  # of _listeners
        self._listeners: list[Listener] = []

    def get(self, path: str) -> Document | None:
        checks.check_document_path(path)
        # Not GetDocument: there, a missing document and a missing database look the same.
        request = {"database": self._database, "documents": [f"{self._root}/{path}"]}
        with self._errors():
            for answer in self._client.batch_get_documents(request, **self._call()):
                if "found" in answer:
                    return document_of(type(answer).pb(answer).found, self._root)
        return None

    def find(self, query: Query) -> list[Document]:
        checks.check_query(query)
        request = firestore_types.RunQueryRequest.pb()()
        parent, _, _ = query.collection.rpartition("/")
        request.parent = f"{self._root}/{parent}" if parent else self._root
        request.structured_query.CopyFrom(query_buffer(query, self._root))
        found = []
        with self._errors():
            wrapped = firestore_types.RunQueryRequest.wrap(request)
            for answer in self._client.run_query(wrapped, **self._call()):
                buffer = firestore_types.RunQueryResponse.pb(answer)
                if buffer.HasField("document"):
                    found.append(document_of(buffer.document, self._root))
        return found

    def commit(self, writes: Sequence[Write]) -> list[Version]:
        checks.check_writes(writes)
        if not writes:
            return []
        request = firestore_types.CommitRequest.pb()(
            database=self._database, writes=[write_buffer(write, self._root) for write in writes]
        )
        with self._commit_errors():
            wrapped = firestore_types.CommitRequest.wrap(request)
            answer = self._client.commit(wrapped, **self._call())
        results = firestore_types.CommitResponse.pb(answer).write_results
        return [
            version_of(result.update_time) if isinstance(write, Put) else ABSENT
            for write, result in zip(writes, results, strict=True)
        ]

    def watch(
        self,
        query: Query,
        changed: Callable[[list[Document]], None],
        failed: Callable[[Exception], None],
    ) -> Listener:
        checks.check_watched(query)
        listener = Listener(query, self._root, changed, failed, silence_s=self._silence_s)
        # Not the client's own method: that would wait here for the first answer.
        listen = cast("Any", self._client.transport.listen)
        with self._lock, self._errors():
            self._listeners = [each for each in self._listeners if not each.is_closed]
            if len(self._listeners) >= MAX_WATCHES:
                raise DocumentsError(f"{MAX_WATCHES} watches are open, and no more are allowed")
            listener.start(lambda sent: listen(sent, timeout=LIFE_S, metadata=self._metadata))
            self._listeners.append(listener)
        return listener

    def close(self) -> None:
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            listener.close()
        for listener in listeners:
            listener.join()
        self._channel.close()

    def _call(self) -> dict[str, Any]:
        return {"retry": None, "timeout": self._timeout_s, "metadata": self._metadata}

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (GoogleAPICallError, GoogleAuthError, ValueError) as error:
            raise DocumentsError(self._told(error)) from error

    @contextmanager
    def _commit_errors(self) -> Iterator[None]:
        try:
            yield
        except GoogleAPICallError as error:
            status = error.grpc_status_code
            if status in _UNMET:
                raise PreconditionFailed(self._told(error)) from error
            if status in _UNHEARD or status is None:
                raise OutcomeUnknown(self._told(error)) from error
            if status == grpc.StatusCode.INVALID_ARGUMENT:
                raise WritesRefused(self._told(error)) from error
            raise DocumentsError(self._told(error)) from error
        except (GoogleAuthError, ValueError) as error:
            raise DocumentsError(self._told(error)) from error

    def _told(self, error: Exception) -> str:
        if isinstance(error, GoogleAPICallError):
            status = error.grpc_status_code.name if error.grpc_status_code else "no status"
            return f"{self.description}: {error.message} ({status})"
        return f"{self.description}: {error}"


def connect_emulator(
    host: str, project: str, *, timeout_s: float = TIMEOUT_S, silence_s: float = SILENCE_S
) -> FirestoreDocuments:
    """Use the emulator at `host:port`, which takes any project and asks for no credentials."""
    return FirestoreDocuments(
        grpc.insecure_channel(host, options=_CHANNEL),
        f"projects/{project}/databases/{DEFAULT_DATABASE}",
        f"Firestore emulator {host}, project {project}",
        metadata=[("authorization", "Bearer owner")],  # a server's rights: our rules bind browsers
        timeout_s=timeout_s,
        silence_s=silence_s,
    )


def connect_firestore(
    project: str, credentials: Path | None, database: str = DEFAULT_DATABASE
) -> FirestoreDocuments:
    """Use a real project, with a service account's key file or the machine's own credentials.

    Raises ConfigError when there are no credentials, or when they cannot be read.
    """
    try:
        if credentials is not None:
            found = firebase_credentials.Certificate(str(credentials)).get_credential()
        else:
            found = firebase_credentials.ApplicationDefault().get_credential()
    except (OSError, ValueError, GoogleAuthError) as error:
        raise ConfigError(f"credentials for Firestore project {project}: {error}") from error
    channel = FirestoreGrpcTransport.create_channel(
        FirestoreClient.DEFAULT_ENDPOINT, credentials=found, options=_CHANNEL
    )
    return FirestoreDocuments(
        channel,
        f"projects/{project}/databases/{database}",
        f"Firestore project {project}",
    )
