"""LLRP without input and output: bytes in, messages out, and the other way round.

    decoder = FrameDecoder()
    decoder.feed(received)
    while frame := decoder.next_frame():
        message, faults = decode_message(frame)
        if isinstance(message, Keepalive):
            reply = encode_message(KeepaliveAck(), frame.message_id)

Messages are in `edge.llrp.messages`, parameters in `edge.llrp.parameters_*` (`rospec`, `report`,
`config`, `capabilities`, `access`, `c1g2`, `common`), enumerations in `edge.llrp.constants`;
vendors' own in `edge.llrp.impinj` and `edge.llrp.zebra`.  `edge.llrp.fields` tells how their
classes are to be read: all fields are keywords, named as the standard names them.
"""

from edge.llrp.codec import (
    Decoded,
    Fault,
    decode_message,
    decode_parameter,
    encode_message,
    encode_parameter,
)
from edge.llrp.framing import MAX_FRAME, Frame, FrameDecoder
from edge.llrp.layout import FaultCause

__all__ = [
    "MAX_FRAME",
    "Decoded",
    "Fault",
    "FaultCause",
    "Frame",
    "FrameDecoder",
    "decode_message",
    "decode_parameter",
    "encode_message",
    "encode_parameter",
]
