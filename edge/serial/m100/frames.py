"""M100 frames (M100/QM100 manual, section 1); all numbers are big-endian.

    BB  type  command  length 2  data[length]  check  7E

The check is the sum from the type to the last of the data, modulo 256.  BB and 7E occur inside as
well, so neither begins or ends a frame by itself.
"""

import msgspec

from edge.serial.faults import FaultCause
from edge.serial.framing import Direction, StreamDecoder

START = 0xBB
END = 0x7E
LONGEST_DATA = 512  # ours: the field could claim 64 KiB, the longest answer is one of 32 words
_FRAME = 7  # bytes that are not data


class Frame(msgspec.Struct, frozen=True, gc=False):
    type: int
    command: int
    data: bytes = b""

    def encode(self) -> bytes:
        """Give the whole frame.  Raises ValueError for more data than a frame can have."""
        if len(self.data) > LONGEST_DATA:
            text = f"M100 frame of {len(self.data)} bytes of data, allowed are {LONGEST_DATA}"
            raise ValueError(text)
        body = bytes((self.type, self.command)) + len(self.data).to_bytes(2) + self.data
        return bytes((START,)) + body + bytes((sum(body) & 0xFF, END))


class FrameDecoder(StreamDecoder[Frame]):
    """The direction makes no difference: a frame's type tells it."""

    def __init__(self, _: Direction = Direction.FROM_READER) -> None:
        super().__init__()

    def _find(self, at: int) -> int:
        found = self._buffer.find(START, at)
        return len(self._buffer) if found < 0 else found

    def _take(self, at: int, end: int) -> tuple[Frame | FaultCause | None, int]:
        if end - at < 5:
            return None, _FRAME
        size = self._buffer[at + 3] << 8 | self._buffer[at + 4]
        if size > LONGEST_DATA:
            return FaultCause.BAD_LENGTH, 0
        whole = size + _FRAME
        if end - at < whole:
            return None, whole
        raw = bytes(self._buffer[at : at + whole])
        if raw[-1] != END:
            return FaultCause.BAD_END, whole
        if sum(raw[1:-2]) & 0xFF != raw[-2]:
            return FaultCause.BAD_CHECK, whole
        return Frame(raw[1], raw[2], raw[5:-2]), whole
