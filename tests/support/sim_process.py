"""`tagtally-sim` as a process of its own, and a client that says exactly what a test wants."""

import select
import socket
import ssl
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self, TypeVar

from deploy.demo.processes import Program
from edge.llrp import FrameDecoder, decode_message, encode_message
from edge.llrp.constants import MessageType
from edge.llrp.fields import Message
from edge.llrp.framing import Frame

START_S, END_S, ANSWER_S = 20.0, 30.0, 20.0
PROGRAM = str(Path(sys.executable).with_name("tagtally-sim"))
_UNASKED = {
    MessageType.RO_ACCESS_REPORT,
    MessageType.KEEPALIVE,
    MessageType.READER_EVENT_NOTIFICATION,
}
M = TypeVar("M", bound=Message)


class Simulator(Program):
    """Listens on a free port when it has been made."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        command = [PROGRAM, *arguments, "--port", "0"]
        super().__init__("tagtally-sim", command, folder / "tagtally-sim.log")
        announced = "dialling" if "--dial" in arguments else "listening on"
        self.port = int(self.wait_for(announced, START_S).rpartition(":")[2])


@contextmanager
def simulator(folder: Path, *arguments: str) -> Iterator[Simulator]:
    """Start `tagtally-sim`, and end it afterwards whatever happens."""
    sim = Simulator(folder, *arguments)
    try:
        yield sim
    finally:
        sim.stop()


def accept_peer(listener: socket.socket, tls: ssl.SSLContext | None = None) -> "LlrpPeer":
    """Wait for a reader that dials."""
    listener.settimeout(ANSWER_S)
    connected, _ = listener.accept()
    connected.settimeout(ANSWER_S)
    if tls is not None:
        connected = tls.wrap_socket(connected, server_side=True)
    return LlrpPeer(accepted=connected)


def _connect(port: int, receive_buffer: int | None, tls: ssl.SSLContext | None) -> socket.socket:
    connected = socket.socket()
    connected.settimeout(ANSWER_S)
    if receive_buffer is not None:
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    try:
        connected.connect(("127.0.0.1", port))
        if tls is not None:
            connected = tls.wrap_socket(connected, server_hostname="localhost")
    except OSError:
        connected.close()
        raise
    return connected


class LlrpPeer:
    """A blocking client; it fails where nothing comes in time."""

    def __init__(
        self,
        port: int = 0,
        receive_buffer: int | None = None,
        tls: ssl.SSLContext | None = None,
        accepted: socket.socket | None = None,
    ) -> None:
        self._socket = accepted or _connect(port, receive_buffer, tls)
        self._decoder = FrameDecoder()
        self._next_id = 1000
        self._unasked: deque[Frame] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def say(self, message: Message, version: int = 1) -> int:
        self._next_id += 1
        self._socket.sendall(encode_message(message, self._next_id, version))
        return self._next_id

    def ask(self, message: Message, response: type[M], version: int = 1) -> M:
        """Give the response; what comes unasked before it stays for `frames`."""
        message_id = self.say(message, version)
        while frame := self._next_frame():
            if frame.message_id == message_id and frame.message_type not in _UNASKED:
                answer = decode_message(frame).message
                assert isinstance(answer, response), answer
                return answer
            self._unasked.append(frame)
        raise AssertionError(f"the reader closed instead of answering {message}")

    def say_no_more(self) -> None:
        """Close its own direction, as a client that ends; what has arrived can still be read."""
        self._socket.shutdown(socket.SHUT_WR)

    def frames(self) -> Iterator[Frame]:
        """Give frames as they come, until the reader closes, politely or not."""
        while frame := self._unasked.popleft() if self._unasked else self._next_frame():
            yield frame

    def messages(self) -> Iterator[Message]:
        return (decode_message(frame).message for frame in self.frames())

    @property
    def unasked(self) -> list[Message]:
        """What came before an answer and was not fetched yet."""
        return [decode_message(frame).message for frame in self._unasked]

    def is_silent_for(self, seconds: float) -> bool:
        """Tell whether nothing comes, and the connection stays up, for so long."""
        is_silent = not self._unasked and not select.select([self._socket], [], [], seconds)[0]
        return is_silent and self._decoder.next_frame() is None

    def receive(self) -> bytes:
        """Take the next bytes as they come; raises ConnectionResetError where it is reset."""
        return self._socket.recv(1 << 16)

    def _next_frame(self) -> Frame | None:
        while (frame := self._decoder.next_frame()) is None:
            data = self._receive()
            if not data:
                return None
            self._decoder.feed(data)
        return frame

    def _receive(self) -> bytes:
        try:
            return self._socket.recv(1 << 16)
        except ConnectionResetError:
            return b""
