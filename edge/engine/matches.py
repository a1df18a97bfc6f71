"""What a till says of a GTIN without a serial, and which item it has turned out to be."""

import msgspec

from edge.engine.transitions import Cause


class AwaitedLine(msgspec.Struct):
    """One line of a till's document; `left` of it are not matched yet."""

    document: str
    line: int  # counted from 0
    gtin: str
    cause: Cause  # SOLD or RETURNED
    left: int
    told_us: int


class Match(msgspec.Struct, frozen=True, gc=False):
    """Which item one of a line was; or, where it `is_undone`, was not after all."""

    document: str
    line: int
    gtin: str
    serial: str
    at_us: int
    is_undone: bool = False
