"""M100 for those who know protocols by name."""

from typing import Any

import msgspec

from edge.serial.faults import Fault
from edge.serial.fields import Record, Unknown, member_of
from edge.serial.framing import Direction
from edge.serial.m100.codes import CommandCode, FrameType, InfoKind, error_text
from edge.serial.m100.commands import (
    Done,
    Failed,
    GetInfo,
    Info,
    decode_answer,
    decode_command,
    encode_command,
)
from edge.serial.m100.frames import Frame, FrameDecoder
from edge.serial.m100.reads import read_tags
from edge.serial.m100.session import BAUDS, M100Session
from edge.serial.protocol import Description, SerialProtocol


def describe(frame: Frame, _: Direction = Direction.EITHER) -> Description:
    if frame.type == FrameType.COMMAND:
        return _of_record(frame, decode_command(frame))
    faults = list[Fault]()
    reads = read_tags(frame, faults)
    if reads or faults:
        return Description("Tags", {}, tuple(reads), tuple(faults))
    answer = decode_answer(frame)
    if frame.type != FrameType.ANSWER:
        return _of_record(frame, Unknown(frame.command, frame.data))
    if isinstance(answer, Failed):
        return Description("Failed", {"error": error_text(answer.error), "tag": answer.tag})
    if isinstance(answer, Info):
        return Description("Info", {"kind": answer.kind, "text": answer.shown()})
    return _of_record(frame, answer)


def identity(frame: Frame) -> str | None:
    """Name the module from what it tells of its hardware."""
    told = decode_answer(frame) if frame.type == FrameType.ANSWER else None
    return f"M100 module {told.shown()}" if isinstance(told, Info) else None


def _of_record(frame: Frame, record: Record | Unknown) -> Description:
    fields: dict[str, Any] = msgspec.structs.asdict(record)
    if isinstance(record, Unknown):
        fields = {"type": member_of(FrameType, frame.type), "data": frame.data}
    if isinstance(record, Unknown | Done):
        fields = {"command": member_of(CommandCode, frame.command)} | fields
    return Description(type(record).__name__, fields)


M100 = SerialProtocol(
    name="m100",
    title="M100, R200 (BB to 7E)",
    bauds=BAUDS,
    identify=encode_command(GetInfo(kind=InfoKind.HARDWARE)),
    identity=identity,
    decoder=FrameDecoder,
    describe=describe,
    session=M100Session,
)
