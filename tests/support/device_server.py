"""A device server: a serial port at the other end of a TCP connection, raw or by RFC 2217."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import serial
from serial import rfc2217

_LOOK_S = 0.02


class _Connection:
    """What pyserial's port manager writes its own words to."""

    def __init__(self, client: socket.socket) -> None:
        self._client = client

    def write(self, data: bytes) -> None:
        self._client.sendall(data)


class _Line(serial.Serial):  # type: ignore[misc] # pyserial has no types
    """A port without modem lines: a pseudo-terminal has none, and asking it is an error."""

    cts = dsr = ri = cd = False

    def _update_rts_state(self) -> None:
        pass

    def _update_dtr_state(self) -> None:
        pass


class DeviceServer:
    """Serves one client at a time; `is_raw` carries bytes and nothing else."""

    def __init__(self, port: Path, baud: int, *, is_raw: bool) -> None:
        self._port, self._baud, self._is_raw = port, baud, is_raw
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(_LOOK_S)
        self._is_stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="device server")
        scheme = "socket" if is_raw else "rfc2217"
        self.device = f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._is_stopped.set()
        self._thread.join(10)
        self._listener.close()

    def _run(self) -> None:
        while not self._is_stopped.is_set():
            with contextlib.suppress(TimeoutError):
                client, _ = self._listener.accept()
                with client, _Line(str(self._port), self._baud, timeout=0) as line:
                    client.settimeout(_LOOK_S)
                    with contextlib.suppress(ConnectionError):
                        self._carry(client, line)

    def _carry(self, client: socket.socket, line: Any) -> None:  # noqa: ANN401 pyserial has no types
        manager = None if self._is_raw else rfc2217.PortManager(line, _Connection(client))
        while not self._is_stopped.is_set():
            if told := line.read(4096):
                client.sendall(b"".join(manager.escape(told)) if manager else told)
            with contextlib.suppress(TimeoutError):
                if not (asked := client.recv(4096)):
                    return
                line.write(b"".join(manager.filter(asked)) if manager else asked)


@contextlib.contextmanager
def device_server(port: Path, baud: int, *, is_raw: bool) -> Iterator[DeviceServer]:
    server = DeviceServer(port, baud, is_raw=is_raw)
    server.start()
    try:
        yield server
    finally:
        server.stop()
