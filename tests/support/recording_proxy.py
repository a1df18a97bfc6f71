"""A TCP proxy on a loopback port that keeps what goes through it, in the order in which it came."""

import selectors
import socket
import threading
from types import TracebackType
from typing import Self

from edge.llrp import FrameDecoder
from tests.support.tshark import Piece

_PATIENCE_S = 0.05


class RecordingProxy:
    """For one connection at a time; `pieces` may be read when the `with` block is over."""

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(_PATIENCE_S)
        self._is_stopped = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="recording-proxy")
        self.pieces: list[Piece] = []
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_stopped.set()
        self._thread.join(10)
        self._listener.close()

    def message_ids(self, kind: int, *, from_reader: bool) -> list[int]:
        """Give the ids of all messages of a kind that one side has sent on the one connection."""
        decoder = FrameDecoder()
        for piece in self.pieces:
            if piece.from_reader is from_reader:
                decoder.feed(piece.data)
        frames = iter(decoder.next_frame, None)
        return [frame.message_id for frame in frames if frame.message_type == kind]

    def _serve(self) -> None:
        while not self._is_stopped.is_set():
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            with client, socket.create_connection(self._target, 5) as reader:
                self._forward(client, reader)

    def _forward(self, client: socket.socket, reader: socket.socket) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(client, selectors.EVENT_READ, (reader, False))
            selector.register(reader, selectors.EVENT_READ, (client, True))
            while not self._is_stopped.is_set():
                for key, _ in selector.select(_PATIENCE_S):
                    target, from_reader = key.data
                    source = client if target is reader else reader
                    try:
                        data = source.recv(65536)
                        target.sendall(data)
                    except OSError:
                        return
                    if not data:
                        return
                    self.pieces.append(Piece(from_reader, data))
