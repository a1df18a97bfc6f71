"""What a protocol's folder tells of itself to those who know protocols by name only."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import msgspec

from edge.serial.faults import Fault
from edge.serial.fields import Record, Unknown, member_of
from edge.serial.framing import Direction, StreamDecoder
from edge.serial.reads import SerialRead
from edge.serial.session import SerialSession
from edge.serial.settings import SerialSettings


class Description(msgspec.Struct, frozen=True):
    """What one frame says: its name, its fields in the order of the wire, its reads.

    `fields` hold numbers, texts, bytes, and tuples of such or of records; `faults` are what could
    not be read of the frame.
    """

    name: str
    fields: dict[str, Any]
    reads: tuple[SerialRead, ...] = ()
    faults: tuple[Fault, ...] = ()


def addressed_record(
    address: int, command: int, record: Record | Unknown, codes: type[IntEnum]
) -> Description:
    """Tell what a frame with the address of its reader says as a record."""
    fields = {"address": address} | msgspec.structs.asdict(record)
    if isinstance(record, Unknown):
        fields["code"] = member_of(codes, command)
    return Description(type(record).__name__, fields)


@dataclass(frozen=True, slots=True)
class SerialProtocol:
    """`identify` is the command that every reader of the protocol answers and none minds.

    `identity` names the reader from a frame, and is None where the frame does not answer that.
    `bauds` are the rates to try, the usual one first.
    """

    name: str
    title: str
    bauds: tuple[int, ...]
    identify: bytes
    identity: Callable[[Any], str | None]
    decoder: Callable[[Direction], StreamDecoder[Any]]
    describe: Callable[[Any, Direction], Description]
    session: Callable[[SerialSettings], SerialSession]
