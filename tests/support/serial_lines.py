"""A serial line that carries what a test has written down."""

from edge.errors import ReaderError
from edge.readers.serial_link import GATHER_S


class ScriptedLine:
    """Each read gives the next piece, or raises it; b"" when none is left."""

    def __init__(self, *pieces: bytes | ReaderError, bytes_per_s: float | None = 11_520) -> None:
        self.pieces = list(pieces)
        self.bytes_per_s = bytes_per_s
        self.open_fails: ReaderError | None = None
        self.write_fails: ReaderError | None = None
        self.did: list[str | bytes | int] = []  # what was called, bytes written, rates

    def open(self, timeout_s: float) -> bool:
        self.did.append("open")
        if self.open_fails:
            raise self.open_fails
        return timeout_s >= 0

    def set_baud(self, baud: int) -> None:
        self.did.append(baud)

    def read(self, timeout_s: float, gather_s: float = GATHER_S) -> bytes:
        assert gather_s < timeout_s
        assert timeout_s <= 0.25, "a session is told the time four times a second"
        piece = self.pieces.pop(0) if self.pieces else b""
        if isinstance(piece, ReaderError):
            raise piece
        return piece

    def write(self, data: bytes) -> None:
        if self.write_fails:
            raise self.write_fails
        self.did.append(data)

    def close(self) -> None:
        self.did.append("close")

    def abort(self) -> None:
        self.did.append("abort")
