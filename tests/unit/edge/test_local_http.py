"""The store's own HTTP server: who may ask, what is refused, and what it survives."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from deploy.demo.processes import free_port
from edge.errors import (
    GatewayError,
    InputConflict,
    InputError,
    NothingSuch,
    ReaderError,
    StorageError,
)
from edge.local import http as module
from edge.local.http import MAX_BODY, MAX_CONNECTIONS, HttpServer
from edge.local.routes import Answer, Request, Route
from tests.support.waiting import wait_until

JSON = {"Content-Type": "application/json"}
ERRORS: dict[str, GatewayError] = {
    "input": InputError("2 mistakes", ["a: missing", "b: missing"]),
    "conflict": InputConflict("told otherwise"),
    "nothing": NothingSuch("no such thing"),
    "storage": StorageError("the disk is full"),
    "other": ReaderError("strange"),
}


def echo(request: Request) -> Answer:
    body = request.body.decode()
    return Answer({"arguments": request.arguments, "query": request.query, "body": body})


def fail(request: Request) -> Answer:
    raise ERRORS[request.arguments["error"]]


def break_down(_: Request) -> Answer:
    raise ZeroDivisionError


class Server:
    """A server in a thread; `gate` holds up what is asked of /slow."""

    def __init__(self, token: str | None = None) -> None:
        self.port, self.gate = free_port(), threading.Event()
        self.alarms: list[str | None] = []
        self.waiting = threading.Semaphore(0)
        self._stop = threading.Event()
        routes = [
            Route("GET", "/echo/{one}/{two}", echo),
            Route("POST", "/echo/{one}/{two}", echo),
            Route("POST", "/fail/{error}", fail),
            Route("GET", "/slow", self._slow),
            Route("GET", "/bug", break_down),
        ]
        server = HttpServer("127.0.0.1", self.port, token, routes, self.alarms.append)
        self._thread = threading.Thread(target=server.serve, args=(self._stop,), daemon=True)

    def _slow(self, _: Request) -> Answer:
        self.waiting.release()
        assert self.gate.wait(30)
        return Answer("done")

    def start(self) -> None:
        self._thread.start()
        wait_until(lambda: bool(self.alarms))

    def end(self) -> None:
        self.gate.set()
        self._stop.set()
        self._thread.join(10)
        assert not self._thread.is_alive()

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, Any, http.client.HTTPMessage]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read()), answer.headers
        finally:
            connection.close()

    def say(self, text: bytes) -> bytes:
        """Send bytes as they are, and give all that comes back."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as client:
            client.sendall(text)
            return b"".join(iter(lambda: client.recv(1 << 16), b""))


MakeServer = Callable[..., Server]


@pytest.fixture
def make_server() -> Iterator[MakeServer]:
    made: list[Server] = []

    def make(token: str | None = None) -> Server:
        made.append(Server(token))
        made[-1].start()
        return made[-1]

    yield make
    for one in made:
        one.end()


@pytest.fixture
def server(make_server: MakeServer) -> Server:
    return make_server()


def test_a_route_is_given_what_stands_in_its_path_query_and_body(server: Server) -> None:
    status, answer, headers = server.ask(
        "POST", "/echo/a%2Fb/c?x=1", b"{}", Content_Type="application/json"
    )
    assert (status, headers["Connection"]) == (200, "close")
    assert answer == {"arguments": {"one": "a/b", "two": "c"}, "query": {"x": "1"}, "body": "{}"}


FORM = {"Content_Type": "application/x-www-form-urlencoded"}
PLAIN = {"Content_Type": "text/plain"}
FOREIGN = {"Origin": "https://evil.example", "Content_Type": "application/json"}
EVIL = {"Host": "evil.example"}
REFUSED = {
    "no such path": ("GET", "/nothing", None, {}, 404, "there is no /nothing"),
    "a path that goes on": ("GET", "/slow/more", None, {}, 404, "there is no /slow/more"),
    "another method": ("DELETE", "/echo/a/b", None, {}, 405, "allowed: GET, POST"),
    "a form": ("POST", "/echo/a/b", b"a=b", FORM, 415, "expected application/json, got app"),
    "plain text, as any page may send": ("POST", "/echo/a/b", b"{}", PLAIN, 415, "text/plain"),
    "another name for this machine": ("GET", "/echo/a/b", None, EVIL, 403, "Host evil.example"),
    "a page of somebody else": ("POST", "/echo/a/b", b"{}", FOREIGN, 403, "https://evil.example"),
    "mistakes": ("POST", "/fail/input", b"", {}, 400, "2 mistakes"),
    "a contradiction": ("POST", "/fail/conflict", b"", {}, 409, "told otherwise"),
    "a thing that is not there": ("POST", "/fail/nothing", b"", {}, 404, "no such thing"),
    "a file that cannot be written": ("POST", "/fail/storage", b"", {}, 503, "the disk is full"),
    "anything else": ("POST", "/fail/other", b"", {}, 500, "strange"),
}


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status", "told"), REFUSED.values(), ids=REFUSED
)
def test_what_is_refused_says_why(  # noqa: PLR0913, PLR0917 the columns of the table
    server: Server,
    method: str,
    path: str,
    body: bytes | None,
    headers: dict[str, str],
    status: int,
    told: str,
) -> None:
    found, answer, _ = server.ask(method, path, body, **headers)
    assert (found, told in answer["error"]) == (status, True)


def test_mistakes_are_told_one_by_one(server: Server) -> None:
    assert server.ask("POST", "/fail/input", b"")[1]["mistakes"] == ["a: missing", "b: missing"]


def test_who_is_refused_for_now_is_told_when_to_come_again(server: Server) -> None:
    assert server.ask("POST", "/fail/storage", b"")[2]["Retry-After"] == "2"


def test_a_method_that_is_not_there_is_told_which_are(server: Server) -> None:
    assert server.ask("PUT", "/slow", b"")[2]["Allow"] == "GET"


HEADS = {
    "no length": (b"POST /echo/a/b HTTP/1.1\r\nHost: localhost\r\n\r\n", b" 411 "),
    "pieces": (
        b"POST /echo/a/b HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n",
        b" 411 ",
    ),
    "a length in words": (
        b"POST /echo/a/b HTTP/1.1\r\nHost: localhost\r\nContent-Length: ten\r\n\r\n",
        b" 400 ",
    ),
    "more than is taken": (
        b"POST /echo/a/b HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
        % (MAX_BODY + 1),
        b" 413 ",
    ),
    "more than a number holds": (
        b"POST /echo/a/b HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
        + b"9" * 5000
        + b"\r\n\r\n",
        b" 413 ",
    ),
    "noise": (b"\x16\x03\x01\x02\x00\r\n\r\n", b" 400 "),
    "a line without end": (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", b" 414 "),
    "headers without end": (
        b"GET /slow HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b" 431 ",
    ),
    "no host": (b"GET /echo/a/b HTTP/1.1\r\n\r\n", b" 403 "),
}


@pytest.mark.parametrize(("text", "status"), HEADS.values(), ids=HEADS)
def test_what_is_no_proper_request_is_answered_and_the_next_is_served(
    server: Server, text: bytes, status: bytes
) -> None:
    answer = server.say(text)
    assert answer.startswith(b"HTTP/1.1" + status)
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]
    assert server.ask("GET", "/echo/a/b")[0] == 200


def test_a_body_that_ends_early_is_not_taken(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
        client.sendall(
            b"POST /echo/a/b HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{}"
        )
        client.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: client.recv(1 << 16), b""))
    assert b"the body ended after 2 of 10 bytes" in answer


def test_a_body_for_which_leave_is_asked_may_come(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
        client.sendall(
            b"POST /echo/a/b HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
            b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n"
        )
        assert client.recv(100).startswith(b"HTTP/1.1 100 ")
        client.sendall(b"{}")
        assert b'"body":"{}"' in b"".join(iter(lambda: client.recv(1 << 16), b""))


def test_a_fault_of_a_route_is_logged_and_the_next_is_served(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    assert server.ask("GET", "/bug")[0] == 500
    assert "ZeroDivisionError" in caplog.text
    assert server.ask("GET", "/echo/a/b")[0] == 200


def test_what_is_too_long_is_told_so_though_it_was_sent_already(server: Server) -> None:
    head = b"POST /echo/a/b HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
    assert b" 413 " in server.say(head % (MAX_BODY + 1) + b" " * (MAX_BODY + 1))[:20]


# Bounds.


def test_connections_beyond_the_bound_are_refused_until_others_end(server: Server) -> None:
    asking = [
        threading.Thread(target=server.ask, args=("GET", "/slow"), daemon=True)
        for _ in range(MAX_CONNECTIONS)
    ]
    for thread in asking:
        thread.start()
        assert server.waiting.acquire(timeout=20)
    refused = server.say(b"")
    assert refused.startswith(b"HTTP/1.1 503 ")
    assert b"Retry-After: 2" in refused
    server.gate.set()
    for thread in asking:
        thread.join(20)
    wait_until(lambda: server.ask("GET", "/echo/a/b")[0] == 200)


def test_who_says_nothing_is_hung_up_on(
    make_server: MakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CONNECTION_S", 0.5)
    server = make_server()
    began_s = time.monotonic()
    assert server.say(b"") == b""
    assert time.monotonic() - began_s < 20


def test_who_says_a_byte_now_and_then_is_hung_up_on_too(
    make_server: MakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CONNECTION_S", 0.5)
    server = make_server()
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
        client.sendall(b"POST /echo/a/b HTTP/1.1\r\nHost: localhost\r\n")
        with pytest.raises(OSError, match=r"reset|[Bb]roken"):  # noqa: PT012 until it is so
            for _ in range(1000):
                client.sendall(b"X: y\r\n")
                threading.Event().wait(0.02)


# Tokens.


def test_without_its_token_nothing_is_answered(make_server: MakeServer) -> None:
    server = make_server("sesame")
    for told in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "sesame"}):
        status, answer, headers = server.ask("GET", "/echo/a/b", None, **told)
        assert (status, headers["WWW-Authenticate"]) == (401, "Bearer")
        assert "a token is needed" in answer["error"]


def test_with_its_token_any_machine_may_ask(make_server: MakeServer) -> None:
    server = make_server("sesame")
    told = {"Authorization": "Bearer sesame", "Host": "box.store.example"}
    assert server.ask("GET", "/echo/a/b", None, **told)[0] == 200


def test_a_port_that_is_taken_is_an_alarm_until_it_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BIND_AGAIN_S", 0.05)
    server = Server()
    with socket.create_server(("127.0.0.1", server.port)):
        server.start()
        assert "cannot be listened at: Address already in use" in (server.alarms[0] or "")
    try:
        wait_until(lambda: server.alarms[-1] is None)
        assert server.ask("GET", "/echo/a/b")[0] == 200
    finally:
        server.end()
