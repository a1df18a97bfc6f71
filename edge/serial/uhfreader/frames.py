"""Frames of the UHFReader family (User's Manual V2.20, section 3).

    Len  address  command  data[Len-4]  CRC low  CRC high

Len counts what is behind it; an answer has the command that it answers, and a status as the first
byte of its data.  There is no mark of a beginning: a frame is where a length and the CRC over it
say so.  HW-VX bridges put six bytes of their own on the line, `56 00 00 00 00 00`; they could be
the beginning of a frame that no reader sends, command 00 with status 00.
"""

import re

import msgspec

from edge.serial.checks import crc_mcrf4xx
from edge.serial.faults import FaultCause
from edge.serial.framing import Direction, StreamDecoder

BROADCAST = 0xFF  # every reader takes it, and answers from its own address
LONGEST_DATA = 251
_FRAME = 4  # of what Len counts, bytes that are not data
_POSSIBLE = re.compile(rb"[\x04-\xff]")  # as Len
_KEEPALIVE = b"\x56\x00\x00\x00\x00\x00"


class Frame(msgspec.Struct, frozen=True, gc=False):
    address: int
    command: int
    data: bytes = b""

    def encode(self) -> bytes:
        """Give the whole frame.  Raises ValueError for more data than a frame can have."""
        if len(self.data) > LONGEST_DATA:
            text = f"UHFReader frame of {len(self.data)} bytes, allowed are {LONGEST_DATA}"
            raise ValueError(text)
        body = bytes((len(self.data) + _FRAME, self.address, self.command)) + self.data
        return body + crc_mcrf4xx(body).to_bytes(2, "little")


class Keepalive(msgspec.Struct, frozen=True):
    """What a bridge says of itself."""

    def encode(self) -> bytes:
        return _KEEPALIVE


class FrameDecoder(StreamDecoder[Frame | Keepalive]):
    """The direction makes no difference to the frames."""

    def __init__(self, _: Direction = Direction.FROM_READER) -> None:
        super().__init__()

    def _find(self, at: int) -> int:
        found = _POSSIBLE.search(self._buffer, at)
        return found.start() if found else len(self._buffer)

    def _take(self, at: int, end: int) -> tuple[Frame | Keepalive | FaultCause | None, int]:
        whole = self._buffer[at] + 1
        if end - at < len(_KEEPALIVE) and whole > len(_KEEPALIVE):
            return None, whole
        if self._buffer.startswith(_KEEPALIVE, at):
            return Keepalive(), len(_KEEPALIVE)
        if end - at < whole:
            return None, whole
        raw = bytes(self._buffer[at : at + whole])
        if crc_mcrf4xx(raw):  # with its own CRC behind it a frame gives 0
            return FaultCause.BAD_CHECK, whole
        return Frame(raw[1], raw[2], raw[3:-2]), whole
