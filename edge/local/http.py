"""A small HTTP server for the machines of one store: bounded in connections, bytes and time.

A connection carries one request and is closed.  What is asked for is a table of routes, whose
handlers run in the connections' threads; a GatewayError of theirs becomes an answer (`_STATUS`).
Every answer is JSON; one that refuses says in `error` what is wrong, and in `mistakes` where.

Beyond this machine a token is needed.  Without one, what a browser sends for a foreign page is
refused by its Origin and Host, since any page may let a browser call this machine.
"""

import contextlib
import hmac
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import Any, ClassVar
from urllib.parse import urlsplit

import msgspec

from edge.errors import GatewayError, InputConflict, InputError, NothingSuch, StorageError
from edge.local.routes import Answer, Route, WrongMethod, find_route

MAX_BODY = 1 << 20
MAX_CONNECTIONS = 16
CONNECTION_S = 30.0  # from the first byte to the last of the answer
SILENCE_S = 5.0
RETRY_S = 2  # what a machine that is refused for now is told to wait
_LOOK_S = 0.25
_BIND_AGAIN_S = 5.0
_BODILESS = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})
_OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_BUSY = HTTPStatus.SERVICE_UNAVAILABLE

_log = logging.getLogger(__name__)

_STATUS: Mapping[type[GatewayError], HTTPStatus] = {
    WrongMethod: HTTPStatus.METHOD_NOT_ALLOWED,
    NothingSuch: HTTPStatus.NOT_FOUND,
    InputConflict: HTTPStatus.CONFLICT,
    InputError: HTTPStatus.BAD_REQUEST,
    StorageError: _BUSY,
}


class HttpServer:
    """serve() is a thread's body; it returns soon after `stop` is set.

    `alarm` is told why nobody can connect, and None when they can.
    """

    def __init__(
        self,
        host: str,
        port: int,
        token: str | None,
        routes: Iterable[Route],
        alarm: Callable[[str | None], None],
    ) -> None:
        self._address, self._token = (host, port), token
        self._routes = tuple(routes)
        self._alarm = alarm

    def serve(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                server = _Server(self._address, self._token, self._routes)
            except OSError as error:
                host, port = self._address
                self._alarm(f"{host}:{port} cannot be listened at: {error.strerror or error}")
                stop.wait(_BIND_AGAIN_S)
                continue
            self._alarm(None)
            _log.info("local=%s:%d takes what tills say", *server.server_address[:2])
            with server:
                while not stop.is_set():
                    server.handle_request()
                    server.cut_overdue()


class _Server(ThreadingMixIn, TCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = MAX_CONNECTIONS
    timeout = _LOOK_S

    def __init__(
        self, address: tuple[str, int], token: str | None, routes: tuple[Route, ...]
    ) -> None:
        self.token, self.routes = token, routes
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self._lock = threading.Lock()
        self._deadlines: dict[socket.socket, float] = {}
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 socketserver's own types
        with self._lock:
            is_full = len(self._deadlines) >= MAX_CONNECTIONS
            if not is_full:
                self._deadlines[request] = time.monotonic() + CONNECTION_S
        if is_full:
            _refuse(request)
            super().shutdown_request(request)
        else:
            super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 as above
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._deadlines.pop(request, None)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 as above
        """Let the other side read the answer first: what it still says would reset the link."""
        with contextlib.suppress(OSError):
            request.shutdown(socket.SHUT_WR)
            request.settimeout(_LOOK_S)
            left = 2 * MAX_BODY
            while left > 0 and (unread := request.recv(1 << 16)):
                left -= len(unread)
        self.close_request(request)

    def cut_overdue(self) -> None:
        """End the connections that take too long, however lively they are."""
        now_s = time.monotonic()
        with self._lock:
            overdue = [one for one, due_s in self._deadlines.items() if due_s <= now_s]
            for one in overdue:
                _shut(one)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401, ARG002 as above
        _log.debug("local: a connection broke", exc_info=True)


class _Refused(Exception):
    """What a request is answered before any route is asked."""

    def __init__(self, status: HTTPStatus, error: str, **headers: str) -> None:
        super().__init__(error)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = Answer({"error": error}, status, {**names})


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout: ClassVar[float] = SILENCE_S

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):  # whatever the method: the routes know which there are
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        try:
            answer = self._answer()
        except _Refused as refused:
            answer = refused.answer
        except GatewayError as error:
            answer = _answer_to(error)
        except Exception:  # noqa: BLE001 the top of a thread; one request must not end the counting
            _log.exception("local: %s %s", self.command, self.path)
            answer = Answer({"error": "a fault of this program"}, HTTPStatus.INTERNAL_SERVER_ERROR)
        self._say(answer)

    def _answer(self) -> Answer:
        self._check_sender()
        call = find_route(self.server.routes, self.command, self.path)
        return call.answer(self._body())

    def _check_sender(self) -> None:
        token = self.server.token
        if token is not None:
            told = self.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
            if not hmac.compare_digest(told, f"Bearer {token}".encode()):
                error = "a token is needed: Authorization: Bearer ..."
                raise _Refused(HTTPStatus.UNAUTHORIZED, error, WWW_Authenticate="Bearer")
            return
        host = self.headers.get("Host", "")
        name = (urlsplit(f"//{host}").hostname or "").lower()
        origin = self.headers.get("Origin")
        if name not in _OWN_NAMES or origin not in {None, f"http://{host}"}:
            error = f"not from here: Host {host or 'missing'}, Origin {origin or 'none'}"
            raise _Refused(HTTPStatus.FORBIDDEN, error)

    def _body(self) -> bytes:
        if self.command in _BODILESS:
            return b""
        told = self.headers.get("Content-Length")
        if told is None or "Transfer-Encoding" in self.headers:
            raise _Refused(HTTPStatus.LENGTH_REQUIRED, "Content-Length is needed")
        if not (told.isascii() and told.isdigit()):
            raise _Refused(HTTPStatus.BAD_REQUEST, f"Content-Length: expected bytes, got {told}")
        length = int(told[:20])
        if length > MAX_BODY:
            error = f"{length} bytes are too many, allowed are {MAX_BODY}"
            raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, error)
        kind = self.headers.get_content_type()
        if length and kind != "application/json":
            error = f"Content-Type: expected application/json, got {kind}"
            raise _Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, error)
        return self._read(length)

    def _read(self, length: int) -> bytes:
        try:
            body = self.rfile.read(length)
        except OSError as error:
            detail = f"the body did not come: {error}"
            raise _Refused(HTTPStatus.REQUEST_TIMEOUT, detail) from error
        if len(body) < length:
            detail = f"the body ended after {len(body)} of {length} bytes"
            raise _Refused(HTTPStatus.BAD_REQUEST, detail)
        return body

    def version_string(self) -> str:
        return "Tagtally"

    def handle_expect_100(self) -> bool:
        """Let the body come: what is too long is refused by what its headers say."""
        self.send_response_only(HTTPStatus.CONTINUE)
        self.end_headers()
        return True

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Say what could not even be read as a request."""
        error = message or explain or HTTPStatus(code).phrase
        self._say(Answer({"error": error}, HTTPStatus(code)))

    def _say(self, answer: Answer) -> None:
        body = answer.body if isinstance(answer.body, bytes) else _json(answer.body)
        self.close_connection = True
        self.request_version = self.protocol_version  # also where the request named none
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if getattr(self, "command", None) != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the base's own name
        _log.debug("local: %s: " + format, self.client_address[0], *args)


def _answer_to(error: GatewayError) -> Answer:
    status = next((of for kind, of in _STATUS.items() if isinstance(error, kind)), None)
    body: dict[str, object] = {"error": str(error).partition("\n")[0]}
    if isinstance(error, InputError) and error.mistakes:
        body["mistakes"] = error.mistakes
    headers = {"Retry-After": str(RETRY_S)} if status is _BUSY else {}
    if isinstance(error, WrongMethod):
        headers["Allow"] = ", ".join(error.allowed)
    return Answer(body, status or HTTPStatus.INTERNAL_SERVER_ERROR, headers)


def _refuse(client: socket.socket) -> None:
    """Say without reading anything that there are too many connections."""
    body = _json({"error": f"{MAX_CONNECTIONS} connections are open already"})
    head = (
        f"HTTP/1.1 503 Service Unavailable\r\nRetry-After: {RETRY_S}\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with contextlib.suppress(OSError):
        client.settimeout(_LOOK_S)
        client.sendall(head.encode() + body)


def _shut(client: socket.socket) -> None:
    with contextlib.suppress(OSError):
        client.shutdown(socket.SHUT_RDWR)


def _json(body: object) -> bytes:
    return msgspec.json.encode(body) + b"\n"
