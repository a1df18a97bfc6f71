"""`tagtally-sim` as a process of its own, and a client that says exactly what a test wants."""

import socket
import sys
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
        self.port = int(self.wait_for("listening on", START_S).rpartition(":")[2])


@contextmanager
def simulator(folder: Path, *arguments: str) -> Iterator[Simulator]:
    """Start `tagtally-sim`, and end it afterwards whatever happens."""
    sim = Simulator(folder, *arguments)
    try:
        yield sim
    finally:
        sim.stop()


class LlrpPeer:
    """A blocking client; it fails where nothing comes in time."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), ANSWER_S)
        self._decoder = FrameDecoder()
        self._next_id = 1000

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def say(self, message: Message) -> int:
        self._next_id += 1
        self._socket.sendall(encode_message(message, self._next_id))
        return self._next_id

    def ask(self, message: Message, response: type[M]) -> M:
        """Give the response; what comes unasked before it is passed over."""
        message_id = self.say(message)
        for frame in self.frames():
            if frame.message_id == message_id and frame.message_type not in _UNASKED:
                answer = decode_message(frame).message
                assert isinstance(answer, response), answer
                return answer
        raise AssertionError(f"the reader closed instead of answering {message}")

    def frames(self) -> Iterator[Frame]:
        """Give frames as they come, until the reader closes."""
        while True:
            if frame := self._decoder.next_frame():
                yield frame
            elif data := self._socket.recv(1 << 16):
                self._decoder.feed(data)
            else:
                return

    def messages(self) -> Iterator[Message]:
        return (decode_message(frame).message for frame in self.frames())
