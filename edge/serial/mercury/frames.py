"""Mercury's frames (MercuryAPI C 1.35.2.72, serial_reader_l3.c); all numbers are big-endian.

    command   FF  LEN  opcode                data[LEN]  CRC 2     LEN at most 250
    answer    FF  LEN  opcode  status 2      data[LEN]  CRC 2     LEN at most 248

The CRC is over all from LEN to the data.  Streamed tags, boot messages and keepalives are answers
that nobody has asked for.
"""

from binascii import crc_hqx

import msgspec

from edge.serial.checks import crc_mercury
from edge.serial.faults import FaultCause
from edge.serial.framing import Direction, StreamDecoder

START = 0xFF
LONGEST_COMMAND = 250
LONGEST_ANSWER = 248


class Frame(msgspec.Struct, frozen=True, gc=False):
    """A command, or with a status an answer."""

    opcode: int
    data: bytes = b""
    status: int | None = None

    def encode(self) -> bytes:
        """Give the whole frame.  Raises ValueError for more data than a frame can have."""
        status = b"" if self.status is None else self.status.to_bytes(2)
        most = LONGEST_COMMAND if self.status is None else LONGEST_ANSWER
        if len(self.data) > most:
            raise ValueError(f"Mercury frame of {len(self.data)} bytes of data, allowed are {most}")
        message = bytes((len(self.data), self.opcode)) + status + self.data
        return START.to_bytes(1) + message + crc_mercury(message).to_bytes(2)


class FrameDecoder(StreamDecoder[Frame]):
    def __init__(self, direction: Direction = Direction.FROM_READER) -> None:
        super().__init__()
        self._direction = direction

    def _find(self, at: int) -> int:
        found = self._buffer.find(START, at)
        return len(self._buffer) if found < 0 else found

    def _take(self, at: int, end: int) -> tuple[Frame | FaultCause | None, int]:
        if self._direction is Direction.FROM_READER:
            return self._take_answer(at, end)
        taken = self._take_command(at, end)
        if self._direction is Direction.TO_READER or taken[0] is not FaultCause.BAD_CHECK:
            return taken
        whole = taken[1]
        taken = self._take_answer(at, end)
        if taken[0] is None and end == self._final == at + whole:
            return FaultCause.BAD_CHECK, whole  # the length is right for a command
        return taken

    def _take_answer(self, at: int, end: int) -> tuple[Frame | FaultCause | None, int]:
        if end - at < 2:
            return None, 2
        length = self._buffer[at + 1]
        if length > LONGEST_ANSWER:
            return FaultCause.BAD_LENGTH, 0
        whole = length + 7
        if end - at < whole:
            return None, whole
        raw = bytes(self._buffer[at : at + whole])
        if _is_right(raw):
            return Frame(raw[2], raw[5:-2], raw[3] << 8 | raw[4]), whole
        return FaultCause.BAD_CHECK, whole

    def _take_command(self, at: int, end: int) -> tuple[Frame | FaultCause | None, int]:
        if end - at < 2:
            return None, 2
        length = self._buffer[at + 1]
        if length > LONGEST_COMMAND:
            return FaultCause.BAD_LENGTH, 0
        whole = length + 5
        if end - at < whole:
            return None, whole
        raw = bytes(self._buffer[at : at + whole])
        if _is_right(raw):
            return Frame(raw[2], raw[3:-2]), whole
        return FaultCause.BAD_CHECK, whole


def _is_right(raw: bytes) -> bool:
    """Check a whole frame as `edge.serial.checks.crc_mercury` does, with fewer copies."""
    last = (raw[-4] ^ raw[-2]) << 8 | raw[-3] ^ raw[-1]
    return crc_hqx(raw[1:-4], 0x1D0F) == last
