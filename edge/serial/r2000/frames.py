"""A0 frames ("UHF RFID Reader Serial Interface Protocol" V3.7); all numbers are big-endian.

    A0  LEN  address  command  data[LEN-3]  check

LEN counts what is behind it; with the check the sum of all bytes is 0, modulo 256.  Commands and
answers look alike: an answer has the reader's own address and the command that it answers.
"""

import msgspec

from edge.serial.faults import FaultCause
from edge.serial.framing import Direction, StreamDecoder

START = 0xA0
PUBLIC = 0xFF  # every reader takes it for its own address
LONGEST_DATA = 252
_LEAST = 3  # address, command, check


class Frame(msgspec.Struct, frozen=True, gc=False):
    address: int
    command: int
    data: bytes = b""

    def encode(self) -> bytes:
        """Give the whole frame.  Raises ValueError for more data than a frame can have."""
        if len(self.data) > LONGEST_DATA:
            text = f"A0 frame of {len(self.data)} bytes of data, allowed are {LONGEST_DATA}"
            raise ValueError(text)
        head = bytes((START, len(self.data) + _LEAST, self.address, self.command))
        return head + self.data + (-sum(head) - sum(self.data) & 0xFF).to_bytes(1)


class FrameDecoder(StreamDecoder[Frame]):
    """The direction makes no difference to the frames."""

    def __init__(self, _: Direction = Direction.FROM_READER) -> None:
        super().__init__()

    def _find(self, at: int) -> int:
        found = self._buffer.find(START, at)
        return len(self._buffer) if found < 0 else found

    def _take(self, at: int, end: int) -> tuple[Frame | FaultCause | None, int]:
        if end - at < 2:
            return None, 2
        whole = self._buffer[at + 1] + 2
        if whole < _LEAST + 2:
            return FaultCause.BAD_LENGTH, 0
        if end - at < whole:
            return None, whole
        raw = bytes(self._buffer[at : at + whole])
        if sum(raw) & 0xFF:
            return FaultCause.BAD_CHECK, whole
        return Frame(raw[2], raw[3], raw[4:-1]), whole
