"""What Firestore adds to the contract: failures of the server and of the way to it, and rules."""

import json
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from cloud.documents.firestore import FirestoreDocuments, connect_emulator, connect_firestore
from cloud.documents.interface import ABSENT, Put, Query
from deploy.demo.emulator import Emulator, find_emulator
from edge.errors import (
    ConfigError,
    DocumentsError,
    OutcomeUnknown,
    PreconditionFailed,
    WritesRefused,
)
from tests.support.watching import Shown

PUT = [Put("things/a", {"x": 1}, expected=ABSENT)]
ALL = Query("things", limit=10)


# ---------------------------------------------------------------- a server that says one thing


class Refusing(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Ends every call with one status, whatever it is."""

    def __init__(self, status: grpc.StatusCode) -> None:
        self._status = status

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        def refuse(_request: object, context: grpc.ServicerContext) -> Iterator[bytes]:
            context.abort(self._status, "told by the test")
            yield b""

        streams = details.method.endswith(("BatchGetDocuments", "RunQuery"))
        if details.method.endswith("Listen"):
            return grpc.stream_stream_rpc_method_handler(refuse)
        if streams:
            return grpc.unary_stream_rpc_method_handler(refuse)
        return grpc.unary_unary_rpc_method_handler(lambda *each: next(refuse(*each)))


@pytest.fixture
def refusing(request: pytest.FixtureRequest) -> Iterator[FirestoreDocuments]:
    server = grpc.server(ThreadPoolExecutor(4), handlers=[Refusing(request.param)])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    documents = connect_emulator(f"127.0.0.1:{port}", "demo-refusing")
    yield documents
    documents.close()
    server.stop(grace=None).wait(10)


# google/rpc/code.proto, and for what a retry may do: google.aip.dev/194
MEANINGS = {
    grpc.StatusCode.FAILED_PRECONDITION: PreconditionFailed,
    grpc.StatusCode.ALREADY_EXISTS: PreconditionFailed,
    grpc.StatusCode.NOT_FOUND: PreconditionFailed,
    grpc.StatusCode.DEADLINE_EXCEEDED: OutcomeUnknown,
    grpc.StatusCode.UNAVAILABLE: OutcomeUnknown,
    grpc.StatusCode.UNKNOWN: OutcomeUnknown,
    grpc.StatusCode.INTERNAL: OutcomeUnknown,
    grpc.StatusCode.CANCELLED: OutcomeUnknown,
    grpc.StatusCode.DATA_LOSS: OutcomeUnknown,
    grpc.StatusCode.ABORTED: DocumentsError,
    grpc.StatusCode.PERMISSION_DENIED: DocumentsError,
    grpc.StatusCode.UNAUTHENTICATED: DocumentsError,
    grpc.StatusCode.RESOURCE_EXHAUSTED: DocumentsError,
    grpc.StatusCode.INVALID_ARGUMENT: WritesRefused,
    grpc.StatusCode.UNIMPLEMENTED: DocumentsError,
}


@pytest.mark.parametrize(
    ("refusing", "meaning"),
    MEANINGS.items(),
    indirect=["refusing"],
    ids=lambda each: each.name if isinstance(each, grpc.StatusCode) else "",
)
def test_a_status_is_told_as_what_it_means_for_a_writer_and_not_retried(
    refusing: FirestoreDocuments, meaning: type[DocumentsError]
) -> None:
    began_s = time.monotonic()
    with pytest.raises(DocumentsError, match="told by the test") as raised:
        refusing.commit(PUT)
    assert type(raised.value) is meaning
    assert time.monotonic() - began_s < 5


@pytest.mark.parametrize(
    "refusing",
    [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.NOT_FOUND, grpc.StatusCode.PERMISSION_DENIED],
    indirect=True,
    ids=lambda each: each.name,
)
def test_a_reader_is_told_as_well(refusing: FirestoreDocuments) -> None:
    with pytest.raises(DocumentsError, match="told by the test"):
        refusing.get("things/a")
    with pytest.raises(DocumentsError, match="told by the test"):
        refusing.find(ALL)
    with Shown(refusing, ALL) as shown:
        assert "told by the test" in str(shown.failures.get(timeout=10))


# ---------------------------------------------------------------- no server


def test_nobody_at_the_address_is_told_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
    documents = connect_emulator(address, "demo-nobody")
    began_s = time.monotonic()
    with pytest.raises(OutcomeUnknown, match="UNAVAILABLE"):
        documents.commit(PUT)
    with pytest.raises(DocumentsError, match="UNAVAILABLE"):
        documents.find(ALL)
    with Shown(documents, ALL) as shown:
        assert isinstance(shown.failures.get(timeout=10), DocumentsError)
    assert time.monotonic() - began_s < 10
    documents.close()


def test_a_server_that_takes_the_call_and_says_nothing_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        documents = connect_emulator(
            f"127.0.0.1:{mute.getsockname()[1]}", "demo-mute", timeout_s=0.5
        )
        with pytest.raises(OutcomeUnknown, match="DEADLINE_EXCEEDED"):
            documents.commit(PUT)
        with pytest.raises(DocumentsError, match="DEADLINE_EXCEEDED"):
            documents.get("things/a")
        documents.close()


def test_an_outage_ends_watches_and_is_over_when_the_server_is_back(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("emulator_host")  # skips where there is no emulator
    jar = find_emulator()
    assert jar is not None
    emulator = Emulator(jar, tmp_path)
    emulator.start()
    documents = connect_emulator(emulator.host, "demo-outage")
    try:
        documents.commit(PUT)
        with Shown(documents, ALL) as shown:
            shown.next()
            emulator.program.kill()
            assert isinstance(shown.failures.get(timeout=10), DocumentsError)
        with pytest.raises(OutcomeUnknown):
            documents.commit(PUT)
        emulator.start()
        deadline_s = time.monotonic() + 15
        while not _is_back(documents):
            assert time.monotonic() < deadline_s
        with Shown(documents, ALL) as shown:
            assert shown.next() == [], "the emulator forgets everything"
            documents.commit(PUT)
            assert [each.id for each in shown.next()] == ["a"]
    finally:
        documents.close()
        emulator.stop()


def _is_back(documents: FirestoreDocuments) -> bool:
    try:
        documents.get("things/a")
    except DocumentsError:
        threading.Event().wait(0.1)
        return False
    return True


# ---------------------------------------------------------------- a watch that is silent


def test_a_silent_watch_ends_and_another_shows_the_same(
    emulator_project: tuple[str, str],
) -> None:
    """The emulator says nothing while nothing changes; the service does."""
    documents = connect_emulator(*emulator_project, silence_s=0.3)
    documents.commit(PUT)
    with Shown(documents, ALL) as first:
        before = first.next()
        assert "silent" in str(first.failures.get(timeout=10))
    with Shown(documents, ALL) as second:
        assert second.next() == before
    documents.close()


# ---------------------------------------------------------------- rules and credentials


def test_the_rules_deny_every_client(emulator_project: tuple[str, str]) -> None:
    host, project = emulator_project
    documents = connect_emulator(host, project)
    documents.commit([Put("stores/muc-01", {"name": "Munich"})])
    documents.close()
    url = f"http://{host}/v1/projects/{project}/databases/(default)/documents/stores/muc-01"
    write = json.dumps({"fields": {}}).encode()
    for body, method in ((None, "GET"), (write, "PATCH"), (None, "DELETE")):
        ask = urllib.request.Request(url, body, method=method)
        with pytest.raises(urllib.error.HTTPError) as raised:
            urllib.request.urlopen(ask, timeout=10)  # noqa: S310
        assert raised.value.code == 403
        raised.value.close()


NO_CREDENTIALS = {
    "a file that is not there": None,
    "a file that is no key": "{}",
    "a file that is no JSON": "-----BEGIN",
}


@pytest.mark.parametrize("content", NO_CREDENTIALS.values(), ids=NO_CREDENTIALS)
def test_credentials_that_cannot_be_read_are_a_mistake_of_configuration(
    tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "key.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigError, match="credentials for Firestore project demo-x"):
        connect_firestore("demo-x", path)


def test_a_service_accounts_key_opens_a_project_without_asking_anybody(tmp_path: Path) -> None:
    secret = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = secret.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    key = {
        "type": "service_account",
        "project_id": "demo-x",
        "private_key": pem.decode(),
        "client_email": "bridge@demo-x.iam.gserviceaccount.com",
        "token_uri": "http://127.0.0.1:9/token",
    }
    path = tmp_path / "key.json"
    path.write_text(json.dumps(key))
    documents = connect_firestore("demo-x", path)
    assert documents.description == "Firestore project demo-x"
    documents.close()


def test_the_embedded_database_needs_nothing_of_google() -> None:
    code = "import sys, cloud.documents.embedded, cloud.cli; print(*sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, timeout=60
    )
    loaded = {name.partition(".")[0] for name in answer.stdout.decode().split()}
    assert not loaded & {"google", "grpc", "firebase_admin", "fastapi"}
