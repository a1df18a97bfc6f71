"""Recorded LLRP bytes, message by message: what each says, and whether it comes back the same."""

from collections.abc import Iterator

import msgspec

from edge.errors import ProtocolError
from edge.llrp.codec import Fault, decode_message, encode_message
from edge.llrp.fields import Message
from edge.llrp.framing import Frame, FrameDecoder
from edge.llrp.layout import FaultCause

_HEADER = 10
_PIECE = 1 << 20


class Recorded(msgspec.Struct, frozen=True):
    """One message at its place in the bytes; `is_identical`: encoded again, it gives its bytes."""

    at: int
    frame: Frame
    message: Message
    faults: tuple[Fault, ...]
    is_identical: bool


class Lost(msgspec.Struct, frozen=True):
    """Where the bytes cannot be followed any further, and how many of them are left."""

    at: int
    left: int
    fault: Fault


def read_recorded(data: bytes) -> Iterator[Recorded | Lost]:
    """Yield every whole message, and at the end what is left over, if anything is."""
    decoder = FrameDecoder()
    at = 0
    fault = Fault(FaultCause.TRUNCATED, "", "the message ends after the end of the bytes")
    try:
        for begin in range(0, len(data), _PIECE):
            decoder.feed(data[begin : begin + _PIECE])
            while (frame := decoder.next_frame()) is not None:
                length = _HEADER + len(frame.body)
                yield _recorded(at, frame, data[at : at + length])
                at += length
    except ProtocolError as error:
        fault = Fault(FaultCause.BAD_LENGTH, "", str(error))
    if at < len(data):
        yield Lost(at, len(data) - at, fault)


def _recorded(at: int, frame: Frame, raw: bytes) -> Recorded:
    message, faults = decode_message(frame)
    try:
        again = encode_message(message, frame.message_id, frame.version)
    except ValueError as error:  # no message that was read should come to this
        fault = Fault(FaultCause.BAD_LENGTH, "", f"cannot be encoded again: {error}")
        return Recorded(at, frame, message, (*faults, fault), is_identical=False)
    return Recorded(at, frame, message, faults, again == raw)
