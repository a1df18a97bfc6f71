"""What bytes from a reader can be, other than a frame that says something."""

from enum import StrEnum

import msgspec


class FaultCause(StrEnum):
    """The first five are found in the stream, the others in a frame whose check value is right."""

    GARBAGE = "bytes that begin no frame"
    BAD_LENGTH = "impossible length"
    BAD_CHECK = "wrong check value"
    BAD_END = "wrong end mark"
    TRUNCATED = "incomplete frame"
    UNKNOWN = "unknown to the protocol's tables"
    BAD_RECORD = "content that does not fit its frame"
    BAD_COUNT = "another number of records than said"
    BAD_TAG_CRC = "the tag's own CRC is wrong"


class Fault(msgspec.Struct, frozen=True):
    """`data` are the bytes as they came, `offset` counts from the begin of the stream.

    A fault in a frame's content has that frame's offset once it is set by whoever knows it.
    """

    cause: FaultCause
    data: bytes
    offset: int = 0
    detail: str = ""
