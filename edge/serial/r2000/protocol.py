"""A0 for those who know protocols by name."""

from edge.serial.faults import Fault
from edge.serial.fields import Record, Unknown, member_of
from edge.serial.framing import Direction
from edge.serial.protocol import Description, SerialProtocol, addressed_record
from edge.serial.r2000.codes import CommandCode, Status, status_text
from edge.serial.r2000.commands import (
    Firmware,
    GetFirmware,
    Result,
    decode_answer,
    decode_command,
    encode_command,
)
from edge.serial.r2000.frames import Frame, FrameDecoder
from edge.serial.r2000.reads import read_tags
from edge.serial.r2000.session import BAUDS, R2000Session


def describe(frame: Frame, direction: Direction = Direction.EITHER) -> Description:
    """Tell what a frame says.  From either side it is an answer if it reads as one.

    A command can read as an answer too, `set antenna 22 hex` for one; frames do not tell.
    """
    if direction is Direction.FROM_READER:
        return _of_answer(frame)
    command = decode_command(frame)
    if direction is Direction.TO_READER or not frame.data:
        return _of_record(frame, command)
    answer = _of_answer(frame)
    is_answer = not answer.faults and answer.name != Unknown.__name__
    return answer if is_answer or isinstance(command, Unknown) else _of_record(frame, command)


def identity(frame: Frame) -> str | None:
    """Name the reader from its firmware; the protocol tells no type."""
    told = decode_answer(frame)
    if not isinstance(told, Firmware):
        return None
    return f"reader with A0 protocol, address {frame.address}, firmware {told.major}.{told.minor}"


def _of_answer(frame: Frame) -> Description:
    faults = list[Fault]()
    reads = read_tags(frame, faults)
    if reads or faults:
        return Description("Tags", {"address": frame.address}, tuple(reads), tuple(faults))
    answer = decode_answer(frame)
    if isinstance(answer, Result):
        if answer.status not in Status.__members__.values():
            return _of_record(frame, Unknown(frame.command, frame.data))
        fields = {"address": frame.address, "command": member_of(CommandCode, frame.command)}
        return Description("Result", fields | {"status": status_text(answer.status)})
    return _of_record(frame, answer)


def _of_record(frame: Frame, record: Record | Unknown) -> Description:
    return addressed_record(frame.address, frame.command, record, CommandCode)


R2000 = SerialProtocol(
    name="r2000",
    title="A0 (R2000)",
    bauds=BAUDS,
    identify=encode_command(GetFirmware()),
    identity=identity,
    decoder=FrameDecoder,
    describe=describe,
    session=R2000Session,
)
