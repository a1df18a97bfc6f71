"""The agent's Unix socket: what commands ask of the agent that runs, one line each way.

The socket lies beside the database and is open to the agent's own user only.  A connection carries
one request and its answer, as JSON; what may be done to tags is decided here, by the agent's
configuration.
"""

import contextlib
import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from edge.errors import ConfigError, GatewayError, ReaderError
from edge.llrp.access import KillTag, LockTag, ReadTag, WriteEpc, WriteTag
from edge.llrp.facts import SessionFacts
from edge.llrp.operations import Outcome, SetOutput
from edge.local.routes import Route, find_route
from edge.options import AccessRight

_LINE_LIMIT = 2 << 20
_PIECE = 1 << 16
_LINE_S = 2.0  # for a command to say its line
_LOOK_S = 0.25
_WORKERS = 4

_log = logging.getLogger(__name__)

ReaderOperation = ReadTag | WriteTag | WriteEpc | LockTag | KillTag | SetOutput


class Do(msgspec.Struct, frozen=True, tag="do"):
    """Have a reader do something, and wait for what has come of it."""

    reader: str
    operation: ReaderOperation


class TellFacts(msgspec.Struct, frozen=True, tag="tell_facts"):
    """Tell how the connections to the readers are."""


class Ask(msgspec.Struct, frozen=True, tag="ask"):
    """Ask one of the agent's routes; `target` is path and query."""

    method: str
    target: str
    body: msgspec.Raw = msgspec.Raw(b"null")


class Done(msgspec.Struct, frozen=True, tag="done"):
    outcome: Outcome


class Facts(msgspec.Struct, frozen=True, tag="facts"):
    """By reader; none where there is no connection."""

    readers: dict[str, SessionFacts | None]


class Answered(msgspec.Struct, frozen=True, tag="answered"):
    """What a route has answered, in JSON."""

    body: msgspec.Raw


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    detail: str
    exit_code: int


Request = Do | TellFacts | Ask
Answer = Done | Facts | Answered | Refused

_requests: msgspec.json.Decoder[Request] = msgspec.json.Decoder(Request)
_answers: msgspec.json.Decoder[Answer] = msgspec.json.Decoder(Answer)

Perform = Callable[[str, ReaderOperation], Outcome]
"""Does an operation with the reader of that name; raises ReaderError."""


def socket_path(database: Path) -> Path:
    return database.with_name(f"{database.name}.sock")


def check_right(operation: ReaderOperation, allowed: AbstractSet[AccessRight]) -> None:
    """Raise ConfigError for what may not be done to tags here."""
    right = getattr(operation, "right", None)
    if right is not None and right not in allowed:
        there = ", ".join(f'"{one}"' for one in sorted(allowed))
        raise ConfigError(
            f'"{right}" is not in what tags may be used for: [access] allow = [{there}]'
        )


class ControlServer:
    """serve() is a thread's body; it returns soon after `stop` is set."""

    def __init__(
        self,
        path: Path,
        allowed: AbstractSet[AccessRight],
        perform: Perform,
        facts: Callable[[], dict[str, SessionFacts | None]],
        routes: Sequence[Route] = (),
    ) -> None:
        self._path, self._allowed = path, allowed
        self._perform, self._facts = perform, facts
        self._routes = routes

    def serve(self, stop: threading.Event) -> None:
        """Answer commands; without a socket, which is told, nothing else is missing."""
        try:
            listener = _listen(self._path)
        except OSError as error:
            _log.warning("%s: no commands are taken: %s", self._path, error.strerror or error)
            return
        with listener, ThreadPoolExecutor(_WORKERS, "control") as workers:
            while not stop.is_set():
                with contextlib.suppress(TimeoutError):
                    workers.submit(self._serve_one, listener.accept()[0])
        with contextlib.suppress(OSError):
            self._path.unlink()

    def _serve_one(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):  # who asked may have gone
            client.settimeout(_LINE_S)
            client.sendall(msgspec.json.encode(self._answer(_read_line(client))) + b"\n")

    def _answer(self, line: bytes) -> Answer:
        try:
            request = _requests.decode(line)
        except msgspec.MsgspecError as error:
            return Refused(f"request cannot be read: {error}", ReaderError.exit_code)
        try:
            match request:
                case Do(reader, operation):
                    check_right(operation, self._allowed)
                    return Done(self._perform(reader, operation))
                case Ask(method, target, body):
                    answer = find_route(self._routes, method, target).answer(bytes(body))
                    return Answered(msgspec.Raw(msgspec.json.encode(answer.body)))
                case _:
                    return Facts(self._facts())
        except GatewayError as error:
            return Refused(str(error), error.exit_code)


def ask_agent(path: Path, request: Request, timeout_s: float) -> Answer:
    """Ask the agent that runs.  Raises ReaderError where it does not answer."""
    try:
        with _unix_socket() as client, _short(path) as address:
            client.settimeout(timeout_s)
            client.connect(address)
            client.sendall(msgspec.json.encode(request) + b"\n")
            line = _read_line(client)
        return _answers.decode(line)
    except (OSError, msgspec.MsgspecError) as error:
        cause = getattr(error, "strerror", None) or str(error)
        raise ReaderError(f"{path}: the agent does not answer: {cause}") from error


def _read_line(connected: socket.socket) -> bytes:
    line = bytearray()
    while not line.endswith(b"\n") and len(line) < _LINE_LIMIT:
        received = connected.recv(_PIECE)
        if not received:
            break
        line += received
    return bytes(line)


def _listen(path: Path) -> socket.socket:
    with contextlib.suppress(FileNotFoundError):
        path.unlink()  # a life before has left it: the database's lock says that nobody has it
    listener = _unix_socket()
    try:
        with _short(path) as address:
            listener.bind(address)
        path.chmod(0o600)  # before anybody can connect
        listener.listen(8)
        listener.settimeout(_LOOK_S)
    except OSError:
        listener.close()
        raise
    return listener


def _unix_socket() -> socket.socket:
    return socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)


@contextlib.contextmanager
def _short(path: Path) -> Iterator[str]:
    """Give an address that fits: the kernel takes 107 bytes (unix(7)), folders may be deeper."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
