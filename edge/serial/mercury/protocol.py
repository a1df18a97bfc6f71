"""Mercury for those who know protocols by name."""

from typing import Any

import msgspec

from edge.serial.faults import Fault
from edge.serial.fields import Record, Unknown, member_of
from edge.serial.framing import Direction
from edge.serial.mercury.answers import Booted, Version, decode_answer
from edge.serial.mercury.codes import Opcode, Status, status_text
from edge.serial.mercury.commands import (
    GetVersion,
    decode_command,
    encode_command,
)
from edge.serial.mercury.frames import Frame, FrameDecoder
from edge.serial.mercury.reads import END, STATUS, count_of, read_tags, streamed_of
from edge.serial.mercury.session import BAUDS, MercurySession
from edge.serial.mercury.statistics import read_statistics
from edge.serial.protocol import Description, SerialProtocol

_MODULES = {
    0x01: "M5e",
    0x18: "M6e",
    0x19: "M6e-i",
    0x20: "M6e Micro",
    0x30: "M6e Nano",
    0x38: "M7e",
    0x80: "M3e",
}


def describe(frame: Frame, _: Direction = Direction.EITHER) -> Description:
    if frame.status is None:
        return _of_record(frame, decode_command(frame))
    if frame.status:
        return _of_status(frame, frame.status)
    if frame.opcode in (Opcode.READ_MULTIPLE, Opcode.READ_SINGLE, Opcode.TAG_BUFFER):
        faults = list[Fault]()
        reads = read_tags(frame, faults)
        if reads or faults:
            return Description("Tags", {}, tuple(reads), tuple(faults))
    if frame.opcode == Opcode.READ_MULTIPLE:
        return _of_search(frame)
    return _of_record(frame, decode_answer(frame))


def identity(frame: Frame) -> str | None:
    """Name the module from its version; a module that has just started tells it unasked."""
    told = decode_answer(frame) if frame.status == 0 else None
    if not isinstance(told, Version | Booted):
        return None
    module = _MODULES.get(told.hardware[0], "module")
    return f"{module}, hardware {told.hardware.hex('.')}, firmware {told.firmware.hex('.')}"


def _of_status(frame: Frame, status: int) -> Description:
    fields: dict[str, Any] = {
        "opcode": member_of(Opcode, frame.opcode),
        "status": status_text(status),
    }
    if frame.data:
        fields["data"] = frame.data
    is_keepalive = frame.opcode == Opcode.READ_MULTIPLE and status == Status.NO_TAGS
    return Description("NoTags" if is_keepalive else "Refused", fields)


def _of_search(frame: Frame) -> Description:
    """Tell what an answer says that has no tag: a count, statistics, the end."""
    if (count := count_of(frame)) is not None:
        return Description("Found", {"count": count})
    streamed = streamed_of(frame)
    if streamed is not None and streamed.type == STATUS:
        return Description("StreamStatistics", dict(read_statistics(frame.data, streamed.at)))
    if streamed is not None and streamed.type == END:
        return Description("StreamEnd", {"search": streamed.search})
    return _of_record(frame, Unknown(frame.opcode, frame.data))


def _of_record(frame: Frame, record: Record | Unknown) -> Description:
    fields = msgspec.structs.asdict(record)
    if isinstance(record, Unknown) or not fields:
        fields = {"opcode": member_of(Opcode, frame.opcode)} | fields
        fields.pop("code", None)
    return Description(type(record).__name__, fields)


MERCURY = SerialProtocol(
    name="mercury",
    title="ThingMagic Mercury",
    bauds=BAUDS,
    identify=encode_command(GetVersion()),
    identity=identity,
    decoder=FrameDecoder,
    describe=describe,
    session=MercurySession,
)
