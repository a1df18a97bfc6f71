"""Byte stream to frames and back (LLRP 1.0.1 §16.1); all numbers are big-endian.

| 3 reserved, 3 version, 10 type | length with header | message id | body …
|            2 bytes             |      4 bytes       |  4 bytes   |

However the stream is cut, the same frames come out, and a frame costs the same however many more
wait behind it.
"""

import struct

import msgspec

from edge.errors import ProtocolError

MAX_FRAME = 16 << 20  # the standard would let a peer claim 4 GiB
_HEADER = struct.Struct(">HII")


class Frame(msgspec.Struct, frozen=True):
    """One message as it travels.  `version`: 1 is LLRP 1.0.1, 2 is 1.1, 3 is 2.0."""

    version: int
    message_type: int
    message_id: int
    body: bytes = b""

    def encode(self) -> bytes:
        head = self.version << 10 | self.message_type
        return _HEADER.pack(head, _HEADER.size + len(self.body), self.message_id) + self.body


class FrameDecoder:
    """Holds what has come so far.  feed() it, then call next_frame() until it says None."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._start = 0  # of the first frame that was not handed out yet

    def feed(self, data: bytes) -> None:
        self._buffer += data

    @property
    def is_within_frame(self) -> bool:
        """Tell, after a None, whether a frame has begun to come."""
        return self._start < len(self._buffer)

    def next_frame(self) -> Frame | None:
        """Give the next whole frame; raise ProtocolError where the stream cannot be followed."""
        start, available = self._start, len(self._buffer) - self._start
        if available < _HEADER.size:
            self._compact()
            return None
        head, length, message_id = _HEADER.unpack_from(self._buffer, start)
        if not _HEADER.size <= length <= MAX_FRAME:
            raise ProtocolError(f"LLRP frame of {length} bytes, allowed are 10 to {MAX_FRAME}")
        if available < length:
            self._compact()
            return None
        self._start = start + length
        body = bytes(self._buffer[start + _HEADER.size : start + length])
        return Frame(head >> 10 & 0b111, head & 0x3FF, message_id, body)

    def _compact(self) -> None:
        """Throw away what was handed out, once that is more than what must be moved for it."""
        if self._start > len(self._buffer) - self._start:
            del self._buffer[: self._start]
            self._start = 0
