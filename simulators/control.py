"""The control endpoint of a running simulated reader: JSON lines over a local socket.

    {"command": "fault", "name": "refuse", "values": {"status": 3}}   ->   {"result": {…}}
    {"command": "fault", "name": "refused"}   ->   {"error": "unknown fault 'refused', allowed …"}

A store of several readers is told which one by `"reader": NAME`.  An endpoint is the path of a Unix
socket, or HOST:PORT of the loopback; port 0 is a free one.
"""

import contextlib
import json
import os
import re
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from edge.errors import ConfigError, ReaderError
from simulators.switchboard import Answer

_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[?::1\]?):(\d{1,5})")
_MOST_CLIENTS = 8
_LONGEST_LINE = 1 << 20
_ANSWER_S = 1.0  # how long one tester may keep the reader waiting
_REACH_S = 10.0


class Obeying(Protocol):
    """Whoever does what a request says, and raises ConfigError where it says nothing sensible."""

    def handle(self, request: Mapping[str, object]) -> Answer: ...


class ControlServer:
    """Opens the endpoint when it is made; does what it is told whenever `attend` is called."""

    def __init__(self, endpoint: str, switchboard: Obeying) -> None:
        self._switchboard = switchboard
        self._path: Path | None = None
        self._clients: dict[socket.socket, bytearray] = {}
        self._listener = self._open(endpoint)
        self._listener.settimeout(0)

    @property
    def endpoint(self) -> str:
        if self._path is not None:
            return str(self._path)
        host, port = self._listener.getsockname()[:2]
        return f"{host}:{port}"

    def attend(self) -> None:
        """Take what testers have said by now, and answer; waits for nobody who is silent."""
        with contextlib.suppress(BlockingIOError):
            client, _ = self._listener.accept()
            client.settimeout(0)
            self._clients[client] = bytearray()
            if len(self._clients) > _MOST_CLIENTS:
                self._drop(next(iter(self._clients)))
        for client in list(self._clients):
            self._listen_to(client)

    def close(self) -> None:
        for client in list(self._clients):
            self._drop(client)
        self._listener.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def _listen_to(self, client: socket.socket) -> None:
        try:
            data = client.recv(65_536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        heard = self._clients[client]
        heard += data
        if not data or len(heard) > _LONGEST_LINE:
            self._drop(client)
            return
        *lines, rest = bytes(heard).split(b"\n")
        self._clients[client] = bytearray(rest)
        for line in lines:
            self._answer(client, line)

    def _answer(self, client: socket.socket, line: bytes) -> None:
        reply = json.dumps(self._reply(line)) + "\n"
        client.settimeout(_ANSWER_S)
        try:
            client.sendall(reply.encode())
        except OSError:
            self._drop(client)
        else:
            client.settimeout(0)

    def _reply(self, line: bytes) -> dict[str, object]:
        try:
            request = json.loads(line)
        except ValueError as error:
            return {"error": f"no JSON: {error}"}
        if not isinstance(request, dict):
            return {"error": 'no JSON object, needed is {"command": …}'}
        try:
            return {"result": self._switchboard.handle(request)}
        except (ConfigError, ReaderError) as error:
            return {"error": str(error)}

    def _drop(self, client: socket.socket) -> None:
        self._clients.pop(client, None)
        client.close()

    def _open(self, endpoint: str) -> socket.socket:
        try:
            if address := _loopback(endpoint):
                return socket.create_server(address, family=_family(address))
            path = Path(endpoint)
            if path.is_socket() and not _is_served(path):
                path.unlink()
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(endpoint)
            listener.listen(_MOST_CLIENTS)
        except OSError as error:
            why = error.strerror or os.strerror(error.errno or 0) or str(error)
            raise ReaderError(f"cannot open the control endpoint {endpoint}: {why}") from error
        self._path = path
        return listener


def order(endpoint: str, request: Mapping[str, object]) -> Answer:
    """Tell a running simulator something, and give its answer.

    Raises ReaderError where none is reached in ten seconds, ConfigError with what it objects to.
    """
    try:
        with _reach(endpoint) as client:
            client.sendall(json.dumps(request).encode() + b"\n")
            line = client.makefile("rb").readline()
    except OSError as error:
        why = error.strerror or str(error)
        raise ReaderError(f"no simulator answers at {endpoint}: {why}") from error
    if not line:
        raise ReaderError(f"the simulator at {endpoint} ended before it answered")
    reply = json.loads(line)
    if "error" in reply:
        raise ConfigError(reply["error"])
    result: Answer = reply["result"]
    return result


def _reach(endpoint: str) -> socket.socket:
    if address := _loopback(endpoint):
        return socket.create_connection(address, _REACH_S)
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(_REACH_S)
    try:
        client.connect(endpoint)
    except OSError:
        client.close()
        raise
    return client


def _loopback(endpoint: str) -> tuple[str, int] | None:
    match = _LOOPBACK.fullmatch(endpoint)
    return (match[1].strip("[]"), int(match[2])) if match else None


def _family(address: tuple[str, int]) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address[0] else socket.AF_INET


def _is_served(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0
